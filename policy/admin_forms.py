"""The form of a draft: it asks the keys and the permissions, so that the answer stands beside the field."""

from __future__ import annotations

from itertools import groupby

from django import forms

from organisations.models import User
from policy import perms
from policy.keys import KEYS, UNITS, clean_value
from policy.models import CalendarDay, Rule
from policy.queries import areas_of_writer, group_of


def key_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """All keys by group: a list to pick from, never a word to type."""
    keys = sorted(KEYS.values(), key=lambda known: group_of(known.key))
    blank = ("", [("", "请选择")])
    return [blank] + [
        (group, [(known.key, f"{known.label}（{known.kind.label}）") for known in members])
        for group, members in groupby(keys, key=lambda known: group_of(known.key))
    ]


_VALUE_HELP = (
    "数值写作 1085.00；比例写作 0.30；是/否写作 true 或 false；期限只写数字，单位另选；"
    "清单每行一项，写作 编码｜名称｜条件｜条款｜必需；分档表每行一档，写作 编码｜名称｜从几项起｜比例｜条款。"
)


class RuleForm(forms.ModelForm):
    actor: User | None = None

    key = forms.ChoiceField(label="规则", choices=key_choices)
    unit = forms.ChoiceField(label="单位", choices=list(UNITS.items()), required=False)
    value = forms.CharField(
        label="值",
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_VALUE_HELP,
    )

    class Meta:
        model = Rule
        fields = (
            "area",
            "key",
            "value",
            "unit",
            "valid_from",
            "valid_to",
            "document",
            "clause",
            "certainty",
            "note",
        )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        # Without fields the admin shows a published rule to read.
        if self.actor and "area" in self.fields:
            self.fields["area"].queryset = areas_of_writer(self.actor)

    def _get_validation_exclusions(self) -> set[str]:
        # The overlap constraint asks whether the rule is published; Django fails on a condition over a
        # field that the form leaves out, so the (empty) field is not left out of the validation.
        return super()._get_validation_exclusions() - {"published_at"}

    def clean(self) -> dict:
        data = super().clean()
        if data.get("key") and data.get("value"):
            try:
                data["value"], data["unit"] = clean_value(data["key"], data["value"], data.get("unit", ""))
            except ValueError as error:
                self.add_error("value", f"{error}。")
        if data.get("area") and self.actor:
            verdict = perms.can_draft(self.actor, data["area"])
            if not verdict:
                self.add_error("area", verdict.reason)
        clause = data.get("clause")
        if clause and data.get("document") and clause.document_id != data["document"].pk:
            self.add_error("clause", "条款不属于所选文件。")
        return data


class CalendarDayForm(forms.ModelForm):
    class Meta:
        model = CalendarDay
        fields = ("day", "is_workday", "name")

    def clean(self) -> dict:
        data = super().clean()
        if data.get("is_workday") and data.get("day") and data["day"].weekday() < 5:
            self.add_error("is_workday", "调休上班的应是周六或周日。")
        if data.get("day") and not 2004 <= data["day"].year <= 2099:
            self.add_error("day", "日期应在 2004 至 2099 年之间。")
        return data
