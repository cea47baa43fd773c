"""Moves, words, papers and time thrown at changes in any order by anybody: no invariant may break."""

from __future__ import annotations

import datetime as dt

import pytest

from approvals.changing.enums import FINAL_STATES
from approvals.changing.enums import ChangeState as State
from approvals.changing.models import BenefitChange, ChangeStep
from approvals.changing.tasks import close_periods
from approvals.changing.workflow import TRANSITIONS, from_state
from approvals.enums import DefenceOutcome, DocumentKind, EvidenceKind
from approvals.models import Deadline, Document
from approvals.serving.queries import served_at
from cases.enums import Programme
from common import clock as house_clock
from common.append_only import broken_links
from common.errors import Refused
from payments.models import Benefit
from publicity.enums import ObjectionOutcome
from tests.changing.builders import Desk, entry, lowered, raised, voluntary
from tests.machines import IN_FULL, as_at_commit, done, in_parts, many_lives

KINDS = (DocumentKind.CHANGE_PRIOR_NOTICE, DocumentKind.CHANGE_DECISION)
PAPERS = dict(zip((State.NOTICED, State.DECIDED), KINDS, strict=True))
ROLES = ("handler", "reviewer", "approver", "")
WHAT = [entry, raised, lowered, voluntary]
# Mostly what fits, so that changes get far; the rest is anything by anybody at any time. Without a role, a
# move is made by whom it belongs to.
ACTIONS = {
    "onward": (50, lambda random: (random.randrange(4),)),
    "move": (14, lambda random: (random.choice(sorted(TRANSITIONS)), random.choice([*[None] * 4, *ROLES]))),
    "draft": (2, lambda random: (random.choice(WHAT),)),
    "find": (3, lambda random: (random.choice(["data_match", "visit", "statement"]),)),
    "serve": (3, lambda random: (random.choice(KINDS),)),
    "say": (4, lambda random: ()),
    "answer": (5, lambda random: (random.choice(list(DefenceOutcome)),)),
    "object": (4, lambda random: (random.choice([None, *ObjectionOutcome]),)),
    "wait": (4, lambda random: (random.choice([1, 30, 24 * 4, 24 * 9]),)),
    "night": (5, lambda random: ()),
}


class Player:
    """Does what it is told to the one change under way, as far as the office lets it."""

    def __init__(self, desk: Desk, benefit: Benefit) -> None:
        self.desk, self.benefit = desk, benefit

    @property
    def change(self) -> BenefitChange | None:
        return self.benefit.changes.order_by("-pk").first()

    def act(self, name: str, *arguments) -> bool:
        """Whether anything was done; what is refused is undone."""
        change = self.change
        if change is None and name != "draft":
            return False
        return done(lambda: getattr(self, name)(change, *arguments), Document.DoesNotExist)

    def draft(self, change, what) -> None:
        self.desk.draft(what(), benefit=Benefit.objects.get(pk=self.benefit.pk))

    def onward(self, change, n: int) -> None:
        """One of the moves that begin here, and what it asks for."""
        if change.state in FINAL_STATES:
            return self.draft(change, (entry, lowered, voluntary, raised)[n])
        if change.state == State.DRAFT and not change.evidence.exists():
            self.desk.find(change, EvidenceKind.STATEMENT)
        if change.state in PAPERS and n < 2:
            return self.serve(change, PAPERS[change.state])
        if change.state in {State.HEARING, State.PUBLISHED} and n > 1:
            self.wait(change, 24 * 9)
            return self.night(change)
        moves = [move for move in from_state(change.state) if move.posts and move.name != "withdraw"]
        if not moves:
            raise Refused("等待送达。")
        return self.move(change, moves[n % len(moves)].name, None)

    def move(self, change, name: str, role: str | None) -> None:
        posts = TRANSITIONS[name].posts
        self.desk.move(change, name, (posts[0].value if posts else "") if role is None else role)

    def find(self, change, kind: str) -> None:
        self.desk.find(change, kind)

    def serve(self, change, kind: DocumentKind) -> None:
        self.desk.serve(change, kind)

    def say(self, change) -> None:
        self.desk.say(change)

    def answer(self, change, outcome: DefenceOutcome) -> None:
        waiting = change.defences.filter(outcome="").first()
        if waiting is not None:
            self.desk.answer(waiting, outcome)

    def object(self, change, outcome: ObjectionOutcome | None) -> None:
        if change.state == State.PUBLISHED:
            self.desk.object(change, outcome)

    def wait(self, change, hours: int) -> None:
        self.desk.clock.shift(dt.timedelta(hours=hours))

    def night(self, change) -> None:
        close_periods()


def check(player: Player) -> None:
    """What must hold after every action that was done."""
    changes = list(player.benefit.changes.order_by("pk"))
    assert sum(change.state not in FINAL_STATES for change in changes) <= 1
    change = changes[-1]
    steps = list(ChangeStep.objects.filter(change=change).order_by("pk"))
    assert change.state == (steps[-1].to_state if steps else State.DRAFT)
    acted = {(step.actor_id, step.post) for step in steps if step.actor_id}
    assert len({actor for actor, _ in acted}) == len(acted)
    if change.state == State.IN_EFFECT:
        check_in_effect(change)
    application = player.benefit.application_id
    running = Deadline.objects.filter(application=application, state="running").values_list("step", flat=True)
    assert set(running) == LIMITS.get(change.state, set())


# What runs while a change stands somewhere.
LIMITS = {
    State.HEARING: {"defence"},
    State.PUBLISHED: {"publicity"},
    State.INVESTIGATING: {"termination_objection"},
}


def check_in_effect(change: BenefitChange) -> None:
    """Served, heard for three days, and written into the register under its name."""
    papers = {d.kind: d for d in Document.objects.filter(matter=change.matter)}
    if not change.is_favourable:
        assert served_at(papers["change_decision"]) == change.decision_served_at
    if change.is_heard:
        told = served_at(papers["change_prior_notice"])
        assert change.decided_at - told >= dt.timedelta(days=3)
    benefit = Benefit.objects.get(pk=change.benefit_id)
    if change.ends:
        # An earlier end that was decided before stands.
        ends = [(c.effective_on, c.pk) for c in benefit.changes.filter(state=State.IN_EFFECT) if c.ends]
        first, pk = min(ends)
        assert (benefit.ends_on, benefit.end_source) == (first, f"change:{pk}")
        assert change.effective_on > change.decided_at.date()
    else:
        revision = benefit.revisions.get(source=f"change:{change.pk}")
        assert (revision.monthly, revision.valid_from) == (change.monthly, change.effective_on)


@in_parts
@pytest.mark.usefixtures("drawn_once")
def test_no_order_of_moves_breaks_anything(shangyu, part) -> None:
    """Lives of 80 actions each, half of them in 特困."""
    benefits = [shangyu.benefit(), shangyu.benefit(Programme.TEKUN)]
    begin = house_clock.now()
    reached: set[str] = set()

    def live(actions, random) -> None:
        shangyu.clock.move_to(begin)
        player, n_steps = Player(shangyu, random.choice(benefits)), 0
        steps = ChangeStep.objects.filter(change__benefit=player.benefit)
        for name, *arguments in actions:
            if player.act(name, *arguments):
                check(player)
                as_at_commit()
                n_steps = steps.count()
            else:
                assert steps.count() == n_steps
        reached.update(steps.values_list("to_state", flat=True))
        assert broken_links(ChangeStep) == []

    many_lives(live, ACTIONS, steps=1200, length=80)
    # It got far, or it would prove little; what follows an objection or a defence has its scenarios.
    assert set(State) - {State.DRAFT, State.DROPPED, State.INVESTIGATING} <= reached or IN_FULL
