"""Who may record which fact about an application, and in which state. Moving the state is approvals'."""

from __future__ import annotations

from cases.enums import OPEN_STATES, READING_POSTS, Programme
from cases.enums import ApplicationState as State
from cases.models import Application
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import Scope

EDITABLE = frozenset({State.DRAFT, State.AWAITING_MATERIALS})
MATERIALS_OPEN = frozenset({State.SUBMITTED, State.AWAITING_MATERIALS})
AUTHORISATION_OPEN = frozenset({State.DRAFT, State.SUBMITTED, State.AWAITING_MATERIALS})
CHECK_OPEN = frozenset({State.ACCEPTED, State.CHECKING})
VISIT_OPEN = frozenset({State.CHECKING, State.VISITING})
# Finance sees the cases that it funds, but needs nobody's number.
UNMASK_POSTS = tuple(post for post in READING_POSTS if post != Post.DISTRICT_FINANCE)


def can_read_cases(scope: Scope) -> Verdict:
    """May the person read cases at all? Which ones, the scope says (`Application.objects.visible_to`)."""
    if scope.has(*READING_POSTS):
        return ALLOWED
    return denied("您目前的岗位不办理、不监督救助申请，不能查看个案。")


def _in_state(application: Application, states: frozenset[State], what: str) -> Verdict:
    if application.state in states:
        return ALLOWED
    return denied(f"申请{application.get_state_display()}，不能{what}。")


def can_register(scope: Scope, village: Area) -> Verdict:
    """The handler of the township, or the village's own helper (SY-A1.1a, SY-4.1)."""
    if scope.covers(village, Post.HANDLER, Post.VILLAGE_HELPER):
        return ALLOWED
    return denied("申请由所在街镇的经办岗或本村的村社协理岗登记。")


def can_register_somewhere(scope: Scope) -> Verdict:
    """May the person open the registration screen at all?"""
    if scope.has(Post.HANDLER, Post.VILLAGE_HELPER):
        return ALLOWED
    return denied("申请由经办岗或村社协理岗登记，您目前没有这两个岗位。")


def can_edit(scope: Scope, application: Application) -> Verdict:
    """Declared facts change only before acceptance, by those who may register there."""
    verdict = _in_state(application, EDITABLE, "修改登记内容")
    return can_register(scope, application.village) if verdict else verdict


def can_discard(scope: Scope, application: Application) -> Verdict:
    """A draft that was never handed in may be thrown away; its number stays accounted for."""
    verdict = _in_state(application, frozenset({State.DRAFT}), "作废")
    return can_register(scope, application.village) if verdict else verdict


def can_receive_materials(scope: Scope, application: Application) -> Verdict:
    """The handler ticks papers off; the village helper may add what was asked for (SY-A2.1b)."""
    verdict = _in_state(application, MATERIALS_OPEN, "登记收件")
    return can_register(scope, application.village) if verdict else verdict


def can_sign_authorisations(scope: Scope, application: Application) -> Verdict:
    """Signatures under the authorisation to check are collected before acceptance."""
    verdict = _in_state(application, AUTHORISATION_OPEN, "登记核对授权")
    return can_register(scope, application.village) if verdict else verdict


def _handler_in(scope: Scope, application: Application, states: frozenset[State], what: str) -> Verdict:
    verdict = _in_state(application, states, what)
    if not verdict:
        return verdict
    if scope.covers(application.township, Post.HANDLER):
        return ALLOWED
    return denied(f"由{application.township.name}的经办岗{what}。")


def can_entrust_check(scope: Scope, application: Application) -> Verdict:
    """委托确认: the head of the social-affairs office, who holds the reviewer post (DT-1.1, SY-A1.2)."""
    verdict = _in_state(application, CHECK_OPEN, "委托核对")
    if not verdict:
        return verdict
    if scope.covers(application.township, Post.REVIEWER):
        return ALLOWED
    return denied(f"委托核对由{application.township.name}的审核岗确认（DT-1.1）。")


def can_record_check(scope: Scope, application: Application) -> Verdict:
    """The handler enters the report of the check that is under way."""
    return _handler_in(scope, application, frozenset({State.CHECKING}), "录入核对报告")


def can_record_visit(scope: Scope, application: Application) -> Verdict:
    """The handler records the visit, while the check runs or after it."""
    return _handler_in(scope, application, VISIT_OPEN, "记录入户调查")


def can_record_agreement(scope: Scope, application: Application) -> Verdict:
    """The handler enters the service agreement of 特困 between submission and decision."""
    if application.programme != Programme.TEKUN:
        return denied("只有特困申请签订供养服务协议。")
    return _handler_in(scope, application, OPEN_STATES, "登记供养服务协议")


def can_upload(scope: Scope, application: Application) -> Verdict:
    """Papers before acceptance by those who register; photos and pages by the handler until the decision."""
    if application.state in EDITABLE | MATERIALS_OPEN:
        return can_register(scope, application.village)
    open_states = frozenset(State) - {State.APPROVED, State.REFUSED, State.WITHDRAWN}
    return _handler_in(scope, application, open_states, "上传附件")


def can_withdraw_attachment(scope: Scope, application: Application) -> Verdict:
    """Only in a draft: afterwards every paper is part of the case."""
    verdict = _in_state(application, frozenset({State.DRAFT}), "撤下附件")
    return can_register(scope, application.village) if verdict else verdict


def can_unmask(scope: Scope, application: Application) -> Verdict:
    """Full numbers for those who work on or oversee the case; every look is logged with its reason."""
    if scope.covers(application.village, *UNMASK_POSTS):
        return ALLOWED
    return denied("您的岗位不办理、不监督此类申请，不能查看完整个人信息。")
