"""The one place that moves an application. Everything else asks `move()`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from approvals.deadlines import extend_deadline, run_clocks
from approvals.effects import EFFECTS
from approvals.models import Step
from approvals.moving import Moving
from approvals.perms import acting_post, standing, why_not
from approvals.workflow import TRANSITIONS, Transition
from cases.enums import FINAL_STATES
from cases.enums import ApplicationState as State
from cases.models import Application
from common import clock
from common.errors import Refused
from organisations.models import User

__all__ = ["extend_deadline", "move"]

OPINION_LENGTH = 2000


@transaction.atomic
def move(
    *, application_id: int, transition: str, actor: User | None, opinion: str = "", **data
) -> Application:
    """Make one move of the table, with all that it causes, or raise Refused with the sentence against it.

    Locks the application, asks `why_not()`, lets the effect of the move work, writes the step (LC-5.2), moves
    the state and starts or ends time limits: all of it or nothing. `actor` None is the system. `data`:
    `received_at` for `submit`.
    """
    rule = TRANSITIONS.get(transition)
    if rule is None:
        raise Refused("没有这个办理动作。")
    now = clock.now()
    application = _locked(application_id)
    person = standing(application, actor) if actor else None
    if not (verdict := why_not(application, rule, actor, now, person)):
        raise Refused(verdict.reason)
    moving = Moving(application, actor, clean_opinion(rule, opinion), now, data)
    before = application.state
    _stamp(application, rule, now)
    if effect := EFFECTS.get(rule.name):
        effect(moving)
    application.state = rule.target
    if rule.new_round:
        application.investigation_round += 1
        moving.changes.append(f"开始第 {application.investigation_round} 轮调查")
    application.save(update_fields=["state", "investigation_round", "accepted_at", "decided_at"])
    moving.changes += run_clocks(application=application, rule=rule, now=now)
    Step.objects.create(
        stream=f"application:{application.pk}",
        application=application,
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
    return application


def _locked(application_id: int) -> Application:
    """The application as it is now, held until commit: the second of two sees the work of the first."""
    rows = Application.objects.with_place().select_related("household", "created_by")
    try:
        return rows.select_for_update(of=("self",)).get(pk=application_id)
    except Application.DoesNotExist:
        raise Refused("申请不存在或已作废。") from None


def clean_opinion(rule: Transition, opinion: str) -> str:
    """What is kept of an opinion; refused where one is needed, too long, or cannot be stored."""
    opinion = opinion.strip()
    if rule.needs_opinion and not opinion:
        raise Refused("请填写意见。", field="opinion", clause="JZ-12.5" if rule.name == "refuse" else "")
    if len(opinion) > OPINION_LENGTH:
        raise Refused(f"意见不能超过 {OPINION_LENGTH} 字，现为 {len(opinion)} 字。", field="opinion")
    if "\x00" in opinion:
        raise Refused("意见中有无法保存的字符，请删除后重新填写。", field="opinion")
    return opinion


def _stamp(application: Application, rule: Transition, now: datetime) -> None:
    """The instants that belong to a state; written together with it."""
    if rule.target == State.ACCEPTED:
        application.accepted_at = now
    if rule.target in FINAL_STATES:
        application.decided_at = now
