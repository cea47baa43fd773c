"""The transition table of changes: every pair of state and move, every post, every guard."""

from __future__ import annotations

import pytest

from approvals.changing import guards
from approvals.changing.effects import EFFECTS
from approvals.changing.enums import FINAL_STATES, ChangeKind
from approvals.changing.enums import ChangeState as State
from approvals.changing.models import BenefitChange, ChangeStep
from approvals.changing.perms import legal_actions
from approvals.changing.services import move_change
from approvals.changing.workflow import TRANSITIONS, from_state
from approvals.enums import DefenceOutcome, DocumentKind, EvidenceKind
from cases.enums import Programme
from common import clock as house_clock
from common.errors import Refused
from organisations.enums import Post
from tests.cases.builders import person_with
from tests.changing.builders import WHY, entry, lowered, raised, voluntary

# Written down a second time on purpose: state → moves that may begin there.
ALLOWED = {
    State.DRAFT: {"propose", "withdraw"},
    State.PROPOSED: {"review", "send_back", "withdraw"},
    State.REVIEWED: {"agree", "agree_at_once", "return_to_draft", "withdraw"},
    State.AGREED: {"give_notice", "withdraw"},
    State.NOTICED: {"notice_served", "withdraw"},
    State.HEARING: {"close_hearing", "reconsider", "drop", "withdraw"},
    State.DECIDING: {"decide", "withdraw"},
    State.DECIDED: {"take_effect", "publish"},
    State.PUBLISHED: {"finish_notice", "investigate"},
    State.INVESTIGATING: {"publish_again", "uphold"},
    State.IN_EFFECT: set(),
    State.DROPPED: set(),
    State.WITHDRAWN: set(),
}
POSTS = {
    "propose": {Post.HANDLER},
    "review": {Post.REVIEWER},
    "send_back": {Post.REVIEWER},
    "agree": {Post.APPROVER},
    "agree_at_once": {Post.APPROVER},
    "return_to_draft": {Post.APPROVER},
    "give_notice": {Post.HANDLER},
    "notice_served": set(),
    "close_hearing": {Post.HANDLER},
    "reconsider": {Post.APPROVER},
    "drop": {Post.APPROVER},
    "decide": {Post.APPROVER},
    "take_effect": set(),
    "publish": {Post.HANDLER},
    "finish_notice": {Post.HANDLER},
    "investigate": {Post.REVIEWER},
    "publish_again": {Post.APPROVER},
    "uphold": {Post.APPROVER},
    "withdraw": {Post.HANDLER},
}
BY_SYSTEM = {"notice_served", "close_hearing", "take_effect", "finish_notice"}


def steps_of(change: BenefitChange) -> int:
    return ChangeStep.objects.filter(change=change).count()


def test_the_table_says_what_the_law_says() -> None:
    assert {state: {t.name for t in from_state(state)} for state in State} == ALLOWED
    assert {name: set(move.posts) for name, move in TRANSITIONS.items()} == POSTS
    assert {name for name, move in TRANSITIONS.items() if move.by_system} == BY_SYSTEM
    assert not any(from_state(state) for state in FINAL_STATES)


def test_the_names_in_the_table_lead_somewhere() -> None:
    named = {name for move in TRANSITIONS.values() for name in (*move.guards, move.offered_if) if name}
    assert all(callable(getattr(guards, name)) for name in named)
    assert set(EFFECTS) <= set(TRANSITIONS)


@pytest.mark.clause("LC-5.2")
@pytest.mark.clause("SY-7.2")
@pytest.mark.parametrize("state", list(State))
def test_every_state_move_and_post(shangyu, state) -> None:
    """Whoever is not in the post, or comes at the wrong time, moves nothing and leaves no trace."""
    change = shangyu.change_in(state)
    before = steps_of(change)
    people = {post: person_with(post, shangyu.office.township) for post in Post if post != Post.PARTNER}
    for move in TRANSITIONS.values():
        for post, person in people.items():
            if state in move.sources and post in POSTS[move.name]:
                continue
            refusal = "由百官街道的|自动办理" if state in move.sources else "变更状态为"
            with pytest.raises(Refused, match=refusal):
                move_change(change_id=change.pk, transition=move.name, actor=person, opinion=WHY)
        if not (state in move.sources and move.by_system):
            with pytest.raises(Refused, match="变更状态为|须由人员办理"):
                move_change(change_id=change.pk, transition=move.name, actor=None, opinion=WHY)
    change.refresh_from_db()
    assert (change.state, steps_of(change)) == (state, before)


@pytest.mark.parametrize("transition", sorted(n for n, t in TRANSITIONS.items() if t.needs_opinion))
def test_an_opinion_is_needed(shangyu, transition) -> None:
    state = {"withdraw": State.PROPOSED}.get(transition) or next(iter(TRANSITIONS[transition].sources))
    what = raised() if transition == "agree_at_once" else None
    change = shangyu.change_in(state, what)
    if transition in {"reconsider", "drop"}:
        shangyu.answer(shangyu.say(change), DefenceOutcome.PARTLY)
    if transition == "investigate":
        shangyu.object(change, "reinvestigate")
    role = next(iter(POSTS[transition])).value
    with pytest.raises(Refused, match="请填写意见") as refusal:
        shangyu.move(change, transition, role, " \n ")
    assert refusal.value.field == "opinion"


@pytest.mark.clause("DT-1.1")
@pytest.mark.clause("SY-4.2a")
def test_nobody_acts_in_two_posts_on_one_change(shangyu) -> None:
    """The handler who also holds the reviewer's post; and who only entered the evidence."""
    from organisations.services import appoint

    change = shangyu.change_in(State.PROPOSED)
    handler = shangyu.office.handler
    for post in (Post.REVIEWER, Post.APPROVER):
        appoint(
            user=handler, post=post, area=shangyu.office.township, valid_from=house_clock.today(), actor=None
        )
    handler.__dict__.pop("_scope", None)
    with pytest.raises(Refused, match="您已作为经办岗经办此变更"):
        shangyu.move(change, "review", "handler")
    ChangeStep.objects.filter(change=change)
    other = shangyu.draft(benefit=shangyu.benefit())
    shangyu.find(other)
    colleague = person_with(Post.HANDLER, shangyu.office.township)
    move_change(change_id=other.pk, transition="propose", actor=colleague)
    with pytest.raises(Refused, match="您登记或调查过此变更"):
        shangyu.move(other, "review", "handler")


def test_only_those_at_the_deciding_level_agree(shangyu) -> None:
    """上虞 decides in the township (SY-2.1): the district's approver only watches."""
    change = shangyu.change_in(State.REVIEWED)
    above = person_with(Post.APPROVER, shangyu.office.township.parent)
    with pytest.raises(Refused, match="由街道（乡镇）审批"):
        move_change(change_id=change.pk, transition="agree", actor=above, opinion=WHY)


@pytest.mark.clause("JZ-12.3")
@pytest.mark.parametrize("what", [entry(), lowered(), voluntary()], ids=["stop", "cut", "voluntary"])
def test_a_data_match_alone_stops_nobody(shangyu, what) -> None:
    change = shangyu.draft(what)
    with pytest.raises(Refused, match="不能只凭数据比对|书面声明"):
        shangyu.move(change, "propose", "handler")
    shangyu.find(change, EvidenceKind.DATA_MATCH)
    with pytest.raises(Refused, match="不能只凭数据比对|书面声明"):
        shangyu.move(change, "propose", "handler")
    shangyu.find(change, EvidenceKind.STATEMENT)
    assert shangyu.move(change, "propose", "handler").state == State.PROPOSED


def test_more_money_may_rest_on_data(shangyu) -> None:
    change = shangyu.draft(raised())
    assert shangyu.move(change, "propose", "handler").state == State.PROPOSED


@pytest.mark.clause("SY-A1.6")
def test_whoever_loses_is_heard_and_whoever_gains_is_not(shangyu) -> None:
    loses = shangyu.change_in(State.REVIEWED)
    with pytest.raises(Refused, match="须先告知，听取陈述申辩"):
        shangyu.move(loses, "agree_at_once", "approver")
    gains = shangyu.change_in(State.REVIEWED, raised())
    with pytest.raises(Refused, match="无须事先告知"):
        shangyu.move(gains, "agree", "approver")
    offered = [move.name for move, _ in legal_actions(gains, shangyu.office.approver, house_clock.now())]
    assert offered == ["agree_at_once", "return_to_draft"]


@pytest.mark.clause("SY-A2.6")
def test_whoever_leaves_tekun_is_looked_at_for_other_help(shangyu) -> None:
    change = shangyu.draft(entry(screening=""), benefit=shangyu.benefit(Programme.TEKUN))
    shangyu.find(change)
    with pytest.raises(Refused, match="筛查情况"):
        shangyu.move(change, "propose", "handler")


def test_papers_are_made_by_the_moves_and_named_after_the_change(shangyu) -> None:
    change = shangyu.change_in(State.DECIDED)
    papers = [
        shangyu.paper(change, kind)
        for kind in (DocumentKind.CHANGE_PRIOR_NOTICE, DocumentKind.CHANGE_DECISION)
    ]
    assert [paper.matter for paper in papers] == [f"change:{change.pk}"] * 2
    assert ["社救变告" in papers[0].number, "社救变决" in papers[1].number] == [True, True]


def test_no_change_of_an_unknown_kind_or_change(shangyu) -> None:
    change = shangyu.change_in(State.DRAFT)
    with pytest.raises(Refused, match="没有这个办理动作"):
        shangyu.move(change, "teleport", "handler")
    with pytest.raises(Refused, match="变更不存在"):
        move_change(change_id=change.pk + 999, transition="propose", actor=shangyu.office.handler)


def test_one_change_at_a_time(shangyu) -> None:
    change = shangyu.change_in(State.PROPOSED)
    with pytest.raises(Refused, match="已有正在办理的变更"):
        shangyu.draft(benefit=change.benefit)
    shangyu.move(change, "withdraw", "handler")
    assert shangyu.draft(benefit=change.benefit).kind == ChangeKind.STOP
