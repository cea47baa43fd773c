"""What the case page and the workbench show, and at what price."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from approvals.queries import (
    actions_panel,
    assessment_panel,
    deadlines_panel,
    tasks_for,
    trace_panel,
)
from cases.enums import ApplicationState as State
from organisations.enums import Post
from organisations.models import Posting
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.queries import running_notice
from publicity.services import handle_objection, record_objection
from tests.approvals.builders import case_in, draft, pass_notice, record_report, record_visit, submit, take
from tests.cases.builders import person_with


def labels(user) -> list[tuple[str, str]]:
    user.__dict__.pop("_scope", None)
    return [(todo.stage, todo.action) for todo in tasks_for(user)]


@pytest.mark.parametrize(
    ("state", "role", "action"),
    [
        (State.SUBMITTED, "handler", "登记材料"),
        (State.AWAITING_MATERIALS, "handler", "登记材料"),
        (State.AWAITING_MATERIALS, "helper", "补交材料"),
        (State.ACCEPTED, "reviewer", "委托确认"),
        (State.CHECKING, "handler", "录入核对报告"),
        (State.VISITING, "handler", "记录入户调查"),
        (State.REVIEWING, "reviewer", "初审"),
        (State.DECIDING, "approver", "审批"),
    ],
)
def test_each_state_has_its_next_action(office, clock, state, role, action) -> None:
    application = case_in(state, office=office, clock=clock)
    (todo,) = tasks_for(getattr(office, role))
    assert (todo.number, todo.name, todo.action) == (application.number, "林*花", action)
    assert (todo.place, todo.matter, todo.stage) == (
        "北岙街道望海村",
        "低保",
        application.get_state_display(),
    )
    waiting = {
        person: len(tasks_for(getattr(office, person))) for person in ("handler", "reviewer", "approver")
    }
    assert sum(waiting.values()) == (0 if role == "helper" else 1) or state == State.AWAITING_MATERIALS


def test_work_done_changes_the_next_action(office, clock) -> None:
    application = case_in(State.CHECKING, office=office)
    record_report(application, office)
    assert labels(office.handler) == [("核对中", "核对完成")]
    take(case_in(State.VISITING, office=office), "withdraw", office, "handler")
    visiting = case_in(State.VISITING, office=office)
    record_visit(visiting, office)
    assert ("待入户调查", "提交初审") in labels(office.handler)


def test_notices_wait_for_nobody_until_they_end_or_are_objected_to(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    assert labels(office.handler) == labels(office.reviewer) == []
    objection = record_objection(
        notice=running_notice(application),
        source=ObjectionSource.TOWNSHIP,
        content="不属实",
        actor=office.handler,
        at=dt.datetime.now(dt.UTC),
    )
    pass_notice(application, clock)
    assert labels(office.handler) == []
    handle_objection(
        objection=objection, outcome=ObjectionOutcome.REINVESTIGATE, handling="查实", actor=office.reviewer
    )
    assert labels(office.reviewer) == [("公示中", "重新调查")]
    other = case_in(State.PUBLISHED, office=office)
    pass_notice(other, clock)
    assert labels(office.handler) == [("公示中", "结束公示")]


def test_the_soonest_limit_comes_first(office, clock) -> None:
    later = case_in(State.REVIEWING, office=office)
    clock.move_to(dt.datetime(2026, 2, 9, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    sooner = case_in(State.REVIEWING, office=office)
    clock.move_to(dt.datetime(2026, 3, 2, 9, tzinfo=dt.timezone(dt.timedelta(hours=8))))
    todos = tasks_for(office.reviewer)
    assert [todo.number for todo in todos] == [sooner.number, later.number]
    assert todos[0].due_at < todos[1].due_at
    # 20 days after 9 February are 1 March, a Sunday: due today.
    assert (todos[0].level, todos[0].deadline) == ("soon", "办结：今天 24:00 到期")
    assert "DT-1.2" in str(todos[0].why)
    assert todos[1].url == reverse("approvals:move", args=[later.pk, "agree"])


def test_tasks_stay_in_the_area_and_with_the_post(office, clock) -> None:
    case_in(State.REVIEWING, office=office)
    assert tasks_for(person_with(Post.REVIEWER, office.places.other_township)) == []
    assert tasks_for(person_with(Post.AUDITOR, office.places.county)) == []
    assert tasks_for(person_with(Post.APPROVER, office.township)) == []
    assert len(tasks_for(person_with(Post.REVIEWER, office.township))) == 1


@pytest.mark.clause("DT-1.1")
def test_what_a_person_may_no_longer_touch_is_not_a_task(office, clock) -> None:
    both = person_with(Post.HANDLER, office.township)
    Posting.objects.create(user=both, post=Post.REVIEWER, area=office.township, valid_from="2015-01-01")
    registered = draft(office, actor=both)
    submit(registered, office, actor=both)
    take(registered, "accept", office, "handler")
    assert labels(both) == []
    case_in(State.ACCEPTED, office=office)
    assert labels(both) == [("待委托核对", "委托确认")]


def queries_of(call) -> int:
    with CaptureQueriesContext(connection) as captured:
        call()
    return len(captured)


def test_the_list_costs_the_same_for_3_and_for_12(office, clock) -> None:
    for _ in range(3):
        case_in(State.ACCEPTED, office=office)
    assert len(tasks_for(office.reviewer)) == 3
    few = queries_of(lambda: tasks_for(office.reviewer))
    for _ in range(9):
        case_in(State.ACCEPTED, office=office)
    assert len(tasks_for(office.reviewer)) == 12
    assert queries_of(lambda: tasks_for(office.reviewer)) == few <= 5


def test_the_buttons_and_their_reasons(office, clock) -> None:
    application = case_in(State.REVIEWING, office=office)
    actions = actions_panel(application, office.reviewer)["actions_panel"]["actions"]
    assert [(a["label"], bool(a["why_not"])) for a in actions] == [
        ("初审同意，提交公示", False),
        ("初审不同意", False),
        ("退回补充调查", False),
        ("审批同意", True),
    ]
    assert actions[0] == {
        "label": "初审同意，提交公示",
        "url": reverse("approvals:move", args=[application.pk, "agree"]),
        "is_link": True,
        "style": "primary",
        "why_not": "",
    }
    assert actions[3]["why_not"] == "公示期满且无异议后方可审批（SY-A1.4a）。"
    seen = actions_panel(application, office.handler)["actions_panel"]["actions"]
    assert seen[0]["why_not"] == "“初审同意，提交公示”由北岙街道的审核岗办理。"
    assert (seen[-1]["label"], seen[-1]["style"], seen[-1]["why_not"]) == ("申请人撤回", "danger", "")
    watched = actions_panel(application, person_with(Post.AUDITOR, office.places.county))["actions_panel"]
    assert watched == {"actions": [], "final": False}


@pytest.mark.clause("DT-1.2")
def test_the_approver_sees_whether_the_limit_can_be_extended(office, clock) -> None:
    application = case_in(State.CHECKING, office=office)

    def extension() -> dict:
        return actions_panel(application, office.approver)["actions_panel"]["actions"][-1]

    assert extension()["label"] == "延长办理期限"
    assert "核对超过 15 天的才可延长" in extension()["why_not"]
    clock.move_to(dt.datetime(2026, 3, 18, 1, tzinfo=dt.UTC))
    assert extension()["why_not"] == ""


def test_a_decided_case_shows_what_was_decided(office, clock) -> None:
    application = case_in(State.APPROVED, office=office, clock=clock)
    panel = assessment_panel(application, office.handler)["assessment_panel"]
    assert panel["decision"] == application.decision
    assert panel["lines"] == application.decision.lines
    assert actions_panel(application, office.approver) == {"actions_panel": {"actions": [], "final": True}}


def test_declared_and_checked_side_by_side(office, clock) -> None:
    application = case_in(State.CHECKING, office=office)
    record_report(application, office, wage="650.00")
    panel = assessment_panel(application, office.reviewer)["assessment_panel"]
    assert panel["rows"][0] == {
        "label": "林小花 月收入",
        "declared": "500.00",
        "checked": "650.00",
        "differs": True,
    }
    assert panel["rows"][1]["label"].startswith("存款")
    assert panel["rows"][1]["differs"] is False
    assert (panel["eligible"], panel["error"]) == (True, "")


def test_the_trace_in_sentences(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    entries = trace_panel(application, office.handler)["trace_panel"]["entries"]
    assert len(entries) == 7
    assert entries[0]["actor"] == "系统"
    assert entries[0]["sentence"].startswith(
        "公示期满，提交审批：2026-03-02 至 2026-03-09 公示期满，无未处理的异议"
    )
    assert entries[-1]["sentence"] == "提交申请：窗口申请，2026-03-02 收到"
    assert (entries[-1]["actor"], entries[-1]["post_label"]) == (office.handler.display_name, "经办岗")


def test_the_panels_cost_little(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    assert queries_of(lambda: trace_panel(application, office.handler)) == 1
    assert queries_of(lambda: deadlines_panel(application)) <= 3


@pytest.mark.parametrize("tab", ["assessment", "trace"])
@pytest.mark.parametrize("state", list(State))
def test_the_case_page_in_every_state(office, clock, client, state, tab) -> None:
    application = case_in(state, office=office, clock=clock)
    for user in (office.handler, office.reviewer, office.approver):
        client.force_login(user)
        page = client.get(reverse("workbench:case", kwargs={"number": application.number}), {"tab": tab})
        assert page.status_code == 200
        assert "下一步" in page.content.decode()
