"""Other dates for what is still open: asked by one, agreed to by another, in place of the first ones."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.utils import timezone

from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.recovering import services
from approvals.recovering.enums import RecoveryState as State
from approvals.recovering.enums import Way
from approvals.recovering.models import Plan, Recovery
from approvals.recovering.queries import tasks_for
from common import clock as house_clock
from common.errors import Refused
from tests.recovering.builders import Desk

pytestmark = pytest.mark.clause("SY-7.2")


def plan_of(desk: Desk, recovery: Recovery, n_parts: int, first: dt.date) -> Plan:
    return services.ask_plan(
        recovery=recovery,
        n_parts=n_parts,
        first_due_on=first,
        reason="户主住院，收入减少。",
        actor=desk.office.handler,
    )


def test_a_family_on_harder_times_pays_on_other_dates(desk: Desk) -> None:
    """200.00 at once, 80.00 came back: the 120.00 that are left in seven parts, six of 17.14 and 17.16."""
    recovery = desk.recovery_in(State.REPAYING)
    desk.back(recovery, "80.00", "PJ-1")
    [due] = recovery.parts.all()
    desk.clock.move_to(timezone.make_aware(dt.datetime.combine(due.due_on, dt.time(12))))
    desk.clock.shift(dt.timedelta(days=1))
    handler, approver = desk.office.handler, desk.office.approver
    assert [todo.action for todo in tasks_for(handler)] == ["催缴逾期款项"]
    first = dt.date(2026, 8, 31)
    plan = plan_of(desk, recovery, 7, first)
    with pytest.raises(Refused, match="已有待决定的缴款计划调整"):
        plan_of(desk, recovery, 2, first)
    assert [todo.action for todo in tasks_for(approver)] == ["决定缴款计划调整"]
    with pytest.raises(Refused, match="须由另一人决定"):
        services.decide_plan(plan=plan, granted=True, remark="同意。", actor=handler)
    services.decide_plan(plan=plan, granted=True, remark="同意。", actor=approver)
    parts = list(recovery.parts.in_force())
    assert [part.amount for part in parts] == [Decimal("17.14")] * 6 + [Decimal("17.16")]
    assert [part.due_on.isoformat() for part in parts[:3]] == ["2026-08-31", "2026-09-30", "2026-10-31"]
    # 80.00 came back before: the first part is made good with 97.14 in all.
    assert (parts[0].in_all, parts[-1].in_all) == (Decimal("97.14"), Decimal("200.00"))
    assert (tasks_for(handler), recovery.parts.count()) == ([], 8)
    letter = json.loads(Document.objects.get(kind=DocumentKind.REPAYMENT_PLAN).data)
    assert letter["open"] == "人民币（大写）壹佰贰拾元整（小写 120.00 元）"
    assert [part["amount"] for part in letter["parts"]] == ["17.14"] * 6 + ["17.16"]
    assert letter["parts"][0]["due_on"] == "2026年8月31日"


def test_other_dates_are_refused_or_not_agreed_to(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING)
    today, approver = house_clock.today(), desk.office.approver
    for n_parts, first, words, field in [
        (3, today, "应在今天之后", "first_due_on"),
        (3, dt.date(2028, 1, 1), "最迟在 12 个月内", "first_due_on"),
        (37, today + dt.timedelta(days=9), "期数应为 1 至 36", "n_parts"),
    ]:
        with pytest.raises(Refused, match=words) as refusal:
            plan_of(desk, recovery, n_parts, first)
        assert refusal.value.field == field
    plan = plan_of(desk, recovery, 3, today + dt.timedelta(days=9))
    services.decide_plan(plan=plan, granted=False, remark="有积蓄。", actor=approver)
    assert [part.plan for part in recovery.parts.in_force()] == [None]
    with pytest.raises(Refused, match="申请已决定"):
        services.decide_plan(plan=plan, granted=True, remark="同意。", actor=approver)
    # The day that was asked for passes before anybody decides.
    plan = plan_of(desk, recovery, 3, today + dt.timedelta(days=9))
    desk.clock.shift(dt.timedelta(days=9))
    with pytest.raises(Refused, match="应在今天之后"):
        services.decide_plan(plan=plan, granted=True, remark="同意。", actor=approver)


def test_what_came_back_before_the_decision_pays_no_part_of_it(desk: Desk) -> None:
    """50.00 of 200.00 came back while people were heard: 150.00 in three parts, and none is made good."""
    recovery = desk.recovery_in(State.HEARING, way=Way.INSTALMENTS, n_parts=3)
    desk.back(recovery, "50.00", "PJ-1")
    for state in (State.DECIDING, State.DECIDED, State.REPAYING):
        recovery = desk.on_to(recovery, state)
    parts = [(part.amount, part.in_all) for part in recovery.parts.all()]
    assert parts == [(Decimal("50.00"), Decimal(sum)) for sum in ("100.00", "150.00", "200.00")]
    first = recovery.parts.first().due_on
    desk.clock.move_to(timezone.make_aware(dt.datetime.combine(first, dt.time(12))) + dt.timedelta(days=1))
    assert [todo.action for todo in tasks_for(desk.office.handler)] == ["催缴逾期款项"]


def test_no_other_dates_while_the_lists_set_off(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING, way=Way.SET_OFF)
    with pytest.raises(Refused, match="按月抵扣"):
        plan_of(desk, recovery, 3, house_clock.today() + dt.timedelta(days=9))
