"""A new standard from its draft to the money: tried, published, proposed, confirmed, paid for past months."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from approvals.adjustments import services
from approvals.adjustments.models import Adjustment, WhatIfRun
from organisations.models import User
from payments.models import Payment
from tests.adjustments.builders import FEBRUARY, JANUARY, MARCH, Ground, receiving, sealed_months
from tests.cases.builders import build_places
from tests.e2e.desk import Desk
from tests.payments.builders import Payer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def here(ground) -> Ground:
    """In 北岙 585.00 for one with 500.00 of wages, 1870.00 for two with 300.00, 100.00 for one whose wages
    of 1200.00 are over the line now; January and February are paid.
    """
    places = build_places(materials=False)
    who = {name: User.objects.get(username=name) for name in _PEOPLE}
    clerk = who["dt-town-payments"]
    payer = Payer(places, places.township, (places.village,), clerk, clerk, who["dt-approver"])
    made = Ground(payer, who["rule-writer"], who["rule-publisher"], who["dt-reviewer"], who["dt-approver"])
    receiving(made, "585.00", "500.00")
    receiving(made, "1870.00", "300.00", "")
    receiving(made, "100.00", "1200.00")
    sealed_months(made, JANUARY, FEBRUARY)
    return made


_PEOPLE = ("rule-writer", "rule-publisher", "dt-reviewer", "dt-approver", "dt-town-payments")


def both(desk: Desk, name: str) -> None:
    """At the desk and on the phone."""
    desk.picture(name)
    desk.picture(f"{name}-phone", phone=True)


def draft_and_try(desk: Desk) -> None:
    """1085.00 → 1135.00 from January: who gains, and what it costs a month."""
    page = desk.page
    desk.sit_down("rule-writer")
    page.goto("/rules/history/330305/standard.dibao/")
    page.get_by_role("link", name="接替", exact=True).click()
    page.get_by_label(re.compile("^新值")).fill("1135")
    page.get_by_label(re.compile("^生效日期")).fill("2026-01-01")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    page.goto("/adjustments/what-if/")
    page.get_by_label(re.compile("^试算区域")).select_option(label="洞头区")
    page.get_by_label(re.compile("低保标准 = 1135")).check()
    both(desk, "what-if-form")
    page.get_by_role("button", name="开始试算").click()
    expect(page.get_by_text("已开始试算")).to_be_visible()
    services.work_on_what_if(WhatIfRun.objects.get().pk)
    page.reload()
    town = page.get_by_role("row", name=re.compile("^北岙街道")).first
    for amount in ("2,555.00", "2,705.00", "150.00"):
        expect(town).to_contain_text(amount)
    expect(page.locator("table.data--cards td").get_by_text("增加", exact=True)).to_have_count(2)
    both(desk, "what-if")


def publish_and_start(desk: Desk) -> Adjustment:
    page = desk.page
    desk.sit_down("rule-publisher")
    page.get_by_role("link", name="核对并发布").first.click()
    page.get_by_label("已核对差异，发布这一条").check()
    page.get_by_role("button", name="发布所勾选的规则").click()
    expect(page.get_by_text("已发布 1 条规则")).to_be_visible()
    page.goto("/")
    page.get_by_role("link", name="发起调整").click()
    chosen = page.locator("form option:checked")
    expect(chosen).to_contain_text(["洞头区", "最低生活保障", re.compile("低保标准 = 1135")])
    both(desk, "change-form")
    page.get_by_role("button", name="开始测算草案").click()
    expect(page.get_by_text("已开始测算草案")).to_be_visible()
    run = Adjustment.objects.get()
    services.work_on_adjustment(run.pk)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("待办理")
    return run


def propose(desk: Desk) -> None:
    """The reviewer finds it on the workbench, proposes, and records the household that people looked at."""
    page = desk.page
    desk.sit_down("dt-reviewer")
    expect(page.get_by_role("link", name="登记处理结果")).to_be_visible()
    both(desk, "reviewer-workbench")
    page.get_by_role("link", name="提出调整").click()
    both(desk, "change-reviewer")
    page.get_by_role("button", name="提出调整").click()
    expect(page.get_by_text("请由审批岗确认")).to_be_visible()
    page.get_by_role("link", name="待处理").click()
    page.get_by_label("已停发", exact=True).check()
    page.get_by_label(re.compile("^处理说明")).fill("家庭收入已超标准，另行办理。")
    page.get_by_role("button", name="登记处理结果").click()
    expect(page.get_by_text("没有停发").first).to_be_visible()
    both(desk, "settle")
    page.get_by_label("核实后金额不变", exact=True).check()
    page.get_by_role("button", name="登记处理结果").click()
    expect(page.get_by_text("处理结果已登记")).to_be_visible()


def send_back_and_adopt(desk: Desk) -> None:
    """The approver looks at the page for sending back, then confirms: + 150.00 a month."""
    page = desk.page
    desk.sit_down("dt-approver")
    page.get_by_role("link", name="确认调整").click()
    address = page.url
    page.get_by_role("link", name="退回", exact=True).click()
    page.get_by_label(re.compile("^退回原因")).fill(" ")
    page.get_by_role("button", name="退回草案").click()
    expect(page.get_by_text("请填写退回原因").first).to_be_visible()
    both(desk, "return")
    page.goto(address)
    page.get_by_role("button", name="确认调整").click()
    expect(page.get_by_text("2 户自 2026-01 起按新金额执行")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_contain_text("已办结")
    both(desk, "change-done")


def test_a_new_standard_from_its_draft_to_the_money(desk: Desk, here: Ground) -> None:
    page = desk.page
    draft_and_try(desk)
    publish_and_start(desk)
    propose(desk)
    send_back_and_adopt(desk)
    desk.sit_down("dt-town-payments")
    page.goto("/payments/batches/?month=2026-03")
    page.get_by_role("row", name=re.compile("北岙街道")).get_by_role("button", name="编制名册").first.click()
    made_up = page.locator("tr", has_text="标准调整补发")
    expect(made_up).to_have_count(4)
    expect(made_up.filter(has_text="50.00").filter(has_text="2026-01")).to_have_count(1)
    both(desk, "batch")
    lines = Payment.objects.filter(kind="correction").order_by("benefit_id", "month")
    assert [(line.month, str(line.amount)) for line in lines] == [
        (JANUARY, "50.00"),
        (FEBRUARY, "50.00"),
        (JANUARY, "100.00"),
        (FEBRUARY, "100.00"),
    ]
    assert lines.first().batch.month == MARCH
    # 635.00 + 1970.00 + 100.00 for March, 300.00 of differences.
    expect(page.get_by_text("3,005.00").first).to_be_visible()
    page.goto("/rules/trial/")
    page.get_by_label(re.compile("^出生日期")).fill("1980-05-01")
    page.get_by_label(re.compile("^工资性收入")).fill("500")
    page.get_by_role("main").get_by_role("button", name="试算", exact=True).last.click()
    expect(page.get_by_text("635.00").first).to_be_visible()
    both(desk, "trial")
