"""Who does what on a settlement beside the moves of the application, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from approvals.models import Step
from approvals.perms import Standing, standing
from approvals.settling import records
from approvals.settling.enums import Action, Body, Purpose
from approvals.settling.models import CaseByCase, Entry, Filing
from cases.enums import ApplicationState as State
from cases.models import Application
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import User
from organisations.scope import scope_of

READERS = (Post.HANDLER, Post.REVIEWER, Post.APPROVER, Post.DISCIPLINE, Post.AUDITOR)
ACKNOWLEDGING = {Body.DISCIPLINE: (Post.DISCIPLINE,), Body.DISTRICT: (Post.AUDITOR, Post.APPROVER)}


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that is done on a settlement: by which post, and what stands against it as things are."""

    action: Action
    post: Post
    why_not: Callable[[CaseByCase], str]


def _may_appraise(settlement: CaseByCase) -> str:
    if not settlement.appraisal_required:
        return "当地规则不要求一事一议民主评议。"
    if records.valid_appraisal_of(settlement) is not None:
        return "已有有效的民主评议。"
    state = settlement.application.state
    if state == State.SETTLING or settlement.urgent and state not in {State.WITHDRAWN, State.REFUSED}:
        return ""
    return "一事一议已经认定，不再评议。"


def _is_determined(settlement: CaseByCase) -> str:
    return "" if records.determination_of(settlement) is not None else "还没有作出认定。"


def _may_feed_back(settlement: CaseByCase) -> str:
    if (reason := _is_determined(settlement)) or records.feedback_on(settlement) is None:
        return reason
    return "已反馈申请人。"


def _may_recheck(settlement: CaseByCase) -> str:
    if settlement.confirmed_on is None:
        return "尚未确认，不必复核走访。"
    return "一事一议已失效。" if settlement.lapsed_on is not None else ""


DEEDS = {
    deed.action: deed
    for deed in (
        Deed(Action.APPRAISE, Post.HANDLER, _may_appraise),
        Deed(Action.FILE, Post.HANDLER, _is_determined),
        Deed(Action.FEED_BACK, Post.HANDLER, _may_feed_back),
        Deed(Action.RECHECK, Post.HANDLER, _may_recheck),
    )
}


def can_do(actor: User, settlement: CaseByCase, action: Action) -> Verdict:
    """May the person do it now? The post here first, then the person, then the record."""
    deed = DEEDS[action]
    if not (verdict := may_do(actor, settlement.application, action)):
        return verdict
    reason = deed.why_not(settlement)
    return denied(reason) if reason else ALLOWED


def may_do(actor: User, application: Application, action: Action) -> Verdict:
    """The same, before it is asked how things are."""
    return acts_only_as(actor, application, DEEDS[action].post, action.label)


def acts_only_as(actor: User, application: Application, post: Post, label: str) -> Verdict:
    """Does the person hold the post here, and acted in no other?"""
    person = standing(application, actor)
    if post not in person.held:
        return denied(f"“{label}”由{application.township.name}的{post.label}办理。")
    objection = person.objection_to(post) or _acted_otherwise(application, actor, post, person)
    return denied(objection) if objection else ALLOWED


def _acted_otherwise(application: Application, actor: User, post: Post, person: Standing) -> str:
    entries = Entry.objects.filter(application=application, actor=actor).exclude(post=post)
    return "您已以其他岗位办理过该一事一议，须由另一名人员办理。" if entries.exists() else ""


def can_acknowledge(actor: User, filing: Filing) -> Verdict:
    """The body itself: the township's 纪（工）委, or the county's bureau; nobody who worked on the case."""
    application, posts = filing.settlement.application, ACKNOWLEDGING[Body(filing.body)]
    post = acknowledging_post(actor, filing)
    if post is None:
        return denied(f"备案由{filing.get_body_display()}的{posts[0].label}接收。")
    if filing.acknowledged_at is not None:
        return denied("该备案已接收。")
    acted = Step.objects.filter(application=application, actor=actor).exists()
    entries = Entry.objects.filter(application=application, actor=actor).exclude(post=post)
    if acted or entries.exists():
        return denied("您经办过此件，备案须由另一名人员接收。")
    return ALLOWED


def acknowledging_post(actor: User, filing: Filing) -> Post | None:
    """The post in which the person receives it; a township's approver is no bureau."""
    application, scope = filing.settlement.application, scope_of(actor)
    area = application.township if filing.body == Body.DISCIPLINE else application.county
    return next((post for post in ACKNOWLEDGING[Body(filing.body)] if scope.covers(area, post)), None)


def can_appraise_ordinary(actor: User, application: Application, purpose: Purpose) -> Verdict:
    """LY-5.2: what is clear and undisputed is not appraised, but after an objection or as a check."""
    if not (verdict := may_do(actor, application, Action.APPRAISE)):
        return verdict
    if purpose == Purpose.CHECK and application.state == State.APPROVED:
        return ALLOWED
    reopened = application.steps.filter(transition="reopen").exists()
    if purpose == Purpose.OBJECTION and reopened and application.state in {State.VISITING, State.REVIEWING}:
        return ALLOWED
    return denied("情况清楚、没有异议的，不进行民主评议；公示有异议，或批准后检查的，可以评议（LY-5.2）。")


def can_read(actor: User, application: Application) -> Verdict:
    """Names and facts: those who work on the case or supervise it (LC-4.5)."""
    if scope_of(actor).covers(application.village, *READERS):
        return ALLOWED
    return denied("一事一议的事实和名单由本街道（乡镇）经办、审核、审批岗和监督岗查阅。")
