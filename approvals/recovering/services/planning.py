"""The dates on which the rest falls due, changed after the decision: asked by one, agreed to by another."""

from __future__ import annotations

from datetime import date

from django.db import transaction

from approvals.documents.service import make_document
from approvals.enums import DocumentKind
from approvals.recovering.instalments import MOST_PARTS, instalments
from approvals.recovering.models import Part, Plan, Recovery
from approvals.recovering.perms import can_ask_plan, can_decide_plan
from approvals.recovering.services.money import locked
from approvals.texts import refuse_text
from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import User

# A later first date is no plan of repayment any more.
LATEST_FIRST = 12
_REASON, _REMARK = (Plan._meta.get_field(name).max_length for name in ("reason", "remark"))


@transaction.atomic
def ask_plan(*, recovery: Recovery, n_parts: int, first_due_on: date, reason: str, actor: User) -> Plan:
    """Ask that what is open fall due on other dates, with the reason."""
    recovery = locked(recovery)
    if not (verdict := can_ask_plan(recovery, actor)):
        raise Refused(verdict.reason)
    _refuse_unfit(recovery, n_parts, first_due_on)
    refuse_text(reason, _REASON, "理由", "reason")
    if recovery.plans.filter(granted__isnull=True).exists():
        raise Refused("已有待决定的缴款计划调整。")
    return Plan.objects.create(
        recovery=recovery,
        n_parts=n_parts,
        first_due_on=first_due_on,
        reason=reason.strip(),
        asked_by=actor,
        asked_at=clock.now(),
    )


@transaction.atomic
def decide_plan(*, plan: Plan, granted: bool, remark: str, actor: User) -> Plan:
    """Another person agrees or not; agreed to, its parts take the place of the earlier ones, and the letter
    with the new dates is made.
    """
    recovery = locked(plan.recovery)
    plan = Plan.objects.select_for_update(of=("self",)).get(pk=plan.pk)
    if not (verdict := can_decide_plan(recovery, plan, actor)):
        raise Refused(verdict.reason)
    refuse_text(remark, _REMARK, "意见", "remark")
    plan.granted, plan.remark = granted, remark.strip()
    plan.decided_by, plan.decided_at = actor, clock.now()
    if granted:
        _refuse_unfit(recovery, plan.n_parts, plan.first_due_on)
        plan.amount = recovery.debt.open
    plan.save(update_fields=["granted", "decided_by", "decided_at", "remark", "amount"])
    if granted:
        Part.objects.bulk_create(instalments(recovery, plan.n_parts, plan.first_due_on, plan))
        kind = DocumentKind.REPAYMENT_PLAN
        make_document(application=recovery.application, kind=kind, actor=actor, matter=f"plan:{plan.pk}")
    return plan


def _refuse_unfit(recovery: Recovery, n_parts: int, first: date) -> None:
    """Dates to come, not too far off, and something in every part."""
    today = clock.today()
    if not 1 <= n_parts <= MOST_PARTS:
        raise Refused(f"期数应为 1 至 {MOST_PARTS}。", field="n_parts")
    if first <= today:
        raise Refused("首期应缴日期应在今天之后。", field="first_due_on")
    if first > clock.add_months(today, LATEST_FIRST):
        raise Refused(f"首期应缴日期最迟在 {LATEST_FIRST} 个月内。", field="first_due_on")
    if recovery.debt.open * 100 < n_parts:
        still = show_yuan(recovery.debt.open)
        raise Refused(f"未追回 {still} 元，不够分 {n_parts} 期。", field="n_parts")
