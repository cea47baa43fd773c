"""资金核查 finds what is planted: each fault is put in by raw SQL, past triggers and constraints."""

import datetime as dt
from contextlib import contextmanager
from decimal import Decimal

import pytest
from django.db import connection
from django.urls import reverse

from approvals.standing import refresh_standing
from organisations.enums import Post
from payments import services
from payments.models import Batch, Payment
from supervision.money.notices import hung_otherwise
from supervision.money.queries import answers, export_rows, totals
from tests.cases.builders import person_with
from tests.payments import builders
from tests.payments import hand_over_builders as hand
from tests.payments.builders import MARCH
from tests.supervision.builders import decided

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
FEBRUARY = dt.date(2026, 2, 1)


@pytest.fixture
def payer():
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00")
    return payer


@contextmanager
def unguarded(*constraints: str):
    """Triggers off and the named constraints or indexes gone, for the length of a test."""
    with connection.cursor() as cursor:
        # What waits for the end of the transaction looks now, at what is still right.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table, name in (each.split(".") for each in constraints):
            cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT IF EXISTS "{name}"')
            cursor.execute(f'DROP INDEX IF EXISTS "{name}"')
        cursor.execute("SET session_replication_role = replica")
        yield cursor.execute
        cursor.execute("SET session_replication_role = origin")


def found(payer, month=MARCH) -> dict[str, int]:
    """Question → how many; builders decide nothing, so that everybody is undecided."""
    every = {answer.question.code: answer.n for answer in answers(payer.places.county, month)}
    return {code: n for code, n in every.items() if n and code != "undecided"}


def listed_grant(payer, amount="900.00", *, paid_on: dt.date | None = None, failure: str = ""):
    """临时救助, due on 13 February, on a list that is with the bank; then what the bank says."""
    grant = builders.granted(payer.villages[0], amount)
    batch = services.prepare_payout(instalments=[grant.instalments.get().pk], actor=payer.clerk)
    services.check_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)
    file = services.make_bank_files(batch=batch, actor=payer.clerk)[0]
    if paid_on or failure:
        builders.answered(payer, file, {1: failure} if failure else None)
    return grant


@pytest.mark.clause("JZ-12.6")
def test_one_line_paid_twice_by_the_bank_is_found(payer):
    file = builders.sent(payer)
    builders.answered(payer, file)
    with unguarded("payments_transfer.payment_never_paid_twice") as run:
        run(
            "INSERT INTO payments_transfer (bank_file_id, line, payment_id, payee_name, payee_bank,"
            " payee_account, amount, result, failure, paid_on)"
            " SELECT bank_file_id, 99, payment_id, payee_name, payee_bank, payee_account, amount, result,"
            " failure, paid_on FROM payments_transfer WHERE line = 1"
        )
    assert found(payer) == {"paid_twice": 1}


@pytest.mark.clause("JZ-12.6")
def test_one_month_listed_twice_is_found(payer):
    builders.sealed(payer)
    with unguarded("payments_payment.one_payment_a_month") as run:
        run(
            "INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)"
            " SELECT batch_id, benefit_id, revision_id, kind, month, amount FROM payments_payment"
            " WHERE amount = 585"
        )
    assert found(payer) == {"paid_twice": 1, "unequal": 1}
    assert "批次合计与明细合计相差 585.00 元" in totals(payer.places.county, MARCH)[0].differences


@pytest.mark.clause("JZ-12.6")
def test_short_payment_is_found(payer):
    builders.sealed(payer)
    with unguarded() as run:
        run("UPDATE payments_payment SET amount = 85 WHERE amount = 585")
    assert found(payer) == {"unequal": 1}


@pytest.mark.clause("JZ-12.6")
def test_a_line_that_vanished_is_found(payer):
    builders.sealed(payer)
    with unguarded() as run:
        run("DELETE FROM payments_payment WHERE amount = 585")
    assert found(payer) == {"missed": 1}


@pytest.mark.clause("DT-8.4")
def test_an_instalment_paid_after_its_day_stays_found(payer):
    """Due on 13 February, with the bank on 3 March."""
    listed_grant(payer, paid_on=dt.date(2026, 3, 3))
    assert found(payer, FEBRUARY) == {"grant_late": 1}


@pytest.mark.clause("JZ-12.6")
def test_an_instalment_that_came_back_is_found(payer):
    builders.sealed(payer)
    listed_grant(payer, failure="账户销户")
    assert found(payer) == {"failed": 1}


@pytest.mark.clause("JZ-12.6")
def test_an_instalment_listed_twice_is_found(payer):
    builders.sealed(payer)
    listed_grant(payer)
    with unguarded("payments_payment.instalment_paid_once", "payments_payment.one_payment_a_month") as run:
        run(
            "INSERT INTO payments_payment (batch_id, instalment_id, kind, month, amount)"
            " SELECT batch_id, instalment_id, kind, month, amount FROM payments_payment"
            " WHERE instalment_id IS NOT NULL"
        )
    assert found(payer) == {"paid_twice": 1}


@pytest.mark.clause("JZ-12.6")
def test_a_grant_without_a_decision_is_found(payer):
    grant = listed_grant(payer)
    rows = next(a.rows for a in answers(payer.places.county, MARCH) if a.question.code == "undecided")
    assert [(row.number, row.found) for row in rows] == [(grant.application.number, Decimal("900.00"))]


@pytest.mark.clause("JZ-12.6")
def test_an_approved_grant_without_instalments_is_found(payer):
    at = dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC)
    builders.sealed(payer)
    decided(payer.villages[0], at, programme="linshi")
    assert found(payer) == {"unopened": 1}


@pytest.mark.clause("JZ-12.6")
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("UPDATE payments_batch SET total = total + 1", "批次合计与明细合计相差 1.00 元"),
        (
            "UPDATE payments_leg SET amount = amount + 1 WHERE account = 'payable' AND amount > 0",
            "分录计提与批次合计相差 1.00 元",
        ),
        (
            "UPDATE payments_leg SET amount = amount + 1 WHERE account = 'paid'",
            "分录已发放与银行入账相差 1.00 元",
        ),
        (
            "UPDATE payments_transfer SET amount = amount - 5 WHERE line = 1",
            "分录已发放与银行入账相差 5.00 元",
        ),
        (
            "UPDATE payments_benefitrevision SET monthly = monthly + 1 WHERE monthly = 585",
            "当月名册与在册应发相差 1.00 元",
        ),
    ],
)
def test_lists_that_do_not_agree_are_found(payer, fault, said):
    builders.answered(payer, builders.sent(payer))
    assert totals(payer.places.county, MARCH)[0].differences == []
    with unguarded() as run:
        run(fault)
    assert said in totals(payer.places.county, MARCH)[0].differences


@pytest.mark.clause("JZ-12.6")
def test_boards_that_do_not_agree_with_the_register_are_found(payer, client):
    """One household in each village: first no board hangs, then both do, then one line is gone."""
    county = payer.places.county
    assert [(row.n_register, row.n_hung, row.there) for row in hung_otherwise(county, MARCH)] == [
        (1, 0, False),
        (1, 0, False),
    ]
    for village in payer.villages:
        refresh_standing(area=village, actor=None)
    assert hung_otherwise(county, MARCH) == []
    with unguarded() as run:
        run("DELETE FROM publicity_standingline WHERE monthly = 585")
    row = hung_otherwise(county, MARCH)[0]
    assert (row.label, row.register, row.hung, row.there) == (
        "最低生活保障",
        Decimal("585.00"),
        Decimal(0),
        True,
    )
    client.force_login(person_with(Post.AUDITOR, county))
    page = client.get(reverse("supervision:money"), {"month": "2026-03"}).content.decode()
    assert row.township + row.village in page
    assert any(each["check"] == "公示与在册不符" for each in export_rows(county, MARCH))


def test_a_month_in_order_raises_nothing(payer):
    builders.answered(payer, builders.sent(payer))
    assert found(payer) == {}
    assert Batch.objects.get().state == "settled"
    assert Payment.objects.count() == 2


@pytest.mark.clause("SY-5.1")
def test_what_was_handed_over_counts_as_paid(payer, clock):
    """Due on Thursday 5 March, given on Monday the 2nd; the signed receipt is due on the 5th as well."""
    builders.sealed(payer)
    desk = hand.desk_in(payer.villages[0])
    hand.fill(desk)
    given = hand.handed(desk, decided_at=dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC))
    clock.move_to(dt.datetime(2026, 3, 5, 15, tzinfo=dt.UTC))
    assert found(payer) == {}
    clock.move_to(dt.datetime(2026, 3, 6, 1, tzinfo=dt.UTC))
    assert found(payer) == {"hand_unsigned": 1}
    with unguarded() as run:
        run("UPDATE payments_handover SET handed_on = '2026-03-06'")
    assert found(payer) == {"grant_late": 1, "hand_unsigned": 1}
    waiting = hand.instalment(desk, decided_at=dt.datetime(2026, 3, 6, 1, tzinfo=dt.UTC))
    services.prepare_payout(instalments=[waiting.pk], actor=desk.clerk)
    with unguarded() as run:
        run("UPDATE payments_payment SET instalment_id = %s WHERE kind = 'instalment'", [given.instalment_id])
    assert found(payer) == {"grant_late": 1, "hand_unsigned": 1, "paid_twice": 1}
