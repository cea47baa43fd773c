"""Conditions of moves. Each answers with the sentence that forbids the move, or None.

The transition table names them; `Step` stands on that table, so nothing here is imported by the models.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Max

from approvals.assessing import assess_application
from cases.models import Application, MaterialsNotice
from cases.queries import current_report, current_visit, missing_materials, unauthorised_members
from common.money import show_yuan
from publicity.enums import ClosingReason
from publicity.models import Notice
from publicity.queries import open_objections, running_notice, wants_reinvestigation

Guard = Callable[[Application, datetime], str | None]


def nothing_is_missing(application: Application, now: datetime) -> str | None:
    """SY-A2.1b: complete → accepted."""
    missing = missing_materials(application)
    if not missing:
        return None
    return f"材料不齐：{'、'.join(missing)}。请先登记收件或一次性告知（SY-A2.1b）。"


def everybody_authorised(application: Application, now: datetime) -> str | None:
    """No check of means without the signed authorisation of each person it looks at."""
    members = unauthorised_members(application)
    if not members:
        return None
    return f"还有 {len(members)} 名家庭成员未签署核对授权书：{'、'.join(str(m.person) for m in members)}。"


def not_told_before(application: Application, now: datetime) -> str | None:
    """SY-A2.1b: told once, everything."""
    if MaterialsNotice.objects.filter(application=application).exists():
        return "已经一次性告知过，不能再次要求补正（SY-A2.1b）。"
    return None


def something_is_missing(application: Application, now: datetime) -> str | None:
    """No notice without a gap."""
    if missing_materials(application) or unauthorised_members(application):
        return None
    return "材料和授权已经齐全，应当受理。"


def report_is_there(application: Application, now: datetime) -> str | None:
    """JZ-12.3: nobody is covered without the check."""
    return None if current_report(application) else "还没有核对报告（JZ-12.3）。"


def visit_is_complete(application: Application, now: datetime) -> str | None:
    """JZ-12.3: nobody is covered without the visit; a new round needs its own."""
    visit = current_visit(application)
    if visit is None:
        return "还没有本轮入户调查记录（JZ-12.3）。"
    return None if visit.completed_at else "入户调查尚未完成（签字、结论）。"


def household_is_eligible(application: Application, now: datetime) -> str | None:
    """A favourable opinion follows the calculation."""
    if assess_application(application).outcome == "eligible":
        return None
    return "测算结果不符合条件，不能提出同意的初审意见。"


def objection_wants_reinvestigation(application: Application, now: datetime) -> str | None:
    """SY-A1.4b: an upheld objection is what reopens a case."""
    notice = running_notice(application)
    if notice is not None and wants_reinvestigation(notice):
        return None
    return "没有处理结果为“重新调查”的异议（SY-A1.4b）。"


def publicity_ends_at(application: Application, notice: Notice) -> datetime:
    """The end that was printed, or a later one found when the official calendar arrived after posting."""
    limit = application.deadlines.filter(step="publicity", investigation_round=notice.investigation_round)
    return max(notice.ends_at, limit.aggregate(due_at=Max("due_at"))["due_at"] or notice.ends_at)


def notice_has_run_out(application: Application, now: datetime) -> str | None:
    """SY-A1.4a: a minimum period, nothing closes it early."""
    notice = running_notice(application)
    if notice is None:
        return "没有正在进行的公示。"
    if now < publicity_ends_at(application, notice):
        return "公示期未满，不得提前结束（SY-A1.4a）。"
    return None


def no_objection_is_open(application: Application, now: datetime) -> str | None:
    """SY-A1.4b: objections first."""
    notice = running_notice(application)
    if notice is None:
        return None
    if open_objections(notice).exists():
        return "公示期间的异议尚未处理（SY-A1.4b）。"
    if wants_reinvestigation(notice):
        return "异议的处理结果为重新调查，须先重新调查（SY-A1.4b）。"
    return None


def proposal_is_favourable(application: Application, now: datetime) -> str | None:
    """审批 confirms a preliminary opinion of this round."""
    proposal = current_proposal(application)
    if proposal is not None and proposal.outcome == "approved":
        return None
    return "本轮没有“同意”的初审意见，只能不同意或退回补充调查。"


def notice_ran_its_full_time(application: Application, now: datetime) -> str | None:
    """SY-A1.4a: approval only after the full notice of this round."""
    ran = application.notices.filter(
        investigation_round=application.investigation_round, closed_because=ClosingReason.EXPIRED
    )
    return None if ran.exists() else "公示期满且无异议后方可审批（SY-A1.4a）。"


def proposal_still_holds(application: Application, now: datetime) -> str | None:
    """What is approved is what was calculated, signed and published; a difference goes back."""
    proposal = current_proposal(application)
    if proposal is None:
        return None
    assessment = assess_application(application)
    if assessment.outcome != "eligible":
        return "重新测算的结果不符合条件，与初审意见不一致，请退回补充调查。"
    if (assessment.monthly, len(assessment.covered)) == (proposal.monthly, proposal.n_covered):
        return None
    return (
        f"金额已变化：初审 {show_yuan(proposal.monthly)} 元、{proposal.n_covered} 人，"
        f"重新测算 {show_yuan(assessment.monthly)} 元、{len(assessment.covered)} 人。请退回补充调查。"
    )


def current_proposal(application: Application):
    """The preliminary opinion of the present round, or None."""
    return application.proposals.filter(investigation_round=application.investigation_round).last()
