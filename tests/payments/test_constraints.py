"""What the database refuses by itself, whoever asks: each rule broken once by raw SQL."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from payments.models import Batch, BenefitRevision, Payment, Transfer
from tests.payments import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def run(sql: str, *parameters) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.rowcount


def refused(sql: str, *parameters, by: str) -> None:
    """The statement breaks the rule named `by`, at once or at the end of the transaction."""

    def act() -> None:
        with transaction.atomic():
            run(sql, *parameters)
            run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match=by):
        act()


COPY = """
    INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)
    SELECT batch_id, benefit_id, revision_id, kind, month, amount FROM payments_payment WHERE id = %s
"""


@pytest.fixture
def payer():
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00")
    return payer


def test_a_second_payment_of_a_month_is_refused(payer):
    payment = builders.prepared(payer).payments.first()
    refused(COPY, payment.pk, by="one_payment_a_month")


def test_overlapping_revisions_are_refused(payer):
    revision = BenefitRevision.objects.first()
    refused(
        """
        INSERT INTO payments_benefitrevision
            (benefit_id, monthly, valid_from, valid_to, lines, rule_ids, reason, decided_by_id, created_at)
        SELECT benefit_id, 1, '2026-05-01', NULL, lines, rule_ids, reason, decided_by_id, created_at
        FROM payments_benefitrevision WHERE id = %s
        """,
        revision.pk,
        by="benefit_revisions_do_not_overlap",
    )


def test_a_revision_is_only_ever_closed(payer):
    revision = BenefitRevision.objects.first()
    refused(
        "UPDATE payments_benefitrevision SET monthly = 9999 WHERE id = %s", revision.pk, by="only ever closed"
    )
    refused("DELETE FROM payments_benefitrevision WHERE id = %s", revision.pk, by="only ever closed")
    assert run("UPDATE payments_benefitrevision SET valid_to = '2026-06-01' WHERE id = %s", revision.pk) == 1
    refused(
        "UPDATE payments_benefitrevision SET valid_to = NULL WHERE id = %s",
        revision.pk,
        by="only ever closed",
    )


@pytest.mark.parametrize("amount", ["0", "-585"])
def test_amounts_are_positive(payer, amount):
    payment = builders.prepared(payer).payments.first()
    refused(
        "UPDATE payments_payment SET amount = %s WHERE id = %s",
        amount,
        payment.pk,
        by="regular_payment_is_positive",
    )
    refused(
        """
        INSERT INTO payments_benefitrevision
            (benefit_id, monthly, valid_from, lines, rule_ids, reason, decided_by_id, created_at)
        SELECT benefit_id, %s, '2020-01-01', lines, rule_ids, reason, decided_by_id, created_at
        FROM payments_benefitrevision LIMIT 1
        """,
        amount,
        by="revision_amount_is_positive",
    )


def test_lines_of_a_sealed_batch_are_frozen(payer):
    payment = builders.sealed(payer).payments.first()
    refused(
        "UPDATE payments_payment SET amount = amount + 1 WHERE id = %s",
        payment.pk,
        by="sealed batch is frozen",
    )
    refused("DELETE FROM payments_payment WHERE id = %s", payment.pk, by="sealed batch is frozen")


def test_a_line_of_an_open_batch_cannot_be_moved_into_another(payer):
    batch = builders.prepared(payer)
    other = Batch.objects.get(pk=batch.pk)
    other.pk, other.month = None, dt.date(2026, 2, 1)
    other.save(force_insert=True)
    refused(
        "UPDATE payments_payment SET batch_id = %s WHERE batch_id = %s",
        other.pk,
        batch.pk,
        by="stays in its batch",
    )


def test_no_line_joins_a_sealed_batch(payer):
    batch = builders.sealed(payer)
    late = builders.benefit(payer.villages[0])
    refused(
        """
        INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)
        SELECT %s, r.benefit_id, r.id, 'regular', '2026-03-01', r.monthly
        FROM payments_benefitrevision r WHERE r.benefit_id = %s
        """,
        batch.pk,
        late.pk,
        by="takes no further payment",
    )


@pytest.mark.parametrize(
    "change",
    [
        "total = total + 100",
        "n_payments = n_payments + 1",
        "month = '2026-04-01'",
        "due_on = '2026-12-31'",
        "prepared_by_id = NULL",
        "area_id = county_id",
        "breakdown = '[]'",
    ],
)
def test_a_sealed_batch_is_frozen(payer, change):
    batch = builders.sealed(payer)
    refused(f"UPDATE payments_batch SET {change} WHERE id = %s", batch.pk, by="a sealed batch is frozen")


def test_a_sealed_batch_stays(payer):
    batch = builders.sealed(payer)
    refused("DELETE FROM payments_batch WHERE id = %s", batch.pk, by="a sealed batch stays")


STATES = ["prepared", "checked", "sealed", "sent", "settled"]
LAWFUL = {
    ("prepared", "checked"),
    ("checked", "prepared"),
    ("checked", "sealed"),
    ("sealed", "sent"),
    ("sent", "settled"),
}


@pytest.mark.parametrize("source", STATES)
def test_the_state_of_a_batch_only_takes_the_lawful_steps(payer, source):
    batch = _batch_in(payer, source)
    for target in STATES:
        if target == source or (source, target) in LAWFUL:
            continue
        with pytest.raises(IntegrityError), transaction.atomic():
            run(
                """
                UPDATE payments_batch SET state = %s,
                    settled_at = CASE WHEN %s = 'settled' THEN now() END WHERE id = %s
                """,
                target,
                target,
                batch.pk,
            )


def _batch_in(payer, state: str) -> Batch:
    if state in ("sent", "settled"):
        file = builders.sent(payer)
        if state == "settled":
            builders.answered(payer, file)
        return Batch.objects.get(pk=file.batch_id)
    return {"prepared": builders.prepared, "checked": builders.checked, "sealed": builders.sealed}[state](
        payer
    )


def test_a_batch_begins_as_prepared(payer):
    batch = builders.prepared(payer)
    refused(
        """
        INSERT INTO payments_batch (area_id, county_id, programme, month, state, due_on, due_why, clause,
            prepared_at, checked_by_id, checked_at, sealed_by_id, sealed_at, n_payments, total, breakdown)
        SELECT area_id, county_id, programme, '2026-02-01', 'sealed', due_on, due_why, clause, prepared_at,
            %s, now(), %s, now(), 5, 5000, '[]' FROM payments_batch WHERE id = %s
        """,
        payer.checker.pk,
        payer.checker.pk,
        batch.pk,
        by="begins as prepared",
    )


@pytest.mark.parametrize("totals", ["n_payments = 3, total = 1670", "n_payments = 2, total = 1670.01"])
def test_a_batch_is_sealed_with_the_totals_of_its_lines_only(payer, totals):
    batch = builders.checked(payer)
    refused(
        f"""
        UPDATE payments_batch SET {totals}, state = 'sealed', sealed_by_id = %s, sealed_at = now()
        WHERE id = %s
        """,
        payer.clerk.pk,
        batch.pk,
        by="totals of a sealed batch",
    )


def test_a_batch_is_not_settled_while_a_line_is_unpaid(payer):
    file = builders.sent(payer)
    builders.answered(payer, file, {1: "账户销户"})
    refused(
        "UPDATE payments_batch SET state = 'settled', settled_at = now() WHERE id = %s",
        file.batch_id,
        by="settled when the bank has paid every line",
    )


def test_checker_and_preparer_are_two_people(payer):
    batch = builders.prepared(payer)
    refused(
        """
        UPDATE payments_batch SET state = 'checked', checked_by_id = prepared_by_id, checked_at = now()
        WHERE id = %s
        """,
        batch.pk,
        by="batch_checked_by_another_person",
    )


NEW_FILE = """
    INSERT INTO payments_bankfile (batch_id, run, sequence, number, n_transfers, total, xlsx, xlsx_sha256,
        csv, csv_sha256, made_by_id, made_at)
    VALUES (%s, 9, 9, 'X-9', 1, 585, '', '', '', '', %s, now())
"""


def test_who_checked_makes_no_bank_file(payer):
    batch = builders.sealed(payer)
    refused(NEW_FILE, batch.pk, payer.checker.pk, by="does not make its bank file")


def test_a_bank_file_needs_a_sealed_batch(payer):
    batch = builders.checked(payer)
    refused(NEW_FILE, batch.pk, payer.clerk.pk, by="needs a sealed batch")


def test_a_bank_file_is_written_once_and_kept(payer):
    file = builders.sent(payer)
    for change in ("csv_sha256 = repeat('0', 64)", "total = 1", "number = 'Y'", "written_at = NULL"):
        refused(f"UPDATE payments_bankfile SET {change} WHERE id = %s", file.pk, by="written once and kept")
    refused("DELETE FROM payments_bankfile WHERE id = %s", file.pk, by="written once and kept")


NEW_TRANSFER = """
    INSERT INTO payments_transfer (bank_file_id, line, payment_id, payee_name, payee_bank, payee_account,
        amount, result, failure, paid_on)
    SELECT %s, 99, payment_id, payee_name, payee_bank, payee_account, amount + %s, 'pending', '', NULL
    FROM payments_transfer WHERE id = %s
"""


@pytest.fixture
def second_file(payer):
    """A sent batch, its first transfer, and a second file that is not yet written."""
    file = builders.sent(payer)
    run(NEW_FILE, file.batch_id, payer.clerk.pk)
    return file.transfers.first(), file.batch.bank_files.get(number="X-9")


def test_two_live_transfers_of_one_payment_are_refused(second_file):
    transfer, other = second_file
    refused(NEW_TRANSFER, other.pk, 0, transfer.pk, by="payment_never_paid_twice")


def test_a_paid_payment_has_no_further_transfer(payer, second_file):
    transfer, other = second_file
    builders.answered(payer, transfer.bank_file)
    refused(NEW_TRANSFER, other.pk, 0, transfer.pk, by="payment_never_paid_twice")


def test_a_transfer_pays_its_payment_to_the_fen(payer, second_file):
    transfer, other = second_file
    builders.answered(payer, transfer.bank_file, {transfer.line: "账户销户"})
    refused(NEW_TRANSFER, other.pk, "0.01", transfer.pk, by="to the fen")
    assert run(NEW_TRANSFER, other.pk, 0, transfer.pk) == 1


def test_a_written_file_takes_no_further_line(payer, second_file):
    transfer, _ = second_file
    builders.answered(payer, transfer.bank_file, {transfer.line: "账户销户"})
    refused(NEW_TRANSFER, transfer.bank_file_id, 0, transfer.pk, by="not yet written")


@pytest.mark.parametrize(
    "change", ["amount = 9999", "payee_account = 'x'::bytea", "line = 77", "payment_id = 1"]
)
def test_a_transfer_keeps_what_was_sent(payer, change):
    transfer = builders.sent(payer).transfers.first()
    refused(f"UPDATE payments_transfer SET {change} WHERE id = %s", transfer.pk, by="answered once and kept")


def test_a_transfer_is_answered_once(payer):
    file = builders.sent(payer)
    builders.answered(payer, file)
    transfer = Transfer.objects.first()
    refused(
        "UPDATE payments_transfer SET result = 'failed', failure = 'x', paid_on = NULL WHERE id = %s",
        transfer.pk,
        by="answered once and kept",
    )
    refused("DELETE FROM payments_transfer WHERE id = %s", transfer.pk, by="answered once and kept")


def test_paid_has_a_day_and_failed_a_reason(payer):
    transfer = builders.sent(payer).transfers.first()
    refused(
        "UPDATE payments_transfer SET result = 'paid' WHERE id = %s",
        transfer.pk,
        by="paid_transfer_has_its_day",
    )
    refused(
        "UPDATE payments_transfer SET result = 'failed' WHERE id = %s",
        transfer.pk,
        by="failed_transfer_has_its_reason",
    )


def test_a_confirmed_answer_is_frozen(payer):
    file = builders.sent(payer)
    answer = builders.answered(payer, file)
    refused(
        "UPDATE payments_bankanswer SET n_paid = 0 WHERE id = %s",
        answer.pk,
        by="confirmed bank answer is frozen",
    )
    refused("DELETE FROM payments_bankanswer WHERE id = %s", answer.pk, by="confirmed bank answer is frozen")


ENTRY = """
    INSERT INTO payments_entry (stream, sequence, hash, batch_id, kind, bank_file_id, at)
    VALUES ('test', 0, '', %s, 'sent', %s, now()) RETURNING id
"""


@pytest.mark.parametrize("legs", [[], ["585"], ["585", "-584.99"], ["585", "-585", "0.01"]])
def test_an_entry_that_does_not_balance_is_refused(payer, legs):
    batch = builders.sealed(payer)
    run(NEW_FILE, batch.pk, payer.clerk.pk)
    file = batch.bank_files.get()
    with pytest.raises(IntegrityError, match="do not sum to 0"):
        _write_entry(batch, file.pk, legs)


def _write_entry(batch: Batch, file: int, legs: list[str]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(ENTRY, [batch.pk, file])
        (entry,) = cursor.fetchone()
        for leg in legs:
            cursor.execute(
                "INSERT INTO payments_leg (entry_id, area_id, account, amount) VALUES (%s, %s, 'paid', %s)",
                [entry, batch.area_id, leg],
            )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_leg_cannot_be_added_to_an_entry_of_yesterday(payer):
    batch = builders.sealed(payer)
    refused(
        "INSERT INTO payments_leg (entry_id, area_id, account, amount) VALUES (%s, %s, 'paid', 100)",
        batch.entries.get().pk,
        batch.area_id,
        by="do not sum to 0",
    )


@pytest.mark.parametrize("table", ["payments_entry", "payments_leg", "payments_batchevent"])
def test_the_books_are_append_only(payer, table):
    builders.sealed(payer)
    refused(f"UPDATE {table} SET id = id + 1000", by="append-only")
    refused(f"DELETE FROM {table}", by="append-only")
    run("SET CONSTRAINTS ALL IMMEDIATE")
    refused(f"TRUNCATE {table} CASCADE", by="append-only")


def test_a_batch_is_booked_once(payer):
    batch = builders.sealed(payer)
    refused(
        """
        INSERT INTO payments_entry (stream, sequence, hash, batch_id, kind, at)
        VALUES ('test', 0, '', %s, 'sealed', now())
        """,
        batch.pk,
        by="batch_is_booked_once",
    )


def test_months_are_first_days(payer):
    payment = builders.prepared(payer).payments.first()
    assert Payment.objects.filter(month=builders.MARCH).count() == 2
    refused(
        "UPDATE payments_payment SET month = '2026-03-02' WHERE id = %s",
        payment.pk,
        by="payment_month_is_a_first_day",
    )
