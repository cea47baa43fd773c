"""One case in each district as its caseworkers do it: the amount and its clause, the limits and their reason,
who decides and who does not, and the paper that comes of it.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from approvals.models import Decision
from approvals.tasks import close_expired_notices
from cases.models import Application
from payments.demo_bank import answer_to
from payments.models import BankFile, Benefit, Grant, Instalment, Transfer
from payments.tasks import sweep_batches
from tests.e2e.desk import Desk, at
from tests.e2e.test_journey import enter_report, hand_in_and_accept
from tests.e2e.test_programmes import choose, entrust, visit
from workbench.demo.people import Someone, someone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def one_factor():
    """The second factor has its own journey."""
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        yield


def register(
    desk: Desk,
    *people: tuple[Someone, str, str],
    programme: str,
    village: str,
    more: Callable[[], None] | None = None,
) -> str:
    """Each of the people by person, relation and monthly wage; the number of the new case."""
    page, head = desk.page, people[0][0]
    page.goto("/cases/register/")
    page.get_by_label(programme, exact=True).check()
    page.get_by_label("窗口", exact=True).check()
    page.get_by_label(re.compile("^村（社区）")).select_option(label=village)
    page.get_by_label("居住地址").fill("演示路 12 号")
    page.get_by_label("申请理由").fill("收入微薄，生活困难。")
    for _ in people[1:]:
        page.get_by_role("button", name="增加一名成员").click()
    for n, (person, relation, wage) in enumerate(people):
        page.locator(f"[name$='-{n}-name']").fill(person.name)
        page.locator(f"[name$='-{n}-id_number']").fill(person.id_number)
        page.locator(f"[name$='-{n}-relation']").select_option(label=relation)
        page.locator(f"[name$='-{n}-wage']").fill(wage)
    page.locator("[name$='-0-phone']").fill(head.phone)
    if programme != "最低生活保障边缘家庭":
        page.get_by_label(re.compile("^收款人")).fill(head.name)
        page.get_by_label(re.compile("^开户银行")).fill("演示银行")
        page.get_by_label(re.compile("^收款账号")).fill(head.account)
    if programme != "临时救助":
        page.get_by_label("因病", exact=True).check()
    if more is not None:
        more()
    desk.picture(f"{programme}-register")
    page.get_by_role("button", name="保存草稿").last.click()
    expect(page).to_have_url(re.compile("/case/"))
    return re.search(r"/case/([^/?]+)/", page.url)[1]


def ask_for(desk: Desk, *, kind: str, cause: str, amount: str) -> Callable[[], None]:
    """The part of the registration that 临时救助 alone asks."""

    def fill() -> None:
        choose(desk.page, "linshi_kind", kind)
        choose(desk.page, "linshi_cause", cause)
        desk.page.locator("[name=linshi_requested]").fill(amount)
        desk.page.locator("[name=linshi_happened_on]").fill("2026-02-27")

    return fill


def line_says(desk: Desk, number: str, label: str, amount: str, clause: str) -> None:
    """The calculation shows the amount, and beside it the clause, which leads to its words."""
    desk.open_case(number, "assessment")
    row = desk.page.get_by_role("row", name=re.compile(f"^{re.escape(label)}"))
    expect(row).to_contain_text(amount)
    expect(row.get_by_role("link", name=clause, exact=True)).to_be_visible()
    desk.picture(f"{number}-assessment")


def limit_says(desk: Desk, label: str, *words: str) -> None:
    """Why the limit ends on that day, unfolded beside the case."""
    limit = desk.page.get_by_role("complementary").locator("details.deadline", has_text=label).first
    limit.locator("summary").click()
    reason = limit.locator(".deadline__why")
    expect(reason).to_be_visible()
    for word in words:
        expect(reason).to_contain_text(word)
    desk.picture(f"{label}-limit")


def publish(desk: Desk, clock, username: str, number: str) -> None:
    """The reviewer agrees, seven days of notice pass, and it comes to its decision."""
    clock.move_to(at(3, 6))
    desk.sit_down(username)
    desk.open_case(number)
    desk.move("初审同意，提交公示", "经核对和入户调查，符合规定，拟同意。")
    desk.state("公示中")
    clock.move_to(at(3, 14, 0, 30))
    close_expired_notices()
    clock.move_to(at(3, 16))


def not_theirs(desk: Desk, username: str, number: str, sentence: str) -> None:
    """The approver of the other level sees the button grey, with the reason; the page is shut as well."""
    desk.sit_down(username)
    desk.open_case(number)
    expect(desk.page.get_by_role("complementary")).to_contain_text(sentence)
    desk.picture(f"{number}-not-theirs")
    case = Application.objects.get(number=number)
    answer = desk.page.goto(f"/approvals/{case.pk}/approve/")
    assert answer.status == 403
    expect(desk.page.get_by_role("main")).to_contain_text(sentence)


def approve(desk: Desk, username: str, number: str) -> None:
    desk.sit_down(username)
    desk.open_case(number)
    desk.move("审批同意", "程序完备，同意。")
    desk.state("已批准")
    desk.picture(f"{number}-approved")


def confer(desk: Desk, number: str, photo: Path) -> None:
    """The township's joint meeting agrees; before it, the approver's button is grey (JZ-5.1)."""
    page = desk.page
    desk.sit_down("jz-approver")
    desk.open_case(number)
    expect(page.get_by_role("complementary")).to_contain_text(
        "联审联批会议集体研究（JZ-5.1），请经办岗登记会议"
    )
    desk.sit_down("jz-handler")
    page.get_by_role("row", name=re.compile(number)).get_by_role("link", name="登记会议").click()
    page.get_by_label("会议时间").fill("2026-03-16T08:30")
    page.get_by_label("会议地点").fill("街道会议室")
    page.get_by_label("主持人").fill("郑明")
    page.get_by_label("参加人员").fill("郑明 党工委书记\n吴丽 主任\n孙强 副主任\n周平 纪工委书记")
    page.get_by_label("会议记录").fill("听取汇报，集体研究。")
    page.get_by_label(re.compile("^签字的会议纪要")).set_input_files(photo)
    page.get_by_label("本次研究").check()
    page.get_by_label("结论").select_option("同意")
    page.get_by_label("研究意见").fill("困难属实，一致同意。")
    desk.picture("confer")
    page.get_by_role("button", name="登记会议").click()
    expect(page.get_by_role("main")).to_contain_text("会议已登记，研究 1 件")
    desk.picture("conferred")
    paper(desk, number, "联审联批会议纪要")


def paper(desk: Desk, number: str, title: str) -> None:
    """Make the paper and open it: a PDF."""
    page = desk.page
    desk.open_case(number, "documents")
    page.get_by_role("row", name=re.compile(title)).get_by_role("button", name="制作").click()
    desk.open_case(number, "documents")
    desk.picture(f"{number}-documents")
    link = page.get_by_role("row", name=re.compile(title)).get_by_role("link", name="打开")
    answer = page.request.get(link.get_attribute("href"))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")


def investigate(desk: Desk, clock, photo: Path, number: str, *, prefix: str, wage: str) -> None:
    """Check and visit; `wage` is what the report finds with the applicant."""
    hand_in_and_accept(desk, number)
    limit_says(desk, "办结", "受理，当日不计")
    entrust(desk, clock, number, prefix)
    enter_report(desk, number, day="2026-03-05", wage=wage)
    visit(desk, number, photo)


@pytest.mark.clause("L57-2")
def test_dibian_in_lucheng_is_the_countys_to_decide(desk: Desk, clock, photo: Path) -> None:
    """鹿城 has no rule of its own on who decides: the county. 1,500 yuan lie between 1,085 and 1.5 ×."""
    desk.sit_down("lc-handler")
    number = register(
        desk, (someone(5_000_001), "本人", "1500"), programme="最低生活保障边缘家庭", village="墨池社区"
    )
    investigate(desk, clock, photo, number, prefix="lc", wage="1500")
    line_says(desk, number, "人均月收入", "1,500.00", "L57-8")
    publish(desk, clock, "lc-reviewer", number)
    not_theirs(desk, "lc-approver", number, "由县（市、区）审批（L57-2），您的审批岗不在这一级")
    approve(desk, "lc-district-approver", number)
    desk.open_case(number, "money")
    expect(desk.page.get_by_role("main")).to_contain_text("不发放保障金")
    desk.sit_down("lc-handler")
    paper(desk, number, "审批表")
    assert Decision.objects.get().proposal.authority == "county"
    assert Benefit.objects.get().programme == "dibian"


@pytest.mark.clause("LY-2.2")
def test_one_person_of_a_poor_family_in_longyan(desk: Desk, clock, photo: Path) -> None:
    """2,000 yuan for two: not below 800 a head, below 1,200. The severely disabled spouse alone gets 800."""
    page = desk.page

    def disabled() -> None:
        page.locator("[name$='-1-disability_kind']").select_option(label="肢体")
        page.locator("[name$='-1-disability_grade']").select_option(label="一级")

    desk.sit_down("ly-handler")
    number = register(
        desk,
        (someone(5_000_001), "本人", "2000"),
        (someone(5_000_002), "配偶", ""),
        programme="最低生活保障",
        village="东兴社区",
        more=disabled,
    )
    investigate(desk, clock, photo, number, prefix="ly", wage="2000")
    line_says(desk, number, "月保障金（单人户补差）", "800.00", "LY-2.2")
    publish(desk, clock, "ly-reviewer", number)
    not_theirs(desk, "ly-district-approver", number, "由街道（乡镇）审批（LY-5.1），您的审批岗不在这一级")
    approve(desk, "ly-approver", number)
    desk.sit_down("ly-handler")
    paper(desk, number, "审批表")
    benefit = Benefit.objects.get()
    assert benefit.revisions.get().monthly == Decimal("800.00")
    assert [cover.person.name for cover in benefit.covers.all()] == [someone(5_000_002).name]


@pytest.mark.clause("JZ-4.2")
@pytest.mark.clause("JZ-5.1")
def test_linshi_in_jiaozuo_while_dibao_is_pending(desk: Desk, clock, photo: Path) -> None:
    """The same person asks for both; 临时救助 goes its way while 低保 waits to be accepted."""
    page, person = desk.page, someone(5_000_001)

    def costs() -> None:
        ask_for(desk, kind="expenditure", cause="medical", amount="3000")()
        page.locator("[name$='-0-employment_cost']").fill("100")

    desk.sit_down("jz-handler")
    pending = register(desk, (person, "本人", "500"), programme="最低生活保障", village="民生社区")
    desk.move("提交申请")
    desk.state("待受理")
    number = register(desk, (person, "本人", "500"), programme="临时救助", village="民生社区", more=costs)
    investigate(desk, clock, photo, number, prefix="jz", wage="500")
    line_says(desk, number, f"{person.name} 扣减就业成本", "-100.00", "JZ-2.2")
    # Six times the demo value of 600 yuan, for one person.
    expect(page.get_by_role("row", name=re.compile("^最高可救助金额"))).to_contain_text("3,600.00")
    publish(desk, clock, "jz-reviewer", number)
    not_theirs(desk, "jz-district-approver", number, "由街道（乡镇）审批（JZ-5.1），您的审批岗不在这一级")
    confer(desk, number, photo)
    approve(desk, "jz-approver", number)
    desk.open_case(pending)
    desk.state("待受理")
    desk.sit_down("jz-handler")
    paper(desk, number, "审批表")
    assert Grant.objects.get().amount == Decimal("3000.00")


@pytest.mark.clause("DT-3.2")
@pytest.mark.clause("DT-8.4")
def test_emergency_aid_in_dongtou_from_the_visit_to_the_bank(desk: Desk, clock, photo: Path) -> None:
    """No check, no notice, but a visit; at most 5,000 yuan (DT-4.3), paid within three working days."""
    desk.sit_down("dt-handler")
    asked = ask_for(desk, kind="emergency", cause="accident", amount="3000")
    number = register(
        desk, (someone(5_000_001), "本人", "500"), programme="临时救助", village="望海村", more=asked
    )
    hand_in_and_accept(desk, number)
    limit_says(desk, "办结", "DT-3.1")
    desk.move("免核对，直接入户", "房屋昨日失火，情况紧急，先行救助。")
    desk.state("待入户调查")
    visit(desk, number, photo)
    line_says(desk, number, "最高金额", "5,000.00", "DT-4.3")
    desk.sit_down("dt-reviewer")
    desk.open_case(number)
    desk.move("初审同意，提交审批", "急难属实，拟先行救助。")
    desk.state("待审批")
    not_theirs(desk, "dt-district-approver", number, "由街道（乡镇）审批（DT-3.1），您的审批岗不在这一级")
    approve(desk, "dt-approver", number)
    limit_says(desk, "发放", "DT-8.4")
    pay_out(desk, clock, number)
    desk.sit_down("dt-handler")
    paper(desk, number, "审批表")
    desk.open_case(number, "money")
    desk.picture("money")
    assert Transfer.objects.get().result == "paid"
    assert Instalment.objects.get().due_on == dt.date(2026, 3, 5)


def pay_out(desk: Desk, clock, number: str) -> None:
    """The list, the second person, the seal, the file, and the bank's answer on the next day."""
    page = desk.page
    desk.sit_down("dt-town-payments")
    page.goto("/payments/payouts/")
    page.get_by_role("checkbox", name=re.compile(number)).check()
    desk.picture("payouts")
    page.get_by_role("button", name="列入发放清单").click()
    list_url = page.url
    desk.sit_down("dt-approver")
    page.goto(list_url)
    page.get_by_role("button", name=re.compile("^复核")).click()
    desk.sit_down("dt-town-payments")
    page.goto(list_url)
    page.get_by_role("button", name=re.compile("^封账")).click()
    page.get_by_role("button", name=re.compile("^生成代发文件")).click()
    sweep_batches()
    file = BankFile.objects.get()
    answer = answer_to(file, paid_on=dt.date(2026, 3, 3))
    clock.move_to(at(3, 3, 15))
    desk.sit_down("dt-town-payments")
    page.goto(f"/payments/files/{file.pk}/answer/")
    page.locator("input[type=file]").set_input_files(
        {"name": "answer.csv", "mimeType": "text/csv", "buffer": answer}
    )
    page.get_by_role("button", name="上传并预览").click()
    page.get_by_role("button", name="确认入账").click()
    expect(page.get_by_role("main")).to_contain_text("发放成功")
