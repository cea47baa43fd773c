"""Forms of the rule pages and of the rule tables."""

from __future__ import annotations

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from common import clock
from organisations.models import Area
from organisations.scope import Scope
from policy.queries import GROUPS, areas_to_look_at


class RuleFilterForm(forms.Form):
    """Which rules to list; what is not asked for falls back to the person's first area and today."""

    area = forms.ChoiceField(label="区域", required=False)
    on = forms.DateField(label="日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    group = forms.ChoiceField(
        label="类别",
        required=False,
        choices=[("", "全部"), *((code, label) for code, (label, _) in GROUPS.items())],
    )
    text = forms.CharField(
        label="包含文字", required=False, max_length=40, validators=[ProhibitNullCharactersValidator()]
    )

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

    @property
    def day_chosen(self):
        """The day asked for, else today."""
        return self.cleaned_data.get("on") or clock.today()


class ReadinessForm(RuleFilterForm):
    """For which area and day to list what is still to enter."""

    group = None
    text = None
