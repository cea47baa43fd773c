"""Pages of 经济复核: begin one, look at it, and write down what the township determined."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.enums import Outcome
from approvals.rechecking import perms, records, services
from approvals.rechecking.forms import KeepingForm, RecheckForm
from approvals.rechecking.models import EconomicRecheck
from common import clock
from common.errors import Refused
from organisations.access import client_ip, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from payments.models import Benefit
from payments.perms import can_propose_change

_PLACES = ("application", "benefit", "village", "township", "county")


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Enter what the new report found; the answer is computed at once."""
    rows = Benefit.objects.select_related("application", "village", "township")
    benefit = scoped_or_404(rows, scope_of(request.user), pk=pk)
    require(can_propose_change(request.user, benefit))
    form = RecheckForm(request.POST or None, initial={"checked_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            made = services.recheck_benefit(benefit=benefit, entry=form.entry(), actor=request.user)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"复核结果：{made.get_result_display()}。")
            return redirect("rechecking:recheck", made.pk)
    back = reverse("payments:benefit", args=[benefit.pk])
    return _form_page(request, form, benefit, back, "登记经济复核", "测算并登记")


def _recheck(request: HttpRequest, pk: int) -> EconomicRecheck:
    rows = EconomicRecheck.objects.select_related(*_PLACES, "keeping", "recorded_by")
    return scoped_or_404(rows, scope_of(request.user), pk=pk)


@require_safe
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """One re-check with its calculation; it says how the household stands, so the look is on record."""
    found = _recheck(request, pk)
    require(perms.can_read(request.user, found.village))
    log_personal_data_read(
        user=request.user,
        subject=f"economic_recheck:{found.pk}",
        fields="货币财产、复核情况",
        reason="查阅经济复核",
        ip=client_ip(request),
    )
    context = {
        "recheck": found,
        "keeping": records.keeping_of(found),
        "appraisal": records.appraisal_for(found),
        "may_determine": bool(perms.can_determine(request.user, found)),
        "may_propose": bool(can_propose_change(request.user, found.benefit)),
    }
    return render(request, "rechecking/recheck.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def determine(request: HttpRequest, pk: int) -> HttpResponse:
    """The meeting that keeps the benefit, or does not (LC-3.4, LC-4.3a)."""
    found = _recheck(request, pk)
    require(perms.may_determine(request.user, found))
    form = KeepingForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.determine_keeping(
                recheck=found,
                outcome=Outcome(form.cleaned_data["outcome"]),
                meeting=form.meeting(),
                actor=request.user,
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "认定已登记。")
            return redirect("rechecking:recheck", found.pk)
    back = reverse("rechecking:recheck", args=[found.pk])
    return _form_page(request, form, found.benefit, back, "登记继续保障认定", "登记认定")


def _form_page(
    request: HttpRequest, form, benefit: Benefit, back: str, heading: str, button: str
) -> HttpResponse:
    context = {"form": form, "benefit": benefit, "back": back, "heading": heading, "button": button}
    return render(request, "changing/form.html", context | {"multipart": False})
