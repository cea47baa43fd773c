"""特困 in 洞头 and 支出型临时救助 in instalments in 上虞, by every post in turn, through their pages."""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import count
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from approvals.models import Decision
from approvals.tasks import close_expired_notices
from cases.models import Application
from payments.models import Benefit, Grant
from tests.e2e.desk import Desk, at
from tests.e2e.test_journey import enter_report, hand_in_and_accept
from workbench.demo.people import someone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def aged_person():
    """Somebody of 60 or more on 2 March 2026: born before, by the number."""
    return next(p for n in count(5_100_000) if (p := someone(n)).id_number[6:10] < "1960")


def begin(desk: Desk, person, *, programme: str, village: str) -> None:
    """The part of the registration that every programme asks."""
    page = desk.page
    page.goto("/cases/register/")
    page.get_by_label(programme, exact=True).check()
    page.get_by_label("窗口", exact=True).check()
    page.get_by_label(re.compile("^村（社区）")).select_option(label=village)
    page.get_by_label("居住地址").fill("海滨路 12 号")
    page.get_by_label("申请理由").fill("无依无靠，生活困难。")
    for name, value in (("name", person.name), ("id_number", person.id_number), ("phone", person.phone)):
        page.locator(f"[name$='-0-{name}']").fill(value)
    page.locator("[name$='-0-relation']").select_option(label="本人")
    page.get_by_label(re.compile("^收款人")).fill(person.name)
    page.get_by_label(re.compile("^开户银行")).fill("演示银行")
    page.get_by_label(re.compile("^收款账号")).fill(person.account)


def save(desk: Desk, name: str) -> str:
    desk.picture(name)
    desk.page.get_by_role("button", name="保存草稿").last.click()
    expect(desk.page).to_have_url(re.compile("/case/"))
    return Application.objects.get().number


def choose(page, field: str, value: str) -> None:
    page.locator(f"[name={field}][value={value}]").check()


def visit(desk: Desk, number: str, photo: Path, *, failed: tuple[str, ...] | None = None) -> None:
    """Six dimensions, and for 特困 the six indicators of self-care."""
    page = desk.page
    page.goto(f"/cases/{number}/visit/")
    page.get_by_label(re.compile("^调查人二姓名")).fill("郑演示")
    for choice in ("与申报相符", "慢性病", "无在校成员", "自有", "未就业", "正常参与"):
        page.get_by_label(choice, exact=True).check()
    if failed is not None:
        for name in ("can_eat", "can_dress", "can_rise", "can_toilet", "can_walk", "can_bathe"):
            choose(page, name, "no" if name in failed else "yes")
        page.get_by_label(re.compile("^自理能力评估日期")).fill("2026-03-05")
        page.get_by_label(re.compile("^评估人")).fill("郑演示、陈演示")
    page.get_by_label(re.compile("^调查结论")).fill("情况属实。")
    page.get_by_label(re.compile("^照片")).set_input_files(photo)
    page.get_by_label(re.compile("^在场成员")).select_option(index=1)
    page.get_by_label(re.compile("均已在调查表上签字")).check()
    desk.picture("visit")
    page.get_by_role("button", name="完成入户调查").click()
    desk.open_case(number)
    desk.move("提交初审")
    desk.state("待初审")


def sign_agreement(desk: Desk, number: str) -> None:
    page = desk.page
    page.goto(f"/cases/{number}/agreement/")
    page.get_by_label(re.compile("^服务方名称")).fill("陈照料")
    page.get_by_label(re.compile("^照料护理费收款户名")).fill("陈照料")
    page.get_by_label(re.compile("^开户银行")).fill("演示银行")
    page.get_by_label(re.compile("^收款账号")).fill("6222020000000000008")
    page.get_by_label(re.compile("^协议签订日期")).fill("2026-03-05")
    page.get_by_label(re.compile("^本人（或监护人）已在服务协议上签字")).check()
    desk.picture("agreement")
    page.get_by_role("main").get_by_role("button", name=re.compile("保存|登记")).click()


def make_papers(desk: Desk, number: str) -> None:
    """Everything that can be made is made, once each."""
    page = desk.page
    page.goto(f"/case/{number}/?tab=documents")
    for _ in range(3):
        page.get_by_role("button", name="制作", exact=True).first.click()
        page.goto(f"/case/{number}/?tab=documents")
    desk.picture("documents")


def entrust(desk: Desk, clock, number: str, prefix: str) -> None:
    clock.move_to(at(3, 3))
    desk.sit_down(f"{prefix}-reviewer")
    desk.open_case(number)
    desk.move("委托确认")
    clock.move_to(at(3, 5))
    desk.sit_down(f"{prefix}-handler")


@pytest.mark.clause("SY-A2.5")
@pytest.mark.clause("DT-7.2")
def test_tekun_in_dongtou(desk: Desk, clock, photo: Path) -> None:
    page, person = desk.page, aged_person()
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        desk.sit_down("dt-handler")
        begin(desk, person, programme="特困人员救助供养", village="望海村")
        page.get_by_label("因病", exact=True).check()
        for name, value in (
            ("no_work_ability", "yes"),
            ("no_income", "yes"),
            ("supporter", "none"),
            ("placement", "home"),
        ):
            choose(page, f"tekun_{name}", value)
        number = save(desk, "tekun-register")
        hand_in_and_accept(desk, number)
        entrust(desk, clock, number, "dt")
        enter_report(desk, number, day="2026-03-05", wage="0")
        visit(desk, number, photo, failed=("can_bathe",))
        sign_agreement(desk, number)
        clock.move_to(at(3, 6))
        desk.sit_down("dt-reviewer")
        desk.open_case(number, "assessment")
        desk.picture("tekun-assessment")
        page.goto(f"/approvals/{Application.objects.get().pk}/agree/")
        desk.picture("tekun-agree")
        desk.open_case(number)
        desk.move("初审同意，提交公示", "符合特困认定条件，拟同意。")
        desk.state("公示中")
        clock.move_to(at(3, 14, 0, 30))
        close_expired_notices()
        clock.move_to(at(3, 16))
        desk.sit_down("dt-approver")
        desk.open_case(number)
        desk.move("审批同意", "程序完备，同意。")
        desk.state("已批准")
        desk.picture("tekun-approved")
        desk.sit_down("dt-handler")
        make_papers(desk, number)
    # 1,410.50 and 2,490 × 20 % (one indicator failed: mild) × 50 % at home.
    decision = Decision.objects.get()
    assert (decision.monthly, decision.care_fee) == (Decimal("1659.50"), Decimal("249.00"))
    assert Benefit.objects.get().care_name == "陈照料"


@pytest.mark.clause("SY-2.1")
def test_linshi_in_shangyu_in_instalments(desk: Desk, clock, photo: Path) -> None:
    page, person = desk.page, someone(5_000_001)
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        desk.sit_down("sy-handler")
        begin(desk, person, programme="临时救助", village="百官社区")
        for name, value in (("kind", "expenditure"), ("cause", "medical")):
            choose(page, f"linshi_{name}", value)
        page.locator("[name=linshi_requested]").fill("9000")
        page.locator("[name=linshi_residual_medical]").fill("30000")
        page.locator("[name=linshi_happened_on]").fill("2026-02-10")
        number = save(desk, "linshi-register")
        hand_in_and_accept(desk, number)
        entrust(desk, clock, number, "sy")
        enter_report(desk, number, day="2026-03-05", wage="500")
        visit(desk, number, photo)
        clock.move_to(at(3, 6))
        desk.sit_down("sy-reviewer")
        desk.open_case(number, "assessment")
        desk.picture("linshi-assessment")
        page.goto(f"/approvals/{Application.objects.get().pk}/agree/")
        # More than 12 × 1,175.00 and a plan that is not the amount: said beside the fields, nothing is lost.
        page.get_by_label(re.compile("^拟救助金额")).fill("14100.01")
        page.get_by_label(re.compile("^分阶段发放计划")).fill("2026-03-20 4000\n2026-06-20 明天")
        page.get_by_role("button", name="初审同意，提交公示", exact=True).click()
        expect(page.get_by_text("第 2 行无法识别").first).to_be_visible()
        page.get_by_label(re.compile("^分阶段发放计划")).fill("2026-03-20 4000\n2026-06-20 4000")
        page.get_by_role("button", name="初审同意，提交公示", exact=True).click()
        expect(page.get_by_text("超过最高可救助金额 14,100.00 元").first).to_be_visible()
        desk.picture("linshi-refused")
        page.get_by_label(re.compile("^拟救助金额")).fill("8000")
        page.get_by_role("button", name="初审同意，提交公示", exact=True).click()
        desk.state("公示中")
        page.goto(f"/public/n/{Application.objects.get().notices.get().token}/")
        expect(page.get_by_text("一次性 8,000.00 元")).to_be_visible()
        desk.picture("linshi-notice")
        clock.move_to(at(3, 14, 0, 30))
        close_expired_notices()
        clock.move_to(at(3, 16))
        # 8,000.00 is more than 6 × 1,175.00 = 7,050.00: not the township's to decide.
        desk.sit_down("sy-approver")
        desk.open_case(number)
        expect(page.get_by_role("complementary")).to_contain_text("您的审批岗不在这一级")
        desk.picture("linshi-township")
        desk.sit_down("sy-district-approver")
        desk.open_case(number)
        desk.move("审批同意", "程序完备，同意。")
        desk.state("已批准")
        desk.picture("linshi-approved")
        desk.sit_down("sy-handler")
        make_papers(desk, number)
    grant = Grant.objects.get()
    assert [part.amount for part in grant.instalments.order_by("number")] == [Decimal("4000.00")] * 2
    assert Decision.objects.get().proposal.authority == "county"
