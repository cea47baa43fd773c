"""Conditions of every procedure with statement and defence: changes of benefits and recoveries alike."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.utils import timezone

from approvals.enums import TAKEN_UP, DeadlineState
from approvals.models import Deadline
from policy.rules import NoRuleInForce, RuleBook


def missing_rule(matter: models.Model, key: str, now: datetime) -> str | None:
    """A place whose rules say nothing of a period takes nobody's money: never 0 days."""
    try:
        RuleBook(matter.township, timezone.localdate(now)).rule(key)
    except NoRuleInForce as missing:
        return str(missing)
    return None


def running_period(matter: models.Model, step: str) -> Deadline | None:
    """The period for statement and defence that runs on the case."""
    limits = Deadline.objects.filter(application=matter.application_id, step=step)
    return limits.filter(state=DeadlineState.RUNNING).first()


def not_over(limit: Deadline | None, now: datetime) -> str | None:
    """A minimum period: nothing closes it early."""
    if limit is not None and now > limit.due_at:
        return None
    return "陈述申辩期未满，不得提前结束（SY-A1.6）。"


def every_defence_is_answered(matter: models.Model, now: datetime) -> str | None:
    if matter.defences.filter(round=matter.round, outcome="").exists():
        return "陈述申辩尚未复核答复（SY-A1.6）。"
    return None


def was_taken_up(matter: models.Model) -> bool:
    """Was anything that people said in this round right?"""
    return matter.defences.filter(round=matter.round, outcome__in=TAKEN_UP).exists()


def a_defence_was_taken_up(matter: models.Model, now: datetime) -> str | None:
    return None if was_taken_up(matter) else "没有采纳的陈述申辩。"
