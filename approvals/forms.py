"""What a person writes when making a move or extending a limit."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from django import forms

from approvals.models import Deadline, Step
from approvals.workflow import Transition
from cases.enums import ApplicationState
from cases.forms.fields import AmountField
from common.money import parse_yuan

_OPINION_LENGTH = Step._meta.get_field("opinion").max_length
_REASON_LENGTH = Deadline._meta.get_field("extension_reason").max_length


class PlanField(forms.CharField):
    """一次审批、分阶段救助, a line an instalment: day and yuan (DT-3.3)."""

    MOST = 24
    _LINE = re.compile(r"(\d{4})[-年./](\d{1,2})[-月./](\d{1,2})日?[\s,，:：]+(\S+?)元?")

    def __init__(self, **kwargs) -> None:
        super().__init__(
            **{
                "label": "分阶段发放计划（选填）",
                "required": False,
                "max_length": 2000,
                "widget": forms.Textarea(attrs={"rows": 4}),
                "help_text": "每行一期：日期 金额，如“2026-04-01 1000.00”；各期合计须等于拟救助金额。"
                "不分期的留空，审批后一次发放。",
                **kwargs,
            }
        )

    def to_python(self, value) -> list[tuple[date, Decimal]]:
        lines = [line.strip() for line in super().to_python(value).splitlines() if line.strip()]
        if len(lines) > self.MOST:
            raise forms.ValidationError(f"最多分 {self.MOST} 期。")
        return [self._read(number, line) for number, line in enumerate(lines, start=1)]

    def _read(self, number: int, line: str) -> tuple[date, Decimal]:
        found = self._LINE.fullmatch(line)
        try:
            return date(*(int(part) for part in found.groups()[:3])), parse_yuan(found[4])
        except (AttributeError, ValueError):
            raise forms.ValidationError(
                f"第 {number} 行无法识别，请按“日期 金额”填写，如“2026-04-01 1000.00”。"
            ) from None

    @staticmethod
    def written(plan: list[tuple[date, Decimal]]) -> str:
        """The plan as it would have been typed."""
        return "\n".join(f"{day:%Y-%m-%d} {amount:.2f}" for day, amount in plan)


class MoveForm(forms.Form):
    """The opinion, needed or not as the move says, and the tick in front of what is final.

    `proposes_amount`: the reviewer also says how much 临时救助 is given; `instals`: and in which stages.
    """

    amount = AmountField(label="拟救助金额（元）", blank=None)
    plan = PlanField()
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

    def __init__(
        self, move: Transition, *args, proposes_amount: bool = False, instals: bool = False, **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, wanted in (("amount", proposes_amount), ("plan", proposes_amount and instals)):
            if not wanted:
                del self.fields[name]
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
