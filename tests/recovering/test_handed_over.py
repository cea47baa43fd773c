"""What was given in cash or goods and should not have been: claimed back like what the bank paid, once, and
booked to the fund that gave it.
"""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from approvals.recovering.enums import RecoveryState as State
from approvals.recovering.models import Recovery
from common.errors import Refused
from organisations.enums import Post
from payments.models import Debt, Fund, HandOver
from payments.queries import paid_lines
from tests.approvals.test_programmes import SHANGYU, office_in
from tests.cases.builders import person_with
from tests.payments.hand_over_builders import desk_in, fill, handed
from tests.recovering.builders import Desk

pytestmark = [pytest.mark.django_db, pytest.mark.clause("SY-5.1")]


@pytest.fixture
def given(clock) -> HandOver:
    """900.00 in cash on 2 March out of 50,000.00 of 百官街道."""
    village = office_in(SHANGYU).village
    fill(desk_in(village))
    return handed(desk_in(village))


@pytest.fixture
def desk(given: HandOver, clock) -> Desk:
    office = office_in(SHANGYU)
    clerk = person_with(Post.TOWN_PAYMENTS, office.township)
    return Desk(office, clock, (clerk, clerk))


def test_cash_that_was_given_wrongly_comes_back_to_its_fund(desk: Desk, given: HandOver) -> None:
    """An insurance had paid 300.00 of it: 600.00 were due, 300.00 come back."""
    grant = given.instalment.grant
    [line] = paid_lines(grant.application)
    assert (line.what, line.paid, line.due) == ("现金实物发放", Decimal("900.00"), Decimal("900.00"))
    recovery = desk.recovery_in(State.REPAYING, grant, months=((line.key, Decimal("600.00")),))
    assert recovery.debt.owed == Decimal("300.00")
    assert Fund.objects.get().balance == Decimal("49100.00")
    [left] = paid_lines(grant.application)
    assert left.paid == Decimal("600.00")
    desk.back(recovery, "300.00", "PJ-1")
    assert Recovery.objects.get(pk=recovery.pk).state == State.SETTLED
    assert Fund.objects.get().balance == Decimal("49400.00")


def test_the_form_lists_it_beside_what_the_bank_paid(desk: Desk, given: HandOver, browse) -> None:
    grant, handler = given.instalment.grant, browse(desk.office.handler)
    address = reverse("recovering:new", args=[grant.application_id])
    assert "现金实物发放" in handler.get(address).text
    key = f"m{given.fund_move_id}"
    form = {
        "ground": "concealed",
        "evidence": "visit",
        "found_on": "2026-03-02",
        "debtor": "林大山",
        "way": "at_once",
        "facts": "商业保险已赔付 300 元。",
        f"take_{key}": "on",
        f"due_{key}": "600.00",
    }
    assert "须小于实发" in handler.post(address, form | {f"due_{key}": "900.00"}).text
    page = handler.post(address, form, follow=True).text
    assert "现金实物发放" in page
    assert "300.00" in page
    edit = handler.get(reverse("recovering:edit", args=[Recovery.objects.get().pk])).text
    assert 'value="600.00"' in edit


def test_nothing_is_claimed_twice(desk: Desk, given: HandOver) -> None:
    grant = given.instalment.grant
    [line] = paid_lines(grant.application)
    recovery = desk.recovery_in(State.REPAYING, grant, months=((line.key, Decimal("0.00")),))
    desk.back(recovery, "900.00", "PJ-1")
    with pytest.raises(Refused, match="另行抵扣或追缴"):
        desk.drafted(grant, months=((line.key, Decimal("0.00")),))
    with pytest.raises(IntegrityError, match="taken back once"), transaction.atomic():
        claim(Debt.objects.get(), given)


def test_the_database_knows_whose_it_was(desk: Desk, given: HandOver) -> None:
    other = handed(desk_in(desk.office.village))
    debt = desk.drafted(other.instalment.grant, months=((f"m{other.fund_move_id}", Decimal("600.00")),)).debt
    with pytest.raises(IntegrityError, match="only what the payer has paid"), transaction.atomic():
        claim(debt, given)


def claim(debt: Debt, given: HandOver) -> None:
    """By raw SQL: the same hand-over for another debt of the same purse."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO payments_debt (application_id, payer_id, fund_id, owed, returned, set_off, waived,
                                       state, opened_at)
            SELECT application_id, payer_id, fund_id, 100, 0, 0, 0, 'claimed', now()
            FROM payments_debt WHERE id = %s RETURNING id
            """,
            [debt.pk],
        )
        cursor.execute(
            """
            INSERT INTO payments_overpayment (debt_id, fund_move_id, kind, month, paid, due, amount)
            VALUES (%s, %s, '', '2026-03-01', 900, 800, 100)
            """,
            [cursor.fetchone()[0], given.fund_move_id],
        )
