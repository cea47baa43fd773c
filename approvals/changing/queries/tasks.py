"""What the posts of a person can do next on changes of benefits: one list for the workbench."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from approvals.authority import TOWNSHIP_PREFIX
from approvals.changing.enums import ChangeState as State
from approvals.changing.models import BenefitChange, ChangeQuerySet, ChangeStep, Defence, Evidence
from approvals.changing.perms import POSTS
from approvals.changing.queries.sheets import LIMITS
from approvals.enums import TAKEN_UP, DeadlineState, Level
from approvals.models import Deadline
from approvals.queries.limits import deadline_view
from cases.enums import Programme
from common import clock
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import Scope, scope_of
from policy.calendars import working_calendar
from policy.models import Rule
from policy.working_days import Calendar
from publicity.enums import NoticePurpose, ObjectionOutcome
from publicity.models import Notice, Objection

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Next:
    """What a post does in a state: the words, the move whose page it begins on (else the change's), and what
    the annotated row must say.
    """

    label: str
    move: str = ""
    when: tuple[tuple[str, bool], ...] = ()

    def fits(self, change: BenefitChange) -> bool:
        return all(getattr(change, name) == wanted for name, wanted in self.when)


# Papers that wait to be served are listed by `approvals.serving`.
_NEXT: dict[Post, dict[State, tuple[Next, ...]]] = {
    Post.HANDLER: {
        State.DRAFT: (Next("完善并提出变更"),),
        State.AGREED: (Next("出具事先告知书"),),
        State.HEARING: (Next("登记陈述申辩", when=(("unanswered", False), ("taken_up", False))),),
        State.DECIDED: (Next("终止公示", when=(("is_served", True),)),),
        State.PUBLISHED: (Next("结束公示", when=(("notice_over", True), ("objection_upheld", False))),),
    },
    Post.REVIEWER: {
        State.PROPOSED: (Next("初审变更", "review"),),
        State.HEARING: (Next("复核陈述申辩", when=(("unanswered", True),)),),
        State.PUBLISHED: (Next("因异议调查核实", "investigate", (("objection_upheld", True),)),),
    },
    Post.APPROVER: {
        State.REVIEWED: (Next("审批变更"),),
        State.HEARING: (Next("处理采纳的申辩", when=(("taken_up", True), ("unanswered", False))),),
        State.DECIDING: (Next("作出变更决定", "decide"),),
        State.INVESTIGATING: (Next("处理终止异议"),),
    },
}


def tasks_for(user: User) -> list[Todo]:
    """At most 200 next actions, by a constant number of queries."""
    scope = scope_of(user)
    posts = [post for post in POSTS if scope.has(post)]
    if not posts:
        return []
    now = clock.now()
    rows = list(_waiting(user, scope, posts, now)[:SHOWN])
    if not rows:
        return []
    limits, calendar = _limits(rows), working_calendar()
    authority = _Authority()
    found = []
    for row in rows:
        if step := _next_of(row, scope, posts, authority):
            found.append(_todo(row, step, limits.get(row.application_id), now, calendar))
    return found


def _waiting(user: User, scope: Scope, posts: list[Post], now: datetime) -> ChangeQuerySet:
    mine = Q(pk__in=())
    for post in posts:
        here = scope.filter(post) & _nobody_in_two_posts(user, post)
        for state, steps in _NEXT[post].items():
            for step in steps:
                mine |= here & Q(state=state, **dict(step.when))
    rows = _annotated(BenefitChange.objects.visible_to(scope, *posts).open(), now).filter(mine)
    return rows.select_related("application", "benefit", "village", "township").order_by("pk")


def _annotated(changes: ChangeQuerySet, now: datetime) -> ChangeQuerySet:
    """With the facts on which the next action depends."""
    said = Defence.objects.filter(change=OuterRef("pk"), round=OuterRef("round"))
    running = {"purpose": NoticePurpose.ENDING, "closed_at": None, "application": OuterRef("application")}
    upheld = Objection.objects.filter(
        notice__application=OuterRef("application"),
        notice__purpose=NoticePurpose.ENDING,
        notice__closed_at=None,
        outcome=ObjectionOutcome.REINVESTIGATE,
    )
    return changes.annotate(
        is_served=Q(decision_served_at__isnull=False),
        unanswered=Exists(said.filter(outcome="")),
        taken_up=Exists(said.filter(outcome__in=TAKEN_UP)),
        notice_over=Exists(Notice.objects.filter(**running, ends_at__lte=now)),
        objection_upheld=Exists(upheld),
    )


def _nobody_in_two_posts(user: User, post: Post) -> Q:
    """Leave out what the person may no longer touch in this post (DT-1.1)."""
    elsewhere = ChangeStep.objects.filter(change=OuterRef("pk"), actor=user).exclude(post=post)
    condition = ~Q(Exists(elsewhere))
    if post == Post.HANDLER:
        return condition
    looked = Evidence.objects.filter(change=OuterRef("pk"), recorded_by=user)
    return condition & ~Q(created_by=user) & ~Q(Exists(looked))


class _Authority:
    """Which level agrees to the changes of a programme in a place: one query for all."""

    def __init__(self) -> None:
        keys = [f"decision.{programme}.authority" for programme in Programme.values]
        rules = Rule.objects.in_force(clock.today()).filter(key__in=keys).select_related("area")
        self._nearest_first = sorted(rules, key=lambda rule: -len(rule.area.prefix))

    def decides(self, change: BenefitChange, scope: Scope) -> bool:
        """Does the person hold the approver's post at that level? Nobody does where no rule says which."""
        key, prefix = f"decision.{change.programme}.authority", change.village.prefix
        fit = (
            rule for rule in self._nearest_first if rule.key == key and prefix.startswith(rule.area.prefix)
        )
        rule = next(fit, None)
        held = (p.prefix for p in scope.places if p.post == Post.APPROVER and prefix.startswith(p.prefix))
        return rule is not None and any(
            (len(place) >= TOWNSHIP_PREFIX) == (rule.value == Level.TOWNSHIP) for place in held
        )


def _limits(rows: list[BenefitChange]) -> dict[int, Deadline]:
    """The limit that runs on each case because of its change."""
    running = Deadline.objects.filter(
        application__in=[row.application_id for row in rows], step__in=LIMITS, state=DeadlineState.RUNNING
    )
    return {limit.application_id: limit for limit in running.order_by("-due_at")}


def _todo(
    change: BenefitChange, step: Next, limit: Deadline | None, now: datetime, calendar: Calendar
) -> Todo:
    view = deadline_view(limit, now, calendar) if limit else None
    url = reverse("changing:change", args=[change.pk])
    return Todo(
        number=change.application.number,
        name=change.masked_name,
        place=f"{change.township.name}{change.village.name}",
        matter=f"{Programme(change.programme).short}{change.get_kind_display()}",
        stage=change.get_state_display(),
        action=step.label,
        url=reverse("changing:move", args=[change.pk, step.move]) if step.move else url,
        due_at=view.due_at if view else None,
        level=view.level if view else "info",
        deadline=f"{view.label}：{view.badge}" if view else "",
        why=view.why if view else (),
    )


def _next_of(change: BenefitChange, scope: Scope, posts: list[Post], authority: _Authority) -> Next | None:
    """The first of the person's next steps that fits the row."""
    for post in reversed(posts):
        if not scope.covers(change.village, post):
            continue
        if post == Post.APPROVER and not authority.decides(change, scope):
            continue
        for step in _NEXT[post].get(State(change.state), ()):
            if step.fits(change):
                return step
    return None
