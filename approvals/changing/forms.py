"""What people type on the pages of a change: parsed and checked field by field."""

from __future__ import annotations

from django import forms

from approvals.changing.declarations import ChangeEntry, EvidenceEntry
from approvals.changing.enums import ChangeKind, ChangeState, Reason
from approvals.changing.models import BenefitChange, Evidence
from approvals.enums import EvidenceKind
from approvals.procedure_forms import text_field
from cases.enums import IncomeKind, Programme
from cases.forms.fields import AmountField, DayField
from cases.models import Member
from payments.forms import PlaceFilter
from payments.models import Benefit


class MemberChoice(forms.ModelChoiceField):
    """A member by name."""

    def label_from_instance(self, member: Member) -> str:
        return f"{member.person.name}（{member.get_relation_display()}）"


class ChangeForm(forms.Form):
    """One proposal: what, why, and what the inquiry found; 低边 asks no amounts, only 特困 the screening."""

    kind = forms.ChoiceField(
        label="变更方式",
        choices=ChangeKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择变更方式。"},
        help_text="调整：增发或减发，金额由系统按核实情况测算；停发、终止：不再发放。",
    )
    reason = forms.ChoiceField(
        label="变更原因",
        choices=[("", "请选择"), *Reason.choices],
        error_messages={"required": "请选择变更原因。"},
    )
    facts = text_field("事实和理由", BenefitChange, "facts", rows=5)
    died_on = DayField(label="死亡日期", required=False, help_text="原因为死亡的填写；自死亡的次月起停发。")
    member = MemberChoice(
        label="涉及成员", queryset=Member.objects.none(), required=False, empty_label="不涉及某一成员"
    )
    member_gone = forms.BooleanField(label="该成员不再计入家庭人口（死亡、迁出、婚嫁等）", required=False)
    income_kind = forms.ChoiceField(
        label="收入类别", choices=[("", "收入没有变化"), *IncomeKind.choices], required=False
    )
    income = AmountField(label="核实后该类月收入（元）", blank=None)
    deposits = AmountField(label="核实后家庭货币财产（元）", blank=None)
    monthly = AmountField(
        label="新的月金额（元）", blank=None, help_text="填写了上面的核实情况的留空，由系统测算。"
    )
    care_fee = AmountField(label="其中照料护理费（元）", blank=None)
    screening = text_field(
        "其他救助筛查情况",
        BenefitChange,
        "screening",
        rows=3,
        required=False,
        help_text="终止特困供养的，写明是否符合低保、临时救助等（民发〔2021〕43号）。",
    )

    def __init__(self, *args, benefit: Benefit, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        members = Member.objects.filter(household=benefit.application.household_id)
        self.fields["member"].queryset = members.select_related("person").order_by("pk")
        if benefit.is_status_only:
            self._without("monthly")
            self.fields["kind"].choices = [pair for pair in ChangeKind.choices if pair[0] != "adjust"]
        if benefit.programme != Programme.TEKUN:
            self._without("care_fee", "screening")

    def _without(self, *names: str) -> None:
        for name in names:
            del self.fields[name]

    def entry(self) -> ChangeEntry:
        values = dict(self.cleaned_data)
        member = values.pop("member")
        return ChangeEntry(**values, member=member.pk if member else None)


class EvidenceForm(forms.Form):
    """One finding, with its scan where it is a paper."""

    kind = forms.ChoiceField(
        label="依据种类",
        choices=EvidenceKind.choices,
        help_text="只有数据比对不能减发、停发，须另行核实（JZ-12.3）。",
    )
    found_on = DayField(label="核查（出具）日期", error_messages={"required": "请填写日期。"})
    second_visitor = forms.CharField(
        label="核查人二",
        max_length=Evidence._meta.get_field("second_visitor").max_length,
        required=False,
        help_text="入户核查由两人进行。",
    )
    finding = text_field("核查情况", Evidence, "finding")
    file = forms.FileField(
        label="扫描件或照片（JPEG、PNG 或 PDF）",
        required=False,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,.pdf"}),
        help_text="书面声明和证明材料必须上传。",
    )

    def entry(self) -> EvidenceEntry:
        return EvidenceEntry(**self.cleaned_data)


class ChangeFilter(PlaceFilter):
    """The list of changes, narrowed; it stays in the address and holds no personal data."""

    DEFAULTS = {"state": "open"}
    STATES = [("open", "正在办理"), ("all", "全部"), *ChangeState.choices]
    programme = forms.ChoiceField(
        label="救助项目",
        choices=[("", "全部"), *(p for p in Programme.choices if p[0] != Programme.LINSHI)],
        required=False,
    )
    kind = forms.ChoiceField(label="变更方式", choices=[("", "全部"), *ChangeKind.choices], required=False)
    state = forms.ChoiceField(label="状态", choices=STATES, required=False)

    def chosen(self) -> dict:
        """What the list is narrowed to; a choice that makes no sense narrows nothing."""
        self.is_valid()
        chosen = self.cleaned_data
        return {
            "place": self._places.get(chosen.get("place", "")),
            "programme": chosen.get("programme", ""),
            "kind": chosen.get("kind", ""),
            "state": chosen.get("state", "open"),
        }
