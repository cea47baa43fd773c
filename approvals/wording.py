"""Words that the screen proposes: an opinion to start from, and what the move will cause."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from approvals.deadlines import BEGINNINGS, find_due, show_day
from approvals.enums import Outcome
from approvals.given import as_given, plan_words
from approvals.guards import current_proposal
from approvals.models import Proposal
from approvals.workflow import Transition
from cases.enums import Programme
from cases.models import Application
from cases.queries import care_agreement, missing_materials, unauthorised_members
from common import clock
from common.money import show_yuan
from policy.calendars import working_calendar
from policy.lines import Assessment
from policy.rules import NoRuleInForce


def proposed_opinion(application: Application, move: Transition, assessment: Assessment | None) -> str:
    """A first wording from the calculation; empty where only the actor can know the reason."""
    if move.proposes and assessment is not None and assessment.eligible:
        return _favourable(application, assessment)
    if move.name == "disagree" and assessment is not None and not assessment.eligible:
        return f"经核对和入户调查，该户不符合条件：{'；'.join(assessment.reasons)}。"
    proposal = current_proposal(application)
    if move.name == "approve" and proposal is not None and proposal.outcome == Outcome.APPROVED:
        return _confirmation(proposal)
    if move.name == "refuse" and proposal is not None and proposal.outcome == Outcome.REFUSED:
        return proposal.reason
    return ""


def _favourable(application: Application, assessment: Assessment) -> str:
    """The opinion of each programme; what the amount of 临时救助 will be is not known yet."""
    programme = application.get_programme_display()
    if application.programme == Programme.TEKUN:
        seen = "经核对、入户调查和自理能力评估，本人符合特困认定条件"
        return f"{seen}，拟同意纳入{programme}，{as_given(assessment)}。"
    if application.programme == Programme.LINSHI:
        return "经审核，该户遭遇的困难属实，基本生活暂时出现严重困难，拟同意按本意见所列金额给予临时救助。"
    amounts = {line.code: line.amount for line in assessment.lines}
    people, income = len(assessment.covered), show_yuan(amounts["per_capita_income"])
    seen = f"经核对和入户调查，该户共同生活 {people} 人，人均月收入 {income} 元，"
    if application.programme == Programme.DIBIAN:
        return f"{seen}符合低保边缘条件，财产符合规定，拟同意认定为{programme}。"
    return (
        f"{seen}低于低保标准 {show_yuan(amounts['standard'])} 元，财产符合规定，"
        f"拟同意纳入{programme}，每月保障金 {show_yuan(assessment.monthly)} 元。"
    )


def _confirmation(proposal: Proposal) -> str:
    if proposal.amount is not None:
        return f"同意初审意见，给予临时救助 {show_yuan(proposal.amount)} 元。"
    if proposal.monthly is None:
        return f"同意初审意见，自批准的下月起认定为{proposal.get_programme_display()}。"
    money = "供养金" if proposal.care_fee is not None else "保障金"
    return f"同意初审意见，每月{money} {show_yuan(proposal.monthly)} 元，自批准的下月起发放。"


def consequences(
    application: Application, move: Transition, assessment: Assessment | None, now: datetime
) -> list[str]:
    """What will happen, one sentence each, in front of the button."""
    told = []
    if move.name == "request_materials":
        people = [f"{member.person}的核对授权" for member in unauthorised_members(application)]
        missing = "、".join(missing_materials(application) + people)
        told.append(f"一次性告知以下缺项，此后不得再次要求补正：{missing}。")
    if move.proposes and assessment is not None and assessment.eligible:
        told += _of_a_proposal(application, move, assessment)
    if move.name == "disagree" and assessment is not None and assessment.circumstances:
        clauses = "、".join(assessment.circumstances)
        told.append(
            f"该户符合可以一事一议的情形（{clauses}）：本流程不能同意，可另行启动一事一议（LC-4.1）。"
        )
    if move.name == "approve":
        told += _of_an_approval(application, now)
    if move.name == "refuse":
        told.append("须向申请人书面告知理由（JZ-12.5），理由即下方填写的内容。")
    if move.new_round:
        following = application.investigation_round + 1
        told.append(f"开始第 {following} 轮调查：须重新入户、初审并公示，原核对报告继续有效。")
    if move.name == "withdraw":
        told.append("申请终止，正在进行的公示撤下，家庭成员可以重新申请。")
    return told + _limits(application, move, now)


def _of_a_proposal(application: Application, move: Transition, assessment: Assessment) -> list[str]:
    """What is published, or that nothing is; the most that may be given."""
    one_off = assessment.one_off_max is not None
    given = "拟救助金额" if one_off else as_given(assessment)
    told = []
    if one_off:
        told.append(f"拟救助金额最高 {show_yuan(assessment.one_off_max)} 元；金额决定由哪一级审批。")
    if move.name == "agree":
        told.append(
            f"公示内容：申请人姓名、家庭 {application.n_members} 人、保障 {len(assessment.covered)} 人、"
            f"{given}；不含证件号码和账号。"
        )
    else:
        told.append("不公示，直接提交审批；事后补充说明（DT-3.2）。")
    return told


def _of_an_approval(application: Application, now: datetime) -> list[str]:
    """From when, how much, and to whom it goes."""
    proposal = current_proposal(application)
    if proposal is None or proposal.outcome != Outcome.APPROVED:
        return []
    if proposal.amount is not None:
        plan = plan_words(proposal.plan)
        stages = f"，{plan}（DT-3.3）。" if plan else "。"
        return [f"发放临时救助金 {show_yuan(proposal.amount)} 元{stages}"]
    starts_on = clock.next_month(timezone.localdate(now))
    if proposal.monthly is None:
        return [f"自 {starts_on:%Y-%m} 起认定身份，不发放保障金。"]
    if proposal.care_fee is None:
        return [f"自 {starts_on:%Y-%m} 起每月发放 {show_yuan(proposal.monthly)} 元（SY-A1.5a）。"]
    basic = show_yuan(proposal.monthly - proposal.care_fee)
    agreement = care_agreement(application)
    carer = f"给{agreement.payee_name}" if agreement else ""
    return [
        f"自 {starts_on:%Y-%m} 起每月发放基本生活费 {basic} 元，"
        f"照料护理费 {show_yuan(proposal.care_fee)} 元{carer}（SY-A2.5）。"
    ]


def _limits(application: Application, move: Transition, now: datetime) -> list[str]:
    told = []
    calendar = working_calendar() if move.starts else None
    for limit in move.starts:
        if limit.channel not in {"", application.channel}:
            continue
        try:
            start = BEGINNINGS[limit.since](application, now)
            due = find_due(application, limit.step, start, calendar, programme=limit.programme)
        except NoRuleInForce as missing:
            if limit.required:
                told.append(missing.message)
            continue
        told.append(f"开始计算{due.label}期限：至 {show_day(due.due_at)}（{due.clause}）。")
    return told
