"""价格补贴: the figures of the cities, and a month of a paying area."""

from __future__ import annotations

from datetime import date
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.errors import Refused
from organisations.access import posts_required, require
from organisations.models import Area
from organisations.scope import scope_of
from payments import perms, services
from payments.forms import page_key
from payments.models import PriceIndex
from payments.price_forms import CorrectionForm, FigureForm, as_typed
from payments.queries import price
from payments.views.shared import do, to_batch

_FORM = ("GET", "HEAD", "POST")


@require_safe
@posts_required(*perms.BATCH_POSTS)
def figures(request: HttpRequest) -> HttpResponse:
    """The figures of the last months, those that are missing, and what each sets off."""
    scope = scope_of(request.user)
    rows = price.figure_rows(request.user, price.cities_of(scope, *perms.BATCH_POSTS))
    context = {
        "rows": rows,
        "payers": price.paying_places(scope.areas(*perms.BATCH_POSTS), clock.month_of(clock.today())),
        "may_enter": scope.has(*perms.FIGURE_POSTS),
    }
    return render(request, "payments/price_figures.html", context)


@require_http_methods(_FORM)
@posts_required(*perms.FIGURE_POSTS)
def figure_new(request: HttpRequest) -> HttpResponse:
    """A month's first figure; city and month may come in the address."""
    cities = price.cities_of(scope_of(request.user), *perms.FIGURE_POSTS)
    initial = {name: request.GET[name] for name in ("city", "month") if name in request.GET}
    form = FigureForm(request.POST or None, cities=cities, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.enter_figure(**form.typed(), actor=request.user)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "指数已录入，请由另一人复核后生效。")
            return redirect("payments:price_figures")
    return render(request, "payments/price_figure.html", {"form": form, "old": None})


def _figure_or_404(request: HttpRequest, pk: int) -> PriceIndex:
    cities = price.cities_of(scope_of(request.user), *perms.BATCH_POSTS)
    return get_object_or_404(PriceIndex.objects.select_related("area"), pk=pk, area__in=cities)


@require_http_methods(_FORM)
def figure_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Another figure in the place of one that was wrong."""
    old = _figure_or_404(request, pk)
    require(perms.can_enter_figures(request.user, old.area))
    form = CorrectionForm(request.POST or None, initial=as_typed(old))
    if request.method == "POST" and form.is_valid():
        try:
            services.correct_figure(figure=old, **form.typed(), actor=request.user)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "更正已录入，请由另一人复核；复核前仍按原指数。")
            return redirect("payments:price_figures")
    return render(request, "payments/price_figure.html", {"form": form, "old": old})


@require_POST
def figure_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Another person says that it is what was published."""
    figure = _figure_or_404(request, pk)
    require(perms.can_enter_figures(request.user, figure.area))
    do(
        request,
        lambda: services.confirm_figure(figure=figure, actor=request.user),
        "指数已复核，从现在起生效。",
    )
    return redirect("payments:price_figures")


def _place(request: HttpRequest, code: str, month: str) -> tuple[Area, date]:
    """A paying area within reach, and the first day of the month in the address (`2026-01`)."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError:
        raise Http404 from None
    area = get_object_or_404(Area, code=code, level__in=perms.PAYING)
    if not scope_of(request.user).covers(area, *perms.BATCH_POSTS):
        raise Http404
    return area, first


@require_safe
def month(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """Why a month's subsidy is paid or not, how much, to whom, and how far it has come."""
    area, first = _place(request, code, month)
    page = price.subsidy_page(area, first)
    people, after = [], None
    if page.found is not None and page.found.trigger.is_met:
        people, after = price.subsidy_people(page.found, page_key(request.GET, "after"))
    context = {
        "page": page,
        "people": people,
        "may_prepare": perms.can_prepare(request.user, area),
        "next_url": f"?{urlencode({'after': after})}" if after else "",
    }
    return render(request, "payments/price_month.html", context)


@require_POST
def prepare(request: HttpRequest, code: str, month: str) -> HttpResponse:
    """Put everybody who is due into a list."""
    area, first = _place(request, code, month)
    require(perms.can_prepare(request.user, area))
    made = []

    def act() -> None:
        made.append(services.prepare_subsidy(area=area, month=first, actor=request.user))

    if do(request, act, "名单已编制，请由另一人复核。"):
        return to_batch(made[0].pk)
    return redirect("payments:price_month", code, month)
