"""What the list is narrowed to; it stays in the address, so nothing personal is asked for."""

from __future__ import annotations

from django import forms
from django.db.models import Q

from cases.enums import READING_POSTS, ApplicationState, Channel, LinshiKind, Programme
from cases.forms.fields import DayField, QuickSelect
from cases.queries import Filters
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import Scope


def _reach(scope: Scope) -> Q:
    reach = Q(pk__in=())
    for prefix in scope.areas(*READING_POSTS):
        reach |= Q(prefix__startswith=prefix)
    return reach


def townships_in(scope: Scope) -> list[tuple[int, str]]:
    """Key and name of townships within reach; for a village post the township that it lies in."""
    above = [prefix[:9] for prefix in scope.areas(*READING_POSTS) if len(prefix) > 9]
    townships = Area.objects.filter(_reach(scope) | Q(prefix__in=above), level=AreaLevel.TOWNSHIP)
    return list(townships.order_by("prefix").values_list("pk", "name"))


def villages_of(scope: Scope, township: int | None, village: int | None) -> list[tuple[int, str]]:
    """Villages within reach of one township, and the one that an address names."""
    if not (township or village):
        return []
    some = Area.objects.filter(_reach(scope), level=AreaLevel.VILLAGE)
    return list(some.filter(Q(parent=township) | Q(pk=village)).order_by("prefix").values_list("pk", "name"))


def _number(text: object) -> int | None:
    text = str(text or "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


class FilterForm(forms.Form):
    """Wrong values in an address count as none."""

    which = forms.ChoiceField(label="范围", choices=[("open", "在办"), ("all", "全部")], required=False)
    state = forms.ChoiceField(label="状态", choices=[("", "不限"), *ApplicationState.choices], required=False)
    programme = forms.ChoiceField(
        label="救助项目", choices=[("", "不限"), *Programme.choices], required=False
    )
    kind = forms.ChoiceField(
        label="临时救助类型", choices=[("", "不限"), *LinshiKind.choices], required=False
    )
    township = forms.TypedChoiceField(label="街道（乡镇）", coerce=int, empty_value=None, required=False)
    village = forms.TypedChoiceField(label="村（社区）", coerce=int, empty_value=None, required=False)
    channel = forms.ChoiceField(label="渠道", choices=[("", "不限"), *Channel.choices], required=False)
    accepted_from = DayField(label="受理日期从", required=False)
    accepted_to = DayField(label="到", required=False)

    def __init__(self, *args, scope: Scope, **kwargs) -> None:
        super().__init__(*args, **kwargs)
        townships = townships_in(scope)
        self.fields["township"].choices = [("", "不限"), *townships]
        chosen = townships[0][0] if len(townships) == 1 else _number(self.data.get("township"))
        villages = villages_of(scope, chosen, _number(self.data.get("village")))
        hint = "不限" if chosen else "先选街道（乡镇）"
        self.fields["village"].choices = [("", hint), *villages]
        for name in ("which", "state", "programme", "kind", "township", "village", "channel"):
            widget = QuickSelect(choices=self.fields[name].choices)
            widget.is_required = False
            self.fields[name].widget = widget

    def filters(self) -> Filters:
        """The valid ones among what the address says."""
        self.is_valid()
        values = self.cleaned_data
        known = {name: values[name] for name in Filters.__dataclass_fields__ if values.get(name)}
        return Filters(**{"which": "open", **known})
