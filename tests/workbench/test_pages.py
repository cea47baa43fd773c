"""工作台, 个案页, search and figures: what they show, to whom, and with how many queries."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from approvals.services import move
from cases.enums import ApplicationState as State
from common.todo import Todo
from organisations.enums import Post
from tests.approvals.builders import build_office, case_in, draft, submit, take
from tests.cases.builders import linshi_entry, member_line, person_with
from workbench.queries import grouped, stepper

pytestmark = pytest.mark.django_db
BEIJING = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def office(clock):
    return build_office()


def todo(due_at: dt.datetime | None) -> Todo:
    return Todo(
        number="1", name="林*", place="村", matter="低保", stage="初审", action="办", url="/", due_at=due_at
    )


def test_tasks_stand_under_the_day_on_which_they_fall_due():
    now = dt.datetime(2026, 3, 2, 9, tzinfo=BEIJING)
    late = todo(now - dt.timedelta(minutes=1))
    tonight = todo(dt.datetime(2026, 3, 2, 23, 59, 59, tzinfo=BEIJING))
    seventh = todo(dt.datetime(2026, 3, 9, 23, 59, 59, tzinfo=BEIJING))
    eighth = todo(dt.datetime(2026, 3, 10, 0, 0, tzinfo=BEIJING))
    groups = {
        group.level: group.todos for group in grouped([late, tonight, seventh, eighth, todo(None)], now)
    }
    assert groups["late"] == (late,)
    assert groups["soon"] == (tonight,)
    assert groups["info"] == (seventh,)
    assert len(groups["muted"]) == 2


def test_the_workbench_leads_to_the_next_action(client, office, clock):
    application = case_in(State.REVIEWING, office=office, clock=clock)
    client.force_login(office.reviewer)
    page = client.get("/").content.decode()
    assert application.number in page
    assert "林*花" in page
    assert "林小花" not in page


def test_every_tab_of_a_case_opens_for_who_may_see_it(client, office, clock):
    application = case_in(State.APPROVED, office=office, clock=clock)
    client.force_login(office.reviewer)
    number = application.applicant.person.id_number
    for tab in (
        "household",
        "check",
        "visit",
        "assessment",
        "notice",
        "documents",
        "money",
        "reviews",
        "trace",
    ):
        answer = client.get(reverse("workbench:case", args=[application.number]), {"tab": tab})
        assert answer.status_code == 200, tab
        assert number not in answer.content.decode(), tab
    assert client.get(reverse("workbench:case", args=[application.number]), {"tab": "x"}).status_code == 404


@pytest.mark.clause("DT-3.2")
def test_the_line_of_urgent_aid_leaves_out_what_was_left_out(office, clock):
    asked = linshi_entry(kind="emergency", cause="accident")
    application = case_in(State.ACCEPTED, office=office, programme="linshi", linshi=asked)
    for transition in ("skip_check", "finish_visit"):
        take(application, transition, office, "handler")
    given = {"actor": office.reviewer, "opinion": "急难属实。", "amount": Decimal("3000.00")}
    application = move(application_id=application.pk, transition="agree_at_once", **given)
    assert [(step["label"], step["state"]) for step in stepper(application)] == [
        ("受理", "done"),
        ("入户调查", "done"),
        ("初审", "done"),
        ("审批", "current"),
        ("发放", "todo"),
    ]
    application = move(
        application_id=application.pk, transition="refuse", actor=office.approver, opinion="情况不实。"
    )
    assert [step["state"] for step in stepper(application)] == ["done"] * 3 + ["stopped", "todo"]


def test_a_case_of_another_township_does_not_exist(client, office, clock):
    application = case_in(State.ACCEPTED, office=office, clock=clock)
    stranger = person_with(Post.HANDLER, office.places.other_township)
    client.force_login(stranger)
    assert client.get(reverse("workbench:case", args=[application.number])).status_code == 404
    found = client.post(reverse("workbench:search"), {"q": application.number}).content.decode()
    assert "没有找到" in found


def test_an_administrator_has_no_business_with_cases(client, office, clock):
    application = case_in(State.ACCEPTED, office=office, clock=clock)
    client.force_login(person_with(Post.ADMINISTRATOR, office.places.nation))
    assert client.get(reverse("workbench:case", args=[application.number])).status_code == 403


@pytest.mark.parametrize("what", ["number", "name", "start of name", "identity"])
def test_search_finds_by_number_name_and_identity(client, office, clock, what):
    application = case_in(State.ACCEPTED, office=office, clock=clock)
    words = {
        "number": application.number,
        "name": "林小花",
        "start of name": "林",
        "identity": application.applicant.person.id_number,
    }
    client.force_login(office.handler)
    answer = client.post(reverse("workbench:search"), {"q": words[what]}, follow=True)
    assert application.number in answer.content.decode()
    assert words["identity"] not in answer.request["PATH_INFO"] + answer.request["QUERY_STRING"]


def test_a_null_byte_in_the_search_box_finds_nothing(client, office):
    client.force_login(office.handler)
    assert client.post(reverse("workbench:search"), {"q": "林\x00花"}).status_code == 200


def test_the_workbench_needs_as_many_queries_for_many_tasks_as_for_few(
    client, office, clock, django_assert_max_num_queries
):
    for _ in range(2):
        submit(draft(office, member_line("林小花")), office)
    client.force_login(office.handler)
    with django_assert_max_num_queries(40) as few:
        client.get("/")
    for _ in range(6):
        submit(draft(office, member_line("林小花")), office)
    with django_assert_max_num_queries(len(few)):
        client.get("/")


@pytest.mark.clause("SY-2.1")
def test_figures_count_what_was_decided_this_year(client, office, clock):
    case_in(State.APPROVED, office=office, clock=clock)
    client.force_login(office.approver)
    page = client.get(reverse("workbench:statistics")).content.decode()
    assert "北岙街道" in page
    # One person at 1,085 yuan with 500 yuan of wages: 585.00 a month.
    assert "585.00" in page
