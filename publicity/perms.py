"""Who takes down an objection and who says what comes of it."""

from __future__ import annotations

from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of
from publicity.enums import ObjectionOutcome
from publicity.models import Notice, Objection, StandingNotice

RECORDERS = (Post.VILLAGE_HELPER, Post.HANDLER, Post.REVIEWER)
HANDLERS = (Post.HANDLER, Post.REVIEWER)
PHOTOGRAPHERS = (Post.VILLAGE_HELPER, Post.HANDLER)


def can_record_objection(actor: User, notice: Notice) -> Verdict:
    """Village and township write down what neighbours say by telephone or at the counter."""
    if scope_of(actor).covers(notice.village, *RECORDERS):
        return ALLOWED
    return denied("异议由本村（社区）协理岗或本街道（乡镇）经办岗、审核岗登记。")


def can_handle_objection(actor: User, objection: Objection) -> Verdict:
    """初审人员 investigate again (SY-A1.4b); the handler may start that as well."""
    if scope_of(actor).covers(objection.notice.village, *HANDLERS):
        return ALLOWED
    return denied("异议由本街道（乡镇）经办岗或审核岗处理。")


def can_decide_outcome(actor: User, objection: Objection, outcome: str) -> Verdict:
    """Setting an objection aside takes the reviewer: handlers would judge objections to their own work."""
    verdict = can_handle_objection(actor, objection)
    if not verdict or outcome != ObjectionOutcome.NOT_ABOUT_CASE:
        return verdict
    if scope_of(actor).covers(objection.notice.village, Post.REVIEWER):
        return ALLOWED
    return denied("认定异议与本公示无关须由审核岗办理；经办岗可选择“重新调查”。")


def can_refresh_standing(actor: User, area: Area) -> Verdict:
    """The township's handler keeps the boards of the township and its villages up to date."""
    if scope_of(actor).covers(area, Post.HANDLER):
        return ALLOWED
    return denied("长期公示由本街道（乡镇）经办岗更新。")


def can_photograph(actor: User, notice: StandingNotice) -> Verdict:
    """Whoever is there: the village's helper, or the township's handler."""
    if scope_of(actor).covers(notice.area, *PHOTOGRAPHERS):
        return ALLOWED
    return denied("公示照片由本村（社区）协理岗或本街道（乡镇）经办岗上传。")
