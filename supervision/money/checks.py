"""What can be wrong with the money of a month, one question to the database each (JZ-12.2, DT-8.2, DT-8.4).

`b` is the benefit or grant; every question answers with application, place, and what is the matter.
"""

from __future__ import annotations

from dataclasses import dataclass

# The lines of a month that have left the house: of sealed batches only.
# `recovered`: overpaid money of the month whose recovery is settled.
_LISTED = """
    SELECT p.benefit_id, sum(p.amount) AS amount, COALESCE((
        SELECT sum(o.amount) FROM payments_overpayment o JOIN payments_debt d ON d.id = o.debt_id
        WHERE o.benefit_id = p.benefit_id AND o.month = %(month)s AND d.state = 'settled'), 0) AS recovered
    FROM payments_payment p JOIN payments_batch l ON l.id = p.batch_id
    WHERE p.month = %(month)s AND p.benefit_id IS NOT NULL AND p.person_id IS NULL AND l.sealed_at IS NOT NULL
      AND p.debt_id IS NULL
    GROUP BY p.benefit_id
"""
_IN_FORCE = """
    payments_benefit b
    JOIN payments_benefitrevision r ON r.benefit_id = b.id
         AND r.valid_from <= %(month)s AND (r.valid_to IS NULL OR r.valid_to > %(month)s)
    WHERE b.county_id = %(county)s AND b.starts_on <= %(month)s
      AND (b.ends_on IS NULL OR b.ends_on > %(month)s)
"""
# Of whom payment `p` is: a benefit or a grant.
_OWNER = """
    JOIN LATERAL (
        SELECT x.application_id, x.township_id FROM payments_benefit x WHERE x.id = p.benefit_id
        UNION ALL
        SELECT g.application_id, g.township_id
        FROM payments_instalment i JOIN payments_grant g ON g.id = i.grant_id WHERE i.id = p.instalment_id
    ) b ON TRUE
"""
_OF_GRANTS = "payments_instalment i JOIN payments_grant b ON b.id = i.grant_id"
# When the instalment was paid by bank or handed over; NULL as long as it is not.
_PAID_ON = """
    COALESCE((SELECT h.handed_on FROM payments_handover h WHERE h.instalment_id = i.id),
             (SELECT min(t.paid_on) FROM payments_payment p JOIN payments_transfer t ON t.payment_id = p.id
              WHERE p.instalment_id = i.id AND t.result = 'paid'))
"""


@dataclass(frozen=True, slots=True)
class Question:
    """`sql` selects application_id, township_id, expected, found and a day, each NULL where there is none."""

    code: str
    label: str
    clause: str
    means: str
    sql: str


QUESTIONS = (
    Question(
        "missed",
        "在册未发",
        "DT-8.2",
        "当月在册、没有列入已封账批次的对象。",
        f"""
        SELECT b.application_id, b.township_id, r.monthly AS expected, 0::numeric AS found, NULL::date AS day
        FROM {_IN_FORCE} AND NOT EXISTS (SELECT FROM ({_LISTED}) l WHERE l.benefit_id = b.id)
        """,  # noqa: S608 - our own text
    ),
    Question(
        "unequal",
        "多发、少发",
        "JZ-12.2",
        "已列金额（含更正）与当月应发金额不同的对象。",
        f"""
        SELECT b.application_id, b.township_id, r.monthly AS expected, l.amount AS found, NULL::date AS day
        FROM ({_LISTED}) l, {_IN_FORCE} AND l.benefit_id = b.id AND l.amount <> r.monthly
          AND NOT (l.amount > r.monthly AND l.amount - l.recovered <= r.monthly)
        """,  # noqa: S608 - our own text
    ),
    Question(
        "ended",
        "停发后仍发",
        "JZ-12.2",
        "自停发月起仍列入已封账批次、尚未全部抵扣或追回的对象。",
        f"""
        SELECT b.application_id, b.township_id, 0::numeric AS expected, l.amount AS found, b.ends_on AS day
        FROM ({_LISTED}) l JOIN payments_benefit b ON b.id = l.benefit_id
        WHERE b.county_id = %(county)s AND b.ends_on <= %(month)s AND l.amount <> l.recovered
        """,  # noqa: S608 - our own text
    ),
    Question(
        "late",
        "逾期发放",
        "DT-8.2",
        "银行入账日期晚于应发放日期的明细。",
        """
        SELECT b.application_id, b.township_id, t.amount AS expected, t.amount AS found, t.paid_on AS day
        FROM payments_batch l JOIN payments_payment p ON p.batch_id = l.id
        JOIN payments_benefit b ON b.id = p.benefit_id
        JOIN payments_transfer t ON t.payment_id = p.id AND t.result = 'paid' AND t.paid_on > l.due_on
        WHERE l.month = %(month)s AND l.county_id = %(county)s
        """,
    ),
    Question(
        "failed",
        "发放失败未补",
        "JZ-12.6",
        "银行退回、尚未更正补发的明细。",
        f"""
        SELECT b.application_id, b.township_id, p.amount AS expected, 0::numeric AS found, l.due_on AS day
        FROM payments_batch l JOIN payments_payment p ON p.batch_id = l.id {_OWNER}
        WHERE l.month = %(month)s AND l.county_id = %(county)s
          AND EXISTS (SELECT FROM payments_transfer t WHERE t.payment_id = p.id AND t.result = 'failed')
          AND NOT EXISTS (SELECT FROM payments_transfer t WHERE t.payment_id = p.id AND t.result <> 'failed')
        """,  # noqa: S608 - our own text
    ),
    Question(
        "paid_twice",
        "重复发放",
        "JZ-12.6",
        "同一笔两次入账，同月同类（同一期次）列了两笔，或发放到手又列入清单的对象。",
        f"""
        SELECT b.application_id, b.township_id, min(t.amount) AS expected, sum(t.amount) AS found,
               max(t.paid_on) AS day
        FROM payments_batch l JOIN payments_payment p ON p.batch_id = l.id
        JOIN payments_transfer t ON t.payment_id = p.id AND t.result = 'paid' {_OWNER}
        WHERE l.month = %(month)s AND l.county_id = %(county)s
        GROUP BY b.application_id, b.township_id, p.id HAVING count(*) > 1
        UNION ALL
        SELECT b.application_id, b.township_id, min(p.amount), sum(p.amount), NULL::date
        FROM payments_batch l JOIN payments_payment p ON p.batch_id = l.id {_OWNER}
        WHERE p.month = %(month)s AND l.county_id = %(county)s AND l.sealed_at IS NOT NULL
          AND p.kind IN ('regular', 'care', 'instalment', 'price')
        GROUP BY b.application_id, b.township_id, p.kind, p.instalment_id, p.person_id HAVING count(*) > 1
        UNION ALL
        SELECT b.application_id, b.township_id, p.amount, p.amount * 2, h.handed_on
        FROM payments_handover h JOIN payments_payment p ON p.instalment_id = h.instalment_id
        JOIN payments_batch l ON l.id = p.batch_id {_OWNER}
        WHERE l.month = %(month)s AND l.county_id = %(county)s
        """,  # noqa: S608 - our own text
    ),
    Question(
        "undecided",
        "无审批决定",
        "JZ-12.6",
        "当月列入发放、没有审批同意决定的对象。",
        f"""
        SELECT b.application_id, b.township_id, NULL::numeric AS expected, sum(p.amount) AS found,
               NULL::date AS day
        FROM payments_batch l JOIN payments_payment p ON p.batch_id = l.id {_OWNER}
        WHERE p.month = %(month)s AND l.county_id = %(county)s AND l.sealed_at IS NOT NULL
          AND NOT EXISTS (SELECT FROM approvals_decision d
            WHERE d.application_id = b.application_id AND d.outcome = 'approved')
        GROUP BY b.application_id, b.township_id
        """,  # noqa: S608 - our own text
    ),
    Question(
        "unopened",
        "批准未开立",
        "SY-A1.5a",
        "审批同意、到起发月仍未开立待遇，或批准了临时救助而没有期次的申请。",
        """
        SELECT d.application_id, a.township_id, COALESCE(d.monthly, d.amount) AS expected,
               0::numeric AS found, d.starts_on AS day
        FROM approvals_decision d JOIN cases_application a ON a.id = d.application_id
        WHERE a.county_id = %(county)s AND d.outcome = 'approved' AND (
            d.starts_on <= %(month)s
            AND NOT EXISTS (SELECT FROM payments_benefit b WHERE b.application_id = d.application_id)
            OR d.programme = 'linshi' AND d.at < %(month_ends)s
            AND NOT EXISTS (SELECT FROM payments_grant b WHERE b.application_id = d.application_id))
        """,
    ),
    Question(
        "grant_late",
        "临时救助逾期",
        "DT-8.4",
        "到期日在当月、逾期才入账（发放到手）或到今天仍未入账的临时救助期次。",
        f"""
        SELECT b.application_id, b.township_id, i.amount AS expected,
               CASE WHEN paid.day IS NULL THEN 0 ELSE i.amount END AS found, i.due_on AS day
        FROM {_OF_GRANTS} CROSS JOIN LATERAL (SELECT {_PAID_ON} AS day) paid
        WHERE b.county_id = %(county)s AND i.due_on >= %(month)s AND i.due_on < %(next_month)s
          AND i.advanced_on IS NULL AND i.due_on < COALESCE(paid.day, %(today)s)
        """,  # noqa: S608 - our own text
    ),
    Question(
        "hand_unsigned",
        "领取签收未补",
        "SY-5.1",
        "当月以现金、实物发放，到期仍没有签字的领取单，或逾期才补的临时救助期次。",
        f"""
        SELECT b.application_id, b.township_id, i.amount AS expected, i.amount AS found,
               (h.receipt_due_at AT TIME ZONE 'Asia/Shanghai')::date AS day
        FROM {_OF_GRANTS} JOIN payments_handover h ON h.instalment_id = i.id
        LEFT JOIN payments_handoverreceipt r ON r.hand_over_id = h.id
        WHERE b.county_id = %(county)s AND h.handed_on >= %(month)s AND h.handed_on < %(next_month)s
          AND (h.receipt_due_at AT TIME ZONE 'Asia/Shanghai')::date
              < COALESCE((r.kept_at AT TIME ZONE 'Asia/Shanghai')::date, %(today)s)
        """,  # noqa: S608 - our own text
    ),
    Question(
        "price_missed",
        "价格补贴漏发",
        "JZ-9.1",
        "当月指数启动价格补贴、已过发放期限，在册而没有列入已封账名单的人员。",
        """
        SELECT b.application_id, b.township_id,
               (%(price_amounts)s::jsonb ->> b.township_id::text)::numeric AS expected, 0::numeric AS found,
               %(price_due)s::date AS day
        FROM payments_benefitcover c JOIN payments_benefit b ON b.id = c.benefit_id
        WHERE b.county_id = %(county)s AND b.programme = ANY(%(price_programmes)s::text[])
          AND jsonb_exists(%(price_amounts)s::jsonb, b.township_id::text)
          AND c.starts_on <= %(month)s AND (c.ends_on IS NULL OR c.ends_on > %(month)s)
          AND NOT EXISTS (SELECT FROM payments_payment p JOIN payments_batch l ON l.id = p.batch_id
                          WHERE p.kind = 'price' AND p.month = %(month)s AND p.person_id = c.person_id
                            AND l.sealed_at IS NOT NULL)
        """,
    ),
    Question(
        "price_unequal",
        "价格补贴多发、少发",
        "JZ-9.1",
        "已封账名单的金额与现行指数测算额不同的人员：指数在封账后更正。少发的编制下一份名单即补差，多发的不扣回。",
        """
        SELECT b.application_id, b.township_id,
               COALESCE((%(price_amounts)s::jsonb ->> b.township_id::text)::numeric, 0) AS expected,
               sum(p.amount) AS found, NULL::date AS day
        FROM payments_batch l
        JOIN payments_payment p ON p.batch_id = l.id AND p.kind IN ('price', 'price_fix')
        JOIN payments_benefit b ON b.id = p.benefit_id
        WHERE %(price_judged)s AND l.month = %(month)s AND l.county_id = %(county)s
          AND l.sealed_at IS NOT NULL
        GROUP BY b.application_id, b.township_id, p.person_id
        HAVING sum(p.amount) <> COALESCE((%(price_amounts)s::jsonb ->> b.township_id::text)::numeric, 0)
        """,
    ),
    Question(
        "two_programmes",
        "同时享受两项",
        "JZ-12.6",
        "同一人在当月被两项互斥待遇保障。",
        """
        SELECT b.application_id, b.township_id, NULL::numeric AS expected, NULL::numeric AS found,
               c.starts_on AS day
        FROM payments_benefitcover c JOIN payments_benefit b ON b.id = c.benefit_id
        WHERE b.county_id = %(county)s AND c.starts_on <= %(month)s
          AND (c.ends_on IS NULL OR c.ends_on > %(month)s)
          AND EXISTS (SELECT FROM payments_benefitcover o WHERE o.person_id = c.person_id
              AND o.id <> c.id AND o.starts_on <= %(month)s AND (o.ends_on IS NULL OR o.ends_on > %(month)s))
        """,
    ),
)

# 名册 = 批次 = 分录 = 银行: the same money, looked at from four sides, a line a programme.
TOTALS = """
    WITH register AS (
        SELECT b.programme, count(*) AS n, sum(r.monthly) AS amount
        FROM payments_benefit b JOIN payments_benefitrevision r ON r.benefit_id = b.id
             AND r.valid_from <= %(month)s AND (r.valid_to IS NULL OR r.valid_to > %(month)s)
        WHERE b.county_id = %(county)s AND b.starts_on <= %(month)s
          AND (b.ends_on IS NULL OR b.ends_on > %(month)s)
        GROUP BY b.programme
    ), lists AS (
        SELECT programme, sum(total) AS amount FROM payments_batch
        WHERE county_id = %(county)s AND month = %(month)s AND sealed_at IS NOT NULL GROUP BY programme
    ), lines AS (
        SELECT l.programme, count(DISTINCT p.benefit_id) AS n, sum(p.amount) AS amount,
               sum(p.amount) FILTER (WHERE p.month = %(month)s) AS of_month
        FROM payments_batch l JOIN payments_payment p ON p.batch_id = l.id
        WHERE l.county_id = %(county)s AND l.month = %(month)s AND l.sealed_at IS NOT NULL
        GROUP BY l.programme
    ), books AS (
        SELECT l.programme,
               sum(g.amount) FILTER (WHERE e.kind = 'sealed' AND g.account = 'payable') AS owed,
               sum(g.amount) FILTER (WHERE g.account = 'paid') AS paid
        FROM payments_batch l JOIN payments_entry e ON e.batch_id = l.id
        JOIN payments_leg g ON g.entry_id = e.id
        WHERE l.county_id = %(county)s AND l.month = %(month)s GROUP BY l.programme
    ), bank AS (
        SELECT l.programme, sum(t.amount) AS amount
        FROM payments_batch l JOIN payments_bankfile f ON f.batch_id = l.id
        JOIN payments_transfer t ON t.bank_file_id = f.id
        WHERE l.county_id = %(county)s AND l.month = %(month)s AND t.result = 'paid' GROUP BY l.programme
    )
    SELECT programme, COALESCE(register.n, 0), COALESCE(register.amount, 0), COALESCE(lines.n, 0),
           COALESCE(lines.of_month, 0), COALESCE(lines.amount, 0), COALESCE(lists.amount, 0),
           COALESCE(books.owed, 0), COALESCE(books.paid, 0), COALESCE(bank.amount, 0)
    FROM register FULL JOIN lists USING (programme) FULL JOIN lines USING (programme)
    FULL JOIN books USING (programme) FULL JOIN bank USING (programme)
    ORDER BY programme
"""
