"""What must be so at every look at the money, also in the middle of a batch: one statement, one snapshot."""

from __future__ import annotations

from django.db import connection

# Each counts what breaks the rule of its name; all of them are 0, at any time, for everybody who looks.
RULES = {
    "借贷不平的分录": """
        SELECT count(*) FROM (SELECT entry_id FROM payments_leg GROUP BY entry_id
                              HAVING sum(amount) <> 0 OR count(*) < 2) e""",
    "没有明细的分录": """
        SELECT count(*) FROM payments_entry e
        WHERE NOT EXISTS (SELECT FROM payments_leg WHERE entry_id = e.id)""",
    "余额与分录不符的资金": """
        SELECT count(*) FROM payments_fund f WHERE balance < 0 OR balance <> COALESCE(
            (SELECT sum(amount) FROM payments_leg WHERE fund_id = f.id), 0)""",
    "重复的发放明细": """
        SELECT count(*) FROM (SELECT FROM payments_payment WHERE reverses_id IS NULL
                              GROUP BY benefit_id, instalment_id, month, kind HAVING count(*) > 1) p""",
    "更正同一笔的两笔更正": """
        SELECT count(*) FROM (SELECT FROM payments_payment WHERE reverses_id IS NOT NULL
                              GROUP BY reverses_id HAVING count(*) > 1) p""",
    "合计与明细不符的代发文件": """
        SELECT count(*) FROM payments_bankfile f
        LEFT JOIN (SELECT bank_file_id, count(*) AS n, sum(amount) AS total
                   FROM payments_transfer GROUP BY bank_file_id) t ON t.bank_file_id = f.id
        WHERE (f.n_transfers, f.total) IS DISTINCT FROM (t.n::int, t.total)""",
    "合计与明细不符的批次": """
        SELECT count(*) FROM payments_batch b
        LEFT JOIN (SELECT batch_id, count(*) AS n, sum(amount) AS total
                   FROM payments_payment GROUP BY batch_id) p ON p.batch_id = b.id
        WHERE (b.n_payments, b.total) IS DISTINCT FROM (COALESCE(p.n, 0)::int, COALESCE(p.total, 0))""",
    "同一笔同时报送或发放两次": """
        SELECT count(*) FROM (SELECT FROM payments_transfer WHERE result <> 'failed'
                              GROUP BY payment_id HAVING count(*) > 1) t""",
    "没有待遇变动支持的明细": """
        SELECT count(*) FROM payments_payment p
        LEFT JOIN payments_benefitrevision r ON r.id = p.revision_id AND r.benefit_id = p.benefit_id
             AND r.valid_from <= p.month
             AND CASE p.kind WHEN 'care' THEN r.care_fee = p.amount
                      WHEN 'regular' THEN r.monthly - r.care_fee = p.amount ELSE true END
        WHERE p.instalment_id IS NULL AND r.id IS NULL""",
    "计提与批次不符": """
        SELECT count(*) FROM payments_batch b
        LEFT JOIN (SELECT e.batch_id, sum(l.amount) AS amount FROM payments_entry e
                   JOIN payments_leg l ON l.entry_id = e.id AND l.account = 'payable'
                   WHERE e.kind = 'sealed' GROUP BY e.batch_id) s ON s.batch_id = b.id
        WHERE CASE WHEN b.sealed_at IS NULL THEN 0 ELSE b.total END <> COALESCE(s.amount, 0)""",
    "在途与待回复的转账不符": """
        SELECT count(*) FROM (SELECT
            (SELECT COALESCE(sum(amount), 0) FROM payments_leg WHERE account = 'in_bank') AS booked,
            (SELECT COALESCE(sum(amount), 0) FROM payments_transfer WHERE result = 'pending') AS sent) m
        WHERE booked <> sent""",
    "已发放与成功的转账不符": """
        SELECT count(*) FROM (SELECT
            (SELECT COALESCE(sum(l.amount), 0) FROM payments_leg l JOIN payments_entry e ON e.id = l.entry_id
             WHERE l.account = 'paid' AND e.kind = 'answered') AS booked,
            (SELECT COALESCE(sum(amount), 0) FROM payments_transfer WHERE result = 'paid') AS paid) m
        WHERE booked <> paid""",
}
_LOOK = "SELECT " + ", ".join(f"({sql})" for sql in RULES.values())


def look() -> dict[str, int]:
    """What is broken in one snapshot of REPEATABLE READ; empty when all is well."""
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        cursor.execute(_LOOK)
        counted = cursor.fetchone()
        cursor.execute("COMMIT")
    return {name: n for name, n in zip(RULES, counted, strict=True) if n}
