"""What the database refuses by itself: each rule broken once, past the services."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.enums import DocumentKind
from approvals.recovering.enums import RecoveryState as State
from approvals.recovering.enums import Way
from approvals.recovering.services import ask_plan, decide_plan
from payments.models import Debt, Overpayment, Payment
from tests.recovering.builders import Desk

pytestmark = pytest.mark.clause("SY-7.2")


def refused(sql: str, *parameters: object, match: str) -> None:
    """The statement fails, at once or at commit."""
    with pytest.raises(IntegrityError, match=match), transaction.atomic():
        _run(sql, parameters)


def _run(sql: str, parameters: tuple) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def claim_again(line: Payment, **amounts: str) -> None:
    """Another debt for the same line is refused."""
    with pytest.raises(IntegrityError, match="taken back once"), transaction.atomic():
        _claim(line, **amounts)


def _claim(line: Payment, **amounts: str) -> None:
    debt = Debt.objects.create(
        application=line.benefit.application,
        payer=line.batch.area,
        owed=amounts["amount"],
        opened_at=line.batch.prepared_at,
    )
    which = {"payment": line, "benefit": line.benefit, "kind": line.kind, "month": line.month}
    Overpayment.objects.create(debt=debt, **which, **amounts)


def test_overpaid_money_is_not_taken_twice(desk: Desk) -> None:
    """April is claimed for 200.00 of 675.00: a list takes off nothing more, nobody claims it again."""
    benefit = desk.household(4)
    desk.drafted(benefit)
    april = Payment.objects.get()
    may = desk.listed(benefit, 5)
    line = """INSERT INTO payments_payment
                (batch_id, benefit_id, revision_id, kind, month, amount, reverses_id)
              VALUES (%s, %s, %s, 'correction', '2026-04-01', %s, %s)"""
    names = (may.pk, benefit.pk, april.revision_id)
    refused(line, *names, "-0.01", april.pk, match="taken back once")
    claim = """INSERT INTO payments_overpayment
                 (debt_id, payment_id, benefit_id, kind, month, paid, due, amount)
               SELECT debt_id, NULL, benefit_id, kind, month, paid, due, amount FROM payments_overpayment"""
    refused(claim, match="overpayment_of_a_line|only what the payer")
    owed = "UPDATE payments_overpayment SET amount = 1, due = paid - 1"
    refused(owed, match="not altered")
    claim_again(april, paid="475.01", due="475.00", amount="0.01")


def test_what_a_list_took_off_is_not_claimed(desk: Desk) -> None:
    """The other way round: 200.00 of April stand in the list of May, so only 475.00 are there to claim."""
    benefit = desk.household(4)
    april = Payment.objects.get()
    may = desk.listed(benefit, 5)
    Payment.objects.create(
        batch=may,
        benefit=benefit,
        revision=april.revision,
        kind="correction",
        month=april.month,
        amount=Decimal("-200.00"),
        reverses=april,
    )
    claim_again(april, paid="675.00", due="0.00", amount="675.00")


def test_only_what_was_decided_is_set_off_and_within_its_share(desk: Desk) -> None:
    benefit = desk.household(4)
    recovery = desk.recovery_in(State.DECIDED, benefit, way=Way.SET_OFF)
    april, may = Payment.objects.get(), desk.listed(benefit, 5)
    line = """INSERT INTO payments_payment
                (batch_id, benefit_id, revision_id, kind, month, amount, reverses_id, debt_id)
              VALUES (%s, %s, %s, 'correction', '2026-04-01', %s, %s, %s)"""
    names = (may.pk, benefit.pk, april.revision_id)
    refused(line, *names, "-10.00", april.pk, recovery.debt_id, match="only a decided debt is set off")
    refused("UPDATE payments_debt SET share = 0.3", match="its debt stands elsewhere")
    desk.bring(recovery, DocumentKind.RECOVERY_DECISION)
    refused(line, *names, "-200.01", april.pk, recovery.debt_id, match="what is claimed of it")
    may = desk.listed(benefit, 5)
    set_off = may.payments.get(debt__isnull=False)
    assert set_off.amount == Decimal("-200.00")
    refused("UPDATE payments_payment SET amount = -1 WHERE debt_id IS NOT NULL", match="removed or kept")
    refused("UPDATE payments_debt SET state = 'settled', settled_at = now()", match="by an open list")
    set_off.delete()
    recovery.debt.refresh_from_db()
    assert recovery.debt.set_off == 0


def test_a_debt_is_made_good_by_its_rows_and_never_beyond(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING)
    for column in ("returned", "set_off", "waived"):
        refused(f"UPDATE payments_debt SET {column} = 1", match="made good by its rows")
    refused("UPDATE payments_debt SET owed = 100", match="not altered")
    refused("UPDATE payments_debt SET state = 'settled', settled_at = now()", match="settled_debt_is_even")
    refused("UPDATE payments_debt SET state = 'released'", match="goes forward")
    refused("DELETE FROM payments_debt", match="kept|violates")
    desk.back(recovery, "200.00", "PJ-1")
    copy = """INSERT INTO payments_repayment (debt_id, payer_id, way, amount, received_on, receipt, entry_id,
                by_id, at) SELECT debt_id, payer_id, way, amount, received_on, %s, %s, by_id, at
              FROM payments_repayment"""
    refused(copy, "PJ-2", 999999, match="booked to where|violates")
    refused("UPDATE payments_repayment SET amount = 1", match="append-only")


def test_a_waiver_is_of_two_people_and_small_only_within_the_limit(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING)
    waiver = desk.waived(recovery, "本人重病。")
    grant = (
        "UPDATE payments_waiver SET granted = true, decided_by_id = %s, decided_at = now(), remark = '同意'"
    )
    refused(grant, waiver.asked_by_id, match="waiver_decided_by_another_person")
    refused("UPDATE payments_waiver SET amount = 1", match="decided once")
    small = """INSERT INTO payments_waiver (debt_id, ground, amount, "limit", reason, asked_by_id, asked_at,
                 remark) SELECT debt_id, 'small', 100.01, 100, reason, asked_by_id, asked_at, ''
               FROM payments_waiver"""
    refused(small, match="small_waiver_is_within_the_limit|one_waiting")


def test_nobody_decides_alone_or_before_people_were_heard(desk: Desk) -> None:
    recovery = desk.recovery_in(State.PROPOSED)
    alone = "UPDATE recovering_recovery SET decided_by_id = created_by_id, decided_at = now()"
    refused(alone, match="recovery_decided_by_another_person")
    decided = """UPDATE recovering_recovery SET state = 'decided', decided_by_id = %s, decided_at = now()"""
    refused(decided, desk.office.approver.pk, match="told and heard")
    refused("UPDATE recovering_recovery SET facts = '其他'", match="not altered")
    refused("UPDATE recovering_recovery SET state = 'draft'", match="state and steps part")
    step = """INSERT INTO recovering_recoverystep (stream, sequence, hash, transition, label, post, actor_id,
                opinion, at, recovery_id, from_state, to_state, details)
              VALUES (%s, 0, '', 'give_notice', '', 'approver', %s, '', now(), %s, 'proposed', 'noticed',
                      '{}')"""
    stream = f"recovery:{recovery.pk}"
    refused(step, stream, desk.office.handler.pk, recovery.pk, match="does not agree|one_person_one_post")
    refused("UPDATE recovering_recoverystep SET opinion = '改'", match="append-only")


def test_a_part_and_a_claim_keep_their_first_day(desk: Desk) -> None:
    recovery = desk.recovery_in(State.REPAYING)
    refused("UPDATE recovering_part SET due_on = due_on + 30", match="append-only")
    month = "UPDATE payments_overpayment SET month = %s"
    refused(month, dt.date(2026, 4, 2), match="not altered|first_day")
    assert recovery.parts.count() == 1


def test_a_plan_is_of_two_people_and_made_up_of_its_parts(desk: Desk) -> None:
    """200.00 are open: neither less nor more falls due anew, in as many parts as were agreed to."""
    recovery = desk.recovery_in(State.REPAYING)
    first = recovery.parts.get().due_on
    plan = ask_plan(
        recovery=recovery, n_parts=2, first_due_on=first, reason="住院。", actor=desk.office.handler
    )
    agree = """UPDATE recovering_plan SET granted = true, decided_by_id = %s, decided_at = now(),
                 remark = '同意', amount = %s"""
    approver = desk.office.approver.pk
    refused(agree, plan.asked_by_id, "200.00", match="plan_decided_by_another_person")
    refused(agree, approver, "199.99", match="takes up what is open")
    refused(agree, approver, "200.00", match="parts are what it took up")
    refused("UPDATE recovering_plan SET n_parts = 3", match="decided once")
    part = """INSERT INTO recovering_part (recovery_id, plan_id, number, due_on, amount, in_all)
              VALUES (%s, %s, %s, %s, %s, %s)"""
    refused(part, recovery.pk, plan.pk, 1, first, "200.00", "200.00", match="parts are what it took up")
    refused(part, recovery.pk, None, 1, first, "200.00", "200.00", match="parts_are_numbered")
    decide_plan(plan=plan, granted=True, remark="同意。", actor=desk.office.approver)
    refused(part, recovery.pk, plan.pk, 3, first, "0.01", "200.00", match="parts are what it took up")
    refused("UPDATE recovering_plan SET granted = false, amount = NULL", match="decided once")
