"""What people enter about 一事一议: facts of the circumstance, appraisal, determination, what follows."""

from __future__ import annotations

import re

from django import forms

from approvals.settling.circumstances import FACTS, Fact
from approvals.settling.declarations import AppraisalEntry, Award, MeetingEntry, Referral, Told
from approvals.settling.enums import VOTING, Capacity, Meeting, Purpose, Way
from approvals.settling.models import Appraisal, Determination, Feedback, Filing, Recheck
from cases.forms.fields import AmountField, CountField, DayField, yes_no
from cases.models import Application
from policy.means.case_limits import CaseLimit

OPINION_LENGTH = 2000
_FACT_LENGTH = 1000
_MOST_NAMES = 60
_APART = re.compile(r"[、，,；;\s]+")
_MOMENTS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M"]


def long_text(label: str, length: int, *, rows: int = 3, **kwargs) -> forms.CharField:
    return forms.CharField(
        label=label, max_length=length, widget=forms.Textarea(attrs={"rows": rows}), **kwargs
    )


def moment_field(label: str) -> forms.DateTimeField:
    widget = forms.DateTimeInput(format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"})
    return forms.DateTimeField(label=label, input_formats=_MOMENTS, widget=widget)


def _length(model, name: str) -> int:
    return model._meta.get_field(name).max_length


class NamesField(forms.CharField):
    """People by name, apart by 、, comma, space or line."""

    def __init__(self, **kwargs) -> None:
        widget = forms.Textarea(attrs={"rows": 2})
        super().__init__(**{"required": False, "max_length": 1000, "widget": widget, **kwargs})

    def to_python(self, value) -> list[str]:
        names = [name for name in _APART.split(super().to_python(value)) if name]
        if len(names) > _MOST_NAMES:
            raise forms.ValidationError(f"最多填写 {_MOST_NAMES} 人。")
        if any(len(name) > _MOST_NAMES for name in names):
            raise forms.ValidationError("姓名过长，请用顿号隔开。")
        return names

    def run_validators(self, value) -> None:
        """The length was that of the text, which is a list by now."""

    def clean(self, value):
        if value and len(value) > self.max_length:
            raise forms.ValidationError(f"不能超过 {self.max_length} 字。")
        return super().clean(value)


class ReferForm(forms.Form):
    """The facts of one circumstance, and why the handler refers the case."""

    def __init__(self, *args, code: str, may_delay: bool, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.code = code
        for fact in FACTS[code]:
            self.fields[fact.name] = fact_field(fact)
        if may_delay:
            self.fields["urgent"] = forms.BooleanField(
                label="急难情形，先行救助，民主评议事后补办（LC-4.2c）", required=False
            )
        self.fields["opinion"] = long_text("启动理由", OPINION_LENGTH)

    def referral(self) -> Referral:
        values = self.cleaned_data
        facts = {fact.name: as_text(values[fact.name]) for fact in FACTS[self.code]}
        return Referral(self.code, facts, bool(values.get("urgent")))


def fact_field(fact: Fact) -> forms.Field:
    """One fact of a circumstance, as it is entered."""
    if fact.kind == "day":
        return DayField(label=fact.label, help_text=fact.help)
    if fact.kind == "tick":
        return forms.BooleanField(label=fact.label, help_text=fact.help)
    return long_text(fact.label, _FACT_LENGTH, rows=2, help_text=fact.help)


def as_text(value: object) -> str:
    """A fact as it is kept."""
    if value is True:
        return "是"
    return value if isinstance(value, str) else value.isoformat()


class AppraisalForm(forms.Form):
    """One 民主评议: people by capacity, votes, what was said, the signed sheet."""

    held_at = moment_field("评议时间")
    place = forms.CharField(label="评议地点", max_length=_length(Appraisal, "place"))
    chair = forms.CharField(label="主持人", max_length=_length(Appraisal, "chair"))
    staff = NamesField(label=Capacity.STAFF.label, help_text="姓名之间用顿号或换行隔开")
    committee = NamesField(label=Capacity.COMMITTEE.label)
    cadre = NamesField(label=Capacity.CADRE.label)
    resident = NamesField(label=Capacity.RESIDENT.label)
    observer = NamesField(label=Capacity.OBSERVER.label, help_text="到场监督，不参加表决")
    recused = NamesField(label="回避的亲属", help_text="上列人员中与申请人有亲属关系的，不参加表决")
    n_for = CountField(label="同意（票）")
    n_against = CountField(label="不同意（票）")
    n_abstained = CountField(label="弃权（票）")
    opinions = long_text("评议意见", _length(Appraisal, "opinions"))
    minutes = long_text("会议记录", _length(Appraisal, "minutes"), rows=4)
    evidence = forms.CharField(
        label="佐证材料（选填）", max_length=_length(Appraisal, "evidence"), required=False
    )
    sheet = forms.FileField(
        label="签到和签字表（照片或 PDF）",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        help_text="提交有误时须重新选择文件",
    )

    def __init__(self, *args, purposes: tuple[Purpose, ...] = (), **kwargs) -> None:
        super().__init__(*args, **kwargs)
        if purposes:
            choices = [(purpose.value, purpose.label) for purpose in purposes]
            field = forms.ChoiceField(label="评议事由", choices=choices, widget=forms.RadioSelect)
            self.fields = {"purpose": field} | self.fields

    def entry(self) -> AppraisalEntry:
        values = self.cleaned_data
        same = ("held_at", "place", "chair", "recused", "n_for", "n_against", "n_abstained")
        said = ("opinions", "minutes", "evidence", "sheet")
        return AppraisalEntry(
            present={capacity: values[capacity.value] for capacity in (*VOTING, Capacity.OBSERVER)},
            purpose=Purpose(values.get("purpose") or Purpose.CASE_BY_CASE),
            **{name: values[name] for name in same + said},
        )


class DeterminationForm(forms.Form):
    """The meeting, where the rules want one, and what is given to whom: nothing when it is against."""

    held_at = moment_field("会议时间")
    place = forms.CharField(label="会议地点", max_length=_length(Determination, "place"))
    chair = forms.CharField(label="主持人", max_length=_length(Determination, "chair"))
    attendees = long_text("参加人员", 1000, rows=2)
    minutes = long_text("会议记录", _length(Determination, "minutes"), rows=4)
    covered = forms.MultipleChoiceField(label="保障人员", widget=forms.CheckboxSelectMultiple)
    monthly = AmountField(label="月金额（元）", blank=None)
    amount = AmountField(label="一次性救助金额（元）", blank=None)
    opinion = long_text("认定意见", OPINION_LENGTH)

    def __init__(
        self, *args, application: Application, meeting: str, limit: CaseLimit | None, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        if meeting:
            self.fields["held_at"].label = f"{Meeting(meeting).label}时间"
        else:
            self._drop("held_at", "place", "chair", "attendees", "minutes")
        if limit is None:
            self._drop("covered", "monthly", "amount")
            return
        living = application.household.members.filter(co_living=True, excluded="").select_related("person")
        self.fields["covered"].choices = [(str(member.pk), member.person.name) for member in living]
        self._drop(*(name for name, most in _SUMS.items() if getattr(limit, most) is None))

    def _drop(self, *names: str) -> None:
        for name in names:
            del self.fields[name]

    def meeting(self) -> MeetingEntry | None:
        names = ("held_at", "place", "chair", "attendees", "minutes")
        if "held_at" not in self.fields:
            return None
        return MeetingEntry(**{name: self.cleaned_data[name] for name in names})

    def award(self) -> Award | None:
        if "covered" not in self.fields:
            return None
        values = self.cleaned_data
        return Award(tuple(values["covered"]), values.get("monthly"), values.get("amount"))


_SUMS = {"monthly": "monthly_max", "amount": "one_off_max"}


class FilingForm(forms.Form):
    """What goes with the filing."""

    remark = forms.CharField(
        label="备案说明（选填）",
        max_length=_length(Filing, "remark"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class AnswerForm(forms.Form):
    """What the body that receives a filing says to it."""

    answer = long_text("备案意见", _length(Filing, "answer"))


class FeedbackForm(forms.Form):
    """When and how the applicant was told."""

    told_on = DayField(label="告知日期")
    way = forms.ChoiceField(label="告知方式", choices=Way.choices, widget=forms.RadioSelect)
    note = forms.CharField(label="申请人意见（选填）", max_length=_length(Feedback, "note"), required=False)

    def told(self) -> Told:
        return Told(**self.cleaned_data)


class RecheckForm(forms.Form):
    """What a visit found."""

    checked_on = DayField(label="走访日期")
    finding = long_text("走访情况", _length(Recheck, "finding"))
    still_applies = yes_no(label="情形是否仍然存在", required=True)
