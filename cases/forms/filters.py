"""What the list is narrowed to; it stays in the address, so nothing personal is asked for."""

from __future__ import annotations

from itertools import groupby

from django import forms
from django.db.models import Q

from cases.enums import READING_POSTS, ApplicationState, Channel, Programme
from cases.forms.fields import DayField
from cases.queries import Filters
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import Scope

# A whole province has thousands of villages: nobody picks one from a list that long.
MOST_VILLAGES = 600


def places_in(scope: Scope) -> list[Area]:
    """Townships and villages within reach, in the order of their codes (one query)."""
    reach = Q(pk__in=())
    for prefix in scope.areas(*READING_POSTS):
        reach |= Q(prefix__startswith=prefix)
    levels = [AreaLevel.TOWNSHIP, AreaLevel.VILLAGE]
    places = Area.objects.filter(reach, level__in=levels).select_related("parent").order_by("prefix")
    return list(places[: MOST_VILLAGES + 300])


class FilterForm(forms.Form):
    """Wrong values in an address count as none."""

    which = forms.ChoiceField(label="范围", choices=[("open", "在办"), ("all", "全部")], required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "不限"), *ApplicationState.choices], required=False)
    programme = forms.ChoiceField(
        label="救助项目", choices=[("", "不限"), *Programme.choices], required=False
    )
    township = forms.TypedChoiceField(label="街道（乡镇）", coerce=int, empty_value=None, required=False)
    village = forms.TypedChoiceField(label="村（社区）", coerce=int, empty_value=None, required=False)
    channel = forms.ChoiceField(label="渠道", choices=[("", "不限"), *Channel.choices], required=False)
    accepted_from = DayField(label="受理日期从", required=False)
    accepted_to = DayField(label="到", required=False)

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        places = places_in(scope)
        villages = [area for area in places if area.level == AreaLevel.VILLAGE]
        townships = {area.pk: area.name for area in places if area.level == AreaLevel.TOWNSHIP}
        townships |= {area.parent_id: area.parent.name for area in villages}
        self.fields["township"].choices = [("", "不限"), *townships.items()]
        groups = groupby(villages, key=lambda area: area.parent.name)
        grouped = [(name, [(area.pk, area.name) for area in group]) for name, group in groups]
        self.fields["village"].choices = [("", "不限"), *grouped]

    def filters(self) -> Filters:
        """The valid ones among what the address says."""
        self.is_valid()
        values = self.cleaned_data
        known = {name: values[name] for name in Filters.__dataclass_fields__ if values.get(name)}
        return Filters(**{"which": "open", **known})
