"""One meeting and, for each case that waits, what it said."""

from __future__ import annotations

from django import forms

from approvals.conferring.declarations import CaseEntry, JointEntry
from approvals.conferring.enums import Conclusion
from approvals.conferring.models import JointItem, JointMeeting
from approvals.models import Proposal
from approvals.settling.forms import NamesField, long_text, moment_field
from cases.forms.fields import CountField
from common.errors import Refused

_NAME, _OFFICE, _MOST = 60, 60, 60


class MembersField(forms.CharField):
    """Who was there, a line a person: the name, then the office."""

    def __init__(self, **kwargs) -> None:
        widget = forms.Textarea(attrs={"rows": 5})
        super().__init__(**{"max_length": 4000, "widget": widget, **kwargs})

    def to_python(self, value) -> list[tuple[str, str]]:
        lines = [line.split(None, 1) for line in super().to_python(value).splitlines() if line.strip()]
        if len(lines) > _MOST:
            raise forms.ValidationError(f"最多填写 {_MOST} 人。")
        for number, parts in enumerate(lines, start=1):
            if len(parts) != 2:
                raise forms.ValidationError(f"第 {number} 行请写姓名、空格、职务，如“郑明 党委副书记”。")
            if len(parts[0]) > _NAME or len(parts[1]) > _OFFICE:
                raise forms.ValidationError(f"第 {number} 行姓名或职务过长。")
        return [(name, office.strip()) for name, office in lines]

    def run_validators(self, value) -> None:
        """The length was that of the text, which is a list by now."""

    def clean(self, value):
        if value and len(value) > self.max_length:
            raise forms.ValidationError(f"不能超过 {self.max_length} 字。")
        return super().clean(value)


class MeetingForm(forms.Form):
    """The meeting itself."""

    held_at = moment_field("会议时间")
    place = forms.CharField(label="会议地点", max_length=JointMeeting._meta.get_field("place").max_length)
    chair = forms.CharField(label="主持人", max_length=_NAME)
    present = MembersField(
        label="参加人员", help_text="每行一人：姓名、空格、职务；同名的在姓名后加注，如“李明（民政）”"
    )
    minutes = long_text("会议记录", 4000, rows=5)
    scan = forms.FileField(
        label="签字的会议纪要（照片或 PDF）",
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,application/pdf"}),
        help_text="提交有误时须重新选择文件",
    )


class CaseForm(forms.Form):
    """One case that waits; nothing is asked of those that the meeting did not take up."""

    taken = forms.BooleanField(label="本次研究", required=False)
    conclusion = forms.ChoiceField(
        label="结论", choices=[("", "请选择"), *Conclusion.choices], required=False
    )
    n_against = CountField(label="不同意（人）")
    n_abstained = CountField(label="弃权（人）")
    recused = NamesField(label="回避人员", help_text="亲属和经办过此件的人员，不表决")
    opinion = forms.CharField(
        label="研究意见", max_length=JointItem._meta.get_field("opinion").max_length, required=False
    )

    def __init__(self, *args, proposal: Proposal, **kwargs) -> None:
        super().__init__(*args, prefix=str(proposal.application_id), **kwargs)
        self.proposal = proposal

    def clean(self) -> dict:
        values = super().clean()
        if values.get("taken"):
            for name, what in (("conclusion", "选择研究结论"), ("opinion", "填写研究意见")):
                if name not in self.errors and not values.get(name):
                    self.add_error(name, f"请{what}。")
        return values

    def entry(self) -> CaseEntry | None:
        """None for a case that was not taken up."""
        values = dict(self.cleaned_data)
        if not values.pop("taken"):
            return None
        return CaseEntry(self.proposal.application_id, **values)


class JointForm:
    """The form of the meeting with one of each case; valid together."""

    def __init__(self, proposals: list[Proposal], data=None, files=None) -> None:
        self.meeting = MeetingForm(data, files)
        self.cases = [CaseForm(data, proposal=proposal) for proposal in proposals]

    def is_valid(self) -> bool:
        # All are asked, so that every error shows at once.
        return all([form.is_valid() for form in (self.meeting, *self.cases)])

    def entry(self) -> JointEntry:
        cases = [entry for form in self.cases if (entry := form.entry()) is not None]
        return JointEntry(cases=cases, **self.meeting.cleaned_data)

    def refuse(self, refused: Refused) -> None:
        """Beside the field of the case that it is about, or of the meeting."""
        prefix, _, name = refused.field.partition("-")
        for form in self.cases:
            if form.prefix == prefix and name in form.fields:
                form.add_error(name, str(refused))
                return
        refused.add_to(self.meeting)
