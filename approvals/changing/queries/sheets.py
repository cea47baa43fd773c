"""One change as its page shows it, and the changes of a case beside its money."""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse

from approvals.changing import perms
from approvals.changing.enums import FINAL_STATES, ChangeState
from approvals.changing.models import BenefitChange, ChangeStep
from approvals.changing.workflow import DEFENCE, ENDING_NOTICE, OBJECTION
from approvals.models import Deadline, Document
from approvals.queries.limits import DeadlineView, deadline_view
from approvals.serving.queries import service_label
from approvals.steps import step_entry
from cases.models import Application
from common import clock
from organisations.enums import Post
from organisations.models import User
from organisations.scope import scope_of
from payments.models import Benefit
from payments.perms import can_propose_change
from payments.queries import overpaid
from policy.calendars import working_calendar

LIMITS = [limit.step for limit in (DEFENCE, ENDING_NOTICE, OBJECTION)]
_DANGER = {"withdraw", "uphold", "drop"}


@dataclass(slots=True)
class ChangeSheet:
    """Everything on the page of a change."""

    actions: list[dict]
    deadlines: list[DeadlineView]
    evidence: list
    defences: list[dict]
    documents: list[dict]
    overpaid: list
    may_recover: bool
    trace: list[dict]
    may_edit: bool
    may_hear: bool


def change_sheet(change: BenefitChange, user: User) -> ChangeSheet:
    """A fixed number of queries, whatever has happened to the change."""
    return ChangeSheet(
        actions=_actions(change, user),
        deadlines=_deadlines(change),
        evidence=list(change.evidence.select_related("recorded_by")),
        defences=_defences(change, user),
        documents=_documents(change),
        overpaid=overpaid(change.benefit) if change.state == ChangeState.IN_EFFECT and change.ends else [],
        may_recover=scope_of(user).covers(change.village, Post.HANDLER),
        trace=_trace(change),
        may_edit=bool(perms.can_edit(change, user)),
        may_hear=bool(perms.can_record_defence(change, user)),
    )


def _actions(change: BenefitChange, user: User) -> list[dict]:
    return [
        {
            "label": move.label,
            "url": reverse("changing:move", args=[change.pk, move.name]),
            "is_link": move.asks,
            "style": "danger" if move.name in _DANGER else "primary" if move.leads_on else "",
            "why_not": verdict.reason,
        }
        for move, verdict in perms.legal_actions(change, user, clock.now())
    ]


def _deadlines(change: BenefitChange) -> list[DeadlineView]:
    """The limits that this change started, the running one first."""
    limits = Deadline.objects.filter(application=change.application_id, step__in=LIMITS)
    rows = list(limits.filter(started_at__gte=change.created_at).order_by("ended_at", "-pk"))
    if not rows:
        return []
    now, calendar = clock.now(), working_calendar()
    rows.sort(key=lambda row: row.ended_at is not None)
    return [deadline_view(row, now, calendar) for row in rows]


def _defences(change: BenefitChange, user: User) -> list[dict]:
    rows = change.defences.select_related("recorded_by", "answered_by")
    found = []
    for row in rows:
        row.change = change
        found.append({"defence": row, "may_answer": bool(perms.can_answer_defence(row, user))})
    return found


def _documents(change: BenefitChange) -> list[dict]:
    """The papers of every round, each with what its service is called now."""
    rows = Document.objects.filter(application=change.application_id, matter__startswith="change:")
    mine = {f"change:{change.pk}", *(f"change:{change.pk}-{n}" for n in range(2, change.round + 1))}
    papers = rows.filter(matter__in=mine).select_related("made_by").order_by("pk")
    return [{"document": paper, "served": service_label(paper)} for paper in papers]


def _trace(change: BenefitChange) -> list[dict]:
    """The whole trace as sentences, latest first (LC-5.2)."""
    steps = ChangeStep.objects.filter(change=change).select_related("actor").order_by("-sequence")
    return [step_entry(step, FINAL_STATES) for step in steps]


def changes_panel(application: Application, user: User) -> dict:
    """Context of `changing/_panel.html`: the changes of the case, and whether another may be proposed."""
    benefit = Benefit.objects.filter(application=application).select_related("village", "township").first()
    changes = list(application.benefit_changes.order_by("-pk")) if benefit else []
    verdict = can_propose_change(user, benefit) if benefit else None
    reason = verdict.reason if verdict is not None else ""
    if not reason and any(change.state not in FINAL_STATES for change in changes):
        reason = "该待遇已有正在办理的变更，请先办结或撤回。"
    reach = bool(perms.can_read(user, application.village))
    panel = {"benefit": benefit, "changes": changes, "why_not": reason, "may_read": reach}
    return {"changes_panel": panel}
