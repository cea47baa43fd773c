"""Pages of a renewal of 一事一议: ask for it, determine on it, file it, tell the family (LC-4.4b)."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from approvals.rechecking import perms, renewing
from approvals.rechecking.forms import RenewalForm
from approvals.rechecking.models import EconomicRecheck
from approvals.settling.enums import Body
from approvals.settling.forms import FeedbackForm, FilingForm
from approvals.settling.models import CaseByCase
from approvals.settling.views.shared import case_tab
from cases.models import Application
from common import clock
from common.errors import Refused
from organisations.access import client_ip, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read

_PLACES = ("village", "township", "county", "household")
_OF_APPLICATION = tuple(f"application__{name}" for name in _PLACES)


@require_http_methods(["GET", "HEAD", "POST"])
def renew(request: HttpRequest, pk: int) -> HttpResponse:
    """The new report and the facts of the circumstance, those of last time to be read over and corrected."""
    rows = CaseByCase.objects.filter(application__benefit__isnull=False)
    rows = rows.select_related("application__benefit", *_OF_APPLICATION)
    settlement = scoped_or_404(rows, scope_of(request.user), scope_path="application__", pk=pk)
    application = settlement.application
    require(perms.may_renew(request.user, settlement))
    verdict = perms.can_renew(request.user, settlement, application.benefit)
    shown = _last_facts(request, settlement) if verdict and request.method != "POST" else {}
    form = RenewalForm(request.POST or None, circumstance=settlement.circumstance, initial=shown)

    def act() -> None:
        made = renewing.ask_for_renewal(
            settlement=settlement, entry=form.entry(), facts=form.facts(), actor=request.user
        )
        messages.success(request, f"续期复核结果：{made.get_result_display()}。")

    if request.method == "POST" and form.is_valid() and _done(act, form):
        return redirect(case_tab(application))
    heading = f"办理续期（{settlement.label}）"
    return _page(request, application, form, heading, "测算并登记", verdict.reason)


def _last_facts(request: HttpRequest, settlement: CaseByCase) -> dict:
    """What was established before, without the declarations, which are made anew; the look is on record."""
    log_personal_data_read(
        user=request.user,
        subject=f"settling:{settlement.pk}",
        fields="一事一议认定事实",
        reason="办理一事一议续期",
        ip=client_ip(request),
    )
    last = settlement.renewal_checks.order_by("-pk").first()
    established = last.established if last is not None else settlement.established
    return {name: text for name, text in established.items() if text not in {"是", "yes"}}


def _recheck(request: HttpRequest, pk: int) -> EconomicRecheck:
    rows = EconomicRecheck.objects.filter(settlement__isnull=False).select_related(
        "keeping", "benefit", "settlement", "village", "township", "county", *_OF_APPLICATION
    )
    found = scoped_or_404(rows, scope_of(request.user), pk=pk)
    found.settlement.application = found.application
    return found


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, pk: int, body: str) -> HttpResponse:
    """Send the renewal to one of the bodies."""
    recheck = _recheck(request, pk)
    if body not in Body.values:
        raise Http404("没有这个备案机关")
    require(perms.may_renew(request.user, recheck.settlement))
    form = FilingForm(request.POST or None)

    def act() -> None:
        renewing.file_renewal(
            recheck=recheck, body=Body(body), remark=form.cleaned_data["remark"], actor=request.user
        )

    return _simple(request, recheck, form, f"续期报{Body(body).label}备案", act)


@require_http_methods(["GET", "HEAD", "POST"])
def feed_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The family was told what was determined."""
    recheck = _recheck(request, pk)
    require(perms.may_renew(request.user, recheck.settlement))
    form = FeedbackForm(request.POST or None, initial={"told_on": clock.today()})

    def act() -> None:
        renewing.tell_of_renewal(recheck=recheck, told=form.told(), actor=request.user)

    return _simple(request, recheck, form, "反馈续期结果", act)


def _simple(
    request: HttpRequest, recheck: EconomicRecheck, form: Form, heading: str, act: Callable[[], None]
) -> HttpResponse:
    if request.method == "POST" and form.is_valid() and _done(act, form):
        messages.success(request, f"{heading}：已登记。")
        return redirect(case_tab(recheck.application))
    return _page(request, recheck.application, form, heading, heading)


def _done(act: Callable[[], None], form: Form) -> bool:
    try:
        act()
    except Refused as refused:
        refused.add_to(form)
        return False
    return True


def _page(
    request: HttpRequest,
    application: Application,
    form: Form,
    heading: str,
    button: str,
    why_not: str = "",
) -> HttpResponse:
    context = {"application": application, "form": form, "heading": heading, "button": button}
    context |= {"back_url": case_tab(application), "why_not": why_not}
    return render(request, "rechecking/renew.html", context)
