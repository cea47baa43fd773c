"""分管领导 agrees with one click, or says why not; and what comes of money that was not due."""

from __future__ import annotations

from django.db import transaction

from approvals.relief.enums import Finding, LimitStep
from approvals.relief.models import EmergencyRelief
from approvals.relief.services.limits import end_limit
from approvals.relief.services.moving import locked, move
from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import User


@transaction.atomic
def agree(*, relief: EmergencyRelief, actor: User) -> EmergencyRelief:
    """The township's leader, who did not register it, lets it be paid."""
    return move(locked(relief.pk), "agree", actor, "", lambda found: _sign(found, actor))


def _sign(relief: EmergencyRelief, actor: User) -> list[str]:
    relief.decided_by, relief.decided_at = actor, clock.now()
    return [f"同意先行救助 {show_yuan(relief.amount)} 元"]


@transaction.atomic
def decline(*, relief: EmergencyRelief, actor: User, opinion: str) -> EmergencyRelief:
    """Not given, with the reason; also after the consent, as long as nothing was paid."""

    def sign(found: EmergencyRelief) -> list[str]:
        found.decided_by, found.decided_at = actor, clock.now()
        end_limit(found, LimitStep.RELIEF, found.decided_at)
        return ["未支付"]

    return move(locked(relief.pk), "decline", actor, opinion, sign)


@transaction.atomic
def close(*, relief: EmergencyRelief, actor: User, finding: Finding, opinion: str) -> EmergencyRelief:
    """The papers showed that the person was not entitled: 追回 or not, with the reason. Ends the task."""

    def sign(found: EmergencyRelief) -> list[str]:
        if finding == Finding.RECOVER and found.application_id is None:
            # The papers of a recovery are papers of a case.
            raise Refused("要追回的，请先“补办手续”登记申请，追缴文书在该申请名下出具。", field="finding")
        found.closed_by, found.closed_at, found.finding = actor, clock.now(), finding
        end_limit(found, LimitStep.COMPLETION, found.closed_at)
        return [f"{Finding(finding).label} {show_yuan(found.amount)} 元"]

    return move(locked(relief.pk), "close", actor, opinion, sign)
