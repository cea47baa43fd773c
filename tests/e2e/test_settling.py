"""一事一议 in its three variants, through the pages, from the moment when the ordinary rules do not help."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import expect

from approvals.models import Decision
from approvals.settling.enums import Purpose
from approvals.settling.models import Appraisal, CaseByCase
from approvals.tasks import close_expired_notices
from cases.enums import ApplicationState as State
from cases.models import Application
from organisations.models import Area
from payments.models import Benefit
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.queries import running_notice
from publicity.services import handle_objection, record_objection
from tests.approvals.builders import Office, case_in, take
from tests.e2e.desk import BEIJING, Desk, at
from tests.settling import builders
from workbench.demo.staff import TOWNS, town

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PEOPLE = {
    "街镇工作人员": "陈一、陈二、陈三",
    "村（居）委会成员": "李一、李二、李三",
    "驻村（社区）干部": "王一",
    "居民代表": "赵一、赵二、赵三、赵四、赵五",
    "纪（工）委代表": "周一",
}


@pytest.fixture(autouse=True)
def one_factor():
    """The second factor has its own journey."""
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        yield


def visited(ground: dict, prefix: str, circumstance: str, facts: dict[str, str]) -> str:
    """Investigated by the demo's people of the town; the number of the case."""
    return builders.visited(town_of(ground, prefix, circumstance, facts)).number


def town_of(ground: dict, prefix: str, circumstance: str, facts: dict[str, str]) -> builders.Settling:
    """The demo's people of a town, and the circumstance that its rules know."""
    roles = {"helper": "village", "handler": "handler", "reviewer": "reviewer", "approver": "approver"}
    office = Office(
        places=None,
        village=Area.objects.select_related("parent__parent").get(code=TOWNS[prefix][1]),
        **{role: ground[f"{prefix}-{name}"] for role, name in roles.items()},
    )
    return builders.Settling(
        office, ground[f"{prefix}-discipline"], ground[f"{prefix}-auditor"], circumstance, facts
    )


def press(desk: Desk, name: str) -> None:
    desk.page.get_by_role("main").get_by_role("button", name=name, exact=True).click()


def fill(desk: Desk, answers: dict[str, str]) -> None:
    for label, value in answers.items():
        desk.page.get_by_label(re.compile(f"^{re.escape(label)}")).first.fill(value)


def appraise(desk: Desk, number: str, photo: Path, held_at: str) -> None:
    """Twelve people and the observer; first without the observer, so that it is seen what becomes of it."""
    page = desk.page
    for observer in ("", PEOPLE["纪（工）委代表"]):
        desk.open_case(number, "settling")
        page.get_by_role("main").get_by_role("link", name="登记民主评议", exact=True).click()
        fill(desk, {"评议时间": held_at, "评议地点": "村会议室", "主持人": "李一"})
        fill(desk, PEOPLE | {"纪（工）委代表": observer})
        fill(desk, {"同意（票）": "11", "不同意（票）": "0", "弃权（票）": "1"})
        fill(desk, {"评议意见": "困难属实，同意救助。", "会议记录": "逐人发言后举手表决。"})
        page.get_by_label(re.compile("^签到和签字表")).set_input_files(photo)
        desk.picture("appraise")
        press(desk, "登记评议")
        outcome = "民主评议已登记，通过" if observer else "评议无效：没有纪（工）委代表到场监督"
        expect(page.get_by_text(outcome).first).to_be_visible()
    desk.picture("appraised")


def determine(desk: Desk, number: str, label: str, monthly: str, meeting: dict[str, str]) -> None:
    page = desk.page
    desk.open_case(number)
    page.get_by_role("complementary").get_by_role("link", name=label, exact=True).click()
    fill(desk, meeting)
    page.locator("[name=covered]").first.check()
    fill(desk, {"月金额": monthly, "认定意见": "经集体研究，情况属实，同意救助。"})
    desk.picture("determine")
    press(desk, label)


def meeting(kind: str, held_at: str) -> dict[str, str]:
    return {
        f"{kind}时间": held_at,
        "会议地点": "街道会议室",
        "主持人": "郑书记",
        "参加人员": "郑书记、吴主任、孙副主任",
        "会议记录": "听取汇报，集体研究，一致同意。",
    }


def follow(desk: Desk, link: str, answers: dict[str, str], *, choose: str = "", button: str = "") -> None:
    """A link on the tab, a short form, and back."""
    desk.page.get_by_role("main").get_by_role("link", name=link, exact=True).first.click()
    if choose:
        desk.page.get_by_label(choose, exact=True).check()
    fill(desk, answers)
    press(desk, button or link)


@pytest.mark.clause("LC-4.2b")
@pytest.mark.clause("LC-4.3b")
@pytest.mark.clause("LC-4.4b")
def test_lucheng(desk: Desk, ground, clock, photo: Path) -> None:
    page, number = desk.page, visited(ground, "lc", "left_3y", builders.LEFT_FACTS)
    desk.sit_down("lc-handler")
    desk.open_case(number)
    page.get_by_role("complementary").get_by_role("link", name="启动一事一议", exact=True).click()
    fill(
        desk,
        {
            "出走或失联的成员": "林大山（配偶）",
            "出走或失联起始日期": "2020-05-01",
            "联系寻找经过": "多次电话停机，入户未见到本人。",
            "启动理由": "不计失联成员后符合，按一事一议办理。",
        },
    )
    page.get_by_label(re.compile("^申请人已书面声明")).check()
    desk.picture("refer")
    press(desk, "启动一事一议")
    desk.state("一事一议")
    clock.move_to(at(3, 4, 10))
    desk.sit_down("lc-handler")
    appraise(desk, number, photo, "2026-03-04T09:30")
    clock.move_to(at(3, 5, 15))
    desk.sit_down("lc-reviewer")
    determine(desk, number, "认定同意，提交确认", "585.00", meeting("街镇领导班子会议", "2026-03-05T14:00"))
    desk.state("待审批")
    desk.sit_down("lc-handler")
    desk.open_case(number, "settling")
    follow(desk, "报送备案", {}, button="报街镇纪（工）委备案")
    follow(desk, "报送备案", {}, button="报区民政局备案")
    follow(desk, "反馈申请人", {"告知日期": "2026-03-05"}, choose="当面告知")
    for username in ("lc-discipline", "lc-auditor"):
        desk.sit_down(username)
        page.get_by_role("link", name="接收备案").first.click()
        fill(desk, {"备案意见": "已备案。"})
        press(desk, "接收备案")
    desk.picture("filed")
    desk.sit_down("lc-approver")
    desk.open_case(number)
    desk.move("审批同意", "同意认定意见。")
    desk.state("已批准")
    desk.open_case(number, "settling")
    expect(page.get_by_text("至 2027 年 3 月 4 日", exact=True)).to_be_visible()
    desk.picture("in-force")
    page.goto("/settling/?standing=valid")
    expect(page.get_by_role("main").get_by_text(number)).to_be_visible()
    desk.picture("register")
    assert Benefit.objects.get().ends_on == dt.date(2027, 4, 1)


@pytest.mark.clause("LC-4.4b")
def test_lucheng_renews_before_it_lapses(desk: Desk, ground, clock, photo: Path) -> None:
    """From the reminder on the workbench to the next end of the validity, ten months later."""
    place = town_of(ground, "lc", "left_3y", builders.LEFT_FACTS)
    page, number = desk.page, builders.in_force(place).application.number
    clock.move_to(dt.datetime(2027, 1, 4, 9, tzinfo=BEIJING))
    desk.sit_down("lc-handler")
    expect(page.get_by_text("还剩 56 天失效").first).to_be_visible()
    desk.picture("reminded")
    page.get_by_role("link", name="办理续期").first.click()
    page.get_by_role("main").get_by_role("link", name="办理续期", exact=True).click()
    report = {"核对报告编号": "HD-2027-1", "货币财产": "0", "复核情况": "配偶仍未返家，收入没有变化。"}
    fill(desk, {"核对日期": "2027-01-04", **report, "联系寻找经过": "2027-01-02 电话仍停机。"})
    page.get_by_label(re.compile("^申请人已书面声明")).check()
    desk.picture("renew")
    press(desk, "测算并登记")
    page.get_by_role("main").get_by_role("link", name="登记民主评议", exact=True).click()
    page.get_by_label("事后检查").check()
    fill(desk, PEOPLE | {"评议时间": "2027-01-04T09:00", "评议地点": "村会议室", "主持人": "李一"})
    fill(desk, {"同意（票）": "12", "不同意（票）": "0", "弃权（票）": "0"})
    fill(desk, {"评议意见": "仍未返家，同意续期。", "会议记录": "逐人发言后举手表决。"})
    page.get_by_label(re.compile("^签到和签字表")).set_input_files(photo)
    press(desk, "登记评议")
    desk.sit_down("lc-reviewer")
    page.get_by_role("link", name="登记认定").first.click()
    page.get_by_label("同意续期").check()
    fill(desk, meeting("街镇领导班子会议", "2027-01-04T09:00"))
    fill(desk, {"认定意见": "情形仍然存在，同意续期一年。"})
    desk.picture("determine-renewal")
    press(desk, "登记认定")
    desk.picture("renewal-determined")
    desk.sit_down("lc-handler")
    desk.open_case(number, "settling")
    follow(desk, "报送备案", {}, button="续期报街镇纪（工）委备案")
    follow(desk, "反馈续期结果", {"告知日期": "2027-01-04"}, choose="当面告知")
    expect(page.get_by_text("至 2028 年 3 月 1 日（已续期）")).to_be_visible()
    desk.picture("renewed")
    page.goto("/settling/?standing=valid")
    expect(page.get_by_role("main").get_by_text("2028 年 3 月 1 日（已续期）")).to_be_visible()
    desk.picture("register-renewed")
    assert Benefit.objects.get().ends_on == dt.date(2028, 4, 1)


@pytest.mark.clause("DT-4.2")
def test_dongtou(desk: Desk, ground, clock, photo: Path) -> None:
    page, number = desk.page, visited(ground, "dt", "severe", builders.SEVERE_FACTS)
    desk.sit_down("dt-handler")
    desk.open_case(number)
    page.get_by_role("complementary").get_by_role("link", name="启动一事一议", exact=True).click()
    fill(desk, {"重残重病成员及困难情况": "本人一级肢体残疾。", "启动理由": "收入略高，重残。"})
    press(desk, "启动一事一议")
    desk.state("一事一议")
    clock.move_to(at(3, 4, 10))
    desk.sit_down("dt-handler")
    appraise(desk, number, photo, "2026-03-04T09:30")
    clock.move_to(at(3, 5, 15))
    desk.sit_down("dt-reviewer")
    determine(desk, number, "认定同意，提交公示", "500.00", meeting("街镇集体审议", "2026-03-05T14:00"))
    desk.state("公示中")
    clock.move_to(at(3, 13, 0, 30))
    assert close_expired_notices()["closed"] == 1
    desk.sit_down("dt-approver")
    desk.open_case(number)
    desk.move("审批同意", "公示无异议，同意。")
    desk.state("已批准")
    desk.sit_down("dt-handler")
    page.get_by_role("link", name="登记复核走访").first.click()
    page.get_by_label("是", exact=True).check()
    fill(desk, {"走访日期": "2026-03-13", "走访情况": "情况没有变化。"})
    press(desk, "登记复核走访")
    expect(page.get_by_text("情况没有变化。")).to_be_visible()
    desk.picture("rechecked")


@pytest.mark.clause("SY-4.4a")
def test_shangyu(desk: Desk, ground, clock, photo: Path) -> None:
    page, number = desk.page, visited(ground, "sy", "urgent", builders.URGENT_FACTS)
    desk.sit_down("sy-handler")
    desk.open_case(number)
    page.get_by_role("complementary").get_by_role("link", name="启动一事一议", exact=True).click()
    fill(
        desk,
        {
            "困难发生日期": "2026-02-20",
            "突发、紧迫、急难情况": "房屋突然倒塌。",
            "现有政策难以明确之处": "收入略高于标准。",
            "拟定救助方案": "按月救助半年后复核。",
            "启动理由": "个案情形，政策难以明确。",
        },
    )
    press(desk, "启动一事一议")
    desk.sit_down("sy-reviewer")
    determine(desk, number, "认定同意，提交确认", "600.00", {})
    desk.sit_down("sy-approver")
    desk.open_case(number)
    expect(page.get_by_role("complementary")).to_contain_text("须先报区民政局备案")
    desk.picture("not-yet")
    desk.sit_down("sy-handler")
    desk.open_case(number, "settling")
    follow(desk, "报送备案", {"备案说明": "附方案。"}, button="报区民政局备案")
    desk.sit_down("sy-auditor")
    page.get_by_role("link", name="接收备案").first.click()
    fill(desk, {"备案意见": "同意备案。"})
    press(desk, "接收备案")
    desk.sit_down("sy-approver")
    desk.open_case(number)
    desk.move("审批同意", "已备案，同意。")
    desk.state("已批准")
    assert Decision.objects.get().monthly == 600
    assert CaseByCase.objects.get().filings.get().answer == "同意备案。"


def longyan(ground: dict) -> Office:
    """The demo's people of a township of 龙岩, and who decides there."""
    place = town("ly", ground)
    village = Area.objects.select_related("parent__parent").get(pk=place.helper_village.pk)
    posts = {post: getattr(place, post) for post in ("helper", "handler", "reviewer", "approver")}
    return Office(places=None, village=village, **posts)


def dispute(application: Application, office: Office) -> None:
    """Somebody objects, and the reviewer has it investigated again."""
    objection = record_objection(
        notice=running_notice(application),
        source=ObjectionSource.PUBLIC,
        content="家中有车。",
        actor=None,
        at=timezone.now(),
    )
    handle_objection(
        objection=objection,
        outcome=ObjectionOutcome.REINVESTIGATE,
        handling="重新调查。",
        actor=office.reviewer,
    )
    take(application, "reopen", office, "reviewer")


def appraise_ordinary(desk: Desk, number: str, purpose: str, photo: Path, held_at: str) -> None:
    """The other purpose is refused beside the form, and nothing that was typed is lost."""
    page = desk.page
    desk.open_case(number, "settling")
    page.get_by_role("main").get_by_role("link", name="登记民主评议", exact=True).click()
    fill(desk, {"评议时间": held_at, "评议地点": "村会议室", "主持人": "李一"} | PEOPLE)
    fill(desk, {"同意（票）": "12", "不同意（票）": "0", "弃权（票）": "0"})
    fill(desk, {"评议意见": "情况属实。", "会议记录": "逐人发言后举手表决。"})
    for label in sorted(["公示异议", "事后检查"], key=lambda label: label == purpose):
        page.get_by_label(label, exact=True).check()
        page.get_by_label(re.compile("^签到和签字表")).set_input_files(photo)
        press(desk, "登记评议")
        said = "民主评议已登记，通过" if label == purpose else "情况清楚、没有异议的，不进行民主评议"
        expect(page.get_by_text(said).first).to_be_visible()
    desk.picture("appraised-ordinary")


@pytest.mark.clause("LY-5.2")
def test_an_ordinary_case_is_appraised_only_when_disputed_or_as_a_check(
    desk: Desk, ground, clock, photo: Path
) -> None:
    office, page = longyan(ground), desk.page
    application = case_in(State.PUBLISHED, office=office, clock=clock)
    desk.sit_down("ly-handler")
    desk.open_case(application.number, "settling")
    expect(page.get_by_role("link", name="登记民主评议")).to_have_count(0)
    page.goto(f"/settling/case/{application.pk}/appraisal/")
    expect(page.get_by_role("button", name="登记评议")).to_be_disabled()
    expect(page.get_by_text("情况清楚、没有异议的，不进行民主评议").first).to_be_visible()
    dispute(application, office)
    appraise_ordinary(desk, application.number, "公示异议", photo, "2026-03-02T09:00")
    approved = case_in(State.APPROVED, office=office, clock=clock)
    desk.sit_down("ly-handler")
    appraise_ordinary(desk, approved.number, "事后检查", photo, f"{timezone.localtime():%Y-%m-%dT%H:%M}")
    purposes = Appraisal.objects.order_by("pk").values_list("purpose", "valid")
    assert list(purposes) == [(Purpose.OBJECTION, True), (Purpose.CHECK, True)]
