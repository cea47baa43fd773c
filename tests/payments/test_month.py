"""A month in 焦作: list and request by the 5th, allocation by the 8th, the bank by the 10th (JZ-6.1)."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse

from common.errors import Refused
from payments import services
from payments.models import Batch, Fund, FundRequest
from payments.queries import tasks_for
from payments.queries.milestones import milestones
from payments.terms import payment_terms
from tests.payments import builders
from tests.payments.builders import MARCH, Payer
from tests.payments.test_constraints import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def payer() -> Payer:
    """山阳区 pays for its townships; two households in receipt of 585 and 1,085 yuan."""
    made = builders.allocated_county()
    builders.benefits(made, "585.00", "1085.00")
    return made


def seal(batch: Batch, actor) -> Batch:
    return services.seal_batch(batch=batch, actor=actor)


@pytest.mark.clause("JZ-6.1")
def test_the_days_of_a_month(payer):
    """March 2026: the 5th is a Thursday; the 8th a Sunday, so the 6th; the 10th a Tuesday."""
    terms = payment_terms(payer.area, "dibao", MARCH)
    assert terms.request_on == dt.date(2026, 3, 5)
    assert terms.allocate_on == dt.date(2026, 3, 6)
    assert terms.due_on == dt.date(2026, 3, 10)


@pytest.mark.clause("JZ-6.1")
def test_before_a_holiday_everything_is_earlier(payer):
    """October 2026: the 5th lies in the National Day holiday, so the list is due on 30 September."""
    terms = payment_terms(payer.area, "dibao", dt.date(2026, 10, 1))
    assert terms.request_on == dt.date(2026, 9, 30)
    # Else nobody could keep that day: the list opens a week before it.
    assert terms.opens_on == dt.date(2026, 9, 23)


@pytest.mark.clause("JZ-6.1")
def test_amounts_by_civil_affairs_money_by_finance_payment_by_the_bank(payer):
    batch = builders.checked(payer)
    with pytest.raises(Refused, match="须先报送用款申请，由财政拨付后才能封账"):
        seal(batch, payer.clerk)
    request = services.ask_for_month(batch=batch, actor=payer.clerk)
    assert (request.kind, request.amount) == ("month", Decimal("1670.00"))
    with pytest.raises(Refused, match="须先报送用款申请"):
        seal(batch, payer.clerk)
    services.allocate_funds(request=request, actor=payer.checker)
    sealed = seal(batch, payer.clerk)
    assert (sealed.state, Fund.objects.get().balance) == ("sealed", Decimal("0.00"))


def test_a_request_comes_after_the_check_once_and_from_the_payer(payer):
    batch = builders.prepared(payer)
    with pytest.raises(Refused, match="须先由另一人复核"):
        services.ask_for_month(batch=batch, actor=payer.clerk)
    batch = services.check_batch(batch=batch, actor=payer.checker)
    with pytest.raises(Refused, match="用款申请由山阳区的区级发放岗办理"):
        services.ask_for_month(batch=batch, actor=payer.checker)
    services.ask_for_month(batch=batch, actor=payer.clerk)
    with pytest.raises(Refused, match="已报送用款申请"):
        services.ask_for_month(batch=batch, actor=payer.other)


def test_a_list_that_goes_back_takes_its_request_with_it(payer):
    batch = builders.checked(payer)
    request = services.ask_for_month(batch=batch, actor=payer.clerk)
    services.return_batch(batch=batch, reason="漏列一户", actor=payer.clerk)
    request.refresh_from_db()
    assert (request.state, request.decided_by) == ("withdrawn", None)
    with pytest.raises(Refused, match="已撤回，不能再次处理"):
        services.allocate_funds(request=request, actor=payer.checker)


def test_only_the_difference_is_asked_for_when_money_is_in_hand(payer):
    batch = builders.checked(payer)
    services.allocate_funds(
        request=services.ask_for_month(batch=batch, actor=payer.clerk), actor=payer.checker
    )
    services.return_batch(batch=batch, reason="漏列一户", actor=payer.clerk)
    builders.benefit(payer.villages[0], "300.00", account=payer.account)
    batch = builders.checked(payer)
    more = services.ask_for_month(batch=batch, actor=payer.clerk)
    assert more.amount == Decimal("300.00")
    services.allocate_funds(request=more, actor=payer.checker)
    seal(batch, payer.clerk)
    assert Fund.objects.get().balance == Decimal("0.00")


def test_who_has_to_act_next_and_what_was_late(payer, clock):
    batch = builders.checked(payer)
    clock.move_to(dt.datetime(2026, 3, 6, 9, tzinfo=dt.UTC))
    open_steps = [(step.label, step.is_late) for step in milestones(batch) if step.done_at is None]
    assert open_steps[:2] == [("报送名册和用款申请", True), ("财政拨付", False)]
    services.allocate_funds(
        request=services.ask_for_month(batch=batch, actor=payer.clerk), actor=payer.checker
    )
    late = [step.label for step in milestones(batch) if step.is_late]
    assert late == ["报送名册和用款申请"]


def test_where_no_rule_allocates_by_the_month_nothing_is_asked_for():
    payer = builders.town()
    builders.benefits(payer, "585.00")
    labels = [step.label for step in milestones(builders.sealed(payer))]
    assert labels == ["编制名册", "复核", "封账", "报送银行", "发放到位"]


def test_the_list_is_due_on_the_fifth_for_the_clerk(payer):
    todo = next(todo for todo in tasks_for(payer.clerk) if todo.stage == "待编制名册")
    assert todo.due_at.date() == dt.date(2026, 3, 5)


def test_a_month_in_the_browser(payer, client):
    batch = builders.checked(payer)
    page, ask = reverse("payments:batch", args=[batch.pk]), reverse("payments:ask_month", args=[batch.pk])
    client.force_login(payer.clerk)
    assert "报送用款申请" in client.get(page).content.decode()
    assert "待财政拨付" in client.post(ask, follow=True).content.decode()
    client.force_login(payer.checker)
    assert "1,670.00" in client.get(reverse("payments:funds")).content.decode()
    decide = reverse("payments:fund_decide", args=[FundRequest.objects.get().pk])
    client.post(decide, {"outcome": "allocate"})
    client.post(reverse("payments:seal", args=[batch.pk]))
    batch.refresh_from_db()
    assert batch.state == "sealed"


def test_the_database_keeps_requests_of_a_month(payer):
    batch = builders.checked(payer)
    request = services.ask_for_month(batch=batch, actor=payer.clerk)
    refused(
        """
        INSERT INTO payments_fundrequest (area_id, county_id, purpose, kind, batch_id, amount, reason,
                                          asked_by_id, asked_at, state, remark)
        SELECT area_id, county_id, purpose, kind, batch_id, amount, reason, asked_by_id, asked_at, state, ''
        FROM payments_fundrequest WHERE id = %s
        """,
        request.pk,
        by="one_waiting_request_a_batch",
    )
    refused(
        """
        INSERT INTO payments_fundrequest (area_id, county_id, purpose, kind, amount, reason,
                                          asked_by_id, asked_at, state, remark)
        SELECT area_id, county_id, purpose, 'month', amount, reason, asked_by_id, asked_at, state, ''
        FROM payments_fundrequest WHERE id = %s
        """,
        request.pk,
        by="fund_request_is_for_what_its_kind_says",
    )
