"""Moves of 一事一议: refer, and determine at the end."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from approvals.perms import may_act, standing, why_not
from approvals.services import move as make_move
from approvals.settling import records
from approvals.settling.forms import (
    DeterminationForm,
    ReferForm,
)
from approvals.settling.views.shared import application_or_404, case_tab
from approvals.wording import consequences
from approvals.workflow import TRANSITIONS, Transition
from cases.models import Application
from common import clock
from common.errors import Refused
from organisations.access import require
from policy.lines import Assessment
from policy.means.case_limits import CaseLimit

MOVES = frozenset({"refer", "settle", "settle_at_once", "settle_against"})


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int, transition: str) -> HttpResponse:
    """The moves that ask more than an opinion: refer a case, and determine it."""
    if transition not in MOVES:
        raise Http404("没有这个办理动作")
    rule = TRANSITIONS[transition]
    application = application_or_404(request, pk)
    require(may_act(application, rule, standing(application, request.user)))
    return (_refer if transition == "refer" else _determine)(request, application, rule)


def _refer(request: HttpRequest, application: Application, rule: Transition) -> HttpResponse:
    book = records.book_of(application)
    try:
        assessment = records.assess_by(application, book)
    except Refused as refusal:
        return _move_page(request, application, rule, None, refused=str(refusal))
    items = records.offered(application, assessment, book)
    asked = request.GET.get("circumstance", "")
    item = next((item for item in items if item["code"] == asked), items[0] if items else None)
    form = None
    if item is not None:
        may_delay = records.may_appraise_later(application, book)
        form = ReferForm(request.POST or None, code=item["code"], may_delay=may_delay)
        if form.is_valid() and _moved(
            request, application, rule, form, lambda: {"referral": form.referral()}
        ):
            return redirect(case_tab(application))
    return _move_page(request, application, rule, form, items=items, item=item, assessment=assessment)


def _determine(request: HttpRequest, application: Application, rule: Transition) -> HttpResponse:
    book = records.book_of(application)
    try:
        assessment = records.assess_by(application, book)
        limit = None if rule.name == "settle_against" else _most(application, book)
    except Refused as refusal:
        return _move_page(request, application, rule, None, refused=str(refusal))
    options = {"application": application, "meeting": records.meeting_of(book), "limit": limit}
    if request.method == "POST":
        form = DeterminationForm(request.POST, **options)
        if form.is_valid() and _moved(
            request, application, rule, form, lambda: {"meeting": form.meeting(), "award": form.award()}
        ):
            return redirect(case_tab(application))
    else:
        form = DeterminationForm(initial=_suggested(assessment, limit), **options)
    return _move_page(request, application, rule, form, assessment=assessment, limit=limit)


def _most(application: Application, book) -> CaseLimit:
    """The limit for everybody who counts; for fewer people the service asks again."""
    living = application.household.members.filter(co_living=True, excluded="").count()
    return records.limit_for(application, living, book)


def _suggested(assessment: Assessment, limit: CaseLimit | None) -> dict:
    """What the calculation says, where it gives a sum or names people."""
    if limit is None:
        return {}
    monthly = assessment.monthly or limit.monthly_max
    return {
        "covered": list(assessment.covered),
        "monthly": f"{monthly:.2f}" if monthly is not None else "",
        "amount": f"{limit.one_off_max:.2f}" if limit.one_off_max is not None else "",
    }


def _moved(
    request: HttpRequest, application: Application, rule: Transition, form: Form, data: Callable[[], dict]
) -> bool:
    try:
        make_move(
            application_id=application.pk,
            transition=rule.name,
            actor=request.user,
            opinion=form.cleaned_data["opinion"],
            **data(),
        )
    except Refused as refusal:
        refusal.add_to(form)
        return False
    messages.success(request, f"{application.number} 已办理“{rule.label}”。")
    return True


def _move_page(
    request: HttpRequest,
    application: Application,
    rule: Transition,
    form: Form | None,
    *,
    refused: str = "",
    **more,
) -> HttpResponse:
    now = clock.now()
    verdict = why_not(application, rule, request.user, now)
    limit = more.get("limit")
    assessment = more.get("assessment")
    context = {
        "application": application,
        "rule": rule,
        "form": form,
        "why_not": refused or verdict.reason,
        "consequences": consequences(application, rule, None, now) if verdict else [],
        "lines": [*(assessment.lines if assessment else ()), *(limit.lines if limit else ())],
        "unit": "元" if application.programme == "linshi" else "元/月",
        "items": more.get("items", ()),
        "item": more.get("item"),
        "back": case_tab(application),
    }
    return render(request, "settling/move.html", context)
