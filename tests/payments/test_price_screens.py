"""The pages of 价格补贴, what they lead people to, and what is proposed by itself."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisations.enums import Post
from payments import queries, services
from payments.models import Batch, PriceIndex
from payments.queries.price import subsidy_states
from payments.tasks import propose_price_subsidies
from supervision.money.queries import answers
from tests.cases.builders import person_with
from tests.payments import builders
from tests.payments import price_builders as price
from tests.payments.builders import MARCH

pytestmark = pytest.mark.django_db
FIGURES = reverse("payments:price_figures")
TYPED = {
    "city": "330300",
    "month": "2026-03",
    "cpi": "3.6",
    "food": "-0.4",
    "scpi": "",
    "published_on": "2026-04-11",
    "source": "国家统计局温州调查队",
}


@pytest.fixture
def payer(clock):
    clock.move_to(dt.datetime(2026, 4, 20, 1, tzinfo=dt.UTC))
    return price.county()


def browser(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def month_page(payer, month="2026-03", **kwargs):
    return browser(payer.clerk).get(reverse("payments:price_month", args=[payer.area.code, month]), **kwargs)


def stages(user) -> list[tuple[str, str]]:
    return [(todo.matter, todo.stage) for todo in queries.tasks_for(user) if "价格补贴" in todo.matter]


@pytest.mark.clause("JZ-9.1")
def test_from_the_figure_to_the_list_by_the_pages(payer):
    """Two people of 1,085 × 3.6 % = 39.06 → 39 yuan."""
    price.household(payer, "林小花", "林大山")
    clerk, checker = browser(payer.clerk), browser(payer.checker)
    assert stages(payer.clerk) == [("2026 年 3 月价格补贴", "待录入价格指数")]
    assert stages(payer.checker) == []
    assert "尚未录入并复核" in month_page(payer).text
    assert clerk.post(reverse("payments:price_new"), TYPED).status_code == 302
    figure = PriceIndex.objects.get()
    assert stages(payer.clerk) == []
    assert stages(payer.checker) == [("2026 年 3 月价格补贴", "价格指数待复核")]
    assert "指数由您录入" in clerk.get(FIGURES).text
    confirm = reverse("payments:price_confirm", args=[figure.pk])
    assert "须由另一人复核" in clerk.post(confirm, follow=True).text
    assert "已复核" in checker.post(confirm, follow=True).text
    assert stages(payer.clerk) == [("2026 年 3 月价格补贴", "待编制价格补贴名单")]
    page = month_page(payer).text
    for words in ("3.6% ≥ 3.5%", "-0.4% &lt; 6%", "林*花", "39.00", "78.00", "未列入", "孤儿"):
        assert words in page
    assert "林小花" not in page
    prepare = reverse("payments:price_prepare", args=[payer.area.code, "2026-03"])
    listed = clerk.post(prepare, follow=True).text
    assert "2 笔 · 78.00 元" in listed
    assert "月低保标准 1,085.00 元（演示值） × 居民消费价格同比涨幅 3.6%" in listed
    assert "林*山" in listed
    assert "已列入" in month_page(payer).text
    assert stages(payer.clerk) == []
    assert ("2026 年 3 月价格补贴发放", "待复核") in stages(payer.checker)


def test_what_was_not_set_off_is_shown_as_a_sum(payer):
    price.confirmed(payer, "3.2", "5.9")
    page = month_page(payer).text
    assert "3.2% &lt; 3.5%" in page
    assert "均未达到启动条件，不发放" in page
    assert "编制名单" not in page
    assert "3.2% &lt; 3.5%，5.9% &lt; 6%：不启动" in browser(payer.checker).get(FIGURES).text
    assert stages(payer.clerk) == []


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("cpi", "", "请填写同比涨幅"),
        ("cpi", "三点六", "如 3.2 表示上涨"),
        ("food", "101", "应在 -50 与 100 之间"),
        ("published_on", "2026-03-31", "在该月结束后才发布"),
        ("published_on", "昨天", "请填写日期"),
        ("source", "", "请填写发布单位"),
    ],
)
def test_a_mistake_is_said_beside_its_field_and_nothing_is_lost(payer, field, value, words):
    page = browser(payer.clerk).post(reverse("payments:price_new"), TYPED | {field: value}).text
    assert words in page
    assert f'id="id_{field}_error"' in page
    assert 'value="-0.4"' in page or field == "food"
    assert not PriceIndex.objects.exists()


def test_a_correction_begins_with_what_stands_there(payer):
    figure = price.confirmed(payer, "36.0")
    url = reverse("payments:price_correct", args=[figure.pk])
    client = browser(payer.clerk)
    assert 'value="36.00"' in client.get(url).text
    values = {name: TYPED[name] for name in ("food", "scpi", "published_on", "source")}
    assert "请填写更正理由" in client.post(url, values | {"cpi": "3.6"}).text
    sent = client.post(url, values | {"cpi": "3.6", "reason": "小数点"}, follow=True)
    assert "复核前仍按原指数" in sent.text
    assert PriceIndex.objects.get(replaces=figure).reason == "小数点"


def test_addresses_that_make_no_sense_are_not_found(payer):
    for month in ("2026-13", "x", "2026-3-1"):
        assert month_page(payer, month).status_code == 404
    stranger = person_with(Post.DISTRICT_PAYMENTS, payer.places.other_county)
    address = reverse("payments:price_month", args=[payer.area.code, "2026-03"])
    assert browser(stranger).get(address).status_code == 404


@pytest.mark.clause("JZ-9.1")
def test_a_list_is_proposed_by_itself_and_nothing_is_paid_by_it(payer):
    price.household(payer, "林大")
    price.confirmed(payer, "3.6")
    propose_price_subsidies()
    batch = Batch.objects.get()
    assert (batch.state, batch.prepared_by, batch.n_payments) == ("prepared", None, 1)
    price.household(payer, "陈大")
    propose_price_subsidies()
    batch.refresh_from_db()
    assert batch.n_payments == 2
    services.check_batch(batch=batch, actor=payer.checker)
    propose_price_subsidies()
    assert Batch.objects.get().state == "checked"


@pytest.mark.clause("JZ-12.6")
def test_who_was_forgotten_after_the_day_is_found(payer, clock):
    paid = price.household(payer, "林大")
    price.confirmed(payer, "3.6")
    batch = price.subsidy(payer)
    services.check_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)
    late = price.household(payer, "陈迟")

    def missed():
        found = next(a for a in answers(payer.area, MARCH) if a.question.code == "price_missed")
        return [(row.number, row.expected, row.day) for row in found.rows]

    assert missed() == []
    clock.move_to(dt.datetime(2026, 5, 6, 1, tzinfo=dt.UTC))
    assert missed() == [(late.application.number, 39, dt.date(2026, 4, 30))]
    assert paid.application.number not in str(missed())
    state = subsidy_states(payer.area, MARCH)[0]
    assert state.level == "late"
    assert "已逾期 6 天" in state.words


@pytest.mark.clause("JZ-12.6")
def test_what_a_later_correction_makes_wrong_is_found(payer):
    """1,085 × 3.6 % = 39.06 → 39 was listed; 1,085 × 4.0 % = 43.40 → 43 is due."""
    price.household(payer, "林大")
    old = price.confirmed(payer, "3.6")
    batch = price.subsidy(payer)
    services.check_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.clerk)

    def unequal():
        found = next(a for a in answers(payer.area, MARCH) if a.question.code == "price_unequal")
        return [(row.expected, row.found) for row in found.rows]

    assert unequal() == []
    for cpi, expected in (("4.0", 43), ("3.4", 0)):
        old = services.correct_figure(
            figure=old,
            figures=price.change(cpi),
            published_on=old.published_on,
            source="统计局更正公告",
            reason="更正",
            actor=payer.clerk,
        )
        services.confirm_figure(figure=old, actor=payer.checker)
        assert unequal() == [(expected, 39)]


def test_what_a_correction_adds_is_shown_and_is_settled_by_the_next_list(payer):
    """39 was sealed, 43 is due: 4.00 are short until the next list has them."""
    price.household(payer, "林大")
    old = price.confirmed(payer, "3.6")
    first = price.subsidy(payer)
    services.check_batch(batch=first, actor=payer.checker)
    services.seal_batch(batch=first, actor=payer.clerk)
    values = {"published_on": old.published_on, "source": "统计局更正公告", "reason": "更正"}
    new = services.correct_figure(figure=old, figures=price.change("4.0"), actor=payer.clerk, **values)
    services.confirm_figure(figure=new, actor=payer.checker)
    assert re.search(r"应补差</span>\s+4\.00", month_page(payer).text)
    clerk = browser(payer.clerk)
    clerk.post(reverse("payments:price_prepare", args=[payer.area.code, "2026-03"]))
    second = price.subsidy_list(payer, 2)
    assert "应补差" not in month_page(payer).text
    assert "指数更正补差" in clerk.get(reverse("payments:batch", args=[second.pk])).text
    services.check_batch(batch=second, actor=payer.checker)
    services.seal_batch(batch=second, actor=payer.clerk)
    assert not next(a for a in answers(payer.area, MARCH) if a.question.code == "price_unequal").rows


def test_the_overseer_sees_each_month_as_a_sentence(payer):
    auditor = browser(person_with(Post.AUDITOR, payer.area))
    url = f"{reverse('supervision:money')}?month=2026-03"
    assert "2026 年 3 月的价格指数尚未录入并复核" in auditor.get(url).text
    price.confirmed(payer, "3.6")
    assert "尚未编制名单" in auditor.get(url).text


def test_the_pages_ask_the_same_number_of_questions_for_many(payer):
    def asked(n_people: int, n_corrections: int, url: str) -> int:
        for number in range(n_people):
            price.household(payer, f"林{chr(0x4E00 + number)}")
        for _ in range(n_corrections):
            figure = PriceIndex.objects.order_by("-pk").first()
            services.correct_figure(
                figure=figure,
                figures=price.change(f"3.{61 + PriceIndex.objects.count()}"),
                published_on=figure.published_on,
                source="统计局",
                reason="更正",
                actor=payer.clerk,
            )
        client = browser(payer.clerk)
        client.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert client.get(url).status_code == 200
        return len(captured)

    price.confirmed(payer, "3.6")
    month = reverse("payments:price_month", args=[payer.area.code, "2026-03"])
    few = asked(3, 0, month), asked(0, 3, FIGURES)
    assert (asked(27, 0, month), asked(0, 27, FIGURES)) == few


def test_a_township_sees_the_figures_and_enters_none(payer):
    approver = browser(builders.person_with(Post.APPROVER, payer.places.township))
    page = approver.get(FIGURES)
    assert page.status_code == 200
    assert "录入指数" not in page.text
    assert approver.get(reverse("payments:price_new")).status_code == 403
