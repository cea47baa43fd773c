"""Conditions of the moves of a recovery. Each answers with the sentence that forbids the move, or None."""

from __future__ import annotations

from datetime import datetime

from approvals.enums import EvidenceKind
from approvals.hearing_guards import (  # the first two are asked for by name, as the others here
    a_defence_was_taken_up,  # noqa: F401
    every_defence_is_answered,  # noqa: F401
    missing_rule,
    not_over,
    running_period,
    was_taken_up,
)
from approvals.models import Deadline
from approvals.recovering.models import Recovery
from approvals.recovering.workflow import DEFENCE
from common.money import show_yuan

REPAYMENT_PERIOD = "recovery.repayment_period"


def rests_on_a_finding(recovery: Recovery, now: datetime) -> str | None:
    """JZ-12.3: nobody pays back on a data match alone."""
    if recovery.evidence == EvidenceKind.DATA_MATCH:
        return "追缴不能只凭数据比对，须有入户核查、核查报告、证明材料或本人声明（JZ-12.3）。"
    return None


def defence_has_its_rule(recovery: Recovery, now: datetime) -> str | None:
    return missing_rule(recovery, f"deadline.{recovery.programme}.{DEFENCE.step}", now)


def repayment_has_its_rule(recovery: Recovery, now: datetime) -> str | None:
    return missing_rule(recovery, REPAYMENT_PERIOD, now)


def prior_notice_is_served(recovery: Recovery, now: datetime) -> str | None:
    return None if recovery.prior_served_at else "追缴事先告知书尚未送达（SY-A1.6）。"


def decision_is_served(recovery: Recovery, now: datetime) -> str | None:
    return None if recovery.decision_served_at else "追缴决定书尚未送达（SY-A1.6）。"


def defence_deadline(recovery: Recovery) -> Deadline | None:
    """The running period for statement and defence."""
    return running_period(recovery, DEFENCE.step)


def defence_period_is_over(recovery: Recovery, now: datetime) -> str | None:
    return not_over(defence_deadline(recovery), now)


def no_defence_was_taken_up(recovery: Recovery, now: datetime) -> str | None:
    if was_taken_up(recovery):
        return "陈述申辩已采纳，请由审批岗不予追缴或重新核定（SY-A1.6）。"
    return None


def nothing_came_back(recovery: Recovery, now: datetime) -> str | None:
    if returned := recovery.debt.returned:
        return f"已缴回 {show_yuan(returned)} 元，不能撤销或重新核定。"
    return None


def something_is_open(recovery: Recovery, now: datetime) -> str | None:
    return None if recovery.debt.open else "已全部缴回，请直接结清归档。"


def nothing_is_open(recovery: Recovery, now: datetime) -> str | None:
    """What stands in a list that is not sealed may still leave it."""
    if still := recovery.debt.open:
        return f"尚有 {show_yuan(still)} 元未追回。"
    if waiting := recovery.debt.in_open_lists:
        return f"其中 {show_yuan(waiting)} 元列在尚未封账的名册中抵扣，封账后结清。"
    return None
