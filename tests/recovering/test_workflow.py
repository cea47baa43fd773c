"""The transition table of recoveries: every pair of state and move, every post."""

from __future__ import annotations

import pytest

from approvals.enums import DefenceOutcome
from approvals.recovering import guards
from approvals.recovering.effects import EFFECTS
from approvals.recovering.enums import FINAL_STATES
from approvals.recovering.enums import RecoveryState as State
from approvals.recovering.models import Recovery, RecoveryStep
from approvals.recovering.perms import legal_actions
from approvals.recovering.services import move_recovery
from approvals.recovering.workflow import TRANSITIONS, from_state
from approvals.workflow import Transition
from common import clock as house_clock
from common.errors import Refused
from organisations.enums import Post
from tests.cases.builders import person_with
from tests.changing.builders import WHY
from tests.recovering.builders import Desk

# Written down a second time on purpose: state → moves that may begin there.
ALLOWED = {
    State.DRAFT: {"propose", "withdraw"},
    State.PROPOSED: {"give_notice", "send_back", "withdraw", "settle"},
    State.NOTICED: {"notice_served", "settle"},
    State.HEARING: {"close_hearing", "reconsider", "drop", "settle"},
    State.DECIDING: {"decide", "drop", "settle"},
    State.DECIDED: {"decision_served", "settle"},
    State.REPAYING: {"settle"},
    State.SETTLED: set(),
    State.DROPPED: set(),
    State.WITHDRAWN: set(),
}
POSTS = {
    "propose": {Post.HANDLER},
    "send_back": {Post.APPROVER},
    "give_notice": {Post.APPROVER},
    "notice_served": set(),
    "close_hearing": {Post.HANDLER},
    "reconsider": {Post.APPROVER},
    "drop": {Post.APPROVER},
    "decide": {Post.APPROVER},
    "decision_served": set(),
    "settle": {Post.HANDLER},
    "withdraw": {Post.HANDLER},
}
BY_SYSTEM = {"notice_served", "close_hearing", "decision_served", "settle"}


def steps_of(recovery: Recovery) -> int:
    return RecoveryStep.objects.filter(recovery=recovery).count()


def test_the_table_says_what_the_law_says() -> None:
    assert {state: {t.name for t in from_state(state)} for state in State} == ALLOWED
    assert {name: set(move.posts) for name, move in TRANSITIONS.items()} == POSTS
    assert {name for name, move in TRANSITIONS.items() if move.by_system} == BY_SYSTEM
    assert not any(from_state(state) for state in FINAL_STATES)


def test_the_names_in_the_table_lead_somewhere() -> None:
    named = {name for move in TRANSITIONS.values() for name in (*move.guards, move.offered_if) if name}
    assert all(callable(getattr(guards, name)) for name in named)
    assert set(EFFECTS) <= set(TRANSITIONS)


# Three lives that together pass through every state.
LIVES = {
    "repaid": [s for s in State if s not in {State.DROPPED, State.WITHDRAWN}],
    "dropped": [State.DROPPED],
    "withdrawn": [State.WITHDRAWN],
}


@pytest.mark.clause("SY-7.2")
@pytest.mark.parametrize("life", LIVES)
def test_every_state_move_and_post(desk: Desk, life) -> None:
    """Whoever is not in the post, or comes at the wrong time, moves nothing and leaves no trace."""
    people = {post: person_with(post, desk.office.township) for post in Post if post != Post.PARTNER}
    recovery = None
    for state in LIVES[life]:
        recovery = desk.recovery_in(state) if recovery is None else desk.on_to(recovery, state)
        before = steps_of(recovery)
        for move in TRANSITIONS.values():
            _nobody_else_moves(recovery, state, move, people)
        recovery.refresh_from_db()
        assert (recovery.state, steps_of(recovery)) == (state, before)


def _nobody_else_moves(recovery: Recovery, state: State, move: Transition, people: dict) -> None:
    for post, person in people.items():
        if state in move.sources and post in POSTS[move.name]:
            continue
        refusal = "由百官街道的|自动办理" if state in move.sources else "追缴状态为"
        with pytest.raises(Refused, match=refusal):
            move_recovery(recovery_id=recovery.pk, transition=move.name, actor=person, opinion=WHY)
    if not (state in move.sources and move.by_system):
        with pytest.raises(Refused, match="追缴状态为|须由人员办理"):
            move_recovery(recovery_id=recovery.pk, transition=move.name, actor=None, opinion=WHY)


def test_an_opinion_is_needed(desk: Desk) -> None:
    """Of the moves that begin in two states of one life."""
    recovery = desk.recovery_in(State.PROPOSED)
    for name in ("send_back", "give_notice", "withdraw"):
        _refused_without_opinion(desk, recovery, name)
    recovery = desk.on_to(desk.on_to(recovery, State.NOTICED), State.HEARING)
    desk.heard(recovery, DefenceOutcome.PARTLY)
    for name in ("reconsider", "drop"):
        _refused_without_opinion(desk, recovery, name)


def _refused_without_opinion(desk: Desk, recovery: Recovery, name: str) -> None:
    role = next(iter(POSTS[name])).value
    with pytest.raises(Refused, match="请填写意见") as refusal:
        desk.go(recovery, name, role, " \n ")
    assert refusal.value.field == "opinion"


@pytest.mark.clause("DT-1.1")
def test_whoever_wrote_it_up_does_not_decide(desk: Desk) -> None:
    from organisations.services import appoint

    recovery = desk.recovery_in(State.PROPOSED)
    handler, township = desk.office.handler, desk.office.township
    appoint(user=handler, post=Post.APPROVER, area=township, valid_from=house_clock.today(), actor=None)
    handler.__dict__.pop("_scope", None)
    with pytest.raises(Refused, match="您已作为经办岗经办此追缴"):
        desk.go(recovery, "give_notice", "handler")


def test_only_those_at_the_deciding_level_decide(desk: Desk) -> None:
    """上虞 decides in the township (SY-2.1): the district's approver only watches."""
    recovery = desk.recovery_in(State.PROPOSED)
    above = person_with(Post.APPROVER, desk.office.township.parent)
    with pytest.raises(Refused, match="由街道（乡镇）审批"):
        move_recovery(recovery_id=recovery.pk, transition="give_notice", actor=above, opinion=WHY)


def test_the_buttons_are_the_moves_with_the_reason_why_not(desk: Desk) -> None:
    recovery = desk.recovery_in(State.HEARING)
    found = legal_actions(recovery, desk.office.handler, house_clock.now())
    said = {move.name: verdict.reason for move, verdict in found}
    assert said["close_hearing"] == "陈述申辩期未满，不得提前结束（SY-A1.6）。"
    assert "由百官街道的审批岗办理" in said["drop"]
    assert "settle" not in said


def test_no_unknown_move_or_recovery(desk: Desk) -> None:
    recovery = desk.drafted()
    with pytest.raises(Refused, match="没有这个办理动作"):
        desk.go(recovery, "teleport", "handler")
    with pytest.raises(Refused, match="追缴不存在"):
        move_recovery(recovery_id=recovery.pk + 999, transition="propose", actor=desk.office.handler)
