"""What people enter about a re-check, and about the meeting that determines on it."""

from __future__ import annotations

from django import forms

from approvals.enums import Outcome
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.rechecking.services import RecheckEntry
from approvals.settling.circumstances import FACTS
from approvals.settling.declarations import MeetingEntry
from approvals.settling.enums import Circumstance, Meeting
from approvals.settling.forms import as_text, fact_field, long_text, moment_field
from cases.forms.fields import AmountField, DayField

_OF_A_MEETING = ("held_at", "place", "chair", "attendees", "minutes")


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
        names = ("checked_on", "report_number", "deposits", "finding")
        return RecheckEntry(**{name: self.cleaned_data[name] for name in names})


class RenewalForm(RecheckForm):
    """The same, with the facts of the circumstance as they are now."""

    def __init__(self, *args, circumstance: Circumstance, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.circumstance = circumstance
        for fact in FACTS[circumstance]:
            self.fields[fact.name] = fact_field(fact)

    def facts(self) -> dict[str, str]:
        return {fact.name: as_text(self.cleaned_data[fact.name]) for fact in FACTS[self.circumstance]}


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

    def meeting(self) -> MeetingEntry | None:
        """Nothing where the rules want none."""
        if "held_at" not in self.fields:
            return None
        return MeetingEntry(**{name: self.cleaned_data[name] for name in _OF_A_MEETING})


class DetermineRenewalForm(KeepingForm):
    """The meeting, where the rules want one, and why another term is given or not."""

    opinion = long_text("认定意见", 2000)

    def __init__(self, *args, meeting: str, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["outcome"].choices = [(Outcome.APPROVED, "同意续期"), (Outcome.REFUSED, "不同意")]
        if meeting:
            self.fields["held_at"].label = f"{Meeting(meeting).label}时间"
            return
        for name in _OF_A_MEETING:
            del self.fields[name]
