"""What must hold after any crash, as SQL that finds the rows for which it does not."""

from __future__ import annotations

from django.db import connection

from bench.crash_harness.world import World
from common.append_only import broken_links
from payments.models import BankFile, BatchEvent, Entry, PayeeChange
from payments.services.bank_files import read_bank_file

_SEALED = "('sealed', 'sent', 'settled')"


def _events(action: str) -> str:
    events = "(SELECT count(*) FROM payments_batchevent e WHERE e.batch_id = b.id AND e.action = '{}')"
    return events.format(action)


def _ledger(account: str) -> str:
    return f"COALESCE((SELECT sum(amount) FROM payments_leg WHERE account = '{account}'), 0)"  # noqa: S608 - our own text


def _transfers(result: str) -> str:
    return f"COALESCE((SELECT sum(amount) FROM payments_transfer WHERE result = '{result}'), 0)"  # noqa: S608 - our own text


# At every instant, whatever is half done.
ALWAYS = {
    "一户一月两笔": """
        SELECT 1 FROM payments_payment WHERE kind IN ('regular', 'care')
        GROUP BY benefit_id, month, kind HAVING count(*) > 1""",
    "一期两笔": """
        SELECT 1 FROM payments_payment WHERE kind = 'instalment'
        GROUP BY instalment_id HAVING count(*) > 1""",
    "一期既列清单又发到手": """
        SELECT 1 FROM payments_handover h JOIN payments_payment p ON p.instalment_id = h.instalment_id""",
    "现金实物支出与发放不一一对应": """
        SELECT 1 FROM (SELECT * FROM payments_fundmove WHERE kind = 'handed') m
        FULL JOIN payments_handover h ON h.fund_move_id = m.id
        LEFT JOIN payments_instalment i ON i.id = h.instalment_id
        WHERE m.id IS NULL OR h.id IS NULL OR m.amount <> -i.amount""",
    "一笔两次在途或到账": """
        SELECT 1 FROM payments_transfer WHERE result <> 'failed' GROUP BY payment_id HAVING count(*) > 1""",
    "一月内所得超过应得": """
        SELECT 1 FROM payments_payment p JOIN payments_batch b ON b.id = p.batch_id
        JOIN payments_benefitrevision r ON r.benefit_id = p.benefit_id AND r.valid_from <= p.month
             AND (r.valid_to IS NULL OR r.valid_to > p.month)
        WHERE b.month > p.month GROUP BY p.benefit_id, p.month, r.monthly
        HAVING (SELECT sum(amount) FROM payments_payment q WHERE q.benefit_id = p.benefit_id
                AND q.month = p.month AND q.person_id IS NULL) > r.monthly""",
    "分录不平": """
        SELECT 1 FROM payments_entry e LEFT JOIN payments_leg l ON l.entry_id = e.id
        GROUP BY e.id HAVING count(l.id) < 2 OR sum(l.amount) <> 0""",
    "余额不是分录之和": """
        SELECT 1 FROM payments_fund f
        WHERE balance < 0
           OR balance <> COALESCE((SELECT sum(amount) FROM payments_leg WHERE fund_id = f.id), 0)
           OR balance <> COALESCE((SELECT sum(amount) FROM payments_fundmove WHERE fund_id = f.id), 0)""",
    "资金变动与分录不一一对应": """
        SELECT 1 FROM payments_fundmove m FULL JOIN (SELECT * FROM payments_leg WHERE fund_id IS NOT NULL) l
            ON l.entry_id = m.entry_id AND l.fund_id = m.fund_id AND l.amount = m.amount
        WHERE m.id IS NULL OR l.id IS NULL""",
    "拨付与用款申请不符": """
        SELECT 1 FROM payments_fundrequest r LEFT JOIN payments_fundmove m ON m.request_id = r.id
        WHERE (r.state = 'allocated') <> (m.id IS NOT NULL) OR m.amount <> r.amount""",
    "名册合计不是明细之和": """
        SELECT 1 FROM payments_batch b LEFT JOIN payments_payment p ON p.batch_id = b.id
        GROUP BY b.id HAVING b.n_payments <> count(p.id) OR b.total <> COALESCE(sum(p.amount), 0)""",
    "文件合计不是明细之和": """
        SELECT 1 FROM payments_bankfile f LEFT JOIN payments_transfer t ON t.bank_file_id = f.id
        GROUP BY f.id HAVING f.n_transfers <> count(t.id) OR f.total <> sum(t.amount)""",
    "在途科目不是待回复之和": f"SELECT 1 WHERE {_ledger('in_bank')} <> {_transfers('pending')}",  # noqa: S608 - our own text
    "已发放科目不是到账、先行支付与发到手之和减去追回": f"""
        SELECT 1 WHERE {_ledger("paid")} <> {_transfers("paid")}
            + COALESCE((SELECT sum(-amount) FROM payments_fundmove WHERE kind IN ('relief', 'handed')), 0)
            - COALESCE((SELECT sum(amount) FROM payments_repayment), 0)""",  # noqa: S608 - our own text
    "追缴账与明细不符": """
        SELECT 1 FROM payments_debt d WHERE (owed, returned, waived, set_off) IS DISTINCT FROM (
            (SELECT sum(amount) FROM payments_overpayment WHERE debt_id = d.id),
            (SELECT COALESCE(sum(amount), 0) FROM payments_repayment WHERE debt_id = d.id),
            (SELECT COALESCE(sum(amount), 0) FROM payments_waiver WHERE debt_id = d.id AND granted),
            (SELECT COALESCE(-sum(amount), 0) FROM payments_payment WHERE debt_id = d.id))""",
    "一笔追缴超过实发": """
        SELECT 1 FROM payments_overpayment o JOIN payments_debt d ON d.id = o.debt_id
        WHERE d.state <> 'released'
        GROUP BY o.payment_id, o.fund_move_id HAVING sum(o.amount) > max(o.paid)""",
    "应付科目不是封账未付之和": f"""
        SELECT 1 WHERE {_ledger("payable")} + {_transfers("pending")} + {_transfers("paid")}
            <> COALESCE((SELECT sum(total) FROM payments_batch WHERE state IN {_SEALED}), 0)""",  # noqa: S608 - our own text
    "批次状态与痕迹不符": f"""
        SELECT 1 FROM payments_batch b
        WHERE {_events("prepared")} = 0
           OR {_events("checked")} - {_events("returned")} <> (b.state <> 'prepared')::int
           OR {_events("sealed")} <> (b.state IN {_SEALED})::int
           OR ({_events("file_made")} > 0) <> (b.state IN ('sent', 'settled'))
           OR {_events("file_made")} <> (SELECT count(*) FROM payments_bankfile f WHERE f.batch_id = b.id)
           OR {_events("settled")} <> (b.state = 'settled')::int
           OR {_events("answered")} <> (SELECT count(*) FROM payments_bankanswer a
               JOIN payments_bankfile f ON f.id = a.bank_file_id
               WHERE f.batch_id = b.id AND a.confirmed_at IS NOT NULL)""",  # noqa: S608 - our own text
    "批次与账簿不符": f"""
        SELECT 1 FROM payments_batch b LEFT JOIN payments_entry e ON e.batch_id = b.id AND e.kind = 'sealed'
        GROUP BY b.id HAVING count(e.id) <> (b.state IN {_SEALED})::int""",  # noqa: S608 - our own text
    "文件与账簿不符": """
        SELECT 1 FROM payments_bankfile f LEFT JOIN payments_entry e ON e.bank_file_id = f.id
        LEFT JOIN payments_leg l ON l.entry_id = e.id AND l.account = 'in_bank'
        WHERE l.amount IS DISTINCT FROM f.total""",
    "回盘与账簿不符": """
        SELECT 1 FROM payments_bankanswer a LEFT JOIN payments_entry e ON e.answer_id = a.id
        LEFT JOIN payments_leg l ON l.entry_id = e.id AND l.account = 'in_bank'
        WHERE (a.confirmed_at IS NOT NULL) <> (e.id IS NOT NULL)
           OR -l.amount <> a.paid_total + a.failed_total""",
    "更正账户没有痕迹": """
        SELECT 1 FROM payments_transfer t JOIN payments_bankfile f ON f.id = t.bank_file_id
        JOIN payments_payment p ON p.id = t.payment_id JOIN payments_transfer s ON s.payment_id = t.payment_id
        LEFT JOIN payments_instalment i ON i.id = p.instalment_id
        WHERE s.id < t.id AND s.payee_account <> t.payee_account AND NOT EXISTS (
            SELECT FROM payments_payeechange c
            WHERE c.benefit_id = p.benefit_id OR c.grant_id = i.grant_id)""",
    "保障人员期间与待遇不符": """
        SELECT 1 FROM payments_benefitcover c JOIN payments_benefit b ON b.id = c.benefit_id
        WHERE c.starts_on <> b.starts_on OR c.ends_on IS DISTINCT FROM b.ends_on""",
    "在册待遇没有金额": """
        SELECT 1 FROM payments_benefit b WHERE b.programme <> 'dibian'
        AND NOT EXISTS (SELECT FROM payments_benefitrevision r WHERE r.benefit_id = b.id)""",
    "停发没有记到申请": """
        SELECT 1 FROM payments_benefit b JOIN cases_application a ON a.id = b.application_id
        WHERE b.end_reason <> '' AND a.benefit_ended_on IS DISTINCT FROM b.ends_on""",
}
# When the month is at its end, besides.
AT_THE_END = {
    "批次没有对账完成": "SELECT 1 FROM payments_batch WHERE state <> 'settled'",
    "明细没有到账": """
        SELECT 1 FROM payments_payment p WHERE amount > 0 AND 1 <>
            (SELECT count(*) FROM payments_transfer t WHERE t.payment_id = p.id AND t.result = 'paid')""",
    "仍有待银行回复": "SELECT 1 FROM payments_transfer WHERE result = 'pending'",
    "代发文件没有写成": "SELECT 1 FROM payments_bankfile WHERE written_at IS NULL",
    "仍有挂账": "SELECT 1 FROM payments_unknownanswer WHERE settled_at IS NULL",
    "用款申请没有处理": "SELECT 1 FROM payments_fundrequest WHERE state = 'asked'",
    "到期的期次没有列入": """
        SELECT 1 FROM payments_instalment i WHERE NOT EXISTS (
            SELECT FROM payments_payment p WHERE p.instalment_id = i.id)
        AND NOT EXISTS (SELECT FROM payments_handover h WHERE h.instalment_id = i.id)""",
}
# What each household got, all its months and kinds, by benefit or grant.
_RECEIVED = """
    SELECT COALESCE('benefit:' || p.benefit_id, 'grant:' || i.grant_id), sum(t.amount)
    FROM payments_transfer t JOIN payments_payment p ON p.id = t.payment_id
    LEFT JOIN payments_instalment i ON i.id = p.instalment_id
    WHERE t.result = 'paid' GROUP BY 1
    UNION ALL
    SELECT 'grant:' || i.grant_id, sum(i.amount)
    FROM payments_handover h JOIN payments_instalment i ON i.id = h.instalment_id GROUP BY 1
"""


def _broken(rules: dict[str, str]) -> list[str]:
    """The names of the rules that some row breaks: one round trip."""
    sql = " UNION ALL ".join(f"SELECT %s WHERE EXISTS ({rule})" for rule in rules.values())  # noqa: S608 - ours
    with connection.cursor() as cursor:
        cursor.execute(sql, list(rules))
        return [name for (name,) in cursor.fetchall()]


def broken_now() -> list[str]:
    """Rules broken at this instant, in words; empty when all is well."""
    found = _broken(ALWAYS)
    if broken_links(Entry) or broken_links(BatchEvent) or broken_links(PayeeChange):
        found.append("痕迹链断裂")
    return found


def broken_at_the_end(world: World) -> list[str]:
    """The same once every step is done: also that every fen has reached the one it is for, once."""
    found = broken_now() + _broken(AT_THE_END)
    with connection.cursor() as cursor:
        cursor.execute(_RECEIVED)
        received = dict(cursor.fetchall())
    found += [
        f"{owner} 应得 {due} 实得 {received.get(owner, 0)}"
        for owner, due in world.due.items()
        if received.get(owner, 0) != due
    ]
    found += [f"{owner} 不应有发放" for owner in received.keys() - world.due.keys()]
    for file in BankFile.objects.filter(written_at__isnull=False):
        read_bank_file(file, "csv")
        read_bank_file(file, "xlsx")
    return found
