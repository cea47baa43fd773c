"""Conditions of the moves of 一事一议, as `approvals.guards` has them: the sentence against, or None."""

from __future__ import annotations

from datetime import datetime

from approvals.settling import records
from cases.models import Application
from common.errors import Refused


def circumstance_applies(application: Application, now: datetime) -> str | None:
    """LC-4.1: not eligible, but within a circumstance."""
    book = records.book_of(application)
    try:
        found = records.offered(application, records.assess_by(application, book), book)
    except Refused as refusal:
        return str(refusal)
    return None if found else "该户没有当地规则所列可以一事一议的情形（LC-4.1）。"


def settlement_wants_notice(application: Application, now: datetime) -> str | None:
    """DT-4.2."""
    settlement = records.settlement_of(application)
    if settlement is not None and settlement.notice_due:
        return None
    return "当地规则不要求一事一议公示，请直接提交确认。"


def settlement_wants_no_notice(application: Application, now: datetime) -> str | None:
    """LC-4.3, SY-4.4a."""
    settlement = records.settlement_of(application)
    if settlement is not None and not settlement.notice_due:
        return None
    return "一事一议须先公示（DT-4.2）。"


def appraisal_was_held(application: Application, now: datetime) -> str | None:
    """LC-4.2a, DT-4.1: no determination without a valid appraisal, but for 急难 (LC-4.2c)."""
    settlement = records.settlement_of(application)
    if settlement is None or not settlement.appraisal_required or settlement.urgent:
        return None
    return None if records.valid_appraisal_of(settlement) else "还没有有效的民主评议（LC-4.2a）。"


def appraisal_agreed(application: Application, now: datetime) -> str | None:
    """Nothing is given against the vote of the appraisal; where it follows later, before it was held."""
    settlement = records.settlement_of(application)
    held = records.valid_appraisal_of(settlement) if settlement is not None else None
    if held is None or held.passed:
        return None
    return f"民主评议未通过（同意 {held.n_for} 票，参加表决 {held.n_voters} 人），只能认定不同意。"


def filing_came_first(application: Application, now: datetime) -> str | None:
    """SY-4.4a: the district acknowledges before the township confirms."""
    settlement = records.settlement_of(application)
    if settlement is None or not settlement.filing_first:
        return None
    return (
        None if records.filed_first(settlement) else "须先报区民政局备案并收到备案意见，再予确认（SY-4.4a）。"
    )
