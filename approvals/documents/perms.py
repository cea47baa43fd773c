"""Who makes forms and who reads them."""

from __future__ import annotations

from cases.models import Application
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import User
from organisations.scope import scope_of

MAKERS = (Post.HANDLER, Post.REVIEWER, Post.APPROVER)
READERS = (*MAKERS, Post.DISCIPLINE, Post.AUDITOR)


def can_make_document(actor: User, application: Application) -> Verdict:
    """The township's own posts put its papers out."""
    if scope_of(actor).covers(application.village, *MAKERS):
        return ALLOWED
    return denied("文书由本街道（乡镇）经办岗、审核岗或审批岗制作。")


def can_read_document(actor: User, application: Application) -> Verdict:
    """Forms show identity numbers in full: only those who work on the case or supervise it (LC-4.5)."""
    if scope_of(actor).covers(application.village, *READERS):
        return ALLOWED
    return denied("文书含完整个人信息，由本街道（乡镇）经办、审核、审批岗和监督岗查阅。")
