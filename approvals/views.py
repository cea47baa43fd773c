"""Making a move, and extending a limit: one page each, and plain POSTs."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from approvals import services
from approvals.assessing import assess_application
from approvals.deadlines import check_days, extended_due
from approvals.forms import ExtendForm, MoveForm, PlanField
from approvals.guards import current_proposal
from approvals.models import Deadline
from approvals.offering import may_instal, offer_of, suggested
from approvals.perms import legal_actions, may_act, may_approve, standing, why_not
from approvals.queries.limits import deadline_view
from approvals.queries.panels import unit_of
from approvals.queries.tasks import case_url
from approvals.wording import consequences, proposed_opinion
from approvals.workflow import TRANSITIONS, Transition
from cases.enums import Programme
from cases.models import Application
from common import clock
from common.errors import Refused
from organisations.access import require, scoped_or_404
from organisations.scope import scope_of
from policy.calendars import working_calendar
from policy.lines import Assessment

# The moves that are made on the strength of the calculation: their page shows its lines.
_CALCULATED = frozenset({"agree", "agree_at_once", "disagree", "approve", "refuse"})


@require_http_methods(["GET", "HEAD", "POST"])
def move(request: HttpRequest, pk: int, transition: str) -> HttpResponse:
    """One move: GET shows what it means and asks for the opinion, POST makes it."""
    rule = TRANSITIONS.get(transition)
    if rule is None:
        raise Http404("没有这个办理动作")
    rows = Application.objects.with_place().select_related("household", "created_by")
    application = scoped_or_404(rows, scope_of(request.user), pk=pk)
    require(may_act(application, rule, standing(application, request.user)))
    if rule.page:
        return redirect(rule.page, application.pk, rule.name)
    if request.method == "POST":
        form = MoveForm(rule, request.POST, **_asks(application, rule))
        if form.is_valid() and _moved(request, application, rule, form):
            return redirect(case_url(application))
        return _move_page(request, application, rule, form)
    return _move_page(request, application, rule, None)


def _moved(request: HttpRequest, application: Application, rule: Transition, form: MoveForm) -> bool:
    try:
        services.move(
            application_id=application.pk,
            transition=rule.name,
            actor=request.user,
            opinion=form.cleaned_data["opinion"],
            **{name: form.cleaned_data[name] for name in ("amount", "plan") if name in form.fields},
        )
    except Refused as refusal:
        refusal.add_to(form)
        return False
    messages.success(request, f"{application.number} 已办理“{rule.label}”。")
    return True


def _move_page(
    request: HttpRequest, application: Application, rule: Transition, form: MoveForm | None
) -> HttpResponse:
    now = clock.now()
    assessment, missing_rule = _assessment(application, rule)
    if form is None:
        initial = {"opinion": proposed_opinion(application, rule, assessment)}
        initial |= _suggestion(application, rule, assessment)
        form = MoveForm(rule, initial=initial, **_asks(application, rule))
    verdicts = {other.name: verdict for other, verdict in legal_actions(application, request.user, now)}
    if (verdict := verdicts.get(rule.name)) is None:
        verdict = why_not(application, rule, request.user, now)
    return render(
        request,
        "approvals/move.html",
        {
            "application": application,
            "rule": rule,
            "form": form,
            "why_not": verdict.reason,
            "unit": unit_of(application),
            "missing_rule": missing_rule,
            "lines": assessment.lines if assessment else (),
            "consequences": consequences(application, rule, assessment, now) if verdict else [],
            "others": [
                (
                    TRANSITIONS[name].label,
                    reverse(TRANSITIONS[name].page or "approvals:move", args=[application.pk, name]),
                )
                for name, other in verdicts.items()
                if other and name != rule.name
            ],
            "back": case_url(application),
        },
    )


def _asks(application: Application, rule: Transition) -> dict[str, bool]:
    """Does the form ask how much, and in which stages?"""
    proposes = rule.proposes and application.programme == Programme.LINSHI
    return {"proposes_amount": proposes, "instals": proposes and may_instal(application)}


def _suggestion(application: Application, rule: Transition, offer: Assessment | None) -> dict[str, str]:
    """The amount asked for, at most the most, and the stages asked for, to start from."""
    if offer is None or not offer.eligible or not _asks(application, rule)["proposes_amount"]:
        return {}
    amount, plan = suggested(application, offer)
    return {"amount": f"{amount:.2f}", "plan": PlanField.written(plan)}


def _assessment(application: Application, rule: Transition) -> tuple[Assessment | None, str]:
    """The calculation where the move rests on it, and the sentence of a rule that is missing."""
    if rule.name not in _CALCULATED:
        return None, ""
    try:
        if rule.proposes:
            return offer_of(application), ""
        proposal = current_proposal(application)
        return assess_application(application, proposal.amount if proposal else None), ""
    except Refused as refusal:
        return None, str(refusal)


@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Extend a limit: what it is now, what it would be, how long the check took, and why."""
    scope = scope_of(request.user)
    rows = Deadline.objects.select_related(
        "rule", *(f"application__{a}" for a in ("village", "township", "county"))
    )
    deadline = scoped_or_404(rows, scope, scope_path="application__", pk=pk)
    require(may_approve(deadline.application, request.user))
    form = ExtendForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.extend_deadline(
                deadline=deadline, actor=request.user, reason=form.cleaned_data["reason"]
            )
        except Refused as refusal:
            refusal.add_to(form)
        else:
            messages.success(request, f"{deadline.label}期限已延长。")
            return redirect(case_url(deadline.application))
    return _extend_page(request, deadline, form)


def _extend_page(request: HttpRequest, deadline: Deadline, form: ExtendForm) -> HttpResponse:
    now = clock.now()
    refused, due = "", None
    try:
        due = extended_due(deadline, now)
    except Refused as refusal:
        refused = str(refusal)
    return render(
        request,
        "approvals/extend.html",
        {
            "application": deadline.application,
            "deadline": deadline,
            "view": deadline_view(deadline, now, working_calendar()),
            "check_days": check_days(deadline.application, now),
            "due": due,
            "refused": refused,
            "form": form,
            "back": case_url(deadline.application),
        },
    )
