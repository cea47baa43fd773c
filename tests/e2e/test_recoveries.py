"""追缴 in 上虞: two months paid after a death come back in instalments, by every post, through the pages."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from approvals.changing.enums import ChangeState
from approvals.recovering.models import Recovery
from approvals.recovering.tasks import follow_recoveries
from organisations.models import Area, User
from payments.models import Benefit
from tests.changing.builders import death
from tests.e2e.desk import Desk, at
from tests.e2e.test_changes import serve, sign
from tests.payments.builders import benefit
from tests.recovering.builders import Desk as Office

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def someone(username: str) -> User:
    return User.objects.get(username=username)


@pytest.fixture
def overpaid(ground, clock) -> Benefit:
    """Died on 20 March, found out in June: 675.00 each of March, April and May were paid."""
    village = Area.objects.select_related("parent__parent").get(code="330604001001")
    posts = {post: someone(f"sy-{post}") for post in ("handler", "reviewer", "approver")}
    people = SimpleNamespace(village=village, township=village.parent, **posts)
    office = Office(people, clock, (someone("sy-payments"), someone("sy-finance")))
    found = office.paid(benefit(village, "675.00", name="林小花"), 3, 4, 5)
    clock.move_to(at(6, 1))
    change = office.change_in(ChangeState.REVIEWED, death(dt.date(2026, 3, 20)), benefit=found)
    office.move(change, "agree_at_once", "approver")
    return found


def write_up(desk: Desk, benefit: Benefit) -> str:
    """The system knows of the death and ticks April and May; the handler adds who pays, and how."""
    page = desk.page
    desk.sit_down("sy-handler")
    desk.open_case(benefit.application.number, "money")
    page.get_by_role("link", name="追缴多发款").click()
    expect(page.get_by_label("追缴 2026-03")).not_to_be_checked()
    expect(page.get_by_label("追缴 2026-04")).to_be_checked()
    page.get_by_label("分期缴回").check()
    page.get_by_label(re.compile("^缴款人")).fill("林大山")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("分期缴回的期数应为 2 至 36。").first).to_be_visible()
    desk.picture("recovery-missing")
    page.get_by_label(re.compile("^分期期数")).fill("2")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_role("main")).to_contain_text("应追缴 1,350.00")
    desk.move("提出追缴")
    desk.state("待同意告知")
    return page.url


def hear(desk: Desk, url: str) -> None:
    """The son speaks up; the reviewer does not take it up."""
    page = desk.page
    page.get_by_role("link", name="登记陈述申辩").click()
    page.get_by_label("口头（制作笔录）").check()
    page.get_by_label(re.compile("^陈述人")).fill("林大山")
    page.get_by_label(re.compile("^陈述和申辩内容")).fill("已用于办理丧事。")
    page.get_by_role("button", name="登记", exact=True).click()
    desk.sit_down("sy-reviewer")
    page.goto(url)
    page.get_by_role("link", name="复核", exact=True).click()
    page.get_by_label("不采纳").check()
    page.get_by_label(re.compile("^复核意见")).fill("死亡次月起不再享受，应予缴回。")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("main")).to_contain_text("不采纳")


def plan_anew(desk: Desk, url: str) -> None:
    """The family cannot keep the dates: the handler proposes three parts, the approver agrees."""
    page = desk.page
    page.get_by_role("link", name="调整缴款计划").click()
    page.get_by_label(re.compile("^分几期")).fill("3")
    page.get_by_label(re.compile("^首期应缴日期")).fill("2026-06-01")
    page.get_by_label(re.compile("^理由")).fill("林大山住院，暂无收入。")
    page.get_by_role("button", name="提出").click()
    expect(page.get_by_text("首期应缴日期应在今天之后。").first).to_be_visible()
    expect(page.get_by_label(re.compile("^理由"))).to_have_value("林大山住院，暂无收入。")
    page.get_by_label(re.compile("^首期应缴日期")).fill("2026-08-31")
    page.get_by_role("button", name="提出").click()
    desk.sit_down("sy-approver")
    page.goto(url)
    page.get_by_role("link", name="决定", exact=True).click()
    expect(page.get_by_role("row", name=re.compile("第 3 期"))).to_contain_text("450.00")
    page.get_by_label("同意", exact=True).check()
    page.get_by_label(re.compile("^意见")).fill("情况属实，同意。")
    desk.picture("recovery-plan")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("row", name=re.compile("2026 年 8 月 31 日")).first).to_contain_text("待缴")


@pytest.mark.clause("SY-A1.6")
@pytest.mark.clause("SY-7.2")
def test_what_was_paid_after_a_death_comes_back(desk: Desk, clock, overpaid: Benefit, photo: Path) -> None:
    page = desk.page
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        url = write_up(desk, overpaid)
        sign(desk, "sy-approver", url, "同意，出具事先告知书", "事先告知书送达中")
        serve(desk, url, photo, "陈述申辩期")
        hear(desk, url)
        clock.move_to(at(6, 8))
        assert follow_recoveries() == {"moved": 1, "left": 0}
        sign(desk, "sy-approver", url, "作出追缴决定", "决定书送达中")
        serve(desk, url, photo, "追缴中")
        expect(page.get_by_role("main")).to_contain_text("第 2 期")
        plan_anew(desk, url)
        desk.sit_down("sy-payments")
        page.goto(url)
        page.get_by_role("link", name="登记收款").click()
        page.get_by_label(re.compile("^票据号")).fill("PJ-001")
        page.get_by_role("button", name="登记", exact=True).click()
        desk.state("已结清")
        desk.picture("recovery-settled")
        desk.picture("recovery-settled-phone", phone=True)
    debt = Recovery.objects.get().debt
    assert (debt.returned, debt.open) == (Decimal("1350.00"), Decimal("0.00"))
