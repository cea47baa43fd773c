"""The lines of a list of price subsidy against the register of who is covered, always as whole sets."""

from __future__ import annotations

import json

from django.db import connection

from common.errors import Refused
from organisations.enums import AreaLevel
from payments.enums import PaidProgramme
from payments.models import Batch, Payment
from payments.price import SubsidyMonth, subsidy_month
from payments.services.lines import PAYER_COLUMN, Difference
from payments.terms import own_payers

# Every person covered in the month, once: a person is covered by one benefit at a time, and the constraint
# price_subsidy_once_a_person_and_month holds it in any case.
_DUE = """
    SELECT b.id AS benefit_id, c.person_id, (%(amounts)s::jsonb ->> b.township_id::text)::numeric AS amount
    FROM payments_benefitcover c JOIN payments_benefit b ON b.id = c.benefit_id
    WHERE b.{column} = %(area)s AND b.township_id <> ALL(%(others)s)
      AND b.programme = ANY(%(programmes)s::text[])
      AND c.starts_on <= %(month)s AND (c.ends_on IS NULL OR c.ends_on > %(month)s)
"""
_FIRST = f"""
    SELECT d.*, 'price' AS kind, NULL::bigint AS reverses_id FROM ({_DUE}) d
"""  # noqa: S608 - our own text
# Who is in no list yet; and who got less by a sealed one than the figure now in force gives.
_MISSING = f"""
    {_FIRST} WHERE NOT EXISTS (
        SELECT FROM payments_payment p
        WHERE p.month = %(month)s AND p.person_id = d.person_id AND p.kind IN ('price', 'price_fix'))
    UNION ALL
    SELECT d.benefit_id, d.person_id, d.amount - had.amount, 'price_fix', had.last_id
    FROM ({_DUE}) d CROSS JOIN LATERAL (
        SELECT sum(p.amount) AS amount, max(p.id) AS last_id,
               bool_and(l.sealed_at IS NOT NULL AND p.benefit_id = d.benefit_id) AS sealed
        FROM payments_payment p JOIN payments_batch l ON l.id = p.batch_id
        WHERE p.month = %(month)s AND p.person_id = d.person_id AND p.kind IN ('price', 'price_fix')) had
    WHERE had.sealed AND had.amount < d.amount
"""  # noqa: S608 - our own text
_INSERT = """
    INSERT INTO payments_payment (batch_id, benefit_id, person_id, kind, month, amount, reverses_id)
    SELECT %(batch)s::bigint, benefit_id, person_id, kind, %(month)s::date, amount, reverses_id
    FROM ({source}) due ORDER BY benefit_id, person_id
    ON CONFLICT DO NOTHING
"""
# Whose cover ended or whose amount is another since the list was prepared. One probe a line, because a
# planner without statistics would compare each line with each cover.
_STALE = f"""
    FROM payments_payment p WHERE p.batch_id = %(batch)s AND p.amount IS DISTINCT FROM (
        SELECT d.amount FROM ({_DUE}) d WHERE d.benefit_id = p.benefit_id AND d.person_id = p.person_id
        ) - COALESCE((SELECT sum(had.amount) FROM payments_payment had
                      WHERE p.kind = 'price_fix' AND had.month = p.month AND had.person_id = p.person_id
                        AND had.kind IN ('price', 'price_fix') AND had.id < p.id), 0)
"""  # noqa: S608 - our own text


def _run(sql: str, found: SubsidyMonth, batch: Batch | None = None, *, rows: bool = True) -> int:
    """Run one of the statements for a month; its single number, or how many rows it touched."""
    county = found.area.level == AreaLevel.COUNTY
    parameters = {
        "batch": batch.pk if batch is not None else None,
        "area": found.area.pk,
        "month": found.month,
        "others": own_payers(found.area, PaidProgramme.PRICE_SUBSIDY, found.month) if county else [],
        # What is not set off is due to nobody.
        "programmes": found.programmes if found.trigger.is_met else [],
        "amounts": json.dumps(found.as_amounts()),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql.replace("{column}", PAYER_COLUMN[AreaLevel(found.area.level)]), parameters)
        return cursor.fetchone()[0] if rows else cursor.rowcount


def add_due(batch: Batch, found: SubsidyMonth, *, is_new: bool) -> int:
    """Insert everybody who is due and in no list yet, and what a corrected figure adds: one statement,
    harmless when repeated.

    The first list is not compared with anything, as in `services.lines.add_due`.
    """
    source = _FIRST if is_new and batch.run == 1 else _MISSING
    return _run(_INSERT.replace("{source}", source), found, batch, rows=False)


def remove_stale(batch: Batch, found: SubsidyMonth) -> int:
    """Delete lines that the register or the figure no longer supports; only an open batch allows it."""
    return _run("DELETE " + _STALE, found, batch, rows=False)


def n_missing(found: SubsidyMonth) -> int:
    """How many lines the month lacks: people in no list, and what is short of the figure now in force."""
    return _run(f"SELECT count(*) FROM ({_MISSING}) missing", found)  # noqa: S608 - our own text


def difference(batch: Batch) -> Difference:
    """Compare an open list with the register and the figure now in force."""
    found = subsidy_month(batch.area, batch.month)
    return Difference(n_missing(found), _run("SELECT count(*) " + _STALE, found, batch))


def refuse_without_accounts(batch: Batch) -> None:
    """低边 is a status and may have no account; nobody is left out for that (JZ-9.1)."""
    lacking = Payment.objects.filter(batch=batch, benefit__payee_account__isnull=True)
    if n := lacking.count():
        raise Refused(f"名单中有 {n} 人没有收款账号，请先在其待遇页补登收款信息，再复核。", clause="JZ-9.1")
