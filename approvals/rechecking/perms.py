"""Who re-checks a benefit, and who writes down what the township determined on it."""

from __future__ import annotations

from approvals.rechecking import records
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck
from approvals.settling.models import CaseByCase
from approvals.settling.perms import READERS
from common.verdict import ALLOWED, Verdict, denied
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of


def can_read(actor: User, place: Area) -> Verdict:
    """Those who work on benefits in the place, and those who watch over them (LC-4.5)."""
    if scope_of(actor).covers(place, *READERS):
        return ALLOWED
    return denied("经济复核由本街道（乡镇）经办、审核、审批岗和监督岗查阅。")


def may_determine(actor: User, recheck: EconomicRecheck) -> Verdict:
    """The township's reviewer, who neither re-checked nor recorded the appraisal (DT-1.1)."""
    if not scope_of(actor).covers(recheck.village, Post.REVIEWER):
        return denied(f"继续保障的认定由{recheck.township.name}的审核岗登记。")
    appraisal = records.appraisal_for(recheck)
    if actor.pk in {recheck.recorded_by_id, appraisal.recorded_by_id if appraisal else None}:
        return denied("您登记过该户的复核或评议，认定须由另一名人员登记（DT-1.1）。")
    return ALLOWED


def can_determine(actor: User, recheck: EconomicRecheck) -> Verdict:
    """The same, as the re-check stands."""
    if not (verdict := may_determine(actor, recheck)):
        return verdict
    # Its end is that of the settlement, which a determination here would promise to move and would not.
    if CaseByCase.objects.in_force().filter(application=recheck.application_id).exists():
        return denied("该待遇依据一事一议给予，保障到其有效期满；须按一事一议程序重新申请（LC-4.4b）。")
    if recheck.result != Result.BY_CASE:
        return denied(f"复核结果为“{recheck.get_result_display()}”，不需要一事一议。")
    if records.keeping_of(recheck) is not None:
        return denied("已作出认定。")
    if records.latest_of(recheck.benefit).pk != recheck.pk:
        return denied("该待遇已有新的经济复核。")
    if records.appraisal_for(recheck) is None:
        return denied("还没有复核之后的有效民主评议，请经办岗在个案页“一事一议”登记（LC-4.2a）。")
    return ALLOWED
