"""What finance is given: the month by township and programme, and the use of the year."""

import datetime as dt
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisations.enums import Post
from organisations.scope import scope_of
from payments import services
from payments.queries.finance import month_for_finance, use_of_year
from tests.cases.builders import person_with
from tests.payments import builders
from tests.payments.builders import APRIL, MARCH
from tests.payments.test_funds import ask, filled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def payer():
    return builders.town()


@pytest.fixture
def finance(payer):
    return person_with(Post.DISTRICT_FINANCE, payer.places.county)


def month(user, of) -> list[tuple]:
    return [tuple(row.values()) for row in month_for_finance(scope_of(user), of)]


@pytest.mark.clause("JZ-6.1")
def test_a_month_by_township_and_programme(payer, finance, clock):
    """March: 585.00 paid and 1,085.00 returned. April: 600 + 1,085, and 15 more for March."""
    first, _ = builders.benefits(payer, "585.00", "1085.00")
    file = builders.sent(payer)
    builders.answered(payer, file, {2: "账户销户"})
    township, label = payer.area.name, "最低生活保障"
    march = (2, Decimal("1670.00"), Decimal(0), Decimal("1670.00"), Decimal("585.00"), 1, Decimal("1085.00"))
    assert month(finance, MARCH) == [(township, label, *march), ("合计", "", *march)]
    services.revise_benefit(
        benefit=first,
        monthly=Decimal("600.00"),
        care_fee=Decimal("0.00"),
        valid_from=MARCH,
        lines=[],
        rule_ids=[],
        reason="补核",
        source="test",
        decided_by=builders.decider(),
    )
    clock.move_to(dt.datetime(2026, 4, 2, 9, tzinfo=dt.UTC))
    builders.sealed(payer, APRIL)
    april = (2, Decimal("1685.00"), Decimal("15.00"), Decimal("1700.00"), Decimal(0), 0, Decimal(0))
    assert month(finance, APRIL) == [(township, label, *april), ("合计", "", *april)]


def test_a_list_that_is_open_is_not_told(payer, finance):
    builders.benefits(payer, "585.00")
    builders.checked(payer)
    assert [row[2] for row in month(finance, MARCH)] == [0]


def test_neighbours_see_nothing_of_it(payer):
    builders.benefits(payer, "585.00")
    builders.sealed(payer)
    stranger = person_with(Post.DISTRICT_FINANCE, payer.places.other_county)
    assert [row[0] for row in month(stranger, MARCH)] == ["合计"]


def test_a_name_that_looks_like_a_formula_stays_text(payer, finance, client):
    builders.benefits(payer, "585.00")
    builders.sealed(payer)
    payer.area.name = "=1+1"
    payer.area.save(update_fields=["name"])
    client.force_login(finance)
    csv = client.get(reverse("payments:finance_export", args=["csv"]), {"month": "2026-03"})
    assert "'=1+1,最低生活保障,1,585.00,0.00,585.00,0.00,0,0.00\r\n" in csv.getvalue().decode("gb18030")
    xlsx = client.get(reverse("payments:finance_export", args=["xlsx"]), {"month": "2026-03"})
    cells = [cell for row in openpyxl.load_workbook(BytesIO(xlsx.getvalue())).active.rows for cell in row]
    named = next(cell for cell in cells if cell.value == "=1+1")
    assert named.data_type == "s"
    assert client.get(reverse("payments:finance_export", args=["pdf"])).status_code == 404
    assert client.get(reverse("payments:finance_export", args=["csv"]), {"month": "x"}).status_code == 200


@pytest.mark.clause("DT-8.1")
def test_the_use_of_the_year_by_purpose_and_unit(payer, finance):
    """Advance 50,000 and 20,000 more for 临时救助, 5,000 asked for and refused; 900 paid at once."""
    office = person_with(Post.DISTRICT_PAYMENTS, payer.places.county)
    quarter = dt.date(2026, 1, 1)
    advance = ask(payer.area, office, "50000.00", kind="advance", quarter=quarter)
    services.allocate_funds(request=advance, actor=finance)
    filled(payer, finance, "20000.00")
    services.refuse_funds(request=ask(payer.area, payer.clerk, "5000.00"), actor=finance, remark="已足够")
    services.pay_from_reserve(township=payer.area, amount=Decimal("900.00"), actor=payer.clerk, note="火灾")
    (use,) = use_of_year(scope_of(finance), 2026)
    assert (use.label, use.area) == ("临时救助（含备用金）", "")
    assert (use.requested, use.advanced, use.allocated) == (
        Decimal("70000.00"),
        Decimal("50000.00"),
        Decimal("70000.00"),
    )
    assert (use.paid, use.left) == (Decimal("900.00"), Decimal("69100.00"))
    services.allocate_funds(request=ask(payer.places.county, office, "100.00"), actor=finance)
    assert [(row.area, row.left) for row in use_of_year(scope_of(finance), 2026)] == [
        ("", Decimal("69200.00")),
        ("洞头区", Decimal("100.00")),
        ("北岙街道", Decimal("69100.00")),
    ]


def test_the_chart_is_drawn_and_the_table_stands_beside_it(payer, finance, client):
    fund = filled(payer, finance, "20000.00")
    client.force_login(finance)
    page = client.get(reverse("payments:fund", args=[fund.pk])).content.decode()
    assert page.count("<rect ") == 12
    assert '<rect x="550" y="0" width="36" height="100"><title>2026-03：20,000.00 元</title>' in page
    assert '<td class="nowrap">2026-03</td><td class="num">20,000.00</td>' in page


def test_the_month_costs_the_same_for_three_lines_and_for_thirty(payer, finance):
    def cost() -> int:
        with CaptureQueriesContext(connection) as captured:
            month(finance, MARCH)
        return len(captured)

    builders.benefits(payer, *["585.00"] * 3)
    builders.prepared(payer)
    month(finance, MARCH)
    few = cost()
    builders.benefits(payer, *["585.00"] * 27)
    builders.sealed(payer)
    assert cost() == few
