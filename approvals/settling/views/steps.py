"""What is kept of 一事一议 on the way: appraisals, filings, feedback, re-checks; and the register."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from approvals.settling import perms, queries, records, services
from approvals.settling.enums import Action, Body, Purpose
from approvals.settling.forms import (
    AnswerForm,
    AppraisalForm,
    FeedbackForm,
    FilingForm,
    RecheckForm,
)
from approvals.settling.models import CaseByCase, Filing
from approvals.settling.views.shared import application_or_404, case_tab, settlement_or_404
from cases.enums import READING_POSTS
from cases.models import Application
from common.errors import Refused
from common.verdict import Verdict
from organisations.access import client_ip, posts_required, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read


@require_http_methods(["GET", "HEAD", "POST"])
def appraise(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a 民主评议: of 一事一议, or of an ordinary case after an objection or as a check (LY-5.2)."""
    application = application_or_404(request, pk)
    require(perms.may_do(request.user, application, Action.APPRAISE))
    verdict, purposes = _may_appraise(request, application)
    form = AppraisalForm(request.POST or None, request.FILES or None, purposes=purposes)
    if request.method == "POST" and form.is_valid():
        try:
            made = services.record_appraisal(application=application, entry=form.entry(), actor=request.user)
        except Refused as refusal:
            refusal.add_to(form)
        else:
            _say_valid(request, made)
            return redirect(case_tab(application))
    context = {
        "application": application,
        "form": form,
        "why_not": verdict.reason,
        "back": case_tab(application),
    }
    return render(request, "settling/appraise.html", context)


def _may_appraise(request: HttpRequest, application: Application) -> tuple[Verdict, tuple[Purpose, ...]]:
    """Of the settlement as long as it is not confirmed or an appraisal is left for later; else an ordinary
    one, such as that on which a renewal rests, with the purposes to choose from.
    """
    settlement = records.settlement_of(application)
    if settlement is not None:
        settlement.application = application
        verdict = perms.can_do(request.user, settlement, Action.APPRAISE)
        if verdict or settlement.confirmed_on is None:
            return verdict, ()
    ordinary = (Purpose.CHECK, Purpose.OBJECTION)
    verdicts = [perms.can_appraise_ordinary(request.user, application, purpose) for purpose in ordinary]
    return next((verdict for verdict in verdicts if verdict), verdicts[0]), ordinary


def _say_valid(request: HttpRequest, made) -> None:
    if made.valid:
        messages.success(request, f"民主评议已登记，{'通过' if made.passed else '未通过'}。")
    else:
        messages.error(
            request, f"评议无效：{'；'.join(made.defects)}。已留存记录，请重新组织评议（LC-4.2b）。"
        )


@require_http_methods(["GET", "HEAD", "POST"])
def file(request: HttpRequest, pk: int, body: str) -> HttpResponse:
    """Send a determination to one of the bodies."""
    settlement = settlement_or_404(request, pk)
    if body not in Body.values:
        raise Http404("没有这个备案机关")
    require(perms.may_do(request.user, settlement.application, Action.FILE))
    form = FilingForm(request.POST or None)
    heading = f"报{Body(body).label}备案"

    def act() -> None:
        services.file(
            settlement=settlement, body=Body(body), remark=form.cleaned_data["remark"], actor=request.user
        )

    return _simple(request, settlement, form, heading, act)


@require_http_methods(["GET", "HEAD", "POST"])
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """The body receives a filing."""
    filings = Filing.objects.select_related(
        "settlement__application__household",
        *(f"settlement__application__{a}" for a in ("village", "township", "county")),
    )
    filing = scoped_or_404(filings, scope_of(request.user), scope_path="settlement__application__", pk=pk)
    require(perms.can_acknowledge(request.user, filing))
    form = AnswerForm(request.POST or None)

    def act() -> None:
        services.acknowledge(filing=filing, answer=form.cleaned_data["answer"], actor=request.user)

    return _simple(request, filing.settlement, form, "接收备案", act)


@require_http_methods(["GET", "HEAD", "POST"])
def feed_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The applicant was told the result."""
    settlement = settlement_or_404(request, pk)
    require(perms.may_do(request.user, settlement.application, Action.FEED_BACK))
    form = FeedbackForm(request.POST or None)

    def act() -> None:
        services.feed_back(settlement=settlement, told=form.told(), actor=request.user)

    return _simple(request, settlement, form, "反馈申请人", act)


@require_http_methods(["GET", "HEAD", "POST"])
def recheck(request: HttpRequest, pk: int) -> HttpResponse:
    """A visit to a household in benefit by 一事一议."""
    settlement = settlement_or_404(request, pk)
    require(perms.may_do(request.user, settlement.application, Action.RECHECK))
    form = RecheckForm(request.POST or None)

    def act() -> None:
        services.recheck(settlement=settlement, actor=request.user, **form.cleaned_data)

    return _simple(request, settlement, form, "登记复核走访", act)


def _simple(
    request: HttpRequest, settlement: CaseByCase, form: Form, heading: str, act: Callable[[], None]
) -> HttpResponse:
    """A page with one form, which does one thing and goes back to the case."""
    application = settlement.application
    if request.method == "POST" and form.is_valid():
        try:
            act()
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, f"{heading}：已登记。")
            return redirect(case_tab(application))
    context = {"application": application, "form": form, "heading": heading, "button": heading}
    return render(request, "cases/form_page.html", context | {"back_url": case_tab(application)})


@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything on record, with names: who reads it is on record too (LC-4.5)."""
    settlement = settlement_or_404(request, pk)
    require(perms.can_read(request.user, settlement.application))
    log_personal_data_read(
        user=request.user,
        subject=f"settling:{settlement.pk}",
        fields="一事一议认定事实、评议和会议记录",
        reason="查阅一事一议",
        ip=client_ip(request),
    )
    context = queries.full_record(settlement) | {"back": case_tab(settlement.application)}
    return render(request, "settling/record.html", context)


@require_safe
@posts_required(*READING_POSTS)
def register(request: HttpRequest) -> HttpResponse:
    """The register of 一事一议 within reach: where each stands and until when it holds."""
    return render(request, "settling/register.html", queries.register(scope_of(request.user), request.GET))
