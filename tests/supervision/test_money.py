"""资金核查: what is wrong with a month's money is found, and what is right is not."""

import datetime as dt
from decimal import Decimal
from io import BytesIO

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Person
from organisations.enums import Post
from payments import services
from payments.demo_bank import answer_to
from payments.models import Benefit
from supervision.money.checks import QUESTIONS
from supervision.money.queries import answers, totals
from tests.cases.builders import person_with
from tests.payments import builders
from tests.payments.builders import APRIL, MARCH
from tests.supervision.builders import decided

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def payer():
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00")
    return payer


@pytest.fixture
def auditor(payer):
    return person_with(Post.AUDITOR, payer.places.county)


def found(payer, month=MARCH) -> dict[str, int]:
    """Question → how many; only those that found something. Decisions are none of the builders' business."""
    every = {answer.question.code: answer.n for answer in answers(payer.places.county, month)}
    return {code: n for code, n in every.items() if n and code != "undecided"}


def rows(payer, code, month=MARCH):
    return next(a.rows for a in answers(payer.places.county, month) if a.question.code == code)


@pytest.mark.clause("JZ-12.6")
def test_a_month_that_was_paid_in_full_agrees_from_four_sides(payer):
    builders.answered(payer, builders.sent(payer))
    assert found(payer) == {}
    total = totals(payer.places.county, MARCH)[0]
    assert (total.n_register, total.register, total.listed, total.lists) == (2, *[Decimal("1670.00")] * 3)
    assert (total.owed, total.paid_in_books, total.paid_by_bank) == (Decimal("1670.00"),) * 3
    assert total.differences == []


@pytest.mark.clause("DT-8.2")
def test_who_is_in_receipt_and_on_no_list_is_found(payer):
    builders.sealed(payer)
    late = builders.benefit(payer.villages[0], "300.00")
    assert found(payer) == {"missed": 1}
    row = rows(payer, "missed")[0]
    assert (row.number, row.expected, row.found) == (late.application.number, Decimal("300.00"), Decimal(0))
    assert totals(payer.places.county, MARCH)[0].differences == ["当月名册与在册应发相差 300.00 元"]


def test_an_open_list_is_no_payment(payer):
    builders.checked(payer)
    assert found(payer) == {"missed": 2}


@pytest.mark.clause("JZ-12.2")
def test_money_after_the_end_is_found(payer):
    builders.sent(payer)
    ended = Benefit.objects.order_by("pk").first()
    services.end_benefit(benefit=ended, ends_on=MARCH, reason="死亡", source="test")
    assert found(payer) == {"ended": 1}
    row = rows(payer, "ended")[0]
    assert (row.number, row.found, row.day) == (ended.application.number, Decimal("585.00"), MARCH)


@pytest.mark.clause("JZ-12.2")
def test_another_amount_than_is_due_is_found_until_it_is_corrected(payer, clock):
    builders.answered(payer, builders.sent(payer))
    raised = Benefit.objects.order_by("pk").first()
    services.revise_benefit(
        benefit=raised,
        monthly=Decimal("600.00"),
        care_fee=Decimal("0.00"),
        valid_from=MARCH,
        lines=[],
        rule_ids=[],
        reason="补核",
        source="test",
        decided_by=builders.decider(),
    )
    assert found(payer) == {"unequal": 1}
    row = rows(payer, "unequal")[0]
    assert (row.expected, row.found) == (Decimal("600.00"), Decimal("585.00"))
    clock.move_to(dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC))
    builders.sealed(payer, APRIL)
    assert found(payer) == {}


@pytest.mark.clause("DT-8.2")
@pytest.mark.clause("JZ-12.6")
def test_money_that_came_late_and_money_that_came_back(payer, clock):
    file = builders.sent(payer)
    clock.move_to(dt.datetime(2026, 3, 12, 9, tzinfo=dt.UTC))
    came = answer_to(file, paid_on=dt.date(2026, 3, 12), failures={2: "账户销户"})
    services.confirm_answer(
        answer=services.upload_answer(bank_file=file, upload=BytesIO(came), actor=payer.clerk),
        actor=payer.clerk,
    )
    assert found(payer) == {"late": 1, "failed": 1}
    assert rows(payer, "late")[0].day == dt.date(2026, 3, 12)


@pytest.mark.clause("DT-8.4")
def test_an_instalment_that_was_not_paid_in_time_is_found(payer, clock):
    """Approved on 10 February, due on the 13th; not paid by 2 March."""
    builders.granted(payer.villages[0], "900.00")
    due = rows(payer, "grant_late", dt.date(2026, 2, 1))
    assert [(row.expected, row.day) for row in due] == [(Decimal("900.00"), dt.date(2026, 2, 13))]
    assert found(payer, dt.date(2026, 1, 1)) == {}


def test_whoever_is_paid_without_a_decision_is_found(payer):
    builders.sealed(payer)
    assert len(rows(payer, "undecided")) == 2


@pytest.mark.clause("SY-A1.5a")
def test_an_approval_that_opened_nothing_is_found(payer):
    case = decided(payer.villages[0], dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC))
    assert [row.number for row in rows(payer, "unopened")] == [case.number]


def test_one_person_under_two_programmes_would_be_found(payer):
    """The database refuses it; were the constraint gone, the page would show it."""
    one, two = Benefit.objects.order_by("pk")
    person = Person.objects.create(
        name="林大山", sex="male", birth_date=dt.date(1980, 5, 1), id_number="330322198005010017"
    )
    with (
        connection.cursor() as cursor,
        pgtrigger.ignore("payments.BenefitCover:cover_lasts_as_long_as_its_benefit"),
    ):
        cursor.execute("ALTER TABLE payments_benefitcover DROP CONSTRAINT nobody_in_two_exclusive_programmes")
        for benefit in (one, two):
            cursor.execute(
                "INSERT INTO payments_benefitcover (benefit_id, person_id, starts_on) VALUES (%s, %s, %s)",
                [benefit.pk, person.pk, MARCH],
            )
    assert found(payer)["two_programmes"] == 2


def test_another_county_is_not_looked_at(payer):
    builders.benefit(payer.places.other_county_village)
    numbers = {row.number for a in answers(payer.places.county, MARCH) for row in a.rows}
    assert len(numbers) == 2


def test_the_page_and_its_export(payer, auditor, client):
    builders.sealed(payer)
    builders.benefit(payer.villages[0], "300.00")
    client.force_login(auditor)
    page = client.get(reverse("supervision:money"), {"month": "2026-03"}).content.decode()
    assert "当月名册与在册应发相差 300.00 元" in page
    assert all(question.label in page for question in QUESTIONS)
    assert client.get(reverse("supervision:money"), {"month": "x", "county": "y"}).status_code == 200
    export = client.get(reverse("supervision:money_export"), {"month": "2026-03"})
    assert export.getvalue()[:2] == b"PK"


def test_a_township_overseer_is_told_who_looks(payer, client):
    client.force_login(person_with(Post.DISCIPLINE, payer.area))
    answer = client.get(reverse("supervision:money"))
    assert answer.status_code == 403
    assert "资金核查由区级监督岗" in answer.content.decode()


def test_the_page_costs_the_same_for_three_and_for_thirty(payer, auditor, client):
    client.force_login(auditor)

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("supervision:money"), {"month": "2026-03"}).status_code == 200
        return len(captured)

    cost()
    few = cost()
    for _ in range(28):
        builders.benefit(payer.villages[0])
    assert cost() == few
