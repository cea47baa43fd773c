"""Forms that every procedure of its own has: what people say, what is answered, and the opinion of a move."""

from __future__ import annotations

from django import forms

from approvals.enums import DefenceForm, DefenceOutcome
from approvals.hearing import DefenceEntry, DefenceRecord
from approvals.steps import MoveRecord
from approvals.workflow import Transition


def _length(model, field: str) -> int:
    return model._meta.get_field(field).max_length


def text_field(label: str, model, field: str, *, rows: int = 4, **kwargs) -> forms.CharField:
    """A paragraph, as long as the column takes."""
    return forms.CharField(
        label=label,
        max_length=_length(model, field),
        widget=forms.Textarea(attrs={"rows": rows}),
        error_messages={"required": f"请填写{label}。"},
        **kwargs,
    )


class SayForm(forms.Form):
    """What somebody of the household says."""

    form = forms.ChoiceField(label="方式", choices=DefenceForm.choices, widget=forms.RadioSelect)
    made_by = forms.CharField(
        label="陈述人",
        max_length=_length(DefenceRecord, "made_by"),
        error_messages={"required": "请填写陈述人。"},
    )
    received_at = forms.DateTimeField(
        label="提出时间",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        error_messages={
            "required": "请填写提出时间。",
            "invalid": "请填写日期和时间，如 2026-03-08 09:05。",
        },
    )
    content = text_field("陈述和申辩内容", DefenceRecord, "content", rows=6)

    def entry(self) -> DefenceEntry:
        return DefenceEntry(**self.cleaned_data)


class AnswerForm(forms.Form):
    """Whether it is taken up, and why."""

    outcome = forms.ChoiceField(
        label="是否采纳",
        choices=DefenceOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": "请选择是否采纳。"},
    )
    answer = text_field("复核意见", DefenceRecord, "answer", rows=5)


class MoveForm(forms.Form):
    """The opinion, needed or not as the move says, and the tick in front of what is final."""

    opinion = forms.CharField(
        label="意见",
        max_length=_length(MoveRecord, "opinion"),
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请填写意见。"},
    )
    confirm = forms.BooleanField(
        label="已核对事实、金额和文书内容，确认办理",
        error_messages={"required": "此操作办理后不能撤销，请勾选确认。"},
    )

    def __init__(self, move: Transition, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opinion"].required = move.needs_opinion
        if not move.needs_opinion:
            self.fields["opinion"].label = "说明（选填）"
        if not move.needs_confirmation:
            del self.fields["confirm"]
