"""Who may make which move now, and if not, why not: one answer for the button and for the server."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from approvals import guards
from approvals.authority import TOWNSHIP_PREFIX, decider_of
from approvals.enums import DeadlineState, Level
from approvals.models import Deadline, Step
from approvals.workflow import TRANSITIONS, Transition, from_state
from cases.enums import FINAL_STATES, OPEN_STATES
from cases.enums import ApplicationState as State
from cases.models import Application, CheckReport
from common.errors import Refused
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of

# 回避: rooms to the right that know of relatives append a function that answers with the reason, or None.
RECUSALS: list[Callable[[Application, User], str | None]] = []

_FLOW_POSTS = (Post.VILLAGE_HELPER, Post.HANDLER, Post.REVIEWER, Post.APPROVER)
_SEPARATION = "经办、审核、审批须由三名不同的人员办理（DT-1.1、SY-4.2a）"


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person is to an application: posts held there, posts acted in before, reasons to stay away."""

    held: frozenset[Post]
    acted: frozenset[Post]
    investigated: bool
    recusal: str = ""
    not_decider: str = ""
    what: str = "此申请"

    def objection_to(self, post: Post) -> str:
        """Why the person may not act in the post; empty when it may."""
        if self.recusal:
            return self.recusal
        others = self.acted - {post}
        if others:
            return f"您已作为{'、'.join(p.label for p in sorted(others))}经办{self.what}；{_SEPARATION}。"
        if self.investigated and post in {Post.REVIEWER, Post.APPROVER}:
            return f"您登记或调查过{self.what}；{_SEPARATION}。"
        return self.not_decider if post == Post.APPROVER else ""


def standing(application: Application, actor: User) -> Standing:
    """Read what separation of duties needs to know, by a fixed number of queries."""
    scope = scope_of(actor)
    held = frozenset(post for post in _FLOW_POSTS if scope.covers(application.village, post))
    if not held:
        return Standing(held, frozenset(), False)
    steps = Step.objects.filter(application=application, actor=actor).order_by()
    recusals = (reason for check in RECUSALS if (reason := check(application, actor)))
    return Standing(
        held,
        frozenset(Post(post) for post in steps.values_list("post", flat=True).distinct()),
        _investigated(application, actor),
        next(recusals, ""),
        _not_decider(application, actor) if Post.APPROVER in held else "",
    )


def _not_decider(application: Application, actor: User) -> str:
    """Which office decides is a rule, and for 临时救助 depends on the amount (DT-1.1, SY-2.1): an approver
    elsewhere only supervises.
    """
    try:
        decider = decider_of(application)
    except Refused as refusal:
        return str(refusal)
    what = f"{decider.of_whom or application.get_programme_display()}{decider.of_what}"
    return not_the_office(application.village, actor, decider.level, decider.clause, what)


def not_the_office(village: Area, actor: User, level: Level, clause: str, what: str) -> str:
    """Why the person's 审批岗 does not decide `what` here; empty when it is of the level that does."""
    places = (place.prefix for place in scope_of(actor).places if place.post == Post.APPROVER)
    here = (prefix for prefix in places if village.prefix.startswith(prefix))
    if any((len(prefix) >= TOWNSHIP_PREFIX) == (level == Level.TOWNSHIP) for prefix in here):
        return ""
    basis = f"（{clause}）" if clause else ""
    return f"{what}由{level.label}审批{basis}，您的审批岗不在这一级。"


def _investigated(application: Application, actor: User) -> bool:
    """Registered, visited, entered the report or an appraisal: that is 经办, whatever post it was done in."""
    if application.created_by_id == actor.pk:
        return True
    if application.appraisals.filter(recorded_by=actor).exists():
        return True
    visitor = Q(first_visitor=actor) | Q(second_visitor=actor) | Q(recorded_by=actor)
    if application.visits.filter(visitor).exists():
        return True
    return CheckReport.objects.filter(check_entrusted__application=application, recorded_by=actor).exists()


def acting_post(move: Transition, person: Standing) -> Post | None:
    """The post in which the person would make the move: one already acted in before any other."""
    fit = [post for post in move.posts if post in person.held and not person.objection_to(post)]
    return next((post for post in fit if post in person.acted), fit[0] if fit else None)


def may_act(application: Application, move: Transition, person: Standing) -> Verdict:
    """Does the person hold a post for the move here, and nothing speaks against it?"""
    if acting_post(move, person) is not None:
        return ALLOWED
    held = [post for post in move.posts if post in person.held]
    if held:
        return denied(person.objection_to(held[0]))
    posts = "或".join(post.label for post in move.posts)
    return denied(f"“{move.label}”由{application.township.name}的{posts}办理。")


def guard_reasons(
    application: Application, move: Transition, now: datetime, known: dict[str, str | None] | None = None
) -> list[str]:
    """What stands in the way of the move, whoever makes it. `known`: answers of this moment, by guard."""
    known = {} if known is None else known
    for name in move.guards:
        if name not in known:
            known[name] = getattr(guards, name)(application, now)
    return [reason for name in move.guards if (reason := known[name])]


def why_not(
    application: Application,
    move: Transition,
    actor: User | None,
    now: datetime,
    person: Standing | None = None,
    known: dict[str, str | None] | None = None,
) -> Verdict:
    """May the actor make the move now? State first, then post and person, then the guards.

    `person` and `known` save asking again when several moves of one application are looked at.
    """
    if application.state not in move.sources:
        return denied(f"申请状态为“{application.get_state_display()}”，不能办理“{move.label}”。")
    if actor is not None:
        verdict = may_act(application, move, person or standing(application, actor))
        if not verdict:
            return verdict
    elif not move.by_system:
        return denied(f"“{move.label}”须由人员办理。")
    reasons = guard_reasons(application, move, now, known)
    return denied("".join(reasons)) if reasons else ALLOWED


def legal_actions(application: Application, actor: User, now: datetime) -> list[tuple[Transition, Verdict]]:
    """The moves that begin here, each with its verdict, and approval as long as it lies ahead.

    Empty for whoever holds none of the posts of the procedure here: they only watch.
    """
    person = standing(application, actor)
    if not person.held or application.state in FINAL_STATES:
        return []
    known: dict[str, str | None] = {}
    found = [
        (move, why_not(application, move, actor, now, person, known))
        for move in from_state(application.state)
        if is_offered(application, move, now, known)
    ]
    ahead = _why_not_yet(State(application.state))
    if ahead:
        found.insert(len(found) - 1, (TRANSITIONS["approve"], denied(ahead)))
    # A withdrawal is open at every step; to those who never make it, its grey button would say nothing.
    return [(move, verdict) for move, verdict in found if verdict or move.target != State.WITHDRAWN]


def is_offered(
    application: Application, move: Transition, now: datetime, known: dict[str, str | None] | None = None
) -> bool:
    """Is the move one that this case knows at all? Others are not shown, not even in grey."""
    if not move.offered_if:
        return True
    known = {} if known is None else known
    if move.offered_if not in known:
        known[move.offered_if] = getattr(guards, move.offered_if)(application, now)
    return known[move.offered_if] is None


def _why_not_yet(state: State) -> str:
    """What must come before approval, once the case has been accepted."""
    if state in {State.ACCEPTED, State.CHECKING, State.VISITING}:
        return "须先完成核对和入户调查（JZ-12.3）。"
    if state == State.SETTLING:
        return "须先完成民主评议和认定（LC-4.2、LC-4.3）。"
    if state in {State.REVIEWING, State.PUBLISHED}:
        return "公示期满且无异议后方可审批（SY-A1.4a）。"
    return ""


def may_approve(application: Application, actor: User) -> Verdict:
    """Does the person hold the approver's post here, and nothing speaks against it?"""
    person = standing(application, actor)
    if Post.APPROVER not in person.held:
        return denied(f"延长期限由{application.township.name}的审批岗批准。")
    objection = person.objection_to(Post.APPROVER)
    return denied(objection) if objection else ALLOWED


def can_extend(deadline: Deadline, actor: User, now: datetime) -> Verdict:
    """The approver of the place extends a running limit, once and before it has passed.

    Whether a rule allows it at all is not asked here.
    """
    application = deadline.application
    if deadline.state != DeadlineState.RUNNING or application.state not in OPEN_STATES:
        return denied("该时限已经结束，不能延长。")
    if deadline.minimum:
        return denied("公示等最短期限不适用延长。")
    if deadline.original_due_at is not None:
        return denied("该时限已经延长过，不能再次延长。")
    if now > deadline.due_at:
        return denied("该时限已经逾期，不能事后延长。")
    return may_approve(application, actor)
