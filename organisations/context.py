"""What the top bar shows of the person."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from organisations.scope import scope_of
from organisations.second_factor import is_required_for


def posting(request: HttpRequest) -> dict:
    """`posting_label`: `北岙街道 · 经办岗`, with 等 n 岗 behind it when there are more; `second_factor_url`
    where the person's posts ask for a second factor, else empty.
    """
    user = getattr(request, "user", None)
    return {
        "posting_label": SimpleLazyObject(lambda: _label(user)),
        "second_factor_url": SimpleLazyObject(lambda: _second_factor_url(user)),
    }


def _second_factor_url(user) -> str:
    if user is None or not user.is_authenticated or not is_required_for(user):
        return ""
    return reverse("organisations:second_factor")


def _label(user) -> str:
    if user is None or not user.is_authenticated:
        return ""
    places = scope_of(user).places
    if not places:
        return ""
    return places[0].label if len(places) == 1 else f"{places[0].label} 等 {len(places)} 岗"
