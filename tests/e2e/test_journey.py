"""From 登记 to the money and the sample, by every post in turn, through the pages that they use."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from django.test import override_settings
from playwright.sync_api import expect

from approvals.tasks import close_expired_notices
from cases.models import Application
from payments.demo_bank import answer_to
from payments.models import BankFile, Payment, Transfer
from payments.tasks import sweep_batches
from supervision.tasks import draw_last_month
from tests.e2e.desk import Desk, at
from workbench.demo.people import someone

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def register(desk: Desk, *, village: str, wage: str) -> str:
    """The handler registers a couple; the number of the new case."""
    page = desk.page
    head, spouse = someone(5_000_001), someone(5_000_002)
    page.goto("/cases/register/")
    page.get_by_label("最低生活保障", exact=True).check()
    page.get_by_label("窗口", exact=True).check()
    page.get_by_label(re.compile("^村（社区）")).select_option(label=village)
    page.get_by_label("居住地址").fill("海滨路 12 号")
    page.get_by_label("因病", exact=True).check()
    page.get_by_label("申请理由").fill("户主长期患病，收入微薄。")
    page.get_by_role("button", name="增加一名成员").click()
    for n, (person, relation) in enumerate(((head, "本人"), (spouse, "配偶"))):
        page.locator(f"[name$='-{n}-name']").fill(person.name)
        page.locator(f"[name$='-{n}-id_number']").fill(person.id_number)
        page.locator(f"[name$='-{n}-relation']").select_option(label=relation)
    page.locator("[name$='-0-phone']").fill(head.phone)
    page.locator("[name$='-0-wage']").fill(wage)
    page.get_by_label(re.compile("^存款、证券")).fill("8000")
    page.get_by_label(re.compile("^收款人")).fill(head.name)
    page.get_by_label(re.compile("^开户银行")).fill("演示银行")
    page.get_by_label(re.compile("^收款账号")).fill(head.account)
    desk.picture("register")
    page.get_by_role("button", name="保存草稿").last.click()
    expect(page).to_have_url(re.compile("/case/"))
    return Application.objects.get().number


def hand_in_and_accept(desk: Desk, number: str) -> None:
    page = desk.page
    desk.move("提交申请")
    desk.state("待受理")
    page.get_by_role("link", name="登记收件").click()
    for box in page.get_by_role("group", name=re.compile("已收材料")).get_by_role("checkbox").all():
        box.check()
    page.get_by_role("main").get_by_role("button", name=re.compile("保存")).click()
    page.get_by_role("link", name="登记签署").click()
    for box in page.get_by_label(re.compile("已签$")).all():
        box.check()
    page.get_by_role("main").get_by_role("button", name=re.compile("保存")).click()
    desk.open_case(number)
    desk.move("受理")
    desk.state("待委托核对")
    desk.picture("accepted")


def enter_report(desk: Desk, number: str, *, day: str, wage: str) -> None:
    page = desk.page
    page.goto(f"/cases/{number}/report/")
    form = page.locator("form").last
    form.get_by_label(re.compile("^报告编号")).fill("HD-2026-0001")
    form.get_by_label(re.compile("^出具日期")).fill(day)
    form.get_by_label(re.compile("^数据截止日期")).fill(day)
    form.locator("[name$='wage']").first.fill(wage)
    form.get_by_label(re.compile("^存款、证券")).fill("8200")
    form.get_by_label(re.compile("^核对结论")).fill("与申报基本一致。")
    desk.picture("report")
    form.get_by_role("button", name="保存核对报告").click()
    desk.open_case(number)
    desk.move("核对完成")
    desk.state("待入户调查")


def visit(desk: Desk, number: str, photo: Path) -> None:
    page = desk.page
    page.goto(f"/cases/{number}/visit/")
    page.get_by_label(re.compile("^调查人二姓名")).fill("郑演示")
    for choice in ("与申报相符", "慢性病", "无在校成员", "自有", "未就业", "正常参与"):
        page.get_by_label(choice, exact=True).check()
    page.get_by_label(re.compile("^调查结论")).fill("瓦房两间，无车辆，情况属实。")
    page.get_by_label(re.compile("^照片")).set_input_files(photo)
    page.get_by_label(re.compile("^在场成员")).select_option(index=1)
    page.get_by_label(re.compile("均已在调查表上签字")).check()
    desk.picture("visit", phone=True)
    page.get_by_role("button", name="完成入户调查").click()
    desk.open_case(number)
    desk.move("提交初审")
    desk.state("待初审")


def investigated(desk: Desk, clock, photo: Path, *, prefix: str, village: str, wage: str) -> str:
    """From registration to the reviewer's table."""
    desk.sit_down(f"{prefix}-handler")
    number = register(desk, village=village, wage=wage)
    hand_in_and_accept(desk, number)
    clock.move_to(at(3, 3))
    desk.sit_down(f"{prefix}-reviewer")
    desk.open_case(number)
    desk.move("委托确认")
    desk.state("核对中")
    clock.move_to(at(3, 5))
    desk.sit_down(f"{prefix}-handler")
    enter_report(desk, number, day="2026-03-05", wage=wage)
    visit(desk, number, photo)
    return number


def approved(desk: Desk, clock, photo: Path, *, prefix: str, village: str) -> Application:
    """Review, notice and decision on a couple with 800 yuan between them."""
    page = desk.page
    number = investigated(desk, clock, photo, prefix=prefix, village=village, wage="800")
    clock.move_to(at(3, 6))
    desk.sit_down(f"{prefix}-reviewer")
    desk.picture("workbench")
    desk.open_case(number, "assessment")
    desk.picture("assessment")
    desk.move("初审同意，提交公示", "经核对和入户调查，人均月收入 400 元，拟同意。")
    desk.state("公示中")
    see_public_notice(desk, number)
    # Seven days after 6 March end on 13 March; the notice runs that day out.
    clock.move_to(at(3, 13, 23, 30))
    close_expired_notices()
    desk.sit_down(f"{prefix}-reviewer")
    desk.open_case(number)
    desk.state("公示中")
    clock.move_to(at(3, 14, 0, 30))
    close_expired_notices()
    clock.move_to(at(3, 16))
    desk.sit_down(f"{prefix}-approver")
    desk.open_case(number, "trace")
    desk.state("待审批")
    desk.move("审批同意", "程序完备，同意。")
    desk.state("已批准")
    desk.picture("approved")
    page.goto(f"/case/{number}/?tab=money")
    desk.picture("money")
    return Application.objects.get(number=number)


def see_public_notice(desk: Desk, number: str) -> None:
    """Anybody reads it without log-in; no identity or account number is on it."""
    application = Application.objects.get(number=number)
    stranger = desk.page.context.browser.new_context(base_url=desk.page.url.split("/case/")[0])
    page = stranger.new_page()
    page.goto(f"/public/n/{application.notices.get().token}/")
    text = page.inner_text("body")
    assert application.applicant_name in text
    assert application.applicant.person.id_number not in text
    assert application.payee_account not in text
    stranger.close()


def pay_april(desk: Desk, clock, *, clerk: str, checker: str, area: str) -> None:
    """Prepare, check by a second person, seal, file, answer."""
    page = desk.page
    clock.move_to(at(4, 1, 10))
    desk.sit_down(clerk)
    page.goto("/payments/batches/?month=2026-04")
    page.get_by_role("row", name=re.compile(area)).get_by_role("button", name="编制名册").click()
    batch_url = page.url
    desk.picture("batch")
    desk.sit_down(checker)
    page.goto(batch_url)
    page.get_by_role("button", name=re.compile("^复核")).first.click()
    desk.sit_down(clerk)
    page.goto(batch_url)
    page.get_by_role("button", name=re.compile("^封账")).first.click()
    page.get_by_role("button", name=re.compile("^生成代发文件")).first.click()
    sweep_batches()
    page.goto(batch_url)
    with page.expect_download() as download:
        page.get_by_role("button", name="下载文本").first.click()
    sent = Path(download.value.path()).read_bytes()
    file = BankFile.objects.get()
    assert str(file.total) in sent.decode("gb18030")
    page.get_by_role("link", name="导入回盘").click()
    answer = answer_to(file, paid_on=dt.date(2026, 4, 2))
    clock.move_to(at(4, 3, 10))
    desk.sit_down(clerk)
    page.goto(f"/payments/files/{file.pk}/answer/")
    page.locator("input[type=file]").set_input_files(
        {"name": "answer.csv", "mimeType": "text/csv", "buffer": answer}
    )
    page.get_by_role("button", name="上传并预览").click()
    desk.picture("answer")
    page.get_by_role("button", name="确认入账").click()
    expect(page.get_by_role("main")).to_contain_text("发放成功")
    page.goto(batch_url)
    desk.picture("settled")


def review_sample(desk: Desk, clock, *, auditor: str, number: str) -> None:
    page = desk.page
    clock.move_to(at(4, 7, 10))
    draw_last_month()
    desk.sit_down(auditor)
    desk.picture("auditor-workbench")
    page.goto("/supervision/runs/")
    page.get_by_role("main").get_by_role("link", name=re.compile("2026 年 3 月|查看")).first.click()
    desk.picture("sample")
    page.get_by_role("row", name=re.compile(number)).get_by_role("link", name="核查").click()
    for option in page.get_by_label("符合", exact=True).all():
        option.check()
    page.get_by_label(re.compile("^核查意见")).fill("程序规范。")
    desk.picture("review")
    page.get_by_role("button", name="提交核查").click()
    expect(page.get_by_role("row", name=re.compile(number))).to_contain_text("已核查")


@pytest.mark.clause("DT-8.2")
@pytest.mark.clause("DT-1.3")
def test_dongtou_from_registration_to_money_and_sample(desk: Desk, clock, photo: Path):
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        application = approved(desk, clock, photo, prefix="dt", village="望海村")
        pay_april(desk, clock, clerk="dt-town-payments", checker="dt-approver", area="北岙街道")
        review_sample(desk, clock, auditor="dt-auditor", number=application.number)
    payment = Payment.objects.get()
    # Two people at 1,085 yuan less 800 yuan of income.
    assert str(payment.amount) == "1370.00"
    assert payment.month == dt.date(2026, 4, 1)
    assert Transfer.objects.get().result == "paid"


@pytest.mark.clause("SY-5.1")
@pytest.mark.clause("SY-4.3")
def test_shangyu_from_registration_to_money_and_sample(desk: Desk, clock, photo: Path):
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        application = approved(desk, clock, photo, prefix="sy", village="百官社区")
        pay_april(desk, clock, clerk="sy-payments", checker="sy-finance", area="上虞区")
        review_sample(desk, clock, auditor="sy-auditor", number=application.number)
    # Two people at 1,175 yuan less 800 yuan of income.
    assert str(Payment.objects.get().amount) == "1550.00"


@pytest.mark.clause("JZ-12.5")
def test_a_refusal_is_written_and_final(desk: Desk, clock, photo: Path):
    with override_settings(SECOND_FACTOR_REQUIRED=False):
        number = investigated(desk, clock, photo, prefix="dt", village="望海村", wage="6000")
        clock.move_to(at(3, 6))
        desk.sit_down("dt-reviewer")
        desk.open_case(number)
        desk.move("初审不同意", "人均月收入 3,000 元，不低于低保标准。")
        desk.state("待审批")
        desk.sit_down("dt-approver")
        desk.open_case(number)
        desk.move("审批不同意", "家庭人均月收入高于低保标准，不符合条件。")
        desk.state("未批准")
        desk.page.goto(f"/case/{number}/?tab=documents")
        desk.picture("refused")
    assert not Payment.objects.exists()
