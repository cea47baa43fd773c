"""Who may make which move of a change now, and if not, why not: one answer for button and server."""

from __future__ import annotations

from datetime import datetime

from approvals.authority import TOWNSHIP_PREFIX
from approvals.changing import guards
from approvals.changing.enums import FINAL_STATES, ChangeState
from approvals.changing.models import BenefitChange, ChangeStep, Defence
from approvals.changing.workflow import from_state
from approvals.enums import Level
from approvals.perms import RECUSALS, Standing, may_act
from approvals.workflow import Transition
from common import clock
from common.errors import Refused
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of
from policy.rules import RuleBook

POSTS = (Post.HANDLER, Post.REVIEWER, Post.APPROVER)
READERS = (*POSTS, Post.DISCIPLINE, Post.AUDITOR)


def standing(change: BenefitChange, actor: User) -> Standing:
    """What the person is to a change: posts held there, posts acted in, reasons to stay away."""
    scope = scope_of(actor)
    held = frozenset(post for post in POSTS if scope.covers(change.village, post))
    if not held:
        return Standing(held, frozenset(), False)
    acted: frozenset[Post] = frozenset()
    if change.pk:
        steps = ChangeStep.objects.filter(change=change, actor=actor).order_by()
        acted = frozenset(Post(post) for post in steps.values_list("post", flat=True).distinct())
    recusals = (reason for check in RECUSALS if (reason := check(change.application, actor)))
    return Standing(
        held,
        acted,
        _handled(change, actor),
        next(recusals, ""),
        _not_decider(change, actor) if Post.APPROVER in held else "",
        "此变更",
    )


def _handled(change: BenefitChange, actor: User) -> bool:
    """Wrote it up or looked into it: that is 经办, whatever post it was done in."""
    if change.created_by_id == actor.pk:
        return True
    return bool(change.pk) and change.evidence.filter(recorded_by=actor).exists()


def _not_decider(change: BenefitChange, actor: User) -> str:
    """The office that decides about the programme today agrees to its changes too (SY-7.2)."""
    try:
        rule = RuleBook(change.township, clock.today()).rule(f"decision.{change.programme}.authority")
    except Refused as refusal:
        return str(refusal)
    level = Level.TOWNSHIP if rule.value == "township" else Level.COUNTY
    places = (place.prefix for place in scope_of(actor).places if place.post == Post.APPROVER)
    here = (prefix for prefix in places if change.village.prefix.startswith(prefix))
    if any((len(prefix) >= TOWNSHIP_PREFIX) == (level == Level.TOWNSHIP) for prefix in here):
        return ""
    clause = f"（{rule.clause_id}）" if rule.clause_id else ""
    return f"{change.get_programme_display()}的变更由{level.label}审批{clause}，您的审批岗不在这一级。"


def guard_reasons(change: BenefitChange, move: Transition, now: datetime) -> list[str]:
    """What stands in the way of the move, whoever makes it."""
    return [reason for name in move.guards if (reason := getattr(guards, name)(change, now))]


def why_not(
    change: BenefitChange, move: Transition, actor: User | None, now: datetime, person: Standing | None = None
) -> Verdict:
    """May the actor make the move now? State first, then post and person, then the guards."""
    if change.state not in move.sources:
        return denied(f"变更状态为“{change.get_state_display()}”，不能办理“{move.label}”。")
    if actor is not None:
        verdict = may_move(change, move, actor, person)
        if not verdict:
            return verdict
    elif not move.by_system:
        return denied(f"“{move.label}”须由人员办理。")
    reasons = guard_reasons(change, move, now)
    return denied("".join(reasons)) if reasons else ALLOWED


def may_move(change: BenefitChange, move: Transition, actor: User, person: Standing | None = None) -> Verdict:
    """Does the person hold a post for the move here, and nothing speaks against it?"""
    if not move.posts:
        return denied(f"“{move.label}”随文书送达自动办理。")
    return may_act(change, move, person or standing(change, actor))


def legal_actions(change: BenefitChange, actor: User, now: datetime) -> list[tuple[Transition, Verdict]]:
    """The moves that begin here, each with its verdict; empty for whoever only watches."""
    person = standing(change, actor)
    if not person.held or change.state in FINAL_STATES:
        return []
    moves = [move for move in from_state(change.state) if move.posts and is_offered(change, move, now)]
    found = [(move, why_not(change, move, actor, now, person)) for move in moves]
    # To those who never withdraw, a grey button would say nothing.
    return [(move, verdict) for move, verdict in found if verdict or move.name != "withdraw"]


def is_offered(change: BenefitChange, move: Transition, now: datetime) -> bool:
    """Is the move one that this change knows at all?"""
    return not move.offered_if or getattr(guards, move.offered_if)(change, now) is None


def can_read(actor: User, place: Area) -> Verdict:
    """Those who work on changes in the place, and those who watch over them (LC-4.5)."""
    if scope_of(actor).covers(place, *READERS):
        return ALLOWED
    return denied("待遇变更由本街道（乡镇）经办、审核、审批岗和监督岗查阅。")


def can_edit(change: BenefitChange, actor: User) -> Verdict:
    """A draft is written by the handlers of the township."""
    if change.state != ChangeState.DRAFT:
        return denied(f"变更{change.get_state_display()}，不能修改。")
    person = standing(change, actor)
    if Post.HANDLER not in person.held:
        return denied(f"待遇变更由{change.township.name}的经办岗拟写。")
    others = person.objection_to(Post.HANDLER)
    return denied(others) if others else ALLOWED


def can_record_defence(change: BenefitChange, actor: User) -> Verdict:
    """The handler takes down what people say, as long as nothing is decided."""
    if change.state != ChangeState.HEARING:
        return denied("只在陈述申辩期内登记陈述申辩（SY-A1.6）。")
    if scope_of(actor).covers(change.village, Post.HANDLER):
        return ALLOWED
    return denied(f"陈述申辩由{change.township.name}的经办岗登记。")


def can_answer_defence(defence: Defence, actor: User) -> Verdict:
    """The reviewer goes over it: not the one who proposed."""
    change = defence.change
    if defence.answered_at is not None:
        return denied("该陈述申辩已经复核。")
    if change.state != ChangeState.HEARING or defence.round != change.round:
        return denied(f"变更{change.get_state_display()}，不能复核陈述申辩。")
    person = standing(change, actor)
    if Post.REVIEWER not in person.held:
        return denied(f"陈述申辩由{change.township.name}的审核岗复核。")
    objection = person.objection_to(Post.REVIEWER)
    return denied(objection) if objection else ALLOWED
