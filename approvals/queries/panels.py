"""The parts of the case page that this room fills: calculation, trace and the next actions."""

from __future__ import annotations

from decimal import Decimal

from django.urls import reverse

from approvals.assessing import assess_application
from approvals.deadlines import extended_due
from approvals.enums import DeadlineState
from approvals.guards import current_proposal
from approvals.models import Deadline, Decision, Step
from approvals.perms import can_extend, legal_actions
from approvals.workflow import EXTEND_LABEL, Transition
from cases.enums import OPEN_STATES, ApplicationState, Origin, Programme
from cases.models import Application, CheckReport, IncomeItem
from cases.queries import current_report, rule_day
from common import clock
from common.errors import Refused
from common.money import show_yuan
from common.verdict import Verdict
from organisations.enums import Post
from organisations.models import User
from organisations.scope import scope_of
from policy.models import Clause

_PROPERTY = ("deposits", "vehicles", "non_residential_houses", "registered_capital")
_MONEY = {"deposits", "registered_capital"}
_DANGER = {"refuse", "withdraw"}


def actions_panel(application: Application, user: User) -> dict:
    """Context of `approvals/_actions.html`: the next moves as buttons, the forbidden ones with the reason."""
    now = clock.now()
    actions = [_action(application, move, verdict) for move, verdict in legal_actions(application, user, now)]
    extension = _extension(application, user)
    if extension:
        actions.append(extension)
    return {"actions_panel": {"actions": actions, "final": application.state not in OPEN_STATES | {"draft"}}}


def _action(application: Application, move: Transition, verdict: Verdict) -> dict:
    return {
        "label": move.label,
        "url": reverse(move.page or "approvals:move", args=[application.pk, move.name]),
        "is_link": move.asks,
        "style": "danger" if move.name in _DANGER else "primary" if move.leads_on else "",
        "why_not": verdict.reason,
    }


def _extension(application: Application, user: User) -> dict | None:
    """Extending 办结, shown to the approvers of the place; greyed with the reason where no rule allows it."""
    if application.state not in OPEN_STATES or not scope_of(user).covers(application.village, Post.APPROVER):
        return None
    running = Deadline.objects.filter(application=application, step="total", state=DeadlineState.RUNNING)
    deadline = running.first()
    if deadline is None:
        return None
    deadline.application = application
    return {
        "label": EXTEND_LABEL,
        "url": reverse("approvals:extend", args=[deadline.pk]),
        "is_link": True,
        "why_not": why_not_extend(deadline, user),
    }


def why_not_extend(deadline: Deadline, user: User) -> str:
    """The sentence that forbids extending the limit, by post or by rule; empty when nothing does."""
    now = clock.now()
    verdict = can_extend(deadline, user, now)
    if not verdict:
        return verdict.reason
    try:
        extended_due(deadline, now)
    except Refused as refusal:
        return str(refusal)
    return ""


def trace_panel(application: Application, user: User) -> dict:
    """Context of `approvals/_trace.html`: the whole trace as sentences, latest first (LC-5.2)."""
    steps = Step.objects.filter(application=application).select_related("actor").order_by("-sequence")
    return {"trace_panel": {"entries": [_entry(step) for step in steps]}}


def _entry(step: Step) -> dict:
    changes = "；".join(step.details.get("changes", ()))
    return {
        "sentence": f"{step.label}：{changes}" if changes else step.label,
        "at": step.at,
        "post_label": step.get_post_display(),
        "actor": step.actor.display_name if step.actor else "系统",
        "opinion": step.opinion,
        "level": "late" if step.to_state in {ApplicationState.REFUSED, ApplicationState.WITHDRAWN} else "",
    }


def assessment_panel(application: Application, user: User) -> dict:
    """Context of `approvals/_assessment.html`: the calculation, and declared against checked.

    A decided case shows what was decided; an open one what the rules say now.
    """
    report = current_report(application)
    decision = Decision.objects.filter(application=application).select_related("by").first()
    panel = {
        "application": application,
        "rule_day": rule_day(application),
        "checked": report is not None,
        "rows": _comparison(application, report),
        "proposal": current_proposal(application),
        "decision": decision,
        "lines": decision.lines if decision else [],
        "error": "",
        "eligible": None,
        "circumstances": [],
        "unit": unit_of(application),
    }
    if decision is None:
        panel |= _calculation(application)
    return {"assessment_panel": panel}


def unit_of(application: Application) -> str:
    """Of the amounts in the calculation; that of 临时救助 holds sums a month and sums paid once."""
    return "元" if application.programme == Programme.LINSHI else "元/月"


def _calculation(application: Application) -> dict:
    try:
        assessment = assess_application(application)
    except Refused as refusal:
        return {"error": str(refusal)}
    found = Clause.objects.filter(pk__in=assessment.circumstances).order_by("pk")
    return {
        "lines": list(assessment.lines),
        "eligible": assessment.outcome == "eligible",
        "circumstances": list(found) if assessment.outcome == "case_by_case" else [],
    }


def _comparison(application: Application, report: CheckReport | None) -> list[dict]:
    """Income by member and property, as declared and as checked; `differs` marks what to look at."""
    rows = []
    for member in application.household.members.select_related("person").prefetch_related("income"):
        items = list(member.income.all())
        declared = _sum(item for item in items if item.origin == Origin.DECLARED)
        checked = _sum(item for item in items if report is not None and item.report_id == report.pk)
        rows.append(_row(f"{member.person.name} 月收入", declared, checked if report else None, money=True))
    household = application.household
    for name in _PROPERTY:
        label = str(household._meta.get_field(name).verbose_name)
        checked = getattr(report, name) if report else None
        rows.append(_row(label, getattr(household, name), checked, money=name in _MONEY))
    return rows


def _sum(items) -> Decimal:
    """Income that counts; exempt streams are not added."""
    found: list[IncomeItem] = [item for item in items if not item.exempt]
    return sum((item.monthly for item in found), Decimal("0.00"))


def _row(label: str, declared, checked, *, money: bool) -> dict:
    show = show_yuan if money else str
    return {
        "label": label,
        "declared": show(declared),
        "checked": "—" if checked is None else show(checked),
        "differs": checked is not None and declared != checked,
    }
