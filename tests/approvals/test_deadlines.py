"""Time limits: when they run, until when, who may extend them. Dates are counted by hand."""

import datetime as dt

import pytest
from django.urls import reverse

from approvals.deadlines import extend_deadline
from approvals.enums import DeadlineState
from approvals.models import Deadline, Step
from approvals.queries import deadline_view
from approvals.services import move
from cases.enums import ApplicationState as State
from common.errors import Refused
from organisations.enums import Post
from policy.calendars import working_calendar
from tests.approvals.builders import REASON, case_in, draft, record_report, submit, take
from tests.cases.builders import person_with

BEIJING = dt.timezone(dt.timedelta(hours=8))


def at(month: int, day: int, hour: int = 9, year: int = 2026) -> dt.datetime:
    return dt.datetime(year, month, day, hour, tzinfo=BEIJING)


def due(application, step: str) -> tuple[dt.date, str]:
    deadline = Deadline.objects.get(application=application, step=step, state=DeadlineState.RUNNING)
    local = deadline.due_at.astimezone(BEIJING)
    assert (local.hour, local.minute, local.second) == (23, 59, 59)
    return local.date(), deadline.clause


def state_of(application, step: str) -> str:
    return Deadline.objects.get(application=application, step=step).state


@pytest.mark.clause("DT-1.2")
def test_dongtou_decides_within_20_calendar_days_of_acceptance(office, clock) -> None:
    """Accepted on Monday 2 March: the 20th day is Sunday the 22nd, so Monday the 23rd."""
    application = case_in(State.ACCEPTED, office=office)
    assert due(application, "total") == (dt.date(2026, 3, 23), "DT-1.2")
    total = application.deadlines.get(step="total")
    assert (total.first_day, total.started_at) == (dt.date(2026, 3, 3), application.accepted_at)
    assert any("3 月 22 日" in sentence and "顺延" in sentence for sentence in total.why)
    assert total.rule.key == "deadline.dibao.total"


@pytest.mark.clause("SY-4.2b")
@pytest.mark.clause("SY-A1.1c")
@pytest.mark.clause("SY-A1.2")
@pytest.mark.clause("SY-A1.5a")
def test_shangyu_counts_in_working_days(shangyu, clock) -> None:
    """Accepted on Monday 2 March: 3 wd the 5th, 12 wd the 18th, 20 wd the 30th; no holiday in between."""
    application = case_in(State.ACCEPTED, office=shangyu)
    assert due(application, "entrust_check") == (dt.date(2026, 3, 5), "SY-A1.2")
    assert due(application, "investigation") == (dt.date(2026, 3, 18), "SY-A1.1c")
    assert due(application, "total") == (dt.date(2026, 3, 30), "SY-4.2b")
    take(application, "entrust_check", shangyu, "reviewer")
    take(application, "record_report", shangyu, "handler")
    take(application, "finish_visit", shangyu, "handler")
    take(application, "agree", shangyu, "reviewer")
    assert due(application, "publicity")[0] == dt.date(2026, 3, 9)
    take(application, "close_notice", shangyu, "", clock)
    # The notice ended on the 9th: 3 wd from then, although it was closed at the first second of the 10th.
    assert due(application, "decision") == (dt.date(2026, 3, 12), "SY-A1.5a")
    take(application, "approve", shangyu, "approver")
    assert not application.deadlines.filter(state=DeadlineState.RUNNING).exists()
    assert {
        state_of(application, s) for s in ("entrust_check", "investigation", "publicity", "decision", "total")
    } == {DeadlineState.MET}


@pytest.mark.clause("SY-A1.1a")
def test_the_village_hands_in_within_3_working_days_of_receiving(shangyu, clock) -> None:
    """Received on Friday 27 February 2026: Saturday the 28th is worked (调休), then 2 and 3 March."""
    application = draft(shangyu, actor=shangyu.helper, channel="village", received_on=dt.date(2026, 2, 27))
    submit(application, shangyu, actor=shangyu.helper)
    assert due(application, "village_relay") == (dt.date(2026, 3, 3), "SY-A1.1a")
    take(application, "accept", shangyu, "handler")
    assert state_of(application, "village_relay") == DeadlineState.MET


@pytest.mark.clause("SY-A1.1a")
def test_a_late_village_is_on_record(shangyu, clock) -> None:
    application = draft(shangyu, actor=shangyu.helper, channel="village", received_on=dt.date(2026, 2, 24))
    submit(application, shangyu, actor=shangyu.helper)
    take(application, "request_materials", shangyu, "handler")
    assert state_of(application, "village_relay") == DeadlineState.MISSED


def test_the_window_has_no_village_relay(shangyu, clock) -> None:
    application = case_in(State.SUBMITTED, office=shangyu)
    assert not application.deadlines.exists()


def test_a_limit_without_rule_is_not_started(office, clock) -> None:
    """洞头 has no rule on how fast a village hands in."""
    application = draft(office, channel="village", received_on=dt.date(2026, 2, 27))
    submit(application, office)
    assert not application.deadlines.exists()


@pytest.mark.clause("SY-0.1")
def test_an_application_follows_the_rules_of_the_day_of_its_receipt(shangyu, clock) -> None:
    """Received on 30 December 2022, accepted on 3 January 2023: 上虞's own limits began on the 1st."""
    clock.move_to(at(12, 30, year=2022))
    application = case_in(State.SUBMITTED, office=shangyu)
    clock.move_to(at(1, 3, year=2023))
    take(application, "accept", shangyu, "handler")
    clauses = dict(application.deadlines.values_list("step", "clause"))
    assert clauses == {"total": "L57-22", "investigation": "ZJR-T1", "entrust_check": "L57-15"}
    # 30 wd: 13 until 20 January, 春节 21–27, 28 and 29 worked, 5 until 3 February, 10 until the 17th.
    assert due(application, "total")[0] == dt.date(2023, 2, 17)


def test_a_late_decision_is_on_record(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    clock.move_to(at(3, 24, 0))
    take(application, "approve", office, "approver")
    assert state_of(application, "total") == DeadlineState.MISSED


def test_a_new_round_cancels_the_decision_limit_and_keeps_the_total(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    take(application, "return_to_visit", office, "approver")
    assert state_of(application, "decision") == DeadlineState.CANCELLED
    assert due(application, "total")[0] == dt.date(2026, 3, 23)


@pytest.mark.clause("JZ-12.5")
def test_a_refusal_starts_the_limit_for_telling(office, clock) -> None:
    """Refused on Tuesday 10 March: 3 wd are the 13th."""
    application = case_in(State.REFUSED, office=office, clock=clock)
    assert due(application, "refusal_notice") == (dt.date(2026, 3, 13), "L57-21")


def total_of(application) -> Deadline:
    return Deadline.objects.select_related("application").get(application=application, step="total")


@pytest.mark.clause("DT-1.2")
@pytest.mark.parametrize(("days", "allowed"), [(15, False), (16, True)])
def test_dongtou_extends_only_when_the_check_took_more_than_15_days(office, clock, days, allowed) -> None:
    application = case_in(State.CHECKING, office=office)
    clock.move_to(at(3, 2 + days))
    if not allowed:
        with pytest.raises(Refused, match="核对用时 15 天，核对超过 15 天的才可延长") as refusal:
            extend_deadline(deadline=total_of(application), actor=office.approver, reason="核对系统超时")
        assert refusal.value.clause == "DT-1.2"
        assert due(application, "total")[0] == dt.date(2026, 3, 23)
        assert application.steps.count() == 3
        return
    extend_deadline(deadline=total_of(application), actor=office.approver, reason="核对系统超时")
    # The 30th day is Wednesday 1 April.
    assert due(application, "total") == (dt.date(2026, 4, 1), "DT-1.2")
    total = total_of(application)
    assert total.original_due_at.astimezone(BEIJING).date() == dt.date(2026, 3, 23)
    assert (total.extended_by, total.extension_reason) == (office.approver, "核对系统超时")
    step = application.steps.last()
    assert (step.transition, step.post, step.from_state, step.to_state) == (
        "extend_deadline",
        "approver",
        "checking",
        "checking",
    )
    assert step.details["changes"] == ["办结期限由 2026-03-23 延长至 2026-04-01（DT-1.2）"]
    with pytest.raises(Refused, match="已经延长过"):
        extend_deadline(deadline=total_of(application), actor=office.approver, reason="再延")
    # The extension is an act of the approver: nobody acts in two posts, and the case goes on.
    take(application, "record_report", office, "handler")


@pytest.mark.clause("DT-1.2")
def test_the_check_ends_with_its_report(office, clock) -> None:
    """Issued on the 15th day, entered on the 17th: the days the office sat on it do not count."""
    application = case_in(State.CHECKING, office=office)
    clock.move_to(at(3, 19))
    record_report(application, office, issued_on=dt.date(2026, 3, 17), data_as_of=dt.date(2026, 3, 16))
    with pytest.raises(Refused, match="核对用时 15 天"):
        extend_deadline(deadline=total_of(application), actor=office.approver, reason="核对系统超时")


@pytest.mark.clause("SY-4.2b")
def test_shangyu_extends_to_28_working_days(shangyu, clock) -> None:
    """28 wd after 2 March: 23 to 31 March, 1 to 3 April, then 7 to 9 after 清明 (4–6 April)."""
    application = case_in(State.CHECKING, office=shangyu)
    extend_deadline(deadline=total_of(application), actor=shangyu.approver, reason="情况复杂")
    assert due(application, "total") == (dt.date(2026, 4, 10), "SY-4.2b")


def test_who_may_extend_and_when(office, clock) -> None:
    application = case_in(State.CHECKING, office=office)
    clock.move_to(at(3, 19))
    total = total_of(application)
    for actor in (office.handler, office.reviewer, person_with(Post.APPROVER, office.places.other_township)):
        with pytest.raises(Refused, match="由北岙街道的审批岗批准"):
            extend_deadline(deadline=total, actor=actor, reason="核对系统超时")
    with pytest.raises(Refused, match="请填写延长理由"):
        extend_deadline(deadline=total, actor=office.approver, reason=" ")
    investigation = Deadline.objects.get(application=application, step="investigation")
    with pytest.raises(Refused, match="没有规则允许延长"):
        extend_deadline(deadline=investigation, actor=office.approver, reason="x")
    ended = Deadline.objects.get(application=application, step="entrust_check")
    with pytest.raises(Refused, match="已经结束"):
        extend_deadline(deadline=ended, actor=office.approver, reason="x")
    clock.move_to(at(3, 24, 0))
    with pytest.raises(Refused, match="已经逾期，不能事后延长"):
        extend_deadline(deadline=total, actor=office.approver, reason="核对系统超时")
    assert not Step.objects.filter(transition="extend_deadline").exists()


@pytest.mark.clause("SY-A1.4a")
def test_the_notice_is_not_extended(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    publicity = Deadline.objects.get(application=application, step="publicity")
    with pytest.raises(Refused, match="最短期限不适用延长"):
        extend_deadline(deadline=publicity, actor=office.approver, reason="x")


@pytest.mark.parametrize(
    ("when", "badge", "level"),
    [
        (at(3, 2), "还剩 15 个工作日", "info"),
        (at(3, 20), "还剩 1 个工作日", "soon"),
        (at(3, 23), "今天 24:00 到期", "soon"),
        (at(3, 24), "已逾期 1 天", "late"),
    ],
)
def test_the_badge_says_how_much_is_left(office, clock, when, badge, level) -> None:
    application = case_in(State.ACCEPTED, office=office)
    view = deadline_view(total_of(application), when, working_calendar())
    assert (view.label, view.badge, view.level) == ("办结", badge, level)
    assert any("20 天（自然日）" in sentence and "DT-1.2" in sentence for sentence in view.why)


def test_the_extension_page(office, clock, client) -> None:
    application = case_in(State.CHECKING, office=office)
    url = reverse("approvals:extend", args=[total_of(application).pk])
    client.force_login(office.approver)
    page = client.get(url).content.decode()
    assert "核对用时 0 天，核对超过 15 天的才可延长" in page
    assert client.post(url, {"reason": "核对系统超时🙂"}).content.decode().count("核对系统超时🙂") == 1
    clock.move_to(at(3, 19))
    client.force_login(office.approver)
    page = client.get(url).content.decode()
    assert "2026 年 4 月 1 日 23:59" in page
    assert "请填写延长理由。" in client.post(url, {"reason": " "}).content.decode()
    answer = client.post(url, {"reason": "核对系统超时"})
    assert answer.url == reverse("workbench:case", kwargs={"number": application.number})
    assert due(application, "total")[0] == dt.date(2026, 4, 1)
    client.force_login(office.handler)
    refused = client.get(url)
    assert refused.status_code == 403
    assert "由北岙街道的审批岗批准" in refused.content.decode()
    client.force_login(person_with(Post.APPROVER, office.places.other_township))
    assert client.get(url).status_code == 404


def test_withdrawal_cancels_what_runs(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    move(application_id=application.pk, transition="withdraw", actor=office.handler, opinion=REASON)
    states = dict(application.deadlines.values_list("step", "state"))
    assert states == {
        "total": "cancelled",
        "publicity": "cancelled",
        "investigation": "met",
        "entrust_check": "met",
    }
