"""What people enter about a re-check, and about the meeting that determines on it."""

from __future__ import annotations

from django import forms

from approvals.enums import Outcome
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.rechecking.services import RecheckEntry
from approvals.settling.declarations import MeetingEntry
from approvals.settling.forms import long_text, moment_field
from cases.forms.fields import AmountField, DayField


class RecheckForm(forms.Form):
    """The new report of a household in benefit."""

    checked_on = DayField(label="核对日期")
    report_number = forms.CharField(
        label="核对报告编号", max_length=EconomicRecheck._meta.get_field("report_number").max_length
    )
    deposits = AmountField(
        label="货币财产（元）",
        blank=None,
        required=True,
        error_messages={"required": "请填写货币财产，没有的填 0。"},
    )
    finding = long_text("复核情况", 2000)

    def entry(self) -> RecheckEntry:
        return RecheckEntry(**self.cleaned_data)


class KeepingForm(forms.Form):
    """The meeting and what it determined."""

    outcome = forms.ChoiceField(
        label="认定结果",
        choices=[(Outcome.APPROVED, "同意继续保障"), (Outcome.REFUSED, "不同意")],
        widget=forms.RadioSelect,
        error_messages={"required": "请选择认定结果。"},
    )
    held_at = moment_field("会议时间")
    place = forms.CharField(label="会议地点", max_length=Keeping._meta.get_field("place").max_length)
    chair = forms.CharField(label="主持人", max_length=Keeping._meta.get_field("chair").max_length)
    attendees = long_text("参加人员", 1000, rows=2)
    minutes = long_text("会议记录", 4000, rows=4)

    def meeting(self) -> MeetingEntry:
        names = ("held_at", "place", "chair", "attendees", "minutes")
        return MeetingEntry(**{name: self.cleaned_data[name] for name in names})
