"""Conditions of moves. Each answers with the sentence that forbids the move, or None.

The transition table names them; `Step` stands on that table, so nothing here is imported by the models.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from django.db.models import Max

from approvals.assessing import assess_application
from approvals.conferring.guards import (  # noqa: F401 - named by the transition table
    joint_meeting_agreed,
    joint_meeting_refused,
)
from approvals.given import as_given, same_given
from approvals.offering import offer_of
from approvals.settling.guards import (  # noqa: F401 - named by the transition table
    appraisal_agreed,
    appraisal_was_held,
    circumstance_applies,
    filing_came_first,
    settlement_wants_no_notice,
    settlement_wants_notice,
)
from approvals.settling.records import determination_for, settlement_still_holds
from cases.enums import Programme
from cases.models import Application, MaterialsNotice
from cases.queries import (
    care_agreement,
    current_report,
    current_visit,
    is_emergency,
    missing_materials,
    rule_day,
    unauthorised_members,
)
from common.errors import Refused
from policy.rules import RuleBook
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
    """JZ-12.3: nobody is covered without the check; 临时救助 may have left it out, as its trace then says."""
    if current_report(application) or application.steps.filter(transition="skip_check").exists():
        return None
    return "还没有核对报告（JZ-12.3）。"


def check_may_be_left_out(application: Application, now: datetime) -> str | None:
    """DT-3.2: 急难型 is helped first and explained afterwards; the visit is never left out."""
    return _may_leave_out(application, "economic_check", "须先完成经济状况核对（JZ-12.3）。")


def notice_may_be_left_out(application: Application, now: datetime) -> str | None:
    """DT-3.2: 急难型 goes to its decision without waiting for a notice."""
    return _may_leave_out(application, "publicity", "须先公示，不能直接提交审批（SY-A1.4a）。")


def notice_is_due(application: Application, now: datetime) -> str | None:
    """Everything is published first but what the rules let go without."""
    if notice_may_be_left_out(application, now):
        return None
    return "按当地规则不需公示，请直接提交审批。"


def _may_leave_out(application: Application, step: str, otherwise: str) -> str | None:
    """Do the rules of the day let this 临时救助 go without the step? No other programme ever does."""
    if application.programme != Programme.LINSHI:
        return otherwise
    book = RuleBook(application.township, rule_day(application))
    urgent, needed = "procedure.linshi.emergency.skips_check_and_publicity", f"procedure.linshi.{step}"
    if is_emergency(application) and book.has(urgent) and book.flag(urgent):
        return None
    return None if book.has(needed) and not book.flag(needed) else otherwise


def visit_is_complete(application: Application, now: datetime) -> str | None:
    """JZ-12.3: nobody is covered without the visit; a new round needs its own."""
    visit = current_visit(application)
    if visit is None:
        return "还没有本轮入户调查记录（JZ-12.3）。"
    return None if visit.completed_at else "入户调查尚未完成（签字、结论）。"


def household_is_eligible(application: Application, now: datetime) -> str | None:
    """A favourable opinion follows the calculation; of 临时救助 it may give less than was asked for."""
    try:
        offer = offer_of(application)
    except Refused as refusal:
        return str(refusal)
    if offer.eligible:
        return None
    if offer.circumstances:
        clauses = "、".join(offer.circumstances)
        return f"按通常条件不符合，符合可以一事一议的情形（{clauses}）；请由经办岗启动一事一议（LC-4.1）。"
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
    """SY-A1.4a: approval only after the full notice of this round, where one was due."""
    ran = application.notices.of_grants().filter(
        investigation_round=application.investigation_round, closed_because=ClosingReason.EXPIRED
    )
    if ran.exists():
        return None
    came = application.steps.filter(to_state="deciding").order_by("-pk").first()
    if came is not None and came.transition in {"agree_at_once", "settle_at_once"}:
        return None
    return "公示期满且无异议后方可审批（SY-A1.4a）。"


def service_agreement_is_signed(application: Application, now: datetime) -> str | None:
    """SY-A2.1a, JZ-3.1: nobody is taken into 特困 without the signed agreement on who cares."""
    if application.programme != Programme.TEKUN or care_agreement(application):
        return None
    return "还没有本人签署的供养服务协议，请先登记协议（SY-A2.1a）。"


def proposal_still_holds(application: Application, now: datetime) -> str | None:
    """What is approved is what was calculated, signed and published; a difference goes back."""
    proposal = current_proposal(application)
    if proposal is None:
        return None
    if (settled := determination_for(proposal)) is not None:
        return settlement_still_holds(application, settled)
    try:
        assessment = assess_application(application, proposal.amount)
    except Refused as refusal:
        return str(refusal)
    if assessment.outcome != "eligible":
        return "重新测算的结果不符合条件，与初审意见不一致，请退回补充调查。"
    if same_given(assessment, proposal) and len(assessment.covered) == proposal.n_covered:
        return None
    then, now_given = (as_given(what).removeprefix("每月 ") for what in (proposal, assessment))
    return (
        f"金额已变化：初审 {then}、{proposal.n_covered} 人，"
        f"重新测算 {now_given}、{len(assessment.covered)} 人。请退回补充调查。"
    )


def current_proposal(application: Application):
    """The preliminary opinion of the present round, or None."""
    return application.proposals.filter(investigation_round=application.investigation_round).last()
