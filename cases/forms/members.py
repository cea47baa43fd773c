"""The rows of the registration screen: one a member, numbers as masks once they are stored."""

from __future__ import annotations

from django import forms

from cases.declarations import MemberLine
from cases.enums import DisabilityKind, Exclusion, IncomeKind, Relation
from cases.forms.fields import AmountField, IdNumberField, IncomeFields, id_number_or_none, phone_field
from cases.models import Member
from cases.naming import clean_name
from common import clock
from common.identity import age_on, read_id_number

MAX_MEMBERS = 30


class MemberForm(IncomeFields):
    """One member. `existing` holds the household's members, whose numbers come back as masks."""

    member = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = forms.CharField(label="姓名", max_length=60)
    id_number = IdNumberField()
    phone = phone_field(label="联系电话")
    relation = forms.ChoiceField(label="与申请人关系", choices=Relation.choices)
    co_living = forms.BooleanField(label="共同生活", required=False, initial=True)
    excluded = forms.ChoiceField(
        label="不计入原因", choices=[("", "计入家庭"), *Exclusion.choices], required=False
    )
    disability_kind = forms.ChoiceField(
        label="残疾类别", choices=[("", "无"), *DisabilityKind.choices], required=False
    )
    disability_grade = forms.TypedChoiceField(
        label="残疾等级",
        choices=[("", "—"), (1, "一级"), (2, "二级"), (3, "三级"), (4, "四级")],
        coerce=int,
        empty_value=None,
        required=False,
    )
    severe_illness = forms.BooleanField(label="重特大疾病", required=False)
    employment_cost = AmountField(label="必要就业成本")
    correct_name = forms.BooleanField(label="更正姓名", required=False)

    def __init__(self, *args, existing: dict[int, Member] | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.existing = existing or {}

    def has_changed(self) -> bool:
        """A row counts once a name, a number or an amount is in it; its selects have defaults.

        A stored member that was emptied counts too: only 移除此成员 takes somebody out.
        """
        if self._known():
            return True
        typed = {"name", "id_number", "phone", *IncomeKind.values, "employment_cost", "exempt_amount"}
        return any((self[name].data or "").strip() for name in typed)

    def _known(self) -> Member | None:
        try:
            return self.existing.get(int(self["member"].value() or 0))
        except (TypeError, ValueError):
            return None

    def clean_name(self) -> str:
        name = clean_name(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError("请填写姓名。")
        return name

    def clean_id_number(self) -> str:
        text, known = self.cleaned_data["id_number"], self._known()
        if known and text == known.person.masked_id_number:
            return known.person.id_number
        return self.fields["id_number"].read(text)

    def clean_phone(self) -> str:
        text, known = self.cleaned_data["phone"], self._known()
        if known and text and text == known.person.masked_phone:
            return known.person.phone
        return self.fields["phone"].read(text)

    def clean(self) -> dict:
        values = super().clean()
        if bool(values.get("disability_kind")) != bool(values.get("disability_grade")):
            self.add_error("disability_grade", "残疾类别与等级（1–4 级）须同时填写。")
        return values

    @property
    def checked_number(self) -> str | None:
        """The whole number behind the row, when it is valid."""
        known, text = self._known(), str(self["id_number"].value() or "")
        if known and text == known.person.masked_id_number:
            return known.person.id_number
        return id_number_or_none(text)

    @property
    def identity_text(self) -> str:
        """What the number says: `女 · 1980 年 5 月 1 日出生 · 45 岁`."""
        return describe_number(self.checked_number) if self.checked_number else ""

    @property
    def asks_for_correction(self) -> bool:
        """Show the box 更正姓名 only after a name was refused, or once it is ticked."""
        return bool(self["correct_name"].value()) or any("更正姓名" in e for e in self.errors.get("name", []))

    def line(self) -> MemberLine:
        """The member as the service takes it."""
        values = self.cleaned_data
        plain = ("name", "id_number", "phone", "co_living", "excluded", "disability_kind", "disability_grade")
        more = ("severe_illness", "employment_cost", "correct_name")
        return MemberLine(
            relation=Relation(values["relation"]),
            income=self.income(),
            **{name: values[name] for name in plain + more},
        )


def describe_number(number: str) -> str:
    """Sex, birth date and age that a valid number carries."""
    identity = read_id_number(number)
    born = identity.birth_date
    sex = "男" if identity.sex == "male" else "女"
    return f"{sex} · {born.year} 年 {born.month} 月 {born.day} 日出生 · {age_on(born, clock.today())} 岁"


class MembersFormSet(forms.BaseFormSet):
    """Rows of members; empty rows and rows marked for removal do not count."""

    default_error_messages = {
        **forms.BaseFormSet.default_error_messages,
        "too_many_forms": f"家庭成员最多 {MAX_MEMBERS} 名。",
        "too_few_forms": "请至少登记申请人本人。",
    }

    def _construct_form(self, i: int, **kwargs) -> forms.Form:
        """Every row but the first may stay empty, also one that was added and then not needed."""
        return super()._construct_form(
            i, **{"empty_permitted": i > 0, "use_required_attribute": False, **kwargs}
        )

    def add_fields(self, form: forms.Form, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = "移除此成员"

    def filled(self) -> list[MemberForm]:
        """Rows that make members."""
        removed = set(self.deleted_forms)
        return [form for form in self.forms if form not in removed and form.has_changed()]


MemberRows = forms.formset_factory(
    MemberForm,
    formset=MembersFormSet,
    extra=0,
    min_num=1,
    max_num=MAX_MEMBERS,
    validate_max=True,
    absolute_max=MAX_MEMBERS + 1,
    can_delete=True,
)


def member_initial(member: Member) -> dict:
    """What a row shows of a stored member."""
    row = {
        "member": member.pk,
        "name": member.person.name,
        "id_number": member.person.masked_id_number,
        "phone": member.person.masked_phone,
        "employment_cost": member.employment_cost or "",
    }
    plain = ("relation", "co_living", "excluded", "disability_kind", "disability_grade", "severe_illness")
    row |= {name: getattr(member, name) for name in plain}
    for item in member.income.all():
        if item.origin == "declared" and item.exempt:
            row |= {"exempt_kind": item.exempt, "exempt_amount": item.monthly}
        elif item.origin == "declared":
            row[item.kind] = item.monthly
    return row
