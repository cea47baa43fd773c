"""Who may make which move of a change now, and if not, why not: one answer for button and server."""

from __future__ import annotations

from approvals.changing import guards
from approvals.changing.enums import FINAL_STATES, ChangeState
from approvals.changing.models import BenefitChange, ChangeStep, Defence
from approvals.changing.workflow import from_state
from approvals.perms import RECUSALS, Standing
from approvals.procedure import Procedure, not_decider
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of

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
        not_decider(change, actor, _PROCEDURE.word) if Post.APPROVER in held else "",
        "此变更",
    )


def _handled(change: BenefitChange, actor: User) -> bool:
    """Wrote it up or looked into it: that is 经办, whatever post it was done in."""
    if change.created_by_id == actor.pk:
        return True
    return bool(change.pk) and change.evidence.filter(recorded_by=actor).exists()


_PROCEDURE = Procedure("变更", guards, standing, from_state, FINAL_STATES)
why_not, may_move, legal_actions = _PROCEDURE.why_not, _PROCEDURE.may_move, _PROCEDURE.legal_actions


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
