"""Who serves papers, and what may be recorded next: one answer for the button and for the service."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from approvals.documents.perms import MAKERS
from approvals.models import Document
from approvals.perms import RECUSALS
from approvals.serving.chain import TO_SERVE, Attempt
from approvals.serving.enums import Event
from approvals.serving.models import ServiceAttempt
from common.verdict import ALLOWED, Verdict, denied
from organisations.models import User
from organisations.scope import scope_of

# What must have happened before, in the words of the law.
_ONLY_AFTER = {
    Event.HANDED_OVER: "该文书已经送达",
    Event.REFUSED: "已改用邮寄或者公告",
    Event.NOT_FOUND: "已改用邮寄或者公告",
    Event.LEFT: "直接送达被拒绝签收的方可留置",
    Event.NOT_LEFT: "直接送达被拒绝签收的方可留置",
    Event.MAILED: "找不到人或者未能留置的方可邮寄",
    Event.MAIL_DELIVERED: "尚未用 EMS 寄出",
    Event.MAIL_RETURNED: "尚未用 EMS 寄出",
    Event.ANNOUNCED: "邮件退回的方可公告",
    Event.ANNOUNCEMENT_OVER: "尚未发布公告",
}


def can_serve(actor: User, document: Document) -> Verdict:
    """The township's own posts serve its papers; not a relative of the recipient."""
    application = document.application
    if document.kind not in TO_SERVE:
        return denied("这种文书不需要送达回证。")
    if not scope_of(actor).covers(application.village, *MAKERS):
        return denied("文书由本街道（乡镇）经办岗、审核岗或审批岗送达。")
    recusals = (reason for check in RECUSALS if (reason := check(application, actor)))
    return next((denied(reason) for reason in recusals), ALLOWED)


def why_not(
    document: Document, attempt: Attempt, last: ServiceAttempt | None, actor: User, now: datetime
) -> Verdict:
    """May this be recorded now? The person first, then what went before, then the period."""
    if not (verdict := can_serve(actor, document)):
        return verdict
    if last is not None and last.serves:
        return denied("该文书已经送达。")
    if (last.event if last is not None else "") not in attempt.after:
        return denied(f"{_ONLY_AFTER[attempt.event]}（SY-A1.5b）。")
    if attempt.event == Event.ANNOUNCEMENT_OVER and now < last.ends_at:
        ends = timezone.localtime(last.ends_at)
        return denied(f"公告至 {ends:%Y-%m-%d %H:%M} 方满。")
    return ALLOWED
