"""发放准备: what the month still lacks, who blocks it, and each kind of gap as a list."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from common.paging import paged
from organisations.access import posts_required
from organisations.scope import Scope, scope_of
from workbench.month.forms import LookForm
from workbench.month.gaps import BY_KEY
from workbench.month.page import month_page
from workbench.month.places import READERS, Look, places_within

SHOWN = 50


def _asked(request: HttpRequest) -> tuple[LookForm, Look, Scope]:
    """The filter and what it leads to; 404 for whoever's posts lie below a township."""
    scope = scope_of(request.user)
    places = places_within(scope)
    if not places:
        raise Http404("没有可以查看的街道（乡镇）")
    form = LookForm(request.GET, places=places)
    return form, form.look(), scope


@require_safe
@posts_required(*READERS)
def month(request: HttpRequest) -> HttpResponse:
    """The month of a place on one page."""
    form, look, scope = _asked(request)
    context = {"form": form, "look": look, "page": month_page(look, scope)}
    return render(request, "workbench/month.html", context)


@require_safe
@posts_required(*READERS)
def month_gap(request: HttpRequest, key: str) -> HttpResponse:
    """All gaps of one kind."""
    form, look, scope = _asked(request)
    gap = BY_KEY.get(key)
    if gap is None or not gap.is_shown_to(scope, look):
        raise Http404("没有这一项")
    page, pager = paged(gap.find(look), request.GET, size=SHOWN, unit="件", keep=look.query)
    context = {
        "form": form,
        "look": look,
        "gap": gap,
        "rows": gap.shown(page.object_list),
    }
    return render(request, "workbench/month_gap.html", context | pager)
