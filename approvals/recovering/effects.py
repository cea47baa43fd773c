"""What a move of a recovery causes: papers, the debt, and the dates on which money is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.utils import timezone

from approvals.enums import DocumentKind
from approvals.hearing_effects import HeardMove, begin_another_round, put_on_paper, start_hearing
from approvals.recovering.enums import Way
from approvals.recovering.guards import REPAYMENT_PERIOD
from approvals.recovering.instalments import instalments
from approvals.recovering.models import Part, Recovery
from approvals.recovering.workflow import DEFENCE
from common.money import show_yuan
from payments import services as payments
from policy.calendars import working_calendar
from policy.deadlines import count
from policy.rules import RuleBook

SHARE = "recovery.set_off.share"


@dataclass(slots=True)
class Moving(HeardMove):
    """One move of a recovery under way."""

    @property
    def recovery(self) -> Recovery:
        return self.about


def recovery_words(recovery: Recovery) -> str:
    """`追缴（死亡后多发）1,350.00 元，一次缴回`."""
    amount = show_yuan(recovery.debt.owed)
    return f"追缴（{recovery.get_ground_display()}）{amount} 元，{recovery.way_words}"


def _propose(moving: Moving) -> None:
    moving.changes.append(recovery_words(moving.recovery))


def _give_notice(moving: Moving) -> None:
    put_on_paper(moving, DocumentKind.RECOVERY_NOTICE)


def _decide(moving: Moving) -> None:
    recovery = moving.recovery
    recovery.decided_by, recovery.decided_at = moving.actor, moving.now
    # The paper reads the decision off the recovery.
    recovery.save(update_fields=["decided_by", "decided_at"])
    payments.confirm_debt(debt=recovery.debt)
    moving.changes.append(recovery_words(recovery))
    put_on_paper(moving, DocumentKind.RECOVERY_DECISION)


def _release(moving: Moving) -> None:
    payments.release_debt(debt=moving.recovery.debt)
    moving.changes.append("不再追缴，待遇和账目不变")


def _settle(moving: Moving) -> None:
    debt = payments.settle_debt(debt=moving.recovery.debt)
    moving.changes.append(
        f"应追缴 {show_yuan(debt.owed)} 元：缴回 {show_yuan(debt.returned)} 元，"
        f"抵扣 {show_yuan(debt.set_off)} 元，免追 {show_yuan(debt.waived)} 元"
    )


def _demand(moving: Moving) -> None:
    """From the service of the decision on: dates for what is paid in, a share of each month for a set-off."""
    recovery = moving.recovery
    if recovery.way == Way.SET_OFF:
        share = RuleBook(recovery.township, timezone.localdate(moving.at)).decimal(SHARE)
        payments.confirm_debt(debt=recovery.debt, share=share)
        moving.changes.append(f"自下一批名册起，每月至多抵扣当月金额的 {share:.0%}")
        return
    parts = instalments(recovery, recovery.n_parts, first_due(recovery, moving.at))
    Part.objects.bulk_create(parts)
    moving.changes.append(f"首期应于 {parts[0].due_on:%Y-%m-%d} 前缴回，共 {len(parts)} 期")


def first_due(recovery: Recovery, at: datetime) -> date:
    """The last day of the period that the rules give, counted from the service of the decision."""
    period = RuleBook(recovery.township, timezone.localdate(at)).period(REPAYMENT_PERIOD)
    return timezone.localdate(count(period, at, working_calendar()).due_at)


EFFECTS: dict[str, Callable[[Moving], None]] = {
    "propose": _propose,
    "give_notice": _give_notice,
    "notice_served": partial(start_hearing, period=DEFENCE),
    "reconsider": begin_another_round,
    "drop": _release,
    "withdraw": _release,
    "decide": _decide,
    "decision_served": _demand,
    "settle": _settle,
}
