"""抵扣 of what a recovery decided: signed lines in the coming batches, chained like every correction.

A month's money gives up at most the share that was decided, less what the corrections take off it anyway. A
month that is corrected in the same batch waits for the next one: a chain grows by one line at a time.
"""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db import connection
from django.db.models import F

from cases.enums import Programme
from payments.enums import DebtState
from payments.models import Batch, Debt, Payment
from payments.services.corrections import WANTED, Corrections
from payments.services.lines import statement

# Oldest debt and month first, each until its own claim, its debt, and the room of the month are used up; the
# room itself is shared out in Python, over the few months that are claimed.
_OPEN = f"""
    WITH corrected AS ({WANTED})
    SELECT d.id, m.benefit_id, m.revision_id, m.kind, o.month,
           o.amount + COALESCE((SELECT sum(s.amount) FROM payments_payment s WHERE s.debt_id = d.id
                AND s.benefit_id = o.benefit_id AND s.month = o.month AND s.kind = fix.kind
                AND s.batch_id <> %(batch)s), 0) AS of_month,
           d.owed - d.returned - d.waived + COALESCE((SELECT sum(s.amount) FROM payments_payment s
                WHERE s.debt_id = d.id AND s.batch_id <> %(batch)s), 0) AS of_debt,
           trunc(m.amount * d.share, 2) + COALESCE((SELECT sum(c.amount) FROM corrected c
                WHERE c.benefit_id = m.benefit_id AND c.fix = fix.kind AND c.amount < 0), 0) AS room,
           (SELECT max(l.id) FROM payments_payment l WHERE l.benefit_id = o.benefit_id
                AND l.month = o.month AND l.kind IN (o.kind, fix.kind) AND l.batch_id <> %(batch)s) AS last_id
    FROM payments_debt d
    JOIN payments_overpayment o ON o.debt_id = d.id
    JOIN LATERAL (SELECT CASE o.kind WHEN 'care' THEN 'care_fix' ELSE 'correction' END AS kind) fix ON true
    JOIN payments_payment m ON m.batch_id = %(batch)s AND m.benefit_id = o.benefit_id AND m.kind = o.kind
         AND m.month = %(month)s
    WHERE d.payer_id = %(area)s AND d.state = 'owed' AND d.share IS NOT NULL
      AND NOT EXISTS (SELECT FROM corrected c WHERE c.benefit_id = o.benefit_id AND c.fix = fix.kind
                      AND c.month = o.month)
      AND NOT EXISTS (SELECT FROM payments_payment l JOIN payments_batch lb ON lb.id = l.batch_id
                      WHERE l.benefit_id = o.benefit_id AND l.month = o.month
                        AND l.kind IN (o.kind, fix.kind) AND lb.id <> %(batch)s
                        AND lb.state IN ('prepared', 'checked'))
    ORDER BY d.id, o.month, o.id
"""  # noqa: S608 - our own text
_FIX = {"regular": "correction", "care": "care_fix"}


class SetOff(NamedTuple):
    """One line to be: which debt it serves, of which month, how much (below 0), after which line."""

    debt_id: int
    benefit_id: int
    revision_id: int
    kind: str
    month: object
    amount: Decimal
    reverses_id: int


def _wanted(batch: Batch) -> set[SetOff]:
    """What this batch should set off, as if its own lines for debts were not there."""
    sql, parameters = statement(_OPEN, batch)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        rows = cursor.fetchall()
    lines, of_debts, rooms = set(), {}, {}
    for debt, benefit, revision, kind, month, of_month, of_debt, room, last in rows:
        left, space = of_debts.get(debt, of_debt), rooms.get((benefit, kind), room)
        amount = min(of_month, left, space)
        if amount <= 0:
            continue
        of_debts[debt], rooms[benefit, kind] = left - amount, space - amount
        lines.add(SetOff(debt, benefit, revision, _FIX[kind], month, -amount, last))
    return lines


def _present(batch: Batch) -> dict[SetOff, int]:
    rows = Payment.objects.filter(batch=batch, debt__isnull=False)
    return {SetOff(*row): pk for pk, *row in rows.values_list("pk", *SetOff._fields)}


def _concerns(batch: Batch) -> bool:
    """Is there anything to set off at all? Most months of most payers have nothing."""
    if batch.programme == Programme.LINSHI:
        return False
    open_debts = Debt.objects.filter(payer=batch.area, state=DebtState.OWED, share__isnull=False)
    open_debts = open_debts.filter(owed__gt=F("returned") + F("waived"))
    return open_debts.exists() or Payment.objects.filter(batch=batch, debt__isnull=False).exists()


def remove_stale(batch: Batch) -> int:
    """Take out lines that no decision bears any more, before the corrections look for their place."""
    if not _concerns(batch):
        return 0
    wanted = _wanted(batch)
    stale = [pk for line, pk in _present(batch).items() if line not in wanted]
    Payment.objects.filter(pk__in=stale).delete()
    return len(stale)


def add_missing(batch: Batch) -> int:
    """Put in what is decided and not there yet; harmless when repeated."""
    if not _concerns(batch):
        return 0
    missing = sorted(_wanted(batch) - _present(batch).keys())
    Payment.objects.bulk_create(Payment(batch=batch, **line._asdict()) for line in missing)
    return len(missing)


def difference(batch: Batch) -> Corrections:
    """Compare the lines for debts in an open batch with what is decided."""
    if not _concerns(batch):
        return Corrections(0, 0)
    wanted, present = _wanted(batch), _present(batch).keys()
    return Corrections(len(wanted - present), len(present - wanted))
