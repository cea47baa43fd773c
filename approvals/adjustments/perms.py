"""Who tries rules out, who starts a change of a standard, and which two carry it out.

Trying out is for those who keep rules (起草、发布) and the administrator of the area: it tells amounts
and application numbers, no names. A change is started by the rule publisher; in each township the reviewer
proposes it and the approver, another person, confirms it. Either can send the drafts back with a reason; the
reviewer then has them computed again, and records what came of the households that people had to look at.
"""

from __future__ import annotations

from approvals.adjustments.models import (
    Adjustment,
    AdjustmentItem,
    AdjustmentProposal,
    AdjustmentReturn,
)
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of

TRYING = (Post.RULE_WRITER, Post.RULE_PUBLISHER, Post.ADMINISTRATOR)
DECIDING = (Post.REVIEWER, Post.APPROVER)
READING = (*DECIDING, Post.RULE_PUBLISHER, Post.AUDITOR)


def can_try(actor: User, area: Area) -> Verdict:
    """A what-if over the cases of the area."""
    if scope_of(actor).covers(area, *TRYING):
        return ALLOWED
    return denied(f"{area.name}的规则试算由该区域的规则起草岗、规则发布岗或系统管理岗办理。")


def can_start(actor: User, area: Area) -> Verdict:
    """A change of a standard in the area."""
    if scope_of(actor).covers(area, Post.RULE_PUBLISHER):
        return ALLOWED
    return denied(f"{area.name}的标准调整由该区域的规则发布岗发起。")


def can_propose(actor: User, run: Adjustment, township: Area) -> Verdict:
    """The township's reviewer, once the drafts are complete."""
    return _can_review(actor, run, township, "调整由{place}的审核岗提出。")


def _can_review(actor: User, run: Adjustment, township: Area, otherwise: str) -> Verdict:
    if not scope_of(actor).covers(township, Post.REVIEWER):
        return denied(otherwise.format(place=township.name))
    if run.finished_at is None:
        return denied("草案还在测算，完成后才能办理。")
    return ALLOWED


def can_confirm(actor: User, proposal: AdjustmentProposal) -> Verdict:
    """The township's approver, never the one who proposed."""
    return _can_decide(actor, proposal, "确认")


def can_return(actor: User, run: Adjustment, township: Area, proposal: AdjustmentProposal | None) -> Verdict:
    """Before the proposal the reviewer, afterwards the approver, never the one who proposed."""
    if proposal is None:
        return _can_review(actor, run, township, "调整提出之前，由{place}的审核岗退回草案。")
    return _can_decide(actor, proposal, "退回")


def _can_decide(actor: User, proposal: AdjustmentProposal, what: str) -> Verdict:
    if not scope_of(actor).covers(proposal.township, Post.APPROVER):
        return denied(f"调整由{proposal.township.name}的审批岗{what}。")
    if proposal.proposed_by_id == actor.pk:
        return denied(f"{what}人不能是提出人本人，请由另一位审批岗{what}。")
    if proposal.confirmed_at is not None:
        return denied("该街道（乡镇）的调整已确认。")
    return ALLOWED


def can_compute_again(actor: User, returned: AdjustmentReturn) -> Verdict:
    """Returned drafts: the reviewer who has to propose them, or whoever may start a change."""
    if scope_of(actor).covers(returned.township, Post.REVIEWER, Post.RULE_PUBLISHER):
        return ALLOWED
    return denied(f"退回的草案由{returned.township.name}的审核岗或规则发布岗重新测算。")


def can_settle(actor: User, item: AdjustmentItem) -> Verdict:
    """The township's reviewer says what came of a household."""
    return _can_review(actor, item.run, item.township, "人工处理结果由{place}的审核岗登记。")
