"""What comes back, and what is let go; either may be the last of it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from approvals.recovering.models import Recovery
from approvals.recovering.perms import can_ask_waiver, can_decide_waiver, can_take_money
from approvals.recovering.services.moving import move_recovery
from approvals.texts import refuse_text
from common import clock
from common.errors import Refused
from organisations.models import User
from payments import services as payments
from payments.enums import RepaymentWay, WaiverGround
from payments.models import Repayment, Waiver
from policy.rules import RuleBook

LIMIT = "recovery.waiver.limit"
_REASON, _REMARK = (Waiver._meta.get_field(name).max_length for name in ("reason", "remark"))


@transaction.atomic
def take_money(
    *, recovery: Recovery, way: RepaymentWay, amount: Decimal, received_on: date, receipt: str, actor: User
) -> Repayment:
    """Enter what the bank sent back or the family paid in; the last of it settles the recovery."""
    recovery = locked(recovery)
    if not (verdict := can_take_money(recovery, actor)):
        raise Refused(verdict.reason)
    repayment = payments.take_repayment(
        debt=recovery.debt, way=way, amount=amount, received_on=received_on, receipt=receipt, actor=actor
    )
    _settle_if_even(recovery)
    return repayment


@transaction.atomic
def ask_waiver(
    *, recovery: Recovery, ground: WaiverGround, amount: Decimal, reason: str, actor: User
) -> Waiver:
    """Ask that what is open be let go: being small by the rule, or out of hardship."""
    recovery = locked(recovery)
    if not (verdict := can_ask_waiver(recovery, actor)):
        raise Refused(verdict.reason)
    refuse_text(reason, _REASON, "理由", "reason")
    return payments.ask_waiver(
        debt=recovery.debt,
        ground=ground,
        amount=amount,
        limit=waiver_limit(recovery),
        reason=reason,
        actor=actor,
    )


@transaction.atomic
def decide_waiver(*, waiver: Waiver, granted: bool, remark: str, actor: User) -> Waiver:
    """Another person lets it go or not; the last of it settles the recovery."""
    recovery = locked(waiver.debt.recovery)
    if not (verdict := can_decide_waiver(recovery, waiver, actor)):
        raise Refused(verdict.reason)
    refuse_text(remark, _REMARK, "意见", "remark")
    waiver = payments.decide_waiver(waiver=waiver, granted=granted, remark=remark, actor=actor)
    _settle_if_even(recovery)
    return waiver


def waiver_limit(recovery: Recovery) -> Decimal | None:
    """Up to which amount the rules of today let go; None where they say nothing."""
    book = RuleBook(recovery.township, clock.today())
    return book.decimal(LIMIT) if book.has(LIMIT) else None


def locked(recovery: Recovery) -> Recovery:
    """As it is now, held until commit: money, waivers and plans come one after the other."""
    return Recovery.objects.with_all().select_for_update(of=("self",)).get(pk=recovery.pk)


def _settle_if_even(recovery: Recovery) -> None:
    recovery.debt.refresh_from_db()
    if not recovery.debt.open and not recovery.debt.in_open_lists:
        move_recovery(recovery_id=recovery.pk, transition="settle", actor=None)
