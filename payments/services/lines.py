"""The lines of a batch against the register of benefits, always as whole sets: nothing here loops over
households.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.db import connection

from cases.enums import Programme
from organisations.enums import AreaLevel
from payments.models import Batch
from payments.services.sources import corrected_parts, owner_join, parts
from payments.terms import own_payers

PAYER_COLUMN = {AreaLevel.TOWNSHIP: "township_id", AreaLevel.COUNTY: "county_id"}

# Benefit `b` with revision `r` is due in month `m`.
IN_FORCE = """
    b.starts_on <= {m} AND (b.ends_on IS NULL OR b.ends_on > {m})
    AND r.valid_from <= {m} AND (r.valid_to IS NULL OR r.valid_to > {m})
"""
OF_PAYER = "b.{column} = %(area)s AND b.programme = %(programme)s AND b.township_id <> ALL(%(others)s)"
_NOT_YET = """
    NOT EXISTS (SELECT FROM payments_payment p
                WHERE p.month = {m} AND p.kind = part.kind AND p.benefit_id = b.id)
"""

_DUE = f"""
    SELECT %(batch)s::bigint, b.id, r.id, part.kind, %(month)s::date, part.amount
    FROM payments_benefit b JOIN payments_benefitrevision r ON r.benefit_id = b.id
    CROSS JOIN LATERAL {{parts}}
    WHERE {OF_PAYER} AND {IN_FORCE.format(m="%(month)s")}
"""  # noqa: S608 - our own text
_MISSING = f"{_DUE} AND {_NOT_YET.format(m='%(month)s')}"

# 补发: households that came after the batch of an earlier month was closed to them. Only months that this
# payer paid through this system, and only revisions younger than that batch (a day's grace for slow
# transactions).
_ARREARS = f"""
    SELECT %(batch)s::bigint, b.id, r.id, part.kind, past.month, part.amount
    FROM payments_batch past
    JOIN payments_benefitrevision r ON r.created_at >= past.prepared_at - interval '1 day'
    JOIN payments_benefit b ON b.id = r.benefit_id
    CROSS JOIN LATERAL {{parts}}
    WHERE past.area_id = %(area)s AND past.programme = %(programme)s
      AND past.state IN ('sealed', 'sent', 'settled')
      AND past.month < %(month)s AND past.month >= %(month)s - interval '12 months'
      AND r.created_at >= %(month)s - interval '13 months'
      AND {OF_PAYER} AND {IN_FORCE.format(m="past.month")} AND {_NOT_YET.format(m="past.month")}
"""  # noqa: S608 - our own text

_INSERT = """
    WITH added AS (
        INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)
        {source}
        ON CONFLICT DO NOTHING
        RETURNING 1
    ) SELECT count(*) FROM added
"""

# Lines whose benefit was ended or whose amount was succeeded since they were prepared.
_STALE = f"""
    FROM payments_payment p
    WHERE p.batch_id = %(batch)s AND p.kind IN ('regular', 'care') AND NOT EXISTS (
        SELECT FROM payments_benefitrevision r JOIN payments_benefit b ON b.id = r.benefit_id
        WHERE r.id = p.revision_id
          AND p.amount = CASE p.kind WHEN 'care' THEN r.care_fee ELSE r.monthly - r.care_fee END
          AND {OF_PAYER} AND {IN_FORCE.format(m="p.month")})
"""

_COUNT = """
    SELECT a.code, a.name, count(*), sum(p.amount)
    FROM payments_payment p
    {owner}
    JOIN organisations_area a ON a.id = b.township_id
    WHERE p.batch_id = %s
    GROUP BY a.code, a.name ORDER BY a.code
"""


@dataclass(frozen=True, slots=True)
class Count:
    """What a batch holds: number, yuan, and the same by township."""

    n: int
    total: Decimal
    breakdown: list[dict]


@dataclass(frozen=True, slots=True)
class Difference:
    """How a batch departs from the register: lines it lacks, and lines it should no longer have."""

    missing: int
    stale: int

    def __bool__(self) -> bool:
        return bool(self.missing or self.stale)


def statement(sql: str, batch: Batch) -> tuple[str, dict]:
    """One of the statements of this room made out for a batch, with its parameters."""
    parameters = {
        "batch": batch.pk,
        "area": batch.area_id,
        "programme": batch.programme,
        "month": batch.month,
        "others": own_payers(batch.area, batch.programme, batch.month)
        if batch.area.level == AreaLevel.COUNTY
        else [],
    }
    sql = sql.replace("{column}", PAYER_COLUMN[AreaLevel(batch.area.level)])
    sql = sql.replace("{parts}", parts(batch.programme))
    return sql.replace("{corrected}", corrected_parts(batch.programme)), parameters


def run(sql: str, batch: Batch, *, rows: bool = True) -> int:
    """Run one of the statements above for a batch; its single number, or how many rows it touched."""
    with connection.cursor() as cursor:
        cursor.execute(*statement(sql, batch))
        return cursor.fetchone()[0] if rows else cursor.rowcount


def add_due(batch: Batch, *, is_new: bool) -> int:
    """Insert what is due for the month of the batch and not there yet: one statement, harmless when repeated.

    A new batch is not compared with anything: there ON CONFLICT alone finds the rare line that another payer
    already has. (Looking for lines in a table that grows by one's own inserts can take quadratic time.)
    """
    return run(_INSERT.replace("{source}", _DUE if is_new else _MISSING), batch)


def add_arrears(batch: Batch) -> int:
    """Insert what earlier, closed months still owe (补发)."""
    closed = Batch.objects.filter(
        area=batch.area, programme=batch.programme, month__lt=batch.month, sealed_at__isnull=False
    )
    if not closed.exists():
        return 0
    return run(_INSERT.replace("{source}", _ARREARS), batch)


def remove_stale(batch: Batch) -> int:
    """Delete lines that the register no longer supports; only an open batch allows it."""
    return run("DELETE " + _STALE, batch, rows=False)


def difference(batch: Batch) -> Difference:
    """Compare an open batch with the register. Grants do not change: their lists cannot depart."""
    if batch.programme == Programme.LINSHI:
        return Difference(0, 0)
    missing = run(f"SELECT count(*) FROM ({_MISSING}) missing", batch)  # noqa: S608 - our own text
    return Difference(missing, run("SELECT count(*) " + _STALE, batch))


def count(batch: Batch) -> Count:
    """Count the lines afresh."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.replace("{owner}", owner_join(batch.programme)), [batch.pk])
        rows = cursor.fetchall()
    breakdown = [{"code": code, "name": name, "n": n, "total": str(total)} for code, name, n, total in rows]
    return Count(sum(row[2] for row in rows), sum((row[3] for row in rows), Decimal("0.00")), breakdown)
