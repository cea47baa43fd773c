"""The one place that moves a change. Everything else asks `move_change()`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from approvals.changing.effects import EFFECTS, Moving
from approvals.changing.models import BenefitChange, ChangeStep
from approvals.changing.perms import standing, why_not
from approvals.changing.workflow import TRANSITIONS
from approvals.deadlines import run_clocks
from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.perms import acting_post
from approvals.services import clean_opinion
from common import clock
from common.errors import Refused
from organisations.models import User

# What an effect may change of a change, besides its state.
_STAMPS = ["state", "round", "prior_served_at", "decision_served_at", "decided_at", "effective_on"]


@transaction.atomic
def move_change(
    *, change_id: int, transition: str, actor: User | None, opinion: str = "", at: datetime | None = None
) -> BenefitChange:
    """Make one move of the table, with all that it causes, or raise Refused with the sentence against it.

    `actor` None is the system; `at`: the instant of service that moved it, from which limits and months
    count, else now.
    """
    rule = TRANSITIONS.get(transition)
    if rule is None:
        raise Refused("没有这个办理动作。")
    now = clock.now()
    change = _locked(change_id)
    person = standing(change, actor) if actor else None
    if not (verdict := why_not(change, rule, actor, now, person)):
        raise Refused(verdict.reason)
    moving = Moving(change, actor, clean_opinion(rule, opinion), at or now, now)
    before = change.state
    if effect := EFFECTS.get(rule.name):
        effect(moving)
    change.state = rule.target
    change.save(update_fields=_STAMPS)
    moving.changes += run_clocks(
        application=change.application, rule=rule, now=now, starts=moving.starts, since=moving.at
    )
    post = acting_post(rule, person) if person else ""
    ChangeStep.objects.create(
        stream=f"change:{change.pk}",
        change=change,
        transition=rule.name,
        label=rule.label,
        from_state=before,
        to_state=rule.target,
        post=post,
        actor=actor,
        opinion=moving.opinion,
        details={"changes": moving.changes},
        at=now,
    )
    if moving.then:
        return move_change(change_id=change.pk, transition=moving.then, actor=None)
    return change


def _locked(change_id: int) -> BenefitChange:
    """The change as it is now, held until commit: the second of two sees the work of the first."""
    try:
        return BenefitChange.objects.with_all().select_for_update(of=("self",)).get(pk=change_id)
    except BenefitChange.DoesNotExist:
        raise Refused("变更不存在。") from None


def on_served(document: Document, at: datetime) -> None:
    """A paper counts as served from `at` on: the change it is about goes on, in the same transaction."""
    if document.kind not in (DocumentKind.CHANGE_PRIOR_NOTICE, DocumentKind.CHANGE_DECISION):
        return
    number, _, _ = document.matter.removeprefix("change:").partition("-")
    change = _locked(int(number))
    if document.kind == DocumentKind.CHANGE_PRIOR_NOTICE:
        _prior_notice_served(change, at)
    else:
        _decision_served(change, at)


def _prior_notice_served(change: BenefitChange, at: datetime) -> None:
    if change.state != "noticed" or change.prior_served_at is not None:
        return
    change.prior_served_at = at
    change.save(update_fields=["prior_served_at"])
    move_change(change_id=change.pk, transition="notice_served", actor=None, at=at)


def _decision_served(change: BenefitChange, at: datetime) -> None:
    """What is to be published waits for the notice; for the rest this is the moment (SY-A1.6)."""
    if change.decision_served_at is not None:
        return
    change.decision_served_at = at
    change.save(update_fields=["decision_served_at"])
    if change.state == "decided" and not change.is_published:
        move_change(change_id=change.pk, transition="take_effect", actor=None, at=at)
