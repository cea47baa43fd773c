"""Pages of 经济复核: begin one, look at it, and write down what the township determined."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.enums import Outcome
from approvals.rechecking import perms, records, renewing, services
from approvals.rechecking.forms import DetermineRenewalForm, KeepingForm, RecheckForm
from approvals.rechecking.models import EconomicRecheck
from approvals.settling.circumstances import FACTS
from approvals.settling.records import meeting_of
from common import clock
from common.errors import Refused
from organisations.access import client_ip, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from payments.models import Benefit
from payments.perms import can_propose_change
from policy.rules import RuleBook

_PLACES = ("benefit", "village", "township", "county")
_OF_APPLICATION = tuple(f"application__{name}" for name in ("village", "township", "county", "household"))


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
    rows = EconomicRecheck.objects.select_related(
        *_PLACES, *_OF_APPLICATION, "keeping", "recorded_by", "settlement"
    )
    found = scoped_or_404(rows, scope_of(request.user), pk=pk)
    if found.settlement is not None:
        found.settlement.application = found.application
    return found


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
        "facts": [
            (fact.label, found.established[fact.name])
            for fact in (FACTS[found.settlement.circumstance] if found.settlement else ())
        ],
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
    form = _determination_form(request, found)
    if request.method == "POST" and form.is_valid():
        given = {"recheck": found, "outcome": Outcome(form.cleaned_data["outcome"]), "actor": request.user}
        try:
            if found.settlement is None:
                services.determine_keeping(meeting=form.meeting(), **given)
            else:
                opinion = form.cleaned_data["opinion"]
                renewing.determine_renewal(meeting=form.meeting(), opinion=opinion, **given)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "认定已登记。")
            return redirect("rechecking:recheck", found.pk)
    back = reverse("rechecking:recheck", args=[found.pk])
    heading = "登记继续保障认定" if found.settlement is None else "登记续期认定"
    return _form_page(request, form, found.benefit, back, heading, "登记认定")


def _determination_form(request: HttpRequest, recheck: EconomicRecheck) -> KeepingForm:
    """Of a renewal with an opinion, and with a meeting where the rules of today want one."""
    if recheck.settlement is None:
        return KeepingForm(request.POST or None)
    wanted = meeting_of(RuleBook(recheck.township, clock.today()))
    return DetermineRenewalForm(request.POST or None, meeting=wanted)


def _form_page(
    request: HttpRequest, form, benefit: Benefit, back: str, heading: str, button: str
) -> HttpResponse:
    context = {"form": form, "benefit": benefit, "back": back, "heading": heading, "button": button}
    return render(request, "changing/form.html", context | {"multipart": False})
