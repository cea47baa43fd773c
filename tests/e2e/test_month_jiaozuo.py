"""A month in 焦作: list and request by the 5th, allocation by the 8th, the bank by the 10th, three roles each
in the own account (JZ-6.1). A month in 洞头 and in 上虞 is walked in `test_journey`.
"""

from __future__ import annotations

import datetime as dt
import re

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from organisations.models import Area
from payments.demo_bank import answer_to
from payments.models import BankFile, Fund, Transfer
from tests.e2e.desk import Desk, at
from tests.payments import builders
from workbench.demo.people import someone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def one_factor():
    """The second factor has its own journey."""
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        yield


def prepare(desk: Desk, month: str) -> str:
    """The civil-affairs clerk makes the list; the address of its page."""
    desk.sit_down("jz-payments")
    desk.page.goto(f"/payments/batches/?month={month}")
    row = desk.page.get_by_role("row", name=re.compile("解放区"))
    row.get_by_role("button", name="编制名册").click()
    expect(desk.page).to_have_url(re.compile(r"/batches/[0-9]+/$"))
    return desk.page.url


def step_is_due(desk: Desk, label: str, day: str) -> None:
    expect(desk.page.get_by_role("row", name=re.compile(label)).first).to_contain_text(day)


@pytest.mark.clause("JZ-6.1")
def test_amounts_by_civil_affairs_money_by_finance_payment_by_the_bank(desk: Desk, clock) -> None:
    """March 2026: the 8th is a Sunday, so the allocation is due on the 6th."""
    page, card = desk.page, someone(5_000_001)
    village = Area.objects.get(prefix="410802001001")
    builders.benefit(village, "585.00", name=card.name, account=card.account)
    batch = prepare(desk, "2026-03")
    step_is_due(desk, "报送名册和用款申请", "3 月 5 日")
    step_is_due(desk, "财政拨付", "3 月 6 日")
    step_is_due(desk, "发放到位", "3 月 10 日")
    desk.picture("jiaozuo-list")
    desk.sit_down("jz-finance")
    page.goto(batch)
    page.get_by_role("button", name=re.compile("^复核")).first.click()
    desk.sit_down("jz-payments")
    waits_for_the_request(desk)
    page.goto(batch)
    page.get_by_role("button", name="报送用款申请").click()
    expect(page.get_by_role("main")).to_contain_text("待财政拨付")
    clock.move_to(at(3, 5))
    desk.sit_down("jz-finance")
    page.goto("/payments/funds/")
    desk.picture("jiaozuo-allocation")
    page.get_by_role("button", name="拨付", exact=True).click()
    pay(desk, clock, batch)
    # After the National Day holiday comes too late: 30 September.
    clock.move_to(at(9, 28))
    prepare(desk, "2026-10")
    step_is_due(desk, "报送名册和用款申请", "9 月 30 日")
    desk.picture("jiaozuo-october")
    assert Transfer.objects.get().paid_on == dt.date(2026, 3, 6)
    assert Fund.objects.get().balance == 0


def waits_for_the_request(desk: Desk) -> None:
    """What the clerk opens each morning: what is next, by when, whose it is, and what is missing."""
    page = desk.page
    page.get_by_role("link", name="本月发放准备").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2026 年 3 月发放准备")
    main = page.get_by_role("main")
    expect(main).to_contain_text("待报送名册和用款申请")
    expect(main).to_contain_text("3 月 5 日前 还剩 3 天")
    desk.picture("jiaozuo-month")
    desk.picture("jiaozuo-month-phone", phone=True)
    main.get_by_role("link", name="查看全部").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("价格指数没有录入或复核")


def pay(desk: Desk, clock, batch: str) -> None:
    """Seal, file, and the answer of the bank with the social cards on the next day."""
    page = desk.page
    desk.sit_down("jz-payments")
    page.goto(batch)
    page.get_by_role("button", name=re.compile("^封账")).first.click()
    page.get_by_role("button", name=re.compile("^生成代发文件")).first.click()
    clock.move_to(at(3, 6, 15))
    file = BankFile.objects.get()
    desk.sit_down("jz-payments")
    page.goto(f"/payments/files/{file.pk}/answer/")
    expect(page.get_by_role("main")).to_contain_text("社会保障卡号")
    desk.picture("jiaozuo-answer")
    answer = {
        "name": "回盘.csv",
        "mimeType": "text/csv",
        "buffer": answer_to(file, paid_on=dt.date(2026, 3, 6)),
    }
    page.locator("input[type=file]").set_input_files(answer)
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("button", name="确认入账").click()
    expect(page.get_by_role("main")).to_contain_text("发放成功")
    desk.picture("jiaozuo-settled")
