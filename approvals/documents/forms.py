"""What is chosen for printing."""

from __future__ import annotations

import re
from datetime import date

from django import forms

from approvals.documents.perms import MAKERS
from approvals.documents.registry import FORMS
from approvals.enums import DocumentKind
from common import clock
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import Scope


def _printed_in_number() -> list[tuple[str, str]]:
    """The kinds that belong to an event, so that those of a month can be printed together."""
    return [(form.kind.value, form.kind.label) for form in FORMS.values() if form.event is not None]


class PaperForm(forms.Form):
    """Which form of a case to make, and about which matter."""

    kind = forms.ChoiceField(label="文书", choices=DocumentKind.choices)
    matter = forms.CharField(label="事项", max_length=30, required=False)


class KindForm(forms.Form):
    """Which form to make for many."""

    kind = forms.ChoiceField(label="文书", choices=_printed_in_number)


class BatchForm(KindForm):
    """All forms of a kind of one place and month."""

    area = forms.ModelChoiceField(
        label="区域",
        queryset=Area.objects.none(),
        to_field_name="code",
        required=False,
        empty_label="本人任职的全部区域",
    )
    month = forms.CharField(
        label="月份",
        max_length=7,
        widget=forms.TextInput(attrs={"type": "month"}),
        help_text="按文书所载事项发生的月份，如 2026-03。",
    )

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        self.fields["area"].queryset = places_of(scope)

    def clean_month(self) -> date:
        text = self.cleaned_data["month"]
        found = re.fullmatch(r"([0-9]{4})-([0-9]{2})", text)
        try:
            return date(int(found[1]), int(found[2]), 1)
        except (TypeError, ValueError):
            raise forms.ValidationError(f"请填写年和月，如 {clock.today():%Y-%m}。") from None


def places_of(scope: Scope):
    """Townships and villages below the places where the person makes papers."""
    places = Area.objects.none()
    for prefix in scope.areas(*MAKERS):
        levels = [AreaLevel.VILLAGE] if len(prefix) >= 9 else [AreaLevel.TOWNSHIP]
        places |= Area.objects.filter(prefix__startswith=prefix, level__in=levels)
    return places.order_by("code")
