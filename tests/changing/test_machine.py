"""Moves, words, papers and time thrown at changes in any order by anybody: no invariant may break."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvals.changing.enums import FINAL_STATES, DefenceOutcome
from approvals.changing.enums import ChangeState as State
from approvals.changing.models import BenefitChange, ChangeStep
from approvals.changing.tasks import close_periods
from approvals.changing.workflow import TRANSITIONS
from approvals.enums import DocumentKind
from approvals.models import Deadline, Document
from approvals.serving.queries import served_at
from cases.enums import Programme
from common import clock as house_clock
from common.append_only import broken_links
from common.errors import Refused
from payments.models import Benefit
from publicity.enums import ObjectionOutcome
from tests.changing.builders import Desk, entry, lowered, raised, voluntary

EXAMPLES, STEPS = 125, 80
KINDS = (DocumentKind.CHANGE_PRIOR_NOTICE, DocumentKind.CHANGE_DECISION)
ROLES = ("handler", "reviewer", "approver", "")
# Mostly by the right person, so that changes get far; now and then by anybody.
MOVES = st.tuples(st.just("move"), st.sampled_from(sorted(TRANSITIONS)), st.none())
WRONG = st.tuples(st.just("move"), st.sampled_from(sorted(TRANSITIONS)), st.sampled_from(ROLES))
DRAFTS = st.tuples(st.just("draft"), st.sampled_from([entry, raised, lowered, voluntary]))
OTHERS = st.one_of(
    st.tuples(st.just("find"), st.sampled_from(["data_match", "visit", "statement"])),
    st.tuples(st.just("serve"), st.sampled_from(KINDS)),
    st.tuples(st.just("say")),
    st.tuples(st.just("answer"), st.sampled_from(list(DefenceOutcome))),
    st.tuples(st.just("object"), st.sampled_from([None, *ObjectionOutcome])),
    st.tuples(st.just("wait"), st.sampled_from([1, 30, 24 * 4, 24 * 9])),
    st.tuples(st.just("night")),
)
ACTIONS = st.lists(st.one_of(MOVES, MOVES, MOVES, WRONG, OTHERS, DRAFTS), min_size=STEPS, max_size=STEPS)


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
        try:
            with transaction.atomic():
                getattr(self, name)(change, *arguments)
        except (Refused, Document.DoesNotExist):
            return False
        return True

    def draft(self, change, what) -> None:
        self.desk.draft(what(), benefit=Benefit.objects.get(pk=self.benefit.pk))

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


def check(player: Player, done: bool, steps_before: int) -> None:
    """What must hold after every action."""
    changes = list(player.benefit.changes.order_by("pk"))
    steps = ChangeStep.objects.filter(change__in=changes)
    assert done or steps.count() == steps_before
    assert sum(change.state not in FINAL_STATES for change in changes) <= 1
    for change in changes:
        last = steps.filter(change=change).last()
        assert change.state == (last.to_state if last else State.DRAFT)
        acted = steps.filter(change=change, actor__isnull=False).values_list("actor", "post").distinct()
        assert len({actor for actor, _ in acted}) == len(acted)
        if change.state == State.IN_EFFECT:
            check_in_effect(change)
    running = set(
        Deadline.objects.filter(application=player.benefit.application_id, state="running").values_list(
            "step", flat=True
        )
    )
    wanted = {
        State.HEARING: {"defence"},
        State.PUBLISHED: {"publicity"},
        State.INVESTIGATING: {"termination_objection"},
    }
    assert running == wanted.get(changes[-1].state if changes else "", set())


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
        assert (benefit.ends_on, benefit.end_source) == (change.effective_on, f"change:{change.pk}")
        assert change.effective_on > change.decided_at.date()
    else:
        revision = benefit.revisions.get(source=f"change:{change.pk}")
        assert (revision.monthly, revision.valid_from) == (change.monthly, change.effective_on)


def commit() -> None:
    """What the database looks at only at the end."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_ten_thousand_steps_break_nothing(shangyu) -> None:
    """125 lives of 80 actions each, half of them in 特困."""
    benefits = [shangyu.benefit(), shangyu.benefit(Programme.TEKUN)]
    begin = house_clock.now()
    reached: dict[str, int] = {}

    @settings(
        max_examples=EXAMPLES,
        database=None,
        derandomize=True,
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.data_too_large,
            HealthCheck.large_base_example,
        ],
    )
    @given(actions=ACTIONS, tekun=st.booleans())
    def live(actions, tekun) -> None:
        shangyu.clock.move_to(begin)
        with transaction.atomic():
            player = Player(shangyu, benefits[tekun])
            for action in actions:
                before = ChangeStep.objects.filter(change__benefit=player.benefit).count()
                done = player.act(*action)
                check(player, done, before)
                if done:
                    commit()
            for state in player.benefit.changes.values_list("steps__to_state", flat=True):
                reached[state] = reached.get(state, 0) + 1
            assert broken_links(ChangeStep) == []
            transaction.set_rollback(True)

    live()
    # The machine has been everywhere, or it would prove little.
    assert set(State) - {State.DRAFT} <= set(reached)
