"""发放准备: each gap that is planted stands on the page, its link leads to it, and steps say who blocks."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pgtrigger
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.changing.enums import ChangeState
from cases.enums import ApplicationState, Programme
from organisations.enums import Post
from payments import services
from payments.demo_bank import answer_to
from payments.models import Benefit
from tests.cases.builders import person_with
from tests.payments import builders, price_builders
from tests.payments.builders import MARCH
from tests.payments.test_bank import upload
from tests.payments.test_care import without as without_agreement
from tests.payments.test_funds import filled
from workbench.month.gaps import BY_KEY

NOW = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


@pytest.fixture
def payer():
    return builders.town()


def on_page(client, user, **query) -> str:
    client.force_login(user)
    answer = client.get(reverse("workbench:month"), query)
    assert answer.status_code == 200
    return answer.content.decode()


def seen(client, user, key: str, text: str, **query) -> None:
    """The kind of gap stands on the page, and the address beside it leads to a list with the text."""
    page, address = on_page(client, user, **query), reverse("workbench:month_gap", args=[key])
    assert BY_KEY[key].label in page
    assert f'href="{address}?' in page, key
    start = page.index(f'href="{address}?') + 6
    listed = client.get(page[start : page.index('"', start)].replace("&amp;", "&"))
    assert listed.status_code == 200
    assert text in listed.content.decode(), key


def not_seen(client, user, key: str, **query) -> None:
    assert reverse("workbench:month_gap", args=[key]) not in on_page(client, user, **query)


def in_institution(payer) -> Benefit:
    """The institution gets both parts: nothing reaches the person's own hand."""
    case = builders.application(
        payer.villages[0], programme=Programme.TEKUN, account=builders.CARE_ACCOUNT, name="周供养"
    )
    with pgtrigger.ignore("cases.CareAgreement:care_agreement_before_decision"):
        builders.agree_on_care(case, kind="institution", name="区福利院")
    return services.open_benefit(
        application=case,
        monthly=Decimal("2322.50"),
        care_fee=Decimal("912.00"),
        starts_on=MARCH,
        lines=[],
        rule_ids=[],
        reason="符合规定",
        decided_by=builders.decider(),
    )


@pytest.mark.clause("DT-7.1")
def test_what_a_township_lacks_before_its_list_is_made(payer, client):
    handler = person_with(Post.HANDLER, payer.area)
    keys = ("application-account", "care", "pocket-money", "aid")
    for key in keys:
        not_seen(client, handler, key)
    without_agreement(payer, name="吴分散")
    in_institution(payer)
    builders.granted(payer.villages[0], "900.00", name="郑临时")
    builders.application(
        payer.villages[0],
        name="王待批",
        account=None,
        state=ApplicationState.DECIDING,
        created_at=NOW,
        accepted_at=NOW,
        decided_at=None,
    )
    for key, text in zip(keys, ("王*批", "吴*散", "周*养", "900.00 元"), strict=True):
        seen(client, handler, key, text)
    page = on_page(client, handler)
    assert f"经办岗 {handler.name}" in page
    assert "王待批" not in page


def test_money_that_would_go_to_a_stranger(payer, client):
    handler = person_with(Post.HANDLER, payer.area)
    held = builders.benefit(payer.villages[0], name="林小花", payee_name="郑外人")
    seen(client, handler, "holder", "郑*人")
    builders.proxied(held, "郑外人")
    not_seen(client, handler, "holder")


def test_who_does_not_see_lists_sees_no_money(payer, client):
    """Handlers see whom to ask for an account; balances and lists are for those who work with them."""
    filled(payer, person_with(Post.DISTRICT_FINANCE, payer.places.county), "100.00")
    not_seen(client, person_with(Post.HANDLER, payer.area), "reserve")
    handler = person_with(Post.HANDLER, payer.area)
    client.force_login(handler)
    assert client.get(reverse("workbench:month_gap", args=["reserve"])).status_code == 404
    seen(client, payer.clerk, "reserve", "100.00 元")


def test_another_township_is_not_shown(payer, client):
    without_agreement(payer, name="吴分散")
    stranger = person_with(Post.HANDLER, payer.places.other_township)
    not_seen(client, stranger, "care")
    page = on_page(client, stranger, place=payer.area.code)
    assert "吴*散" not in page
    assert payer.area.name not in page


@pytest.mark.clause("DT-8.3")
def test_a_list_that_changed_a_fund_that_is_empty_and_a_figure_that_is_missing(payer, client):
    finance = person_with(Post.DISTRICT_FINANCE, payer.places.county)
    filled(payer, finance, "500.00", purpose="dibao")
    builders.benefits(payer, "585.00")
    builders.prepared(payer)
    not_seen(client, payer.clerk, "differs")
    seen(client, payer.clerk, "fund", "名册 585.00 元 · 在手 500.00 元")
    seen(client, payer.clerk, "figure", "尚未录入")
    builders.benefits(payer, "300.00")
    seen(client, payer.clerk, "differs", "585.00 元")
    # The county sees the same fund with its township, and all townships in one table.
    seen(client, finance, "fund", payer.area.name)
    page = on_page(client, finance)
    assert f"?place={payer.area.code}" in page
    assert "在手资金不足 1" in page
    assert "各街道（乡镇）街镇发放岗" in page


def test_a_card_with_a_wrong_digit(client):
    payer = builders.allocated_county()
    builders.benefit(payer.villages[0], name="林错卡", account=builders.ACCOUNT)
    builders.granted(payer.villages[0], "800.00", name="林急难", account=builders.ACCOUNT)
    builders.benefit(payer.villages[0], name="林好卡", account=builders.CARD)
    seen(client, payer.clerk, "bad-card", "林*卡")
    seen(client, payer.clerk, "bad-card-aid", "林*难")
    assert on_page(client, payer.clerk).count("林*卡") == 1


def test_money_that_came_back_and_answers_that_are_missing(payer, client, clock):
    builders.benefits(payer, "585.00", "300.00")
    file = builders.sent(payer)
    seen(client, payer.clerk, "answer", file.number)
    clock.move_to(dt.datetime(2026, 3, 3, 4, tzinfo=dt.UTC))
    text = answer_to(file, paid_on=dt.date(2026, 3, 3), failures={2: "账户销户"}).decode("gb18030")
    stray = f"{file.number},9,,5.00,成功,,2026-03-03\r\n"
    services.import_answer(bank_file=file, upload=upload(text + stray), actor=payer.clerk)
    seen(client, payer.clerk, "failed", "账户销户")
    seen(client, payer.clerk, "unknown", "第 ")
    not_seen(client, payer.clerk, "answer")
    services.retry_failed(batch=file.batch, actor=payer.other)
    not_seen(client, payer.clerk, "failed")


@pytest.mark.clause("JZ-9.1")
def test_a_subsidy_that_was_set_off(client, clock):
    payer = price_builders.county()
    price_builders.household(payer, "林低保")
    clock.move_to(dt.datetime(2026, 4, 13, 9, tzinfo=dt.UTC))
    figure = price_builders.entered(payer, "4.0")
    seen(client, payer.clerk, "figure", "待另一人复核")
    services.confirm_figure(figure=figure, actor=payer.checker)
    not_seen(client, payer.clerk, "figure")
    seen(client, payer.clerk, "subsidy", payer.area.name)
    price_builders.subsidy(payer)
    not_seen(client, payer.clerk, "subsidy")
    assert "2026 年 3 月价格临时补贴" in on_page(client, payer.clerk)


def test_people_on_a_subsidy_list_without_an_account(client):
    """In the months of 2022 in which 低边 was a group (PL-T5)."""
    payer, month = price_builders.county(), dt.date(2022, 9, 1)
    decided = dt.datetime(2022, 7, 10, 1, tzinfo=dt.UTC)
    price_builders.household(payer, "王低边", programme="dibian", account=None, decided_at=decided)
    price_builders.confirmed(payer, "3.0", month=month)
    not_seen(client, payer.clerk, "no-account")
    price_builders.subsidy(payer, month)
    seen(client, payer.clerk, "no-account", "王*边")


@pytest.mark.clause("SY-A1.6")
def test_a_stop_that_was_decided_and_not_served(shangyu, client, clock):
    """Decided in April, it would have taken effect in May: May's list still pays the old amount."""
    change = shangyu.change_in(ChangeState.DECIDED)
    decided = change.decided_at.date()
    not_seen(client, shangyu.office.handler, "change")
    clock.move_to(dt.datetime(decided.year, decided.month + 1, 2, 9, tzinfo=dt.UTC))
    seen(client, shangyu.office.handler, "change", change.get_state_display())


@pytest.mark.clause("JZ-6.1")
def test_each_step_says_by_when_and_for_whom_it_waits(client, clock):
    """March 2026 in 焦作: list by the 5th; the 8th is a Sunday, so the allocation by the 6th."""
    payer = builders.allocated_county()
    builders.benefits(payer, "585.00")
    page = on_page(client, payer.clerk)
    assert "待编制名册" in page
    assert "3 月 5 日前" in page
    assert "3 月 6 日前" in page
    assert "3 月 10 日前" in page
    assert f"区级发放岗 {payer.clerk.name}、{payer.other.name}" in page
    builders.prepared(payer)
    page = on_page(client, payer.clerk)
    assert f"区级财政岗 {payer.checker.name} · 复核" in page
    clock.move_to(dt.datetime(2026, 3, 6, 9, tzinfo=dt.UTC))
    assert "已逾期 1 天" in on_page(client, payer.clerk)


def test_a_post_that_nobody_holds_is_said(payer, client):
    payer.checker.postings.update(valid_to=dt.date(2026, 3, 2))
    builders.benefits(payer, "585.00")
    builders.prepared(payer)
    assert "审批岗 （无人任职）" in on_page(client, payer.clerk)


def test_the_month_costs_the_same_for_three_people_and_for_thirty(payer, client):
    def plant(n: int) -> None:
        for _ in range(n):
            without_agreement(payer, name="吴分散")
            builders.benefit(payer.villages[0], name="林小花")

    finance = person_with(Post.DISTRICT_FINANCE, payer.places.county)
    costs = []
    for n in (3, 27):
        plant(n)
        services.prepare_month(area=payer.area, programme="dibao", month=MARCH, actor=payer.clerk)
        for user in (payer.clerk, finance):
            on_page(client, user)
            with CaptureQueriesContext(connection) as captured:
                on_page(client, user)
            costs.append(len(captured))
            with CaptureQueriesContext(connection) as captured:
                client.get(reverse("workbench:month_gap", args=["care"]))
            costs.append(len(captured))
    assert costs[:4] == costs[4:]
