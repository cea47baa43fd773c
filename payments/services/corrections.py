"""Differences for months that are sealed: signed lines in the next batch, never an edit.

For each month the sum of a household's lines must be what the revision in force says. What a later revision
adds is paid on top (补发); what it takes back comes off the money of the month itself (抵扣), at most half of
it at a time, so that nobody is left without: what is still open then follows with the next batches. 特困 is
corrected in its two parts, each with the one who gets it: the allowance with the person, the care fee with
the institution or carer (DT-7.1, DT-7.2). What a recovery claims of a month is not taken off here as
well; its own lines are made by `set_offs`.
"""

from __future__ import annotations

from dataclasses import dataclass

from payments.enums import SEVERAL_LISTS
from payments.models import Batch
from payments.services.lines import IN_FORCE, OF_PAYER, run

# How far back a difference reaches; a revision that is older has long been settled.
MONTHS_BACK = 24

# What this batch should correct, as if its own corrections were not there. A month of which another open
# batch holds a line waits until that one is sealed.
WANTED = f"""
    WITH changed AS (
        SELECT r.id AS revision_id, r.benefit_id, part.kind, part.fix, part.amount AS due, past.month
        FROM payments_batch past
        JOIN payments_benefitrevision r ON r.created_at >= past.prepared_at - interval '1 day'
        JOIN payments_benefit b ON b.id = r.benefit_id
        CROSS JOIN LATERAL {{corrected}}
        JOIN payments_payment p ON p.month = past.month AND p.kind = part.kind AND p.benefit_id = b.id
        WHERE past.area_id = %(area)s AND past.programme = %(programme)s
          AND past.state IN ('sealed', 'sent', 'settled')
          AND past.month < %(month)s AND past.month >= %(month)s - interval '{MONTHS_BACK} months'
          AND r.created_at >= %(month)s - interval '{MONTHS_BACK} months'
          AND p.revision_id <> r.id
          AND {OF_PAYER} AND {IN_FORCE.format(m="past.month")}
    ), differs AS (
        SELECT c.benefit_id, c.revision_id, c.month, c.kind, c.fix, max(l.id) AS last_id,
               c.due - sum(l.amount) FILTER (WHERE l.debt_id IS NULL) AS amount
        FROM changed c
        JOIN payments_payment l ON l.month = c.month AND l.benefit_id = c.benefit_id
             AND l.kind IN (c.kind, c.fix) AND NOT (l.batch_id = %(batch)s AND l.kind = c.fix)
        JOIN payments_batch lb ON lb.id = l.batch_id
        GROUP BY c.benefit_id, c.revision_id, c.month, c.kind, c.fix, c.due
        HAVING c.due <> sum(l.amount) FILTER (WHERE l.debt_id IS NULL)
               AND bool_and(lb.state IN ('sealed', 'sent', 'settled'))
    ), owed AS (
        SELECT * FROM (
            SELECT x.benefit_id, x.revision_id, x.month, x.kind, x.fix, x.last_id,
                   CASE WHEN x.amount > 0 THEN x.amount ELSE LEAST(0, x.amount + COALESCE(
                       (SELECT sum(o.amount) FROM payments_overpayment o
                        JOIN payments_debt d ON d.id = o.debt_id AND d.state <> 'released'
                        WHERE o.benefit_id = x.benefit_id AND o.month = x.month AND o.kind = x.kind), 0))
                   END AS amount
            FROM differs x) unclaimed
        WHERE amount <> 0
    ), back AS (
        SELECT o.*, trunc(m.amount / 2, 2) AS most,
               COALESCE(sum(-o.amount) OVER (PARTITION BY o.benefit_id, o.kind ORDER BY o.month
                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM owed o
        JOIN payments_payment m ON m.batch_id = %(batch)s AND m.benefit_id = o.benefit_id
             AND m.kind = o.kind AND m.month = %(month)s
        WHERE o.amount < 0
    )
    SELECT benefit_id, revision_id, fix, month, amount, last_id FROM owed WHERE amount > 0
    UNION ALL
    SELECT benefit_id, revision_id, fix, month, -LEAST(-amount, most - before), last_id
    FROM back WHERE most > before
"""  # noqa: S608 - our own text

_HERE = """
    FROM payments_payment p
    WHERE p.batch_id = %(batch)s AND p.kind IN ('correction', 'care_fix') AND p.debt_id IS NULL
"""
_SAME = """
    w.benefit_id = p.benefit_id AND w.fix = p.kind AND w.month = p.month AND w.revision_id = p.revision_id
    AND w.amount = p.amount AND w.last_id = p.reverses_id
"""
_STALE = f"{_HERE} AND NOT EXISTS (SELECT FROM ({WANTED}) w WHERE {_SAME})"
_MISSING = f"""
    SELECT w.* FROM ({WANTED}) w WHERE NOT EXISTS (SELECT {_HERE} AND {_SAME})
"""  # noqa: S608 - our own text
# Of two batches that are prepared at once, the second finds the chain of the month taken.
_INSERT = f"""
    WITH added AS (
        INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount, reverses_id)
        SELECT %(batch)s::bigint, benefit_id, revision_id, fix, month, amount, last_id
        FROM ({_MISSING}) missing
        ON CONFLICT DO NOTHING
        RETURNING 1
    ) SELECT count(*) FROM added
"""  # noqa: S608 - our own text


@dataclass(frozen=True, slots=True)
class Corrections:
    """How the corrections of an open batch depart from what they should be."""

    missing: int
    stale: int


def _has_closed_months(batch: Batch) -> bool:
    if batch.programme in SEVERAL_LISTS:
        return False
    closed = Batch.objects.filter(
        area=batch.area, programme=batch.programme, month__lt=batch.month, sealed_at__isnull=False
    )
    return closed.exists()


def bring_up_to_date(batch: Batch) -> Corrections:
    """Delete corrections that no longer hold, then insert those that are not there: (inserted, deleted).

    Run after the lines of the month itself are there; harmless when repeated.
    """
    if not _has_closed_months(batch):
        return Corrections(0, 0)
    deleted = run("DELETE " + _STALE, batch, rows=False)
    return Corrections(run(_INSERT, batch), deleted)


def difference(batch: Batch) -> Corrections:
    """Compare the corrections of an open batch with the register."""
    if not _has_closed_months(batch):
        return Corrections(0, 0)
    missing = run(f"SELECT count(*) FROM ({_MISSING}) missing", batch)  # noqa: S608 - our own text
    return Corrections(missing, run("SELECT count(*) " + _STALE, batch))
