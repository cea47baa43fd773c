"""Every state, every move, every post: what the table does not name leaves no trace."""

from __future__ import annotations

import pytest

from approvals.relief import services
from approvals.relief.enums import ReliefState as State
from approvals.relief.models import ReliefStep
from approvals.relief.perms import why_not
from approvals.relief.workflow import MOVES
from common.errors import Refused
from organisations.enums import Post
from organisations.models import Posting
from tests.cases.builders import person_with
from tests.relief.builders import agreed, entry, in_state, receipt, registered

POSTS = (Post.HANDLER, Post.REVIEWER, Post.APPROVER, Post.TOWN_PAYMENTS, Post.DISCIPLINE, Post.AUDITOR)
# By hand, not from the table: who may do what in which state.
ALLOWED = {
    (State.REGISTERED, "agree", Post.APPROVER),
    (State.REGISTERED, "decline", Post.APPROVER),
    (State.AGREED, "decline", Post.APPROVER),
    (State.AGREED, "pay", Post.HANDLER),
    (State.AGREED, "pay", Post.TOWN_PAYMENTS),
    (State.PAID, "begin_papers", Post.HANDLER),
    (State.PAID, "close", Post.APPROVER),
}
CALLS = {
    "agree": lambda relief, actor: services.agree(relief=relief, actor=actor),
    "decline": lambda relief, actor: services.decline(relief=relief, actor=actor, opinion="不符合。"),
    "pay": lambda relief, actor: services.pay(relief=relief, entry=receipt(), actor=actor),
    "begin_papers": lambda relief, actor: services.begin_papers(relief=relief, actor=actor),
    "close": lambda relief, actor: services.close(
        relief=relief, actor=actor, finding="keep", opinion="不符合，数额小，不追回。"
    ),
}


@pytest.mark.parametrize("state", list(State), ids=lambda state: state.value)
def test_every_move_by_every_post(ground, state):
    """A fresh person of each post tries every move; only what stands in ALLOWED is possible."""
    relief = in_state(ground, state)
    for post in POSTS:
        area = ground.office.township.parent if post == Post.AUDITOR else ground.office.township
        actor = person_with(post, area)
        for name in CALLS:
            expected = (state, name, post) in ALLOWED
            assert bool(why_not(relief, MOVES[name], actor)) is expected, (state, name, post)
            if not expected:
                steps = ReliefStep.objects.count()
                with pytest.raises(Refused):
                    CALLS[name](relief, actor)
                relief.refresh_from_db()
                assert (relief.state, ReliefStep.objects.count()) == (state, steps)


@pytest.mark.parametrize(
    ("state", "name", "post"), sorted(ALLOWED), ids=lambda value: getattr(value, "value", value)
)
def test_what_is_allowed_is_done_and_written_down(ground, state, name, post):
    relief = in_state(ground, state)
    CALLS[name](relief, person_with(post, ground.office.township))
    relief.refresh_from_db()
    last = relief.steps.last()
    assert (last.transition, last.from_state, last.post) == (name, state, post)
    assert relief.state == last.to_state == MOVES[name].target


def test_the_system_alone_completes(ground):
    relief = in_state(ground, State.PAID)
    assert "须由人员办理" in why_not(relief, MOVES["close"], None).reason
    assert why_not(relief, MOVES["complete"], None)
    assert not why_not(relief, MOVES["complete"], ground.office.handler)


@pytest.mark.clause("DT-1.1")
def test_whoever_registered_does_not_agree(ground):
    """One person with both posts: the second move is refused, whichever comes first."""
    both = ground.office.handler
    Posting.objects.create(
        user=both, post=Post.APPROVER, area=ground.office.township, valid_from="2020-01-01"
    )
    relief = services.register_relief(entry=entry(ground), actor=both)
    with pytest.raises(Refused, match="您已在另一岗位办理此件"):
        services.agree(relief=relief, actor=both)


def test_whoever_agreed_does_not_pay(ground):
    leader = ground.office.approver
    Posting.objects.create(
        user=leader, post=Post.TOWN_PAYMENTS, area=ground.office.township, valid_from="2020-01-01"
    )
    with pytest.raises(Refused, match="您已在另一岗位办理此件"):
        services.pay(relief=agreed(ground), entry=receipt(), actor=leader)


def test_the_handler_may_pay_what_another_agreed(ground):
    relief = services.pay(relief=agreed(ground), entry=receipt(), actor=ground.office.handler)
    assert relief.state == State.PAID


def test_a_reason_that_is_too_long_is_refused(ground):
    with pytest.raises(Refused, match="不能超过 1000 字"):
        services.decline(relief=registered(ground), actor=ground.office.approver, opinion="长" * 1001)
