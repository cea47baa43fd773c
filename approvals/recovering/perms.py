"""Who may do what about a recovery now, and if not, why not: one answer for button and server.

The township's three posts decide (经办 writes up, 审核 answers defences, 审批 decides, SY-7.2); the payments
clerk of the place that paid takes the money, and decides nothing.
"""

from __future__ import annotations

from approvals.perms import RECUSALS, Standing
from approvals.procedure import Procedure, not_decider
from approvals.recovering import guards
from approvals.recovering.enums import FINAL_STATES, TAKES_MONEY, RecoveryState, Way
from approvals.recovering.models import Defence, Plan, Recovery, RecoveryStep
from approvals.recovering.workflow import from_state
from cases.models import Application
from common import clock
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of
from payments.models import Waiver
from payments.models.asking import Asked
from payments.perms import PAYING

POSTS = (Post.HANDLER, Post.REVIEWER, Post.APPROVER)
MONEY = (Post.TOWN_PAYMENTS, Post.DISTRICT_PAYMENTS, Post.DISTRICT_FINANCE)
READERS = (*POSTS, *MONEY, Post.DISCIPLINE, Post.AUDITOR)


def standing(recovery: Recovery, actor: User) -> Standing:
    """What the person is to a recovery: posts held there, posts acted in, reasons to stay away."""
    scope = scope_of(actor)
    held = frozenset(post for post in POSTS if scope.covers(recovery.village, post))
    if not held:
        return Standing(held, frozenset(), False)
    steps = RecoveryStep.objects.filter(recovery=recovery.pk, actor=actor).order_by()
    recusals = (reason for check in RECUSALS if (reason := check(recovery.application, actor)))
    return Standing(
        held,
        frozenset(Post(post) for post in steps.values_list("post", flat=True).distinct()),
        recovery.created_by_id == actor.pk,
        next(recusals, ""),
        not_decider(recovery, actor, _PROCEDURE.word) if Post.APPROVER in held else "",
        "此追缴",
    )


_PROCEDURE = Procedure("追缴", guards, standing, from_state, FINAL_STATES)
why_not, may_move, legal_actions = _PROCEDURE.why_not, _PROCEDURE.may_move, _PROCEDURE.legal_actions


def can_read(actor: User, place: Area) -> Verdict:
    """Those who work on it, those who keep the money, and those who watch over them (LC-4.5)."""
    if scope_of(actor).covers(place, *READERS):
        return ALLOWED
    return denied("追缴由本街道（乡镇）经办、审核、审批岗，发放、财政岗和监督岗查阅。")


def can_open(actor: User, application: Application) -> Verdict:
    """The township's handler writes it up (SY-7.2)."""
    if scope_of(actor).covers(application.village, Post.HANDLER):
        return ALLOWED
    return denied(f"追缴由{application.township.name}的经办岗提出（SY-7.2）。")


def can_edit(recovery: Recovery, actor: User) -> Verdict:
    """A draft is written by the handlers of the township."""
    if recovery.state != RecoveryState.DRAFT:
        return denied(f"追缴{recovery.get_state_display()}，不能修改。")
    return _as(recovery, actor, Post.HANDLER, "追缴", "拟写")


def can_record_defence(recovery: Recovery, actor: User) -> Verdict:
    """Taken down by a handler while people are heard."""
    if recovery.state != RecoveryState.HEARING:
        return denied(f"追缴{recovery.get_state_display()}，不能登记陈述申辩。")
    return _as(recovery, actor, Post.HANDLER, "陈述申辩", "登记")


def can_answer_defence(defence: Defence, actor: User) -> Verdict:
    """The reviewer goes over it: not the one who proposed."""
    recovery = defence.recovery
    if defence.answered_at is not None:
        return denied("该陈述申辩已经复核。")
    if recovery.state != RecoveryState.HEARING or defence.round != recovery.round:
        return denied(f"追缴{recovery.get_state_display()}，不能复核陈述申辩。")
    return _as(recovery, actor, Post.REVIEWER, "陈述申辩", "复核")


def can_take_money(recovery: Recovery, actor: User) -> Verdict:
    """The payments clerk of the place that paid."""
    if recovery.state not in TAKES_MONEY:
        return denied(f"追缴{recovery.get_state_display()}，不能登记收款。")
    payer = recovery.debt.payer
    post = PAYING[payer.level]
    if scope_of(actor).covers(payer, post):
        return ALLOWED
    return denied(f"追缴收款由{payer.name}的{post.label}登记。")


def can_ask_waiver(recovery: Recovery, actor: User) -> Verdict:
    """The handler, once it is demanded."""
    if recovery.state != RecoveryState.REPAYING:
        return denied(f"追缴{recovery.get_state_display()}，不能申请免追。")
    return _as(recovery, actor, Post.HANDLER, "免追", "提出")


def can_decide_waiver(recovery: Recovery, waiver: Waiver, actor: User) -> Verdict:
    """The approver may let go, never the one who asks."""
    return _can_decide(recovery, waiver, actor, "免追")


def can_ask_plan(recovery: Recovery, actor: User) -> Verdict:
    """The handler, for what is demanded and not taken off by the lists."""
    if recovery.state != RecoveryState.REPAYING:
        return denied(f"追缴{recovery.get_state_display()}，不能调整缴款计划。")
    if recovery.way == Way.SET_OFF and recovery.has_coming_months(clock.today()):
        return denied("该户待遇仍在发放，按月抵扣，不另定缴款期次。")
    return _as(recovery, actor, Post.HANDLER, "缴款计划调整", "提出")


def can_decide_plan(recovery: Recovery, plan: Plan, actor: User) -> Verdict:
    """The approver agrees or not, never the one who asks."""
    if recovery.state != RecoveryState.REPAYING:
        return denied(f"追缴{recovery.get_state_display()}，不能调整缴款计划。")
    return _can_decide(recovery, plan, actor, "缴款计划调整")


def _can_decide(recovery: Recovery, asked: Asked, actor: User, what: str) -> Verdict:
    if asked.granted is not None:
        return denied(f"该{what}申请已决定。")
    if asked.asked_by_id == actor.pk:
        return denied(f"{what}由您提出，须由另一人决定。")
    return _as(recovery, actor, Post.APPROVER, what, "决定")


def _as(recovery: Recovery, actor: User, post: Post, what: str, does: str) -> Verdict:
    person = standing(recovery, actor)
    if post not in person.held:
        return denied(f"{what}由{recovery.township.name}的{post.label}{does}。")
    objection = person.objection_to(post)
    return denied(objection) if objection else ALLOWED
