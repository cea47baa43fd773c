"""Sealed and paid months before the one that is measured, by SQL; and that one taken back again."""

from __future__ import annotations

from datetime import UTC, date, datetime

from month import MONTH

LINES_A_FILE = 10_000
BEGAN = date(2024, 1, 1)
PAID = """
    INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)
    SELECT %(batch)s, r.benefit_id, r.id, 'regular', %(month)s, r.monthly FROM payments_benefitrevision r
"""
FILES = """
    INSERT INTO payments_bankfile (batch_id, run, sequence, number, n_transfers, total, xlsx, xlsx_sha256,
        csv, csv_sha256, made_by_id, made_at, written_at)
    SELECT %(batch)s, 1, g, 'BENCH-' || %(batch)s || '-' || g, %(size)s, 1, '', 'x', '', 'x',
        %(clerk)s, now(), now()
    FROM generate_series(1, (SELECT count(*) / %(size)s + 1 FROM payments_benefit)) g
"""
TRANSFERS = """
    INSERT INTO payments_transfer (bank_file_id, line, payment_id, payee_name, payee_bank, payee_account,
        amount, result, failure, paid_on)
    SELECT f.id, p.place %% %(size)s + 1, p.id, b.payee_name, b.payee_bank, b.payee_account, p.amount, 'paid',
        '', %(month)s
    FROM (SELECT id, benefit_id, amount, row_number() OVER () - 1 AS place FROM payments_payment
          WHERE batch_id = %(batch)s) p
    JOIN payments_benefit b ON b.id = p.benefit_id
    JOIN payments_bankfile f ON f.batch_id = %(batch)s AND f.sequence = p.place / %(size)s + 1
"""


def add_months_before(county, n: int, staff: dict) -> None:
    """`n` months in which every household of the register was paid: batches, lines, files and transfers."""
    from django.db import connection, transaction

    from common import clock

    with transaction.atomic(), connection.cursor() as cursor:
        # Months of the past are written as they ended; how they came about is not what is measured.
        cursor.execute("SET LOCAL session_replication_role = replica")
        began = {"day": BEGAN, "at": datetime(2023, 12, 1, tzinfo=UTC)}
        cursor.execute("UPDATE payments_benefit SET starts_on = %(day)s", began)
        cursor.execute("UPDATE payments_benefitrevision SET valid_from = %(day)s, created_at = %(at)s", began)
        for back in range(n, 0, -1):
            _add_month(cursor, county, clock.add_months(MONTH, -back), staff)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _add_month(cursor, county, month: date, staff: dict) -> None:
    from django.db.models import Count, Sum

    from payments.models import Batch, BenefitRevision

    held = BenefitRevision.objects.aggregate(n=Count("pk"), total=Sum("monthly"))
    then = datetime(month.year, month.month, 5, tzinfo=UTC)
    batch = Batch.objects.create(
        area=county,
        county=county,
        programme="dibao",
        month=month,
        due_on=month,
        state="settled",
        n_payments=held["n"],
        total=held["total"],
        prepared_at=then,
        checked_by=staff["sy-finance"],
        checked_at=then,
        sealed_by=staff["sy-payments"],
        sealed_at=then,
        settled_at=then,
    )
    values = {"batch": batch.pk, "month": month, "size": LINES_A_FILE, "clerk": staff["sy-payments"].pk}
    for statement in (PAID, FILES, TRANSFERS):
        cursor.execute(statement, values)


def forget_month() -> None:
    """Back to before the month that is measured, while it has gone no further than its list."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        of_month = "batch_id IN (SELECT id FROM payments_batch WHERE month = %s)"
        for table in ("payments_payment", "payments_batchevent"):
            cursor.execute(f"DELETE FROM {table} WHERE {of_month}", [MONTH])  # noqa: S608 - our own names
        cursor.execute("DELETE FROM payments_batch WHERE month = %s", [MONTH])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE payments_payment")
        cursor.execute("CHECKPOINT")
