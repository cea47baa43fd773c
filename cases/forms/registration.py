"""The registration screen: one form for the case, one row a member. Stored numbers come back masked."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.db.models import Q
from django.utils import timezone
from stdnum import luhn

from cases.declarations import Declaration, MemberLine
from cases.enums import (
    OPEN_PROGRAMMES,
    Cause,
    Channel,
    DisabilityKind,
    Exclusion,
    IncomeKind,
    Programme,
    Relation,
)
from cases.forms.fields import (
    AmountField,
    CountField,
    DayField,
    IdNumberField,
    IncomeFields,
    account_field,
    id_number_or_none,
    phone_field,
)
from cases.models import Application, Member
from cases.naming import clean_name
from common import clock
from common.identity import age_on, read_id_number
from common.masking import mask_account
from organisations.enums import AreaLevel, Post
from organisations.models import Area
from organisations.scope import Scope

MAX_MEMBERS = 30
REGISTERING_POSTS = (Post.HANDLER, Post.VILLAGE_HELPER)


def villages_in(scope: Scope) -> list[Area]:
    """Villages where the person may register, by township."""
    reach = Q(pk__in=())
    for prefix in scope.areas(*REGISTERING_POSTS):
        reach |= Q(prefix__startswith=prefix)
    return list(
        Area.objects.filter(reach, level=AreaLevel.VILLAGE)
        .select_related("parent__parent")
        .order_by("prefix")
    )


class RegistrationForm(forms.Form):
    """Everything but the members."""

    programme = forms.ChoiceField(label="救助项目", widget=forms.RadioSelect, initial=Programme.DIBAO)
    channel = forms.ChoiceField(label="申请渠道", choices=Channel.choices, widget=forms.RadioSelect)
    village = forms.TypedChoiceField(label="村（社区）", coerce=int)
    received_on = DayField(
        label="收到申请日期", required=False, help_text="村社代办填村社收到申请之日；留空按提交之日。"
    )
    address = forms.CharField(label="居住地址", max_length=200, required=False)
    cause = forms.ChoiceField(
        label="致困原因", choices=Cause.choices, widget=forms.RadioSelect, required=False
    )
    statement = forms.CharField(
        label="申请理由", max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    deposits = AmountField(label="存款、证券等货币财产", help_text="全家合计")
    vehicles = CountField(label="机动车辆（辆）")
    houses = CountField(label="住房（套）", initial=1)
    non_residential_houses = CountField(label="非居住用房（套）")
    registered_capital = AmountField(label="工商登记认缴出资额")
    rigid_expenditure_monthly = AmountField(label="刚性支出（每月）")
    rigid_expenditure_note = forms.CharField(label="刚性支出说明", max_length=200, required=False)
    payee_name = forms.CharField(label="收款人", max_length=60, required=False)
    payee_bank = forms.CharField(label="开户银行", max_length=60, required=False)
    payee_account = account_field(
        label="收款账号", help_text="社会保障卡或本人银行卡；已登记的账号以掩码显示，不改则不动。"
    )

    def __init__(self, *args, scope: Scope, application: Application | None = None, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.scope, self.application = scope, application
        self.fields["programme"].choices = [(p.value, p.label) for p in OPEN_PROGRAMMES]
        self.villages = {village.pk: village for village in villages_in(scope)}
        groups = groupby(self.villages.values(), key=lambda village: village.parent.name)
        choices = [(name, [(village.pk, village.name) for village in group]) for name, group in groups]
        self.fields["village"].choices = choices if len(self.villages) == 1 else [("", "请选择"), *choices]
        self.fields["channel"].initial = Channel.WINDOW
        if not scope.has(Post.HANDLER):
            self.fields["channel"].choices = [(Channel.VILLAGE.value, Channel.VILLAGE.label)]
            self.fields["channel"].initial = Channel.VILLAGE
        if application is not None and application.state != "draft":
            self.fields["programme"].choices = [(application.programme, application.get_programme_display())]

    def clean_payee_name(self) -> str:
        return clean_name(self.cleaned_data["payee_name"])

    def clean_payee_account(self) -> str:
        text = self.cleaned_data["payee_account"]
        stored = self.application.payee_account if self.application else ""
        if stored and text == mask_account(stored):
            return stored
        return self.fields["payee_account"].read(text)

    def clean_received_on(self):
        day = self.cleaned_data["received_on"]
        if day and day > clock.today():
            raise forms.ValidationError("收到申请的日期不能晚于今天。")
        return day

    def clean(self) -> dict:
        values = super().clean()
        village = self.villages.get(values.get("village"))
        if (
            village
            and values.get("channel") != Channel.VILLAGE
            and not self.scope.covers(village, Post.HANDLER)
        ):
            self.add_error("channel", "村社协理岗登记的申请，渠道为村社代办。")
        if values.get("channel") == Channel.VILLAGE and "received_on" in values and not values["received_on"]:
            self.add_error("received_on", "村社代办须填写村社收到申请的日期（3 个工作日内上报，SY-A1.1a）。")
        return values

    @property
    def account_warning(self) -> str:
        """Card numbers carry a Luhn digit, pass-book numbers need not: a warning, not a refusal."""
        account = self.cleaned_data.get("payee_account", "") if self.is_bound else ""
        if account and not luhn.is_valid(account):
            return "收款账号未通过银行卡校验位检查，请与卡面核对；存折账号可忽略本提示。"
        return ""


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


def declaration_of(form: RegistrationForm, rows: MembersFormSet) -> Declaration:
    """The declaration of two valid forms."""
    values = dict(form.cleaned_data)
    values["programme"] = Programme(values["programme"])
    values["channel"] = Channel(values["channel"])
    values["village"] = form.villages[values["village"]]
    return Declaration(members=tuple(row.line() for row in rows.filled()), **values)


def initial_of(application: Application) -> tuple[dict, list[dict]]:
    """What the screen shows of a stored registration; numbers as masks."""
    household = application.household
    form = {
        name: getattr(application, name)
        for name in ("programme", "channel", "cause", "statement", "payee_name", "payee_bank")
    }
    form |= {
        "village": application.village_id,
        "received_on": application.received_at and timezone.localdate(application.received_at),
        "payee_account": application.masked_account,
        "address": household.address,
        "rigid_expenditure_note": household.rigid_expenditure_note,
    }
    for name in ("deposits", "registered_capital", "rigid_expenditure_monthly"):
        form[name] = getattr(household, name) or ""
    for name in ("vehicles", "houses", "non_residential_houses"):
        form[name] = getattr(household, name)
    members = household.members.select_related("person").prefetch_related("income")
    return form, [_member_initial(member) for member in members]


def _member_initial(member: Member) -> dict:
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
