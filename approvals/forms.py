"""What a person writes when making a move or extending a limit."""

from __future__ import annotations

from django import forms

from approvals.models import Deadline, Step
from approvals.workflow import Transition
from cases.enums import ApplicationState

_OPINION_LENGTH = Step._meta.get_field("opinion").max_length
_REASON_LENGTH = Deadline._meta.get_field("extension_reason").max_length


class MoveForm(forms.Form):
    """The opinion, needed or not as the move says, and the tick in front of what is final."""

    opinion = forms.CharField(
        label="意见",
        max_length=_OPINION_LENGTH,
        widget=forms.Textarea(attrs={"rows": 5}),
        error_messages={"required": "请填写意见。"},
    )
    confirm = forms.BooleanField(
        label="已查阅核对报告、入户调查和测算明细，确认办理",
        error_messages={"required": "此操作办理后不能撤销，请勾选确认。"},
    )

    def __init__(self, move: Transition, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opinion"].required = move.needs_opinion
        if not move.needs_opinion:
            self.fields["opinion"].label = "说明（选填）"
        if move.target == ApplicationState.WITHDRAWN:
            self.fields["confirm"].label = "确认撤回，撤回后不能恢复"
        if not move.needs_confirmation:
            del self.fields["confirm"]


class ExtendForm(forms.Form):
    """Why a limit is extended."""

    reason = forms.CharField(
        label="延长理由",
        max_length=_REASON_LENGTH,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": "请填写延长理由。"},
    )
