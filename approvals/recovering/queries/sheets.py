"""One recovery as its page shows it, and the recoveries of a case beside its money."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import F
from django.urls import reverse

from approvals.models import Deadline, Document
from approvals.queries.limits import DeadlineView, deadline_view
from approvals.recovering import perms
from approvals.recovering.enums import FINAL_STATES, IN_PROCEDURE
from approvals.recovering.models import Recovery, RecoveryStep
from approvals.recovering.workflow import DEFENCE
from approvals.relief.enums import Finding
from approvals.relief.models import EmergencyRelief
from approvals.serving.queries import service_label
from approvals.steps import step_entry
from cases.models import Application
from common import clock
from organisations.models import User
from payments.models import Benefit, Grant
from policy.calendars import working_calendar

_DANGER = {"withdraw", "drop"}


@dataclass(slots=True)
class RecoverySheet:
    """Everything on the page of a recovery."""

    actions: list[dict]
    deadlines: list[DeadlineView]
    months: list
    parts: list[dict]
    repayments: list
    set_offs: list
    waivers: list[dict]
    plans: list[dict]
    defences: list[dict]
    documents: list[dict]
    trace: list[dict]
    may_edit: bool
    may_hear: bool


def recovery_sheet(recovery: Recovery, user: User) -> RecoverySheet:
    """A fixed number of queries, whatever has happened to the recovery."""
    debt = recovery.debt
    return RecoverySheet(
        actions=_actions(recovery, user),
        deadlines=_deadlines(recovery),
        months=list(debt.overpayments.select_related("fund_move")),
        parts=_parts(recovery),
        repayments=list(debt.repayments.select_related("by")),
        set_offs=list(debt.set_offs.select_related("batch__area").order_by("pk")),
        waivers=_waivers(recovery, user),
        plans=_plans(recovery, user),
        defences=_defences(recovery, user),
        documents=_documents(recovery),
        trace=_trace(recovery),
        may_edit=bool(perms.can_edit(recovery, user)),
        may_hear=bool(perms.can_record_defence(recovery, user)),
    )


def _actions(recovery: Recovery, user: User) -> list[dict]:
    """The moves of the table, then money, waivers and plans, each with the reason why not."""
    moves = [
        {
            "label": move.label,
            "url": reverse("recovering:move", args=[recovery.pk, move.name]),
            "is_link": move.asks,
            "style": "danger" if move.name in _DANGER else "primary" if move.leads_on else "",
            "why_not": verdict.reason,
        }
        for move, verdict in perms.legal_actions(recovery, user, clock.now())
    ]
    if recovery.state in FINAL_STATES:
        return moves
    others = (
        ("登记收款", "recovering:repay", perms.can_take_money(recovery, user)),
        ("申请免追", "recovering:waive", perms.can_ask_waiver(recovery, user)),
        ("调整缴款计划", "recovering:plan", perms.can_ask_plan(recovery, user)),
    )
    return moves + [
        {
            "label": label,
            "url": reverse(name, args=[recovery.pk]),
            "is_link": True,
            "style": "primary" if name == "recovering:repay" else "",
            "why_not": verdict.reason,
        }
        for label, name, verdict in others
    ]


def _deadlines(recovery: Recovery) -> list[DeadlineView]:
    """The periods that this recovery started, the running one first."""
    limits = Deadline.objects.filter(application=recovery.application_id, step=DEFENCE.step)
    rows = list(limits.filter(started_at__gte=recovery.created_at).order_by("ended_at", "-pk"))
    if not rows:
        return []
    now, calendar = clock.now(), working_calendar()
    rows.sort(key=lambda row: row.ended_at is not None)
    return [deadline_view(row, now, calendar) for row in rows]


def _parts(recovery: Recovery) -> list[dict]:
    """Each date with whether so much has been made good by now; replaced ones at the end."""
    so_far, today = recovery.debt.owed - recovery.debt.open, clock.today()
    in_force = set(recovery.parts.in_force().values_list("pk", flat=True))
    found = []
    for part in recovery.parts.order_by(F("plan").desc(nulls_last=True), "number"):
        over, paid = part.pk not in in_force, so_far >= part.in_all
        late = not paid and not over and part.due_on < today
        found.append({"part": part, "over": over, "paid": paid, "late": late})
    return found


def _plans(recovery: Recovery, user: User) -> list[dict]:
    rows = recovery.plans.select_related("asked_by", "decided_by")
    return [{"plan": row, "may_decide": bool(perms.can_decide_plan(recovery, row, user))} for row in rows]


def _waivers(recovery: Recovery, user: User) -> list[dict]:
    rows = recovery.debt.waivers.select_related("asked_by", "decided_by")
    return [{"waiver": row, "may_decide": bool(perms.can_decide_waiver(recovery, row, user))} for row in rows]


def _defences(recovery: Recovery, user: User) -> list[dict]:
    found = []
    for row in recovery.defences.select_related("recorded_by", "answered_by"):
        row.recovery = recovery
        found.append({"defence": row, "may_answer": bool(perms.can_answer_defence(row, user))})
    return found


def _documents(recovery: Recovery) -> list[dict]:
    """The papers of every round, each with what its service is called now."""
    first = f"recovery:{recovery.pk}"
    mine = {first, *(f"{first}-{n}" for n in range(2, recovery.round + 1))}
    rows = Document.objects.filter(application=recovery.application_id, matter__in=mine)
    papers = rows.select_related("made_by").order_by("pk")
    return [{"document": paper, "served": service_label(paper)} for paper in papers]


def _trace(recovery: Recovery) -> list[dict]:
    """The whole trace as sentences, latest first (LC-5.2)."""
    steps = RecoveryStep.objects.filter(recovery=recovery).select_related("actor").order_by("-sequence")
    return [step_entry(step, FINAL_STATES) for step in steps]


def recoveries_panel(application: Application, user: User) -> dict:
    """Context of `recovering/_panel.html`: the recoveries of the case, and whether another may be opened."""
    rows = list(application.recoveries.select_related("debt").order_by("-pk"))
    sources = (Benefit.objects, Grant.objects, EmergencyRelief.objects.filter(finding=Finding.RECOVER))
    paid = any(source.filter(application=application).exists() for source in sources)
    reason = perms.can_open(user, application).reason
    if not reason and any(row.state in IN_PROCEDURE for row in rows):
        reason = "该户已有正在办理的追缴，请先办结或撤回。"
    reach = bool(perms.can_read(user, application.village))
    shown = reach and (bool(rows) or paid)
    panel = {"application": application, "rows": rows, "why_not": reason, "shown": shown}
    return {"recoveries_panel": panel}
