"""An objection reopens the investigation on purpose, and nothing passes it over (SY-A1.4b)."""

import datetime as dt

import pytest

from approvals.services import move
from cases.enums import ApplicationState as State
from common.errors import Refused
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.queries import running_notice
from publicity.services import handle_objection, record_objection
from tests.approvals.builders import REASON, case_in, pass_notice, take


def object_to(application, office):
    return record_objection(
        notice=running_notice(application),
        source=ObjectionSource.TOWNSHIP,
        content="家里有两辆车",
        actor=office.handler,
        at=dt.datetime.now(dt.UTC),
    )


def answer(objection, outcome: ObjectionOutcome, office) -> None:
    handle_objection(objection=objection, outcome=outcome, handling="已查看", actor=office.reviewer)


@pytest.mark.clause("SY-A1.4b")
def test_an_unanswered_objection_stops_the_case(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    objection = object_to(application, office)
    pass_notice(application, clock)
    for actor in (None, office.handler):
        with pytest.raises(Refused, match="公示期间的异议尚未处理"):
            move(application_id=application.pk, transition="close_notice", actor=actor)
    answer(objection, ObjectionOutcome.NOT_ABOUT_CASE, office)
    assert move(application_id=application.pk, transition="close_notice", actor=None).state == State.DECIDING


@pytest.mark.clause("SY-A1.4b")
def test_an_upheld_objection_leads_back_to_the_visit_and_to_a_new_notice(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    with pytest.raises(Refused, match="没有处理结果为“重新调查”的异议"):
        take(application, "reopen", office, "reviewer")
    objection = object_to(application, office)
    with pytest.raises(Refused, match="没有处理结果为“重新调查”的异议"):
        take(application, "reopen", office, "reviewer")
    answer(objection, ObjectionOutcome.REINVESTIGATE, office)
    pass_notice(application, clock)
    with pytest.raises(Refused, match="须先重新调查"):
        move(application_id=application.pk, transition="close_notice", actor=None)
    with pytest.raises(Refused, match="请填写意见"):
        move(application_id=application.pk, transition="reopen", actor=office.reviewer)
    application = take(application, "reopen", office, "reviewer")
    assert (application.state, application.investigation_round) == (State.VISITING, 2)
    first = application.notices.get()
    assert first.closed_because == "objection"
    assert application.deadlines.get(step="publicity").state == "cancelled"

    take(application, "finish_visit", office, "handler")
    take(application, "agree", office, "reviewer")
    second = running_notice(application)
    assert (second.pk != first.pk, second.investigation_round) == (True, 2)
    assert (second.ends_at - second.posted_at).days >= 6
    with pytest.raises(Refused, match="公示期未满"):
        move(application_id=application.pk, transition="close_notice", actor=None)
    take(application, "close_notice", office, "", clock)
    assert take(application, "approve", office, "approver").state == State.APPROVED
    names = list(application.steps.values_list("transition", flat=True))
    assert names.count("agree") == names.count("finish_visit") == 2
    assert "reopen" in names


@pytest.mark.clause("SY-A1.5a")
def test_the_decision_is_counted_from_the_last_answer(office, clock) -> None:
    """The notice ends on Monday the 9th, the answer comes on Wednesday the 11th: 5 wd (浙江) are the 18th."""
    application = case_in(State.PUBLISHED, office=office)
    objection = object_to(application, office)
    pass_notice(application, clock)
    clock.move_to(dt.datetime(2026, 3, 11, 2, tzinfo=dt.UTC))
    answer(objection, ObjectionOutcome.NOT_ABOUT_CASE, office)
    clock.move_to(dt.datetime(2026, 3, 12, 2, tzinfo=dt.UTC))
    move(application_id=application.pk, transition="close_notice", actor=None)
    decision = application.deadlines.get(step="decision")
    assert decision.started_at == dt.datetime(2026, 3, 11, 2, tzinfo=dt.UTC)
    assert decision.due_at == dt.datetime(2026, 3, 18, 15, 59, 59, tzinfo=dt.UTC)


def test_a_withdrawn_case_takes_its_notice_down(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    move(application_id=application.pk, transition="withdraw", actor=office.handler, opinion=REASON)
    assert application.notices.get().closed_because == "withdrawn"
