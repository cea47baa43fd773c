"""Applications of all programmes, with 一事一议, objections and nights, moved by anybody at any time."""

from __future__ import annotations

import pytest

from approvals.models import Decision, Step
from approvals.settling.models import Entry
from approvals.settling.records import settlement_of
from approvals.workflow import TRANSITIONS
from cases.enums import FINAL_STATES, Programme
from cases.enums import ApplicationState as State
from cases.models import Application
from common import clock as house_clock
from common.append_only import broken_links
from organisations.enums import Post
from payments.models import Benefit, Grant
from publicity.enums import ObjectionOutcome
from publicity.models import Objection
from publicity.queries import running_notice
from tests.approvals.player import ROLES, Player
from tests.cases.builders import person_with
from tests.machines import IN_FULL, as_at_commit, in_parts, many_lives
from tests.settling.builders import (
    in_dongtou,
    in_lucheng,
    in_shangyu,
)

# Mostly what fits, so that cases get far; the rest is anything by anybody at any time. Without a role, a
# move is made by whom it belongs to.
ACTIONS = {
    "onward": (60, lambda random: (random.randrange(8),)),
    "move": (14, lambda random: (random.choice(sorted(TRANSITIONS)), random.choice([*[None] * 4, *ROLES]))),
    "papers": (2, lambda random: ()),
    "report": (2, lambda random: ()),
    "visit": (2, lambda random: ()),
    "object": (3, lambda random: (random.choice([None, *ObjectionOutcome]),)),
    "answer": (2, lambda random: (random.choice(list(ObjectionOutcome)),)),
    "appraise": (3, lambda random: (random.choice([11, 11, 3]),)),
    "file": (4, lambda random: ()),
    "tell": (3, lambda random: ()),
    "wait": (4, lambda random: (random.choice([1, 30, 24 * 8, 24 * 40]),)),
    "night": (4, lambda random: ()),
}
# What may still run when a case is decided: what follows from the decision, or from the determination.
AFTER = {
    State.APPROVED: {"payment", "feedback", "filing"},
    State.REFUSED: {"refusal_notice", "feedback"},
    State.WITHDRAWN: set(),
}


def check(player: Player) -> None:
    """What must hold after every action that was done."""
    application = Application.objects.get(pk=player.application.pk)
    steps = list(Step.objects.filter(application=application).order_by("pk"))
    moved = [State.DRAFT, *(step.to_state for step in steps)]
    assert [step.from_state for step in steps] == moved[:-1]
    assert application.state == moved[-1]
    # Three posts, three people.
    acted = {(step.actor_id, step.post) for step in steps if step.actor_id}
    assert len({actor for actor, _ in acted}) == len(acted)
    decided = list(Decision.objects.filter(application=application))
    assert len(decided) == (application.state in {State.APPROVED, State.REFUSED})
    paid = Grant if application.programme == Programme.LINSHI else Benefit
    approved = application.state == State.APPROVED
    assert paid.objects.filter(application=application).count() == approved
    if approved:
        check_approved(application, [step.transition for step in steps])
    running = set(application.deadlines.filter(state="running").values_list("step", flat=True))
    if application.state in FINAL_STATES:
        assert running <= AFTER[State(application.state)]
        assert running_notice(application) is None


def check_approved(application: Application, names: list[str]) -> None:
    """After an opinion in favour and the notice where the rules want one; filed first where they say so."""
    assert names[-1] == "approve"
    favour = {"agree", "settle", "agree_at_once", "settle_at_once"}
    last = max(n for n, name in enumerate(names) if name in favour)
    assert not {"send_back", "reopen", "return_to_visit"} & set(names[last:])
    if names[last] in {"agree", "settle"}:
        assert names[last:] == [names[last], "close_notice", "approve"]
        notice = application.notices.get(investigation_round=application.investigation_round)
        assert notice.ends_at <= notice.closed_at <= application.decided_at
        assert not Objection.objects.filter(notice=notice, outcome="").exists()
        assert not Objection.objects.filter(notice=notice, outcome=ObjectionOutcome.REINVESTIGATE).exists()
    settlement = settlement_of(application)
    if settlement is not None and settlement.filing_first:
        assert settlement.filings.filter(acknowledged_at__isnull=False).exists()


@in_parts
@pytest.mark.clause("DT-1.1")
@pytest.mark.clause("SY-A1.4a")
@pytest.mark.clause("LC-4.3a")
def test_no_order_of_moves_breaks_anything(db, clock, part) -> None:
    """Lives of 60 actions each, one case after another, in one of three districts."""
    places = [in_lucheng(), in_dongtou(), in_shangyu()]
    deciders = [person_with(Post.APPROVER, place.office.township.parent) for place in places]
    begin = house_clock.now()
    reached: set[str] = set()

    def live(actions, random) -> None:
        clock.move_to(begin)
        place, decider = random.choice(list(zip(places, deciders, strict=True)))
        player, n_steps = Player(place, decider, clock, random), 0
        for name, *arguments in actions:
            if player.act(name, *arguments):
                check(player)
                as_at_commit()
                n_steps = Step.objects.count()
            else:
                assert Step.objects.count() == n_steps
        reached.update(Step.objects.values_list("to_state", flat=True))
        assert broken_links(Step) == broken_links(Entry) == []

    many_lives(live, ACTIONS, steps=480, length=60)
    # It got far, or it would prove little.
    assert set(State) - {State.DRAFT, State.AWAITING_MATERIALS} <= reached or IN_FULL
