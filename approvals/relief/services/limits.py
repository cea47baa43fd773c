"""The two clocks of an emergency relief, counted by the rules of the place."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from approvals.relief.enums import LimitStep
from approvals.relief.models import EmergencyRelief, ReliefLimit
from cases.enums import Programme
from policy.deadlines import due_by_rule, due_for
from policy.working_days import Calendar


def start_limit(relief: EmergencyRelief, step: LimitStep, start: datetime) -> ReliefLimit:
    """Start a clock; NoRuleInForce where the place has no such limit."""
    due = due_for(area=relief.township, programme=Programme.LINSHI, step=step, start=start)
    return ReliefLimit.objects.create(
        relief=relief,
        step=step,
        rule_id=due.rule_id,
        clause=due.clause,
        started_at=start,
        due_at=due.due_at,
        why=due.why(),
        provisional=due.provisional,
    )


def end_limit(relief: EmergencyRelief, step: LimitStep, at: datetime) -> None:
    """What had to be done is done: kept or missed, by the clock."""
    for limit in relief.limits.filter(step=step, ended_at__isnull=True):
        limit.ended_at, limit.kept = at, at <= limit.due_at
        limit.save(update_fields=["ended_at", "kept"])


@transaction.atomic
def recount(*, limit: ReliefLimit, calendar: Calendar) -> bool:
    """Count a provisional limit again on the calendar as it is now, by its rule; whether the date changed."""
    limit = ReliefLimit.objects.select_for_update(of=("self",)).select_related("rule").get(pk=limit.pk)
    if limit.ended_at is not None or not limit.provisional:
        return False
    due = due_by_rule(limit.rule, step=limit.step, start=limit.started_at, calendar=calendar)
    changed = due.due_at != limit.due_at
    limit.due_at, limit.why, limit.provisional = due.due_at, due.why(), due.provisional
    limit.save(update_fields=["due_at", "why", "provisional"])
    return changed
