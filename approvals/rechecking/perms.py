"""Who re-checks a benefit, asks for a renewal, and writes down what the township determined on it."""

from __future__ import annotations

from approvals.enums import Outcome
from approvals.rechecking import records
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck
from approvals.settling.enums import Action
from approvals.settling.models import CaseByCase
from approvals.settling.perms import READERS, acts_only_as
from approvals.settling.records import feedback_on
from common import clock
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of
from payments.models import Benefit


def can_read(actor: User, place: Area) -> Verdict:
    """Those who work on benefits in the place, and those who watch over them (LC-4.5)."""
    if scope_of(actor).covers(place, *READERS):
        return ALLOWED
    return denied("经济复核由本街道（乡镇）经办、审核、审批岗和监督岗查阅。")


def may_renew(actor: User, settlement: CaseByCase) -> Verdict:
    """The township's handler, who acted in no other post, asks for a renewal and does what follows it."""
    return acts_only_as(actor, settlement.application, Post.HANDLER, "一事一议续期")


def can_renew(actor: User, settlement: CaseByCase, benefit: Benefit) -> Verdict:
    """The same, as the settlement stands today (LC-4.4b)."""
    if not (verdict := may_renew(actor, settlement)):
        return verdict
    reason = records.why_no_renewal(settlement, benefit, clock.today())
    return denied(reason) if reason else ALLOWED


def may_determine(actor: User, recheck: EconomicRecheck) -> Verdict:
    """The township's reviewer, who neither re-checked nor recorded the appraisal (DT-1.1)."""
    if not scope_of(actor).covers(recheck.village, Post.REVIEWER):
        return denied(f"继续保障的认定由{recheck.township.name}的审核岗登记。")
    appraisal = records.appraisal_for(recheck)
    if actor.pk in {recheck.recorded_by_id, appraisal.recorded_by_id if appraisal else None}:
        return denied("您登记过该户的复核或评议，认定须由另一名人员登记（DT-1.1）。")
    if recheck.settlement is not None:
        return acts_only_as(actor, recheck.application, Post.REVIEWER, Action.RENEW.label)
    return ALLOWED


def can_determine(actor: User, recheck: EconomicRecheck) -> Verdict:
    """The same, as the re-check stands."""
    if not (verdict := may_determine(actor, recheck)):
        return verdict
    reason = _why_not_determined(recheck)
    return denied(reason) if reason else ALLOWED


def _why_not_determined(recheck: EconomicRecheck) -> str:
    by_case = CaseByCase.objects.in_force().filter(application=recheck.application_id)
    if recheck.settlement is None and by_case.exists():
        # Its end is that of the settlement, which only a renewal moves.
        return "该待遇依据一事一议给予，保障到其有效期满；继续保障须在个案页“一事一议”办理续期（LC-4.4b）。"
    if recheck.result != Result.BY_CASE:
        return f"复核结果为“{recheck.get_result_display()}”，不需要一事一议。"
    if records.keeping_of(recheck) is not None:
        return "已作出认定。"
    if records.latest_of(recheck.benefit).pk != recheck.pk:
        return "该待遇已有新的经济复核。"
    if recheck.settlement is not None:
        over = records.why_no_renewal(recheck.settlement, recheck.benefit, clock.today())
        if over:
            return over
    if recheck.appraisal_required and records.appraisal_for(recheck) is None:
        return "还没有复核之后的有效民主评议，请经办岗在个案页“一事一议”登记（LC-4.2a）。"
    return ""


def can_file(actor: User, recheck: EconomicRecheck) -> Verdict:
    """A renewal is filed when it was given, or before where the district is asked first (SY-4.4a)."""
    if not (verdict := may_renew(actor, recheck.settlement)):
        return verdict
    keeping = records.keeping_of(recheck)
    if keeping is not None and keeping.outcome == Outcome.APPROVED:
        return ALLOWED
    if not recheck.filing_first or keeping is not None:
        return denied("认定同意续期后方可报送备案（LC-4.3b）。")
    reason = _why_not_determined(recheck)
    return denied(reason) if reason else ALLOWED


def can_feed_back(actor: User, recheck: EconomicRecheck) -> Verdict:
    """The applicant is told what was determined, once (LC-4.3b)."""
    if not (verdict := may_renew(actor, recheck.settlement)):
        return verdict
    if records.keeping_of(recheck) is None:
        return denied("还没有作出认定。")
    if feedback_on(recheck.settlement, recheck.renewal) is not None:
        return denied("已反馈申请人。")
    return ALLOWED
