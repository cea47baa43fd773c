"""急难先行救助 in 洞头 on a phone: reported, agreed to, paid at once, acknowledged, and completed."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from approvals.relief.enums import ReliefState
from approvals.relief.models import EmergencyRelief
from cases.models import Application
from organisations.models import Area, User
from payments import services as payments
from payments.models import Instalment
from tests.e2e.desk import Desk, at
from tests.e2e.test_journey import hand_in_and_accept
from tests.e2e.test_programmes import visit
from workbench.demo.people import someone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def fill_reserve() -> None:
    """Finance has given the township 30,000 yuan for 临时救助."""
    township = Area.objects.get(name="北岙街道")
    request = payments.ask_for_funds(
        area=township,
        purpose="linshi",
        kind="top_up",
        amount=Decimal("30000.00"),
        reason="备用金",
        actor=User.objects.get(username="dt-town-payments"),
    )
    payments.allocate_funds(request=request, actor=User.objects.get(username="dt-finance"))


def report(desk: Desk, person) -> str:
    page = desk.page
    page.goto("/relief/")
    page.get_by_role("link", name="登记急难情形").click()
    page.get_by_label(re.compile("^姓名")).fill(person.name)
    page.get_by_label(re.compile("^身份证号 |^身份证号$")).fill(person.id_number)
    page.get_by_label(re.compile("^联系电话")).fill(person.phone)
    page.get_by_label(re.compile("^发生在哪个村")).select_option(label="望海村")
    page.get_by_label("意外事件", exact=True).check()
    page.get_by_label(re.compile("^发生地")).fill("望海村 12 号")
    page.get_by_label(re.compile("^急难情形")).fill("凌晨住房失火，衣被和粮食全部烧毁。")
    page.get_by_label(re.compile("^先行救助金额")).fill("5,500")
    page.get_by_role("button", name="登记并提请同意").click()
    expect(page.get_by_text("先行救助最多 5,000.00 元").first).to_be_visible()
    desk.picture("relief-too-much")
    page.get_by_label(re.compile("^先行救助金额")).fill("3,000")
    page.get_by_role("button", name="登记并提请同意").click()
    desk.state("待同意")
    desk.picture("relief-registered")
    return page.url


def papers(desk: Desk, clock, person, photo: Path) -> str:
    """The draft completed, handed in, visited without a check, and agreed to without a notice."""
    page = desk.page
    page.get_by_role("button", name="补办手续").click()
    expect(page).to_have_url(re.compile("/edit/|/cases/"))
    page.get_by_label(re.compile("^开户银行")).fill("演示银行")
    page.get_by_label(re.compile("^收款账号")).fill(person.account)
    page.locator("[name=linshi_requested]").fill("4500")
    desk.picture("relief-papers")
    page.get_by_role("button", name="保存草稿").last.click()
    number = Application.objects.get().number
    desk.open_case(number)
    hand_in_and_accept(desk, number)
    desk.move("免核对，直接入户", "房屋失火，已先行救助。")
    visit(desk, number, photo)
    clock.move_to(at(3, 4))
    desk.sit_down("dt-reviewer")
    desk.open_case(number)
    page.goto(f"/approvals/{Application.objects.get().pk}/agree_at_once/")
    page.get_by_label(re.compile("^拟救助金额")).fill("4500")
    page.get_by_label(re.compile("^意见")).fill("情况属实，拟同意。")
    page.get_by_role("button", name="初审同意，提交审批", exact=True).click()
    desk.state("待审批")
    return number


@pytest.mark.clause("DT-4.3")
@pytest.mark.clause("DT-3.2")
def test_relief_on_a_phone(desk: Desk, clock, photo: Path) -> None:
    page, person = desk.page, someone(5_200_001)
    page.set_viewport_size({"width": 390, "height": 844})
    fill_reserve()
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        desk.sit_down("dt-handler")
        address = report(desk, person)
        desk.sit_down("dt-approver")
        expect(page.get_by_text("还剩 24 小时 0 分")).to_be_visible()
        desk.picture("relief-todo")
        page.get_by_role("link", name="同意先行救助").click()
        page.get_by_role("button", name="同意先行救助").click()
        desk.state("待支付")
        clock.move_to(at(3, 2, 14, 30))
        desk.sit_down("dt-town-payments")
        page.goto(address)
        page.get_by_label(re.compile("^领取人")).fill(person.name)
        page.get_by_label(re.compile("^另一名在场")).fill("郑演示")
        page.get_by_label(re.compile("^收据已由")).check()
        desk.picture("relief-pay")
        page.get_by_role("button", name="从备用金支付").click()
        desk.state("待补办手续")
        desk.picture("relief-paid")
        desk.sit_down("dt-auditor")
        page.get_by_role("link", name="签收报告").click()
        page.get_by_role("button", name="签收报告").click()
        expect(page.get_by_text(re.compile("签收$")).first).to_be_visible()
        desk.sit_down("dt-handler")
        page.goto(address)
        number = papers(desk, clock, person, photo)
        desk.sit_down("dt-approver")
        desk.open_case(number)
        desk.move("审批同意", "同意。")
        desk.state("已批准")
        desk.open_case(number, "money")
        desk.picture("relief-case")
        page.goto("/relief/")
        desk.picture("relief-list")
    assert EmergencyRelief.objects.get().state == ReliefState.COMPLETED
    parts = Instalment.objects.order_by("number").values_list("number", "amount")
    assert list(parts) == [(0, Decimal("3000.00")), (1, Decimal("1500.00"))]
