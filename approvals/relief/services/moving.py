"""The one place that moves an emergency relief: lock, `why_not()`, what it causes, step, state."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from approvals.relief.models import LATE, EmergencyRelief, ReliefStep
from approvals.relief.perms import acting_post, why_not
from approvals.relief.workflow import MOVES, Move
from common import clock
from common.errors import Refused
from organisations.models import User

OPINION_LENGTH = 1000


def locked(relief_id: int) -> EmergencyRelief:
    """The relief as it is now, held until commit: the second of two sees the work of the first."""
    rows = EmergencyRelief.objects.with_place().select_related("application")
    return rows.select_for_update(of=("self",)).get(pk=relief_id)


def move(
    relief: EmergencyRelief,
    name: str,
    actor: User | None,
    opinion: str,
    effect: Callable[[EmergencyRelief], Sequence[str]],
) -> EmergencyRelief:
    """Make one move of the table on a locked relief, or raise Refused with the sentence against it.

    `effect` fills in what the move signs and answers with the sentences for the trace.
    """
    rule = MOVES[name]
    if not (verdict := why_not(relief, rule, actor)):
        raise Refused(verdict.reason)
    opinion = clean_opinion(rule, opinion)
    before, post = relief.state, acting_post(relief, rule, actor) if actor is not None else ""
    changes = effect(relief)
    relief.state = rule.target
    relief.save(update_fields=LATE)
    write_step(relief, rule, before=before, post=post, actor=actor, opinion=opinion, changes=changes)
    return relief


def write_step(relief: EmergencyRelief, rule: Move, *, before: str, post: str, **values) -> None:
    """One line of the trace."""
    ReliefStep.objects.create(
        stream=f"relief:{relief.pk}",
        relief=relief,
        transition=rule.name,
        label=rule.label,
        from_state=before,
        to_state=rule.target,
        post=post,
        at=clock.now(),
        **values,
    )


def clean_opinion(rule: Move, opinion: str) -> str:
    opinion = opinion.strip()
    if rule.needs_opinion and not opinion:
        raise Refused("请填写理由。", field="opinion")
    if len(opinion) > OPINION_LENGTH:
        raise Refused(f"理由不能超过 {OPINION_LENGTH} 字。", field="opinion")
    return opinion
