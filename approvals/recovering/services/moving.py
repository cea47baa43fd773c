"""The one place that moves a recovery. Everything else asks `move_recovery()`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from approvals.deadlines import run_clocks
from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.perms import acting_post
from approvals.recovering.effects import EFFECTS, Moving
from approvals.recovering.enums import FINAL_STATES
from approvals.recovering.models import Recovery, RecoveryStep
from approvals.recovering.perms import standing, why_not
from approvals.recovering.workflow import TRANSITIONS
from approvals.services import clean_opinion
from common import clock
from common.errors import Refused
from organisations.models import User

# What a move may change of a recovery.
_STAMPS = ("state", "round", "prior_served_at", "decided_by", "decided_at", "decision_served_at", "closed_at")


@transaction.atomic
def move_recovery(
    *, recovery_id: int, transition: str, actor: User | None, opinion: str = "", at: datetime | None = None
) -> Recovery:
    """Make one move of the table, with all that it causes, or raise Refused with the sentence against it.

    `actor` None is the system; `at`: the instant of service that moved it, from which limits count, else now.
    """
    rule = TRANSITIONS.get(transition)
    if rule is None:
        raise Refused("没有这个办理动作。")
    now = clock.now()
    recovery = _locked(recovery_id)
    person = standing(recovery, actor) if actor else None
    if not (verdict := why_not(recovery, rule, actor, now, person)):
        raise Refused(verdict.reason)
    moving = Moving(recovery, actor, clean_opinion(rule, opinion), at or now, now)
    before = recovery.state
    if effect := EFFECTS.get(rule.name):
        effect(moving)
    recovery.state = rule.target
    recovery.closed_at = now if rule.target in FINAL_STATES else None
    recovery.save(update_fields=_STAMPS)
    moving.changes += run_clocks(
        application=recovery.application, rule=rule, now=now, starts=moving.starts, since=moving.at
    )
    RecoveryStep.objects.create(
        stream=f"recovery:{recovery.pk}",
        recovery=recovery,
        transition=rule.name,
        label=rule.label,
        from_state=before,
        to_state=rule.target,
        post=acting_post(rule, person) if person else "",
        actor=actor,
        opinion=moving.opinion,
        details={"changes": moving.changes},
        at=now,
    )
    return recovery


def _locked(recovery_id: int) -> Recovery:
    """The recovery as it is now, held until commit: the second of two sees the work of the first."""
    try:
        return Recovery.objects.with_all().select_for_update(of=("self",)).get(pk=recovery_id)
    except Recovery.DoesNotExist:
        raise Refused("追缴不存在。") from None


def on_served(document: Document, at: datetime) -> None:
    """A paper counts as served from `at` on: the recovery it is about goes on, in the same transaction."""
    stamp, move = {
        DocumentKind.RECOVERY_NOTICE: ("prior_served_at", "notice_served"),
        DocumentKind.RECOVERY_DECISION: ("decision_served_at", "decision_served"),
    }.get(document.kind, ("", ""))
    if not stamp:
        return
    number, _, _ = document.matter.removeprefix("recovery:").partition("-")
    recovery = _locked(int(number))
    if recovery.state not in TRANSITIONS[move].sources or document.matter != recovery.matter:
        return
    setattr(recovery, stamp, at)
    recovery.save(update_fields=[stamp])
    move_recovery(recovery_id=recovery.pk, transition=move, actor=None, at=at)
