"""A stop in 上虞 from its proposal to the month without the line, by every post, through the pages."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from approvals.changing.models import BenefitChange
from approvals.changing.tasks import close_periods
from organisations.models import Area
from payments.models import Benefit, Payment
from tests.e2e.desk import Desk, at
from tests.payments import builders as money

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def benefit(ground) -> Benefit:
    """675.00 yuan a month since March, and a neighbour with 100.00."""
    village = Area.objects.select_related("parent__parent").get(code="330604001001")
    money.benefit(village, "100.00", name="周邻居")
    return money.benefit(village, "675.00", name="林小花")


def write_up(desk: Desk, benefit: Benefit) -> str:
    """The handler proposes the stop, first on too little; the address of the change."""
    page = desk.page
    desk.sit_down("sy-handler")
    page.goto(f"/payments/benefits/{benefit.pk}/")
    page.get_by_role("link", name="提出变更").click()
    page.get_by_label("停发", exact=True).check()
    page.get_by_label(re.compile("^变更原因")).select_option(label="财产超过规定")
    page.get_by_label(re.compile("^事实和理由")).fill("该户名下新增住房一套，不再符合规定。")
    desk.picture("change-form")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("不能只凭数据比对")).to_be_visible()
    page.get_by_role("link", name="添加依据").click()
    page.get_by_label(re.compile("^依据种类")).select_option(label="入户核查")
    page.get_by_label(re.compile("^核查人二")).fill("郑演示")
    page.get_by_label(re.compile("^核查情况")).fill("入户核实，住房登记在户主名下。")
    page.get_by_role("button", name="保存依据").click()
    desk.move("提出变更")
    desk.state("待初审")
    return page.url


def sign(desk: Desk, username: str, url: str, label: str, state: str) -> None:
    """One move by a person, on the opinion that the page proposes."""
    page = desk.page
    desk.sit_down(username)
    page.goto(url)
    page.get_by_role("complementary").get_by_role("link", name=label, exact=True).click()
    confirm = page.get_by_label(re.compile("确认办理"))
    if confirm.count():
        confirm.check()
    desk.picture("move")
    page.get_by_role("button", name=label, exact=True).click()
    desk.state(state)


def serve(desk: Desk, url: str, photo: Path, state: str) -> None:
    """Two of the staff bring the paper that was made last; the person signs."""
    page = desk.page
    desk.sit_down("sy-handler")
    page.goto(url)
    page.get_by_role("link", name="送达", exact=True).last.click()
    page.get_by_role("link", name="登记直接送达").click()
    page.get_by_label(re.compile("^送达人二")).select_option(index=2)
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_role("main")).to_contain_text("已签收")
    page.goto(url)
    desk.state(state)
    desk.picture("served")


@pytest.mark.clause("SY-A1.6")
@pytest.mark.clause("SY-7.2")
def test_a_stop_in_shangyu(desk: Desk, clock, benefit: Benefit, photo: Path) -> None:
    page = desk.page
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        clock.move_to(at(3, 9))
        url = write_up(desk, benefit)
        sign(desk, "sy-reviewer", url, "初审同意", "待同意")
        sign(desk, "sy-approver", url, "同意，先行告知", "待出具事先告知书")
        desk.sit_down("sy-handler")
        page.goto(url)
        desk.move("出具事先告知书")
        desk.state("事先告知书送达中")
        serve(desk, url, photo, "陈述申辩期")
        expect(page.get_by_role("complementary")).to_contain_text("至 3 月 12 日")
        clock.move_to(at(3, 13))
        assert close_periods() == {"closed": 1, "left": 0}
        sign(desk, "sy-approver", url, "作出决定", "决定书送达中")
        serve(desk, url, photo, "已生效")
        expect(page.get_by_role("main")).to_contain_text("待遇自 2026-04 起停发")
        desk.picture("change-phone", phone=True)
        clock.move_to(at(4, 1, 10))
        desk.sit_down("sy-payments")
        page.goto("/payments/batches/?month=2026-04")
        page.get_by_role("row", name=re.compile("上虞区")).get_by_role("button", name="编制名册").click()
        expect(page.get_by_role("main")).to_contain_text("周")
    change = BenefitChange.objects.get()
    assert change.effective_on.isoformat() == "2026-04-01"
    assert [line.amount for line in Payment.objects.all()] == [Decimal("100.00")]
