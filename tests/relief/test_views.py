"""The pages of 急难先行救助, as those who use them see them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from approvals.relief import services
from approvals.relief.enums import ReliefState as State
from approvals.relief.models import EmergencyRelief
from approvals.relief.queries import tasks_for
from organisations.enums import Post
from organisations.models import PersonalDataRead, User
from tests.approvals.test_programmes import step
from tests.cases.builders import next_id, person_with
from tests.relief.builders import agreed, completed, handed_in, paid, receipt, registered, with_papers


def text_of(client, user: User, url_name: str, *args) -> str:
    client.force_login(user)
    return client.get(reverse(url_name, args=args)).content.decode()


def sent(client, user: User, url_name: str, *args, **data):
    client.force_login(user)
    return client.post(reverse(url_name, args=args), data)


def form_data(ground, **values) -> dict[str, object]:
    return {
        "name": "林小花",
        "id_number": next_id(),
        "phone": "13800001234",
        "village": ground.office.village.pk,
        "place": "望海村 12 号",
        "local": "yes",
        "cause": "accident",
        "happened": "住房失火。",
        "n_people": "2",
        "amount": "3,000",
        "paid_in": "cash",
        "reported_at": "2026-03-02T08:30",
        **values,
    }


def test_the_short_form_registers_and_leads_to_the_record(client, ground):
    response = sent(client, ground.office.handler, "relief:register", **form_data(ground))
    relief = EmergencyRelief.objects.get()
    assert response.url == reverse("relief:detail", args=[relief.pk])
    assert (relief.name, relief.amount) == ("林小花", 3000)


def test_what_was_typed_stays_when_the_amount_is_too_high(client, ground):
    response = sent(client, ground.office.handler, "relief:register", **form_data(ground, amount="6000"))
    text = response.content.decode()
    assert "先行救助最多 5,000.00 元" in text
    assert 'value="6000"' in text
    assert "住房失火。" in text
    assert not EmergencyRelief.objects.exists()


def test_the_list_masks_and_counts_hours(client, ground):
    registered(ground)
    text = text_of(client, ground.office.reviewer, "relief:list")
    assert "林*花" in text
    assert "林小花" not in text
    assert "还剩 23 小时 0 分" in text


def test_the_list_asks_the_same_for_3_and_for_30(client, ground):
    client.force_login(ground.auditor)

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("relief:list")).status_code == 200
        return len(captured)

    for _ in range(3):
        registered(ground)
    few = queries()
    for _ in range(27):
        registered(ground)
    assert queries() == few


def test_the_workbench_asks_the_same_for_3_and_for_30(ground):
    def queries() -> int:
        user = User.objects.get(pk=ground.office.approver.pk)
        with CaptureQueriesContext(connection) as captured:
            tasks_for(user)
        return len(captured)

    for _ in range(3):
        registered(ground)
    few = queries()
    for _ in range(27):
        registered(ground)
    assert queries() == few


def test_the_leader_agrees_with_one_click(client, ground):
    relief = registered(ground)
    text = text_of(client, ground.office.approver, "relief:detail", relief.pk)
    assert "同意先行救助" in text
    sent(client, ground.office.approver, "relief:move", relief.pk, "agree")
    relief.refresh_from_db()
    assert relief.state == State.AGREED


def test_the_handler_sees_why_there_is_no_button(client, ground):
    text = text_of(client, ground.office.handler, "relief:detail", registered(ground).pk)
    assert "“同意先行救助”由北岙街道的审批岗办理。" in text


def test_no_payment_without_signatures_and_what_was_typed_stays(client, ground):
    relief = agreed(ground)
    response = sent(
        client, ground.payer, "relief:move", relief.pk, "pay", received_by="林小花", second_name="郑同志"
    )
    text = response.content.decode()
    assert "收据签字后才能支付。" in text
    assert 'value="郑同志"' in text
    relief.refresh_from_db()
    assert relief.state == State.AGREED


@pytest.mark.clause("DT-8.3")
def test_the_reserve_asks_for_a_reason_beside_its_field(client, ground):
    for _ in range(8):
        paid(ground, amount=Decimal("5000.00"))
    relief = agreed(ground, amount=Decimal("5000.00"))
    data = {"received_by": "林小花", "second_name": "郑同志", "receipt_signed": "on"}
    text = sent(client, ground.payer, "relief:move", relief.pk, "pay", **data).content.decode()
    assert "低于备用金最低留存的理由：支付后余额 5,000.00 元，备用金不低于 10,000.00 元" in text
    sent(client, ground.payer, "relief:move", relief.pk, "pay", **data, reason="先救人。")
    text = text_of(client, ground.payer, "relief:detail", relief.pk)
    assert "低于最低留存：先救人。" in text


def test_whoever_was_slower_reads_why(client, ground):
    relief = registered(ground)
    services.agree(relief=relief, actor=ground.office.approver)
    text = sent(client, ground.office.approver, "relief:move", relief.pk, "agree").content.decode()
    assert "先行救助待支付，不能办理“同意先行救助”" in text


def test_papers_begin_on_the_registration_screen(client, ground):
    relief = paid(ground)
    response = sent(client, ground.office.handler, "relief:move", relief.pk, "begin_papers")
    relief.refresh_from_db()
    assert response.url == reverse("cases:edit", args=[relief.application.number])
    page = client.get(response.url).content.decode()
    assert "凌晨住房失火" in page


def test_the_missing_number_is_asked_for_the_papers(client, ground):
    relief = paid(ground, id_number="", id_missing_reason="证件烧毁")
    text = sent(
        client, ground.office.handler, "relief:move", relief.pk, "begin_papers", id_number="33030519800501000"
    ).content.decode()
    assert "身份证号应为 18 位" in text


def test_an_unknown_move_is_not_found(client, ground):
    assert (
        sent(client, ground.office.handler, "relief:move", registered(ground).pk, "vanish").status_code == 404
    )


def test_the_whole_number_only_with_a_reason_on_record(client, ground):
    relief = registered(ground)
    assert relief.id_number not in text_of(client, ground.auditor, "relief:detail", relief.pk)
    text = sent(client, ground.auditor, "relief:unmask", relief.pk, reason=" ").content.decode()
    assert "请填写查看事由" in text
    text = sent(client, ground.auditor, "relief:unmask", relief.pk, reason="核对身份").content.decode()
    assert relief.id_number in text
    read = PersonalDataRead.objects.get(reason="核对身份")
    assert (read.subject, read.user) == (f"relief:{relief.pk}", ground.auditor)


@pytest.mark.clause("LC-4.5")
def test_the_look_of_those_who_watch_is_on_record(client, ground):
    relief = registered(ground)
    text_of(client, ground.office.handler, "relief:detail", relief.pk)
    assert not PersonalDataRead.objects.exists()
    watcher = person_with(Post.DISCIPLINE, ground.office.township)
    text_of(client, watcher, "relief:detail", relief.pk)
    assert PersonalDataRead.objects.get().user == watcher


def actions(user: User) -> list[str]:
    return [todo.action for todo in tasks_for(User.objects.get(pk=user.pk))]


@pytest.mark.clause("LC-4.2c")
def test_the_workbench_follows_the_relief_until_its_papers_are_there(client, ground, clock):
    office = ground.office
    relief = registered(ground)
    assert (actions(office.approver), actions(office.handler)) == (["同意先行救助"], [])
    services.agree(relief=relief, actor=office.approver)
    assert actions(office.approver) == []
    assert actions(ground.payer) == ["从备用金支付"]
    assert actions(office.handler) == ["从备用金支付"]
    services.pay(relief=relief, entry=receipt(), actor=ground.payer)
    assert actions(ground.auditor) == ["签收报告"]
    assert actions(ground.district_approver) == ["签收报告"]
    assert actions(office.handler) == ["补办手续"]
    clock.shift(dt.timedelta(days=60))
    todo = tasks_for(User.objects.get(pk=office.handler.pk))[0]
    assert todo.level == "late"
    assert "10 个工作日满于" in todo.why[0]


def test_a_refused_application_is_the_leaders_task(ground):
    relief = with_papers(ground)
    assert actions(ground.office.handler) == ["办理补办的申请"]
    application = handed_in(ground, relief)
    step(application, "disagree", ground.office.reviewer)
    step(application, "refuse", ground.office.approver)
    assert actions(ground.office.approver) == ["作出不符合的认定"]
    assert actions(ground.office.handler) == []


def test_the_hours_are_on_the_workbench(client, ground):
    registered(ground, reported_at=timezone.now() - dt.timedelta(hours=20, minutes=30))
    text = text_of(client, ground.office.approver, "workbench:home")
    assert "急难先行救助：还剩 3 小时 30 分" in text
    assert "24 小时连续计算" in text


def test_the_case_shows_the_relief_behind_it_and_its_limit(client, ground):
    relief = with_papers(ground)
    client.force_login(ground.office.handler)
    address = reverse("workbench:case", args=[relief.application.number])
    text = client.get(f"{address}?tab=money").content.decode()
    assert relief.number in text
    assert "急难救助补办手续" in text


def test_the_grant_shows_what_was_given_in_advance(client, ground):
    grant = completed(ground).application.grant
    text = text_of(client, ground.payer, "payments:grant", grant.pk)
    assert "先行救助" in text
    assert "2026-03-02 已从备用金先行支付" in text


def test_the_districts_acknowledgement(client, ground):
    relief = paid(ground)
    sent(client, ground.auditor, "relief:acknowledge", relief.pk)
    relief.district_notice.refresh_from_db()
    assert relief.district_notice.acknowledged_by == ground.auditor
    assert sent(client, ground.auditor, "relief:acknowledge", relief.pk).status_code == 403
