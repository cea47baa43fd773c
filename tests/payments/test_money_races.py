"""A slice of `bench/money_races.py`: eight writers at once, and at every look the money is right."""

import pytest
from django.db import connection, transaction

from bench.looking import RULES, look
from bench.racing import Race
from common.append_only import broken_links
from payments.models import BatchEvent, Entry
from tests.payments import builders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.clause("JZ-12.2")
def test_eight_writers_break_nothing_at_any_look(clock) -> None:
    race = Race(seed=1, n=240)
    race.run(clock)
    assert race.broken == []
    assert not [outcome for outcome in race.did if outcome.endswith("死锁")]
    assert sum(race.did.values()) == race.n
    assert race.n_looks > 20
    assert {"prepare 成功", "seal 成功", "answer 成功", "revise 成功"} <= set(race.did)
    with transaction.atomic():
        assert broken_links(Entry) == broken_links(BatchEvent) == []


BREAKS = {
    "借贷不平的分录": "UPDATE payments_leg SET amount = amount + 1 WHERE account = 'paid'",
    "没有明细的分录": "DELETE FROM payments_leg",
    "余额与分录不符的资金": "INSERT INTO payments_fund (area_id, purpose, balance)"
    " SELECT area_id, 'linshi', 1 FROM payments_batch",
    "重复的发放明细": "INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)"
    " SELECT batch_id, benefit_id, revision_id, kind, month, amount FROM payments_payment",
    "合计与明细不符的代发文件": "UPDATE payments_bankfile SET total = total + 1",
    "合计与明细不符的批次": "UPDATE payments_batch SET n_payments = 7",
    "同一笔同时报送或发放两次": "UPDATE payments_transfer"
    " SET payment_id = (SELECT min(id) FROM payments_payment)",
    "没有待遇变动支持的明细": "UPDATE payments_payment SET amount = amount + 1",
    "计提与批次不符": "UPDATE payments_batch SET total = total + 1",
    "在途与待回复的转账不符": "UPDATE payments_transfer SET result = 'pending', paid_on = NULL",
    "已发放与成功的转账不符": "UPDATE payments_transfer SET amount = amount + 1",
    "更正同一笔的两笔更正": "INSERT INTO payments_payment"
    " (batch_id, benefit_id, revision_id, kind, month, amount, reverses_id)"
    " SELECT batch_id, benefit_id, revision_id, 'correction', month, n, id FROM payments_payment,"
    " generate_series(1, 2) n",
}


def test_a_look_sees_each_break(clock) -> None:
    """The negative control: past triggers and constraints, every rule has something to say."""
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00")
    builders.answered(payer, builders.sent(payer))
    assert look() == {}
    assert set(BREAKS) == set(RULES)
    for name, sql in BREAKS.items():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            for index in ("one_payment_a_month", "payment_never_paid_twice", "payment_corrected_once"):
                cursor.execute(f"DROP INDEX IF EXISTS {index}")
            cursor.execute(sql)
            assert name in look_within(cursor)
            transaction.set_rollback(True)
    assert look() == {}


def look_within(cursor) -> dict[str, int]:
    """The same look from inside a transaction that will be undone."""
    return {name: n for name, sql in RULES.items() if (n := cursor.execute(sql).fetchone()[0])}
