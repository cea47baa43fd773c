"""Forms of the rule pages and of the rule tables."""

from __future__ import annotations

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from common import clock
from organisations.models import Area
from organisations.scope import Scope
from policy.enums import Certainty
from policy.key_types import PERIOD_UNITS
from policy.keys import KEYS, UNITS, Kind
from policy.models import Clause, Document, Rule
from policy.queries import GROUPS, areas_to_look_at


def day_field(label: str, **kwargs) -> forms.DateField:
    """A date as the browser picks it."""
    picker = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, widget=picker, **kwargs)


class AreaForm(forms.Form):
    """One of the areas of the person's posts; the first of them where none is asked for."""

    area = forms.ChoiceField(label="区域", required=False)

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self._areas = list(areas_to_look_at(scope))
        self.fields["area"].choices = [(area.code, area.name) for area in self._areas]

    @property
    def area_chosen(self) -> Area | None:
        """The area asked for, else the first of the person; None for a person without posts."""
        code = self.cleaned_data.get("area")
        chosen = next((area for area in self._areas if area.code == code), None)
        return chosen or (self._areas[0] if self._areas else None)


class RuleFilterForm(AreaForm):
    """Which rules to list; what is not asked for falls back to the person's first area and today."""

    on = day_field("日期", required=False)
    group = forms.ChoiceField(
        label="类别",
        required=False,
        choices=[("", "全部"), *((code, label) for code, (label, _) in GROUPS.items())],
    )
    text = forms.CharField(
        label="包含文字", required=False, max_length=40, validators=[ProhibitNullCharactersValidator()]
    )

    @property
    def day_chosen(self):
        """The day asked for, else today."""
        return self.cleaned_data.get("on") or clock.today()


class ReadinessForm(RuleFilterForm):
    """For which area and day to list what is still to enter."""

    group = None
    text = None


class CompareForm(AreaForm):
    """An area and two days; what is not asked for falls back to New Year's Day and today."""

    first = day_field("原日期", required=False)
    second = day_field("新日期", required=False)

    @property
    def days_chosen(self):
        """The two days, the earlier first."""
        today = clock.today()
        first = self.cleaned_data.get("first") or today.replace(month=1, day=1)
        return tuple(sorted((first, self.cleaned_data.get("second") or today)))


class ClauseFilterForm(forms.Form):
    """Which clauses to list: of one document, and with words in number or text."""

    document = forms.ChoiceField(label="文件", required=False)
    text = forms.CharField(
        label="包含文字", required=False, max_length=40, validators=[ProhibitNullCharactersValidator()]
    )
    binding = forms.ChoiceField(
        label="落实", required=False, choices=[("", "全部"), ("1", "须由系统落实"), ("0", "其他")]
    )

    def __init__(self, *args, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        documents = Document.objects.filter(clauses__isnull=False).distinct()
        self.fields["document"].choices = [("", "全部"), *((one.pk, one.title) for one in documents)]


class SuccessorForm(forms.Form):
    """What comes after a published rule: all is there but value, first day, and the note."""

    value = forms.CharField(label="新值", max_length=4000)
    unit = forms.ChoiceField(label="单位", choices=list(PERIOD_UNITS.items()))
    valid_from = day_field("生效日期")
    valid_to = day_field("失效日期（不含）", required=False, help_text="没有写明失效日期的不填。")
    document = forms.ModelChoiceField(Document.objects.all(), label="依据文件")
    clause = forms.ModelChoiceField(
        Clause.objects.all(), label="依据条款", required=False, help_text="没有逐条编号的文件不填。"
    )
    certainty = forms.ChoiceField(label="性质", choices=Certainty.choices)
    note = forms.CharField(
        label="说明",
        max_length=500,
        required=False,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args, rule: Rule, **kwargs) -> None:
        initial = {
            "unit": rule.unit,
            "document": rule.document_id,
            "clause": rule.clause_id,
            "certainty": rule.certainty,
        }
        super().__init__(*args, initial=initial, **kwargs)
        known = KEYS[rule.key]
        if known.kind != Kind.PERIOD:
            del self.fields["unit"]
            self.fields["value"].help_text = f"单位：{UNITS[known.unit]}" if known.unit else ""
        if known.kind in {Kind.CHOICE, Kind.FLAG}:
            options = known.choices if known.kind == Kind.CHOICE else (("true", "是"), ("false", "否"))
            self.fields["value"] = forms.ChoiceField(label="新值", choices=[("", "请选择"), *options])
        if known.kind in {Kind.LIST, Kind.GRADES}:
            self.initial["value"] = known.lines(rule.value)
            self.fields["value"].widget = forms.Textarea(attrs={"rows": 8})
            self.fields["value"].help_text = known.notation
        self.fields["document"].label_from_instance = lambda one: f"{one.code} {one.title}"
        self.fields["clause"].label_from_instance = lambda one: f"{one.pk} {one.text[:40]}"


class RetireForm(forms.Form):
    """From which day a rule is no longer there, and why."""

    valid_to = day_field("停用日期", help_text="从这一天起不再适用。")
    reason = forms.CharField(
        label="停用理由",
        max_length=500,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="写明依据，如废止文件的文号。",
    )


class PublishForm(forms.Form):
    """The drafts that were ticked on the page that shows their differences."""

    rule = forms.ModelMultipleChoiceField(
        Rule.objects.none(),
        label="草稿",
        error_messages={"required": "请勾选要发布的草稿。", "list": "请勾选要发布的草稿。"},
    )

    def __init__(self, *args, drafts, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].queryset = drafts
