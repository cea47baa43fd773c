"""临时救助 in goods in 上虞: asked for, agreed to, handed over before two of the staff, the receipt kept."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import override_settings
from django.urls import reverse
from playwright.sync_api import expect

from organisations.models import Area, User
from payments import services as payments
from payments.models import Grant
from tests.e2e.desk import Desk, at
from tests.payments import builders as money

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def grant(ground, clock) -> Grant:
    """450.50 yuan for somebody without an account of the own, and 30,000 in the township's hand."""
    village = Area.objects.select_related("parent__parent").get(code="330604001001")
    request = payments.ask_for_funds(
        area=village.parent,
        purpose="linshi",
        kind="top_up",
        amount=Decimal("30000.00"),
        reason="备用金",
        actor=User.objects.get(username="sy-town-payments"),
    )
    payments.allocate_funds(request=request, actor=User.objects.get(username="sy-finance"))
    return money.granted(village, "450.50", name="林大山", decided_at=at(3, 2))


@pytest.mark.clause("SY-5.1")
def test_goods_in_shangyu(desk: Desk, clock, grant: Grant, photo: Path) -> None:
    page, part = desk.page, grant.instalments.get()
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        clock.move_to(at(3, 3))
        desk.sit_down("sy-handler")
        page.goto(f"/payments/grants/{grant.pk}/")
        page.get_by_role("link", name="现金或实物").click()
        url = page.url
        page.get_by_label("实物", exact=True).check()
        page.get_by_label(re.compile("^特殊情况")).fill("独居，无银行账户，房屋失火急需衣被。")
        page.get_by_label(re.compile("^实物清单")).fill("棉被 2 床 300.00\n大米 50 斤 150.00")
        page.get_by_role("button", name="登记并提请批准").click()
        expect(page.get_by_text("实物价值合计 450.00 元，应等于本期救助金额 450.50 元").first).to_be_visible()
        desk.picture("hand-over-refused")
        page.get_by_label(re.compile("^实物清单")).fill("棉被 2 床 300.00\n大米 50 斤 150.50")
        page.get_by_role("button", name="登记并提请批准").click()
        expect(page.get_by_text("已登记，请批准。")).to_be_visible()
        desk.sit_down("sy-approver")
        page.get_by_role("link", name="批准或退回").first.click()
        page.get_by_label("批准", exact=True).check()
        page.get_by_role("button", name="确定").click()
        desk.sit_down("sy-town-payments")
        page.goto(url)
        page.get_by_label(re.compile("^另一名在场工作人员")).select_option(index=0)
        page.get_by_label(re.compile("^领取单已由领取人")).check()
        page.get_by_label(re.compile("^低于备用金")).fill("急需")
        desk.picture("hand-over-give")
        page.get_by_role("button", name="发放并登记").click()
        expect(page.get_by_role("main")).to_contain_text("未补，应在 2026 年 3 月 6 日 前补齐")
        clock.move_to(at(3, 9))
        desk.sit_down("sy-handler")
        page.get_by_role("link", name="上传签字的领取单").first.click()
        page.locator("input[type=file]").set_input_files(photo)
        page.get_by_role("button", name="上传").click()
        expect(page.get_by_role("link", name="查看扫描件")).to_be_visible()
        desk.picture("hand-over-done")
        page.goto(reverse("approvals:statement", args=[grant.application_id]))
        expect(page.get_by_role("main")).to_contain_text("临时救助（实物）")
    assert part.hand_over.fund_move.balance_after == Decimal("29549.50")
