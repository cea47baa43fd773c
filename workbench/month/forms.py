"""Which place and month the readiness page shows; both stay in the address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django import forms

from common import clock
from organisations.enums import AreaLevel
from organisations.models import Area
from payments.queries import months_to_choose
from workbench.month.places import Look


class LookForm(forms.Form):
    """What is missing or makes no sense is the first place within reach and this month."""

    place = forms.ChoiceField(label="区域", required=False)
    month = forms.ChoiceField(label="月份", required=False)

    def __init__(self, data, *, places: Sequence[Area]) -> None:
        self._places = {area.code: area for area in places}
        self._today = clock.today()
        super().__init__({**self._defaults(), **{key: value for key, value in data.items() if value}})
        self.fields["place"].choices = [(code, _label(area)) for code, area in self._places.items()]
        self.fields["month"].choices = months_to_choose(self._today)

    def _defaults(self) -> dict[str, str]:
        return {"place": next(iter(self._places), ""), "month": f"{self._today:%Y-%m}"}

    def look(self) -> Look:
        """The place and month that were chosen."""
        chosen = self.cleaned_data if self.is_valid() else self._defaults()
        return Look(self._places[chosen["place"]], date.fromisoformat(f"{chosen['month']}-01"))


def _label(area: Area) -> str:
    return f"{area.name}（合计）" if area.level == AreaLevel.COUNTY else area.name
