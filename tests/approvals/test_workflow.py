"""The transition table: every pair of state and move, every post, every guard."""

import pytest

from approvals import guards
from approvals.deadlines import BEGINNINGS
from approvals.effects import EFFECTS
from approvals.models import Step
from approvals.services import move
from approvals.workflow import TIME_LIMITS, TRANSITIONS, from_state
from cases.enums import FINAL_STATES
from cases.enums import ApplicationState as State
from cases.models import Application
from common.errors import Refused
from organisations.enums import Post
from tests.approvals.builders import (
    REASON,
    case_in,
    collect,
    draft,
    record_report,
    record_visit,
    submit,
    take,
)
from tests.cases.builders import person_with

# Written down a second time on purpose: state → moves that may begin there.
ALLOWED = {
    State.DRAFT: {"submit"},
    State.SUBMITTED: {"accept", "request_materials", "withdraw"},
    State.AWAITING_MATERIALS: {"accept", "withdraw"},
    State.ACCEPTED: {"entrust_check", "skip_check", "withdraw"},
    State.CHECKING: {"record_report", "withdraw"},
    State.VISITING: {"finish_visit", "refer", "withdraw"},
    State.REVIEWING: {"agree", "agree_at_once", "disagree", "send_back", "refer", "withdraw"},
    State.SETTLING: {"settle", "settle_at_once", "settle_against", "send_back", "withdraw"},
    State.PUBLISHED: {"reopen", "close_notice", "withdraw"},
    State.DECIDING: {"approve", "refuse", "return_to_visit", "withdraw"},
    State.APPROVED: set(),
    State.REFUSED: set(),
    State.WITHDRAWN: set(),
}
POSTS = {
    "submit": {Post.HANDLER, Post.VILLAGE_HELPER},
    "accept": {Post.HANDLER},
    "request_materials": {Post.HANDLER},
    "entrust_check": {Post.REVIEWER},
    "skip_check": {Post.HANDLER},
    "record_report": {Post.HANDLER},
    "finish_visit": {Post.HANDLER},
    "agree": {Post.REVIEWER},
    "agree_at_once": {Post.REVIEWER},
    "disagree": {Post.REVIEWER},
    "send_back": {Post.REVIEWER},
    "refer": {Post.HANDLER},
    "settle": {Post.REVIEWER},
    "settle_at_once": {Post.REVIEWER},
    "settle_against": {Post.REVIEWER},
    "reopen": {Post.REVIEWER},
    "close_notice": {Post.HANDLER},
    "approve": {Post.APPROVER},
    "refuse": {Post.APPROVER},
    "return_to_visit": {Post.APPROVER},
    "withdraw": {Post.HANDLER},
}


def steps_of(application: Application) -> int:
    return Step.objects.filter(application=application).count()


def actor_for(office, transition: str):
    """A fresh person in the post of the move, so that nothing but state and guards can refuse."""
    return person_with(TRANSITIONS[transition].posts[0], office.township)


def test_the_table_says_what_the_law_says() -> None:
    assert {state: {t.name for t in from_state(state)} for state in State} == ALLOWED
    assert {name: set(move.posts) for name, move in TRANSITIONS.items()} == POSTS
    assert not any(from_state(state) for state in FINAL_STATES)


def test_the_names_in_the_table_lead_somewhere() -> None:
    named = {
        name
        for transition in TRANSITIONS.values()
        for name in (*transition.guards, transition.offered_if)
        if name
    }
    assert all(callable(getattr(guards, name)) for name in named)
    assert set(EFFECTS) <= set(TRANSITIONS)
    assert {limit.since for limit in TIME_LIMITS.values()} <= set(BEGINNINGS)


@pytest.mark.clause("LC-5.2")
@pytest.mark.parametrize("state", list(State))
def test_no_move_begins_outside_its_states(office, clock, state) -> None:
    application = case_in(state, office=office, clock=clock)
    before = steps_of(application)
    for transition in set(TRANSITIONS) - ALLOWED[state]:
        with pytest.raises(Refused, match="申请状态为"):
            move(
                application_id=application.pk,
                transition=transition,
                actor=actor_for(office, transition),
                opinion=REASON,
            )
    application.refresh_from_db()
    assert application.state == state
    assert steps_of(application) == before


@pytest.mark.parametrize("state", sorted(set(State) - FINAL_STATES - {State.DRAFT}))
def test_every_open_application_can_be_withdrawn(office, clock, state) -> None:
    application = case_in(state, office=office, clock=clock)
    move(application_id=application.pk, transition="withdraw", actor=office.handler, opinion="申请人来电撤回")
    application.refresh_from_db()
    assert application.state == State.WITHDRAWN
    assert application.decided_at is not None
    assert not application.household.members.filter(occupies=True).exists()
    assert not application.notices.filter(closed_at__isnull=True).exists()
    assert not application.deadlines.filter(state="running").exists()
    assert application.steps.last().opinion == "申请人来电撤回"


@pytest.mark.clause("DT-1.1")
@pytest.mark.clause("SY-4.2a")
@pytest.mark.parametrize("transition", sorted(TRANSITIONS))
def test_each_move_belongs_to_its_posts(office, clock, transition) -> None:
    state = sorted(TRANSITIONS[transition].sources)[0]
    application = case_in(state, office=office, clock=clock)
    before = steps_of(application)
    for post in set(Post) - POSTS[transition] - {Post.PARTNER}:
        with pytest.raises(Refused, match="由北岙街道的.*办理"):
            move(
                application_id=application.pk,
                transition=transition,
                actor=person_with(post, office.township),
                opinion=REASON,
            )
    assert steps_of(application) == before


def test_the_post_must_be_held_where_the_applicant_lives(office, clock) -> None:
    application = case_in(State.SUBMITTED, office=office, clock=clock)
    collect(application, office)
    for area in (office.places.other_township, office.places.other_county_township):
        with pytest.raises(Refused, match="由北岙街道的经办岗办理"):
            move(application_id=application.pk, transition="accept", actor=person_with(Post.HANDLER, area))
    move(application_id=application.pk, transition="accept", actor=person_with(Post.HANDLER, office.township))


def test_a_village_helper_hands_in_only_for_the_own_village(office, clock) -> None:
    application = draft(office)
    stranger = person_with(Post.VILLAGE_HELPER, office.places.other_village)
    with pytest.raises(Refused, match="由北岙街道的经办岗或村社协理岗办理"):
        submit(application, office, actor=stranger)
    application = submit(application, office, actor=office.helper)
    assert application.steps.get().post == Post.VILLAGE_HELPER


@pytest.mark.clause("SY-A2.1b")
def test_acceptance_waits_for_papers_and_signatures(office, clock) -> None:
    application = case_in(State.SUBMITTED, office=office)
    with pytest.raises(Refused) as refusal:
        move(application_id=application.pk, transition="accept", actor=office.handler)
    for material in application.materials.filter(required=True):
        assert material.label in refusal.value.message
    assert "1 名家庭成员未签署核对授权书" in refusal.value.message
    collect(application, office)
    assert take(application, "accept", office, "handler").state == State.ACCEPTED


@pytest.mark.clause("SY-A2.1b")
def test_missing_papers_are_told_once(office, clock) -> None:
    application = case_in(State.AWAITING_MATERIALS, office=office)
    assert application.materials_notice.note == REASON
    application = take(application, "accept", office, "handler")
    assert application.state == State.ACCEPTED
    assert application.materials_notice.completed_at is not None

    complete = case_in(State.SUBMITTED, office=office)
    collect(complete, office)
    with pytest.raises(Refused, match="已经齐全，应当受理"):
        move(application_id=complete.pk, transition="request_materials", actor=office.handler)


@pytest.mark.clause("JZ-12.3")
def test_visiting_begins_with_the_report_and_review_with_the_visit(office, clock) -> None:
    application = case_in(State.CHECKING, office=office)
    with pytest.raises(Refused, match="还没有核对报告"):
        move(application_id=application.pk, transition="record_report", actor=office.handler)
    application = take(application, "record_report", office, "handler")
    with pytest.raises(Refused, match="还没有本轮入户调查记录"):
        move(application_id=application.pk, transition="finish_visit", actor=office.handler)
    record_visit(application, office, complete=False)
    with pytest.raises(Refused, match="入户调查尚未完成"):
        move(application_id=application.pk, transition="finish_visit", actor=office.handler)


def test_a_favourable_opinion_follows_the_calculation(office, clock) -> None:
    application = case_in(State.CHECKING, office=office)
    record_report(application, office, wage="1085.00")
    move(application_id=application.pk, transition="record_report", actor=office.handler)
    take(application, "finish_visit", office, "handler")
    with pytest.raises(Refused, match="测算结果不符合条件"):
        take(application, "agree", office, "reviewer")
    application = take(application, "disagree", office, "reviewer")
    assert application.state == State.DECIDING
    assert not application.notices.exists()
    with pytest.raises(Refused, match="本轮没有“同意”的初审意见"):
        take(application, "approve", office, "approver")
    assert take(application, "refuse", office, "approver").state == State.REFUSED


@pytest.mark.parametrize("transition", sorted(n for n, t in TRANSITIONS.items() if t.needs_opinion))
def test_an_opinion_is_needed(office, clock, transition) -> None:
    state = sorted(TRANSITIONS[transition].sources)[0]
    if transition in {"agree", "approve", "refuse", "withdraw", "disagree", "send_back", "return_to_visit"}:
        application = case_in(state, office=office, clock=clock)
        with pytest.raises(Refused, match="请填写意见") as refusal:
            move(
                application_id=application.pk,
                transition=transition,
                actor=actor_for(office, transition),
                opinion=" \n ",
            )
        assert refusal.value.field == "opinion"
    else:
        # Tested with its objection in test_objections.py, on the short way in test_programmes.py, and with
        # what 一事一议 asks besides in tests/settling.
        settling = {"refer", "settle", "settle_at_once", "settle_against"}
        assert transition in {"reopen", "skip_check", "agree_at_once"} | settling


def test_an_unknown_move_or_application_is_refused(office) -> None:
    application = draft(office)
    with pytest.raises(Refused, match="没有这个办理动作"):
        move(application_id=application.pk, transition="teleport", actor=office.handler)
    with pytest.raises(Refused, match="申请不存在"):
        move(application_id=application.pk + 999, transition="submit", actor=office.handler)


def test_the_system_only_closes_notices(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    step = application.steps.last()
    assert (step.actor, step.post, step.transition) == (None, "", "close_notice")
    with pytest.raises(Refused, match="须由人员办理"):
        move(application_id=application.pk, transition="approve", actor=None, opinion=REASON)
