"""发放明细: everything that became of one person's money, a year a page, and on paper."""

import datetime as dt
import json
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.statement import cases_for, statement_of
from cases.models import Member, Person
from organisations.enums import Post
from payments import services
from payments.demo_bank import answer_to
from tests.cases.builders import person_with
from tests.payments import builders
from tests.payments.builders import ACCOUNT, APRIL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def payer():
    return builders.town()


@pytest.fixture
def handler(payer):
    return person_with(Post.HANDLER, payer.area)


def one_person(*applications) -> None:
    """The same applicant in each; the households are frozen, so the triggers are off meanwhile."""
    person = Person.objects.create(
        name="林甲", sex="female", birth_date=dt.date(1980, 5, 1), id_number="x", id_digest="x"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    for application in applications:
        Member.objects.create(
            household=application.household, person=person, programme=application.programme, relation="self"
        )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")


def answered(payer, file, day, failures=None) -> None:
    services.import_answer(
        bank_file=file, upload=BytesIO(answer_to(file, paid_on=day, failures=failures)), actor=payer.clerk
    )


@pytest.fixture
def story(payer, clock):
    """March: 585 came back and was paid again. April: 600 from March on, 15 more for March. And a grant."""
    benefit = builders.benefit(payer.villages[0], "585.00")
    file = builders.sent(payer)
    answered(payer, file, dt.date(2026, 3, 2), {1: "账户销户"})
    again = services.retry_failed(batch=file.batch, actor=payer.clerk)[0]
    answered(payer, again, dt.date(2026, 3, 2))
    services.revise_benefit(
        benefit=benefit,
        monthly=Decimal("600.00"),
        care_fee=Decimal("0.00"),
        valid_from=dt.date(2026, 3, 1),
        lines=[],
        rule_ids=[],
        reason="补核",
        source="test",
        decided_by=builders.decider(),
    )
    grant = builders.granted(payer.villages[0], "900.00")
    one_person(benefit.application, grant.application)
    clock.move_to(dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC))
    answered(payer, builders.sent(payer, APRIL), dt.date(2026, 4, 2))
    batch = services.prepare_payout(instalments=[grant.instalments.get().pk], actor=payer.clerk)
    services.check_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)
    return benefit


@pytest.mark.clause("JZ-12.6")
def test_each_line_with_its_attempts_and_what_was_paid_so_far(payer, handler, story):
    """585 + 15 + 600 are paid; the grant of 900 is listed and not yet sent."""
    found = statement_of(story.application, cases_for(story.application, handler))
    assert [(row.kind, row.month.month, row.due, row.paid, row.paid_so_far) for row in found.rows] == [
        ("按月发放", 3, Decimal("585.00"), Decimal("585.00"), Decimal("585.00")),
        ("更正", 3, Decimal("15.00"), Decimal("15.00"), Decimal("600.00")),
        ("按月发放", 4, Decimal("600.00"), Decimal("600.00"), Decimal("1200.00")),
        ("临时救助", 4, Decimal("900.00"), Decimal("0.00"), Decimal("1200.00")),
    ]
    assert [attempt.result for attempt in found.rows[0].attempts] == ["failed", "paid"]
    year = found.years[0]
    assert (year.year, year.n, year.due, year.paid) == (2026, 4, Decimal("2100.00"), Decimal("1200.00"))


def test_the_case_and_the_grant_of_the_same_person_show_the_same(payer, handler, story):
    grant = (
        payer.area.pk
        and story.application.household.members.get()
        .person.memberships.exclude(household=story.application.household)
        .get()
    )
    other = grant.household.application
    assert cases_for(other, handler) == cases_for(story.application, handler)


def test_what_lies_out_of_reach_is_left_out(payer, story):
    stranger = person_with(Post.HANDLER, payer.places.other_county_village.parent)
    assert cases_for(story.application, stranger) == []


def test_an_advance_counts_as_paid(payer, handler):
    case = builders.application(payer.villages[0], programme="linshi")
    services.open_grant(
        application=case,
        amount=Decimal("900.00"),
        advanced=services.Advance(on=dt.date(2026, 2, 9), amount=Decimal("300.00")),
        lines=[],
        rule_ids=[],
        decided_by=builders.decider(),
    )
    found = statement_of(case, cases_for(case, handler))
    assert [(row.kind, row.paid, row.note) for row in found.rows] == [
        ("急难先行救助", Decimal("300.00"), "2026-02-09 从备用金先行支付")
    ]


def test_the_page_masks_and_the_paper_is_numbered(payer, handler, story, client):
    client.force_login(handler)
    url = reverse("approvals:statement", args=[story.application_id])
    page = client.get(url).content.decode()
    assert "账户销户" in page
    assert "1,200.00" in page
    assert ACCOUNT not in page
    assert client.get(url, {"year": "x"}).status_code == 200
    assert client.get(url, {"year": "1999"}).status_code == 200
    asked = {"kind": "money_statement", "matter": "statement:2026-04-02"}
    make = reverse("approvals:document_make", args=[story.application_id])
    assert client.post(make, asked).status_code == 302
    made = Document.objects.get(kind=DocumentKind.MONEY_STATEMENT)
    assert made.number == "洞头区北岙街道社救明〔2026〕1号"
    data = json.loads(made.data)
    assert data["statements"][0]["rows"][0]["what"][0].startswith("失败：账户销户，尾号 8901，")
    assert ACCOUNT not in made.data
    assert reverse("approvals:document", args=[made.pk]) in client.get(url).content.decode()
    assert (
        made.number
        in client.get(
            reverse("workbench:case", args=[story.application.number]), {"tab": "documents"}
        ).content.decode()
    )


def test_no_paper_where_nothing_was_paid(payer, handler, client):
    benefit = builders.benefit(payer.villages[0])
    client.force_login(handler)
    make = reverse("approvals:document_make", args=[benefit.application_id])
    client.post(make, {"kind": "money_statement", "matter": "statement:2026-03-02"})
    client.post(make, {"kind": "money_statement", "matter": "x"})
    assert not Document.objects.exists()


def test_thirty_and_three_hundred_lines_cost_the_same(payer, handler, client):
    benefit = builders.benefit(payer.villages[0])
    batch = builders.sealed(payer)
    client.force_login(handler)
    url = reverse("approvals:statement", args=[benefit.application_id])

    def add(first: int, last: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute("SET session_replication_role = replica")
            cursor.execute(
                "INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)"
                " SELECT %s, %s, %s, 'regular', DATE '2026-03-01' - make_interval(months => n), 585"
                " FROM generate_series(%s, %s) n",
                [batch.pk, benefit.pk, benefit.revisions.get().pk, first, last],
            )
            cursor.execute("SET session_replication_role = origin")

    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            page = client.get(url, {"year": "2024"}).content.decode()
        assert page.count("2024-") == 12
        return len(captured)

    add(1, 29)
    cost()
    few = cost()
    add(30, 299)
    assert cost() == few
