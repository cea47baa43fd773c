"""What the auditor and the township type, parsed and checked field by field."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from django import forms
from django.utils import timezone

from common import clock
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import Scope
from supervision.checklist import Question
from supervision.enums import Answer, FindingState
from supervision.perms import FINDING_READERS
from supervision.services import Given, NewFinding

BIGGEST_KEY = 2**63 - 1
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")
BLANK_FINDINGS = 3
MOST_FINDINGS = 30


def page_key(value: str) -> int | None:
    """The key a page continues below; None for whatever is no key."""
    if not (value.isascii() and value.isdigit() and len(value) <= len(str(BIGGEST_KEY))):
        return None
    return min(int(value), BIGGEST_KEY)


def month_key(value: str) -> date | None:
    """`2026-03` as its first day; None for whatever is no month that this system can know."""
    if not _MONTH.fullmatch(value):
        return None
    return date(int(value[:4]), int(value[5:]), 1)


def note_name(code: str) -> str:
    """The field of the note to a question."""
    return f"{code}_note"


class ReviewForm(forms.Form):
    """The checklist: for each question 符合, 不符合 or 不适用 and a note, which 不符合 needs."""

    summary = forms.CharField(
        label="核查意见",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="总的评价，可以不填。",
    )

    def __init__(self, *args, questions: Sequence[Question], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.questions = questions
        for question in questions:
            self.fields[question.code] = forms.ChoiceField(
                label=question.text,
                choices=Answer.choices,
                widget=forms.RadioSelect,
                error_messages={"required": "请选择符合、不符合或不适用。"},
            )
            self.fields[note_name(question.code)] = forms.CharField(
                label=f"说明：{question.text}",
                max_length=500,
                required=False,
                widget=forms.TextInput(attrs={"placeholder": "不符合的须写明情况"}),
            )

    def clean(self) -> dict:
        data = super().clean()
        for question in self.questions:
            note = note_name(question.code)
            if data.get(question.code) == Answer.NO and note in data and not data[note]:
                self.add_error(note, "不符合的项目请写明情况。")
        return data

    def rows(self, clauses: Mapping[str, str]) -> list[dict]:
        """Question, the words of its clause and its two fields, for the table."""
        return [
            {
                "question": question,
                "clause_text": clauses.get(question.clause, ""),
                "answer": self[question.code],
                "note": self[note_name(question.code)],
            }
            for question in self.questions
        ]

    def answers(self) -> dict[str, Given]:
        data = self.cleaned_data
        return {
            question.code: Given(Answer(data[question.code]), data[note_name(question.code)])
            for question in self.questions
        }


class FindingForm(forms.Form):
    """One problem for the township to put right; a form left empty is none."""

    clause = forms.ChoiceField(label="违反的条款", error_messages={"required": "请选择条款。"})
    due_on = forms.DateField(
        label="整改期限",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": "请填写整改期限。", "invalid": "请填写日期，如 2026-03-31。"},
    )
    text = forms.CharField(
        label="问题",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text="写明事实和要求，不要写身份证号、银行账号。",
        error_messages={"required": "请写明问题。"},
    )

    def __init__(self, *args, clauses: Sequence[tuple[str, str]], **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clause"].choices = [("", "请选择"), *clauses]

    def clean_due_on(self) -> date:
        due_on = self.cleaned_data["due_on"]
        today = timezone.localdate(clock.now())
        if due_on < today:
            raise forms.ValidationError("整改期限不能早于今天。")
        if due_on.year > today.year + 2:
            raise forms.ValidationError("整改期限过远，请检查年份。")
        return due_on

    def finding(self) -> NewFinding:
        return NewFinding(**self.cleaned_data)


FindingFormSet = forms.formset_factory(
    FindingForm,
    extra=BLANK_FINDINGS,
    max_num=MOST_FINDINGS,
    validate_max=True,
    absolute_max=MOST_FINDINGS + 1,
)


class TextForm(forms.Form):
    """Words that a finding or a draw moves on with; label and length are the caller's."""

    text = forms.CharField(widget=forms.Textarea(attrs={"rows": 4}))

    def __init__(
        self, *args, label: str, longest: int, missing: str = "", help_text: str = "", **kwargs
    ) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["text"] = forms.CharField(
            label=label,
            max_length=longest,
            required=bool(missing),
            help_text=help_text,
            widget=forms.Textarea(attrs={"rows": 4}),
        )
        field.error_messages["required"] = missing


class FindingFilter(forms.Form):
    """The list of findings, narrowed; it stays in the address."""

    state = forms.ChoiceField(
        label="状态",
        choices=[("", "全部"), ("overdue", "逾期未答复"), *FindingState.choices],
        required=False,
    )
    township = forms.ModelChoiceField(
        label="街道（乡镇）",
        queryset=Area.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="全部",
    )

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        townships = Area.objects.none()
        for prefix in scope.areas(*FINDING_READERS):
            townships |= Area.objects.filter(prefix__startswith=prefix[:9], level=AreaLevel.TOWNSHIP)
        self.fields["township"].queryset = townships.order_by("code")
