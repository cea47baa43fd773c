"""The demo's money, on stories told by the real services: 特困 by the month, 临时救助 as it falls due."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest

from cases.enums import Programme
from payments.models import Batch, Entry, Payment, PriceIndex, Transfer
from payments.queries import tasks_for
from payments.services.payouts import not_listed
from policy.calendars import working_calendar
from policy.deadlines import SHANGHAI
from workbench.demo.hours import Clock
from workbench.demo.money import pay_grants, pay_months
from workbench.demo.price import pay_price_subsidies
from workbench.demo.staff import make_staff, town
from workbench.demo.story import Story
from workbench.demo.world import load_ground

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 6, 3, 12, 0, tzinfo=SHANGHAI)
START = datetime(2026, 3, 2, 9, 5, tzinfo=SHANGHAI)


@pytest.fixture
def demo(clock, settings):
    settings.DEMO = True
    clock.move_to(NOW)
    load_ground()
    return make_staff(), working_calendar()


def tell(demo, key: str, programme: Programme, index: int, ending: str = "approved", start=START) -> None:
    staff, calendar = demo
    application = Story(index, town(key, staff), Clock(calendar, start), ending, NOW, programme).tell()
    assert application.state == "approved"


def pay(demo) -> None:
    staff, calendar = demo
    pay_months(today=NOW.date(), staff=staff, calendar=calendar, n_months=3)
    pay_grants(today=NOW.date(), staff=staff, calendar=calendar)


def is_balanced() -> bool:
    return all(sum(leg.amount for leg in entry.legs.all()) == 0 for entry in Entry.objects.all())


@pytest.mark.clause("DT-7.2")
@pytest.mark.clause("SY-A2.5")
def test_tekun_is_paid_to_the_person_and_to_who_cares(demo) -> None:
    """In 洞头 and 上虞 by the township, in 龙岩 by the county: approved in March, paid from April on."""
    for n, key in enumerate(("dt", "sy", "sy2", "ly")):
        tell(demo, key, Programme.TEKUN, 3001 + n)
    pay(demo)
    batches = Batch.objects.filter(programme="tekun")
    assert {batch.area.code for batch in batches} == {"330305001", "330604001", "330604007", "350802"}
    assert set(batches.filter(month=date(2026, 4, 1)).values_list("state", flat=True)) == {"settled"}
    assert set(batches.filter(month=date(2026, 5, 1)).values_list("state", flat=True)) == {"sent"}
    assert set(batches.filter(month=date(2026, 6, 1)).values_list("state", flat=True)) == {"prepared"}
    april = Payment.objects.filter(batch__programme="tekun", month=date(2026, 4, 1))
    assert sorted(april.values_list("kind", flat=True)) == ["care"] * 4 + ["regular"] * 4
    for payment in april.filter(kind="care").select_related("benefit"):
        revision = payment.benefit.revisions.get()
        regular = april.get(benefit=payment.benefit, kind="regular")
        assert (payment.amount, regular.amount + payment.amount) == (revision.care_fee, revision.monthly)
    assert Transfer.objects.filter(payment__in=april, result="paid").count() == 8
    assert is_balanced()


@pytest.mark.clause("DT-3.3")
@pytest.mark.clause("DT-8.4")
def test_linshi_is_paid_when_it_falls_due(demo) -> None:
    """Odd numbers ask for two instalments, 45 and 76 days on: 16 April and 17 May for a request of 2 March.

    What was decided on Tuesday 2 June waits: the clerk has not come to it.
    """
    tell(demo, "dt", Programme.LINSHI, 3101)
    tell(demo, "jz", Programme.LINSHI, 3102)
    tell(demo, "lc", Programme.LINSHI, 3103, "urgent")
    tell(demo, "sy", Programme.LINSHI, 3104, "urgent", datetime(2026, 6, 1, 9, 5, tzinfo=SHANGHAI))
    pay(demo)
    lists = Batch.objects.filter(programme="linshi").order_by("area__code", "month")
    assert [(batch.area.code, batch.state, str(batch.total)) for batch in lists] == [
        ("330302006", "settled", "1500.00"),
        ("330305001", "settled", "750.00"),
        ("330305001", "settled", "750.00"),
        ("410802001", "settled", "1500.00"),
    ]
    paid = Transfer.objects.filter(payment__kind="instalment", result="paid")
    assert sum(transfer.amount for transfer in paid) == Decimal("4500.00")
    (waiting,) = not_listed()
    assert waiting.grant.township.code == "330604001"
    clerk = demo[0]["sy-town-payments"]
    assert "待发临时救助" in [todo.stage for todo in tasks_for(clerk)]
    assert is_balanced()


def test_paying_again_pays_nothing_twice(demo) -> None:
    tell(demo, "dt", Programme.TEKUN, 3201)
    tell(demo, "dt", Programme.LINSHI, 3202, "urgent")
    pay(demo)
    before = list(Payment.objects.order_by("pk").values_list("pk", "amount"))
    pay(demo)
    assert list(Payment.objects.order_by("pk").values_list("pk", "amount")) == before


@pytest.mark.clause("JZ-9.1")
def test_a_price_subsidy_was_paid_and_the_last_month_waits(demo) -> None:
    """龙岩: approved in March, in receipt in April, whose index of 3.6 % was published on 11 May:
    800.00 × 3.6 % = 28.80, at least 30.00.
    """
    tell(demo, "ly", Programme.DIBAO, 3401)
    staff, calendar = demo
    pay_price_subsidies(today=NOW.date(), staff=staff, calendar=calendar)
    batch = Batch.objects.get(programme="price_subsidy")
    assert (batch.area.code, batch.month, batch.state) == ("350802", date(2026, 4, 1), "settled")
    assert set(batch.payments.values_list("amount", flat=True)) == {Decimal("30.00")}
    assert PriceIndex.objects.count() == 4
    assert is_balanced()
