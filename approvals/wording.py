"""Words that the screen proposes: an opinion to start from, and what the move will cause."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from approvals.deadlines import BEGINNINGS, find_due, show_day
from approvals.guards import current_proposal
from approvals.workflow import Transition
from cases.models import Application
from cases.queries import missing_materials, unauthorised_members
from common import clock
from common.money import show_yuan
from policy.calendars import working_calendar
from policy.lines import Assessment
from policy.rules import NoRuleInForce


def proposed_opinion(application: Application, move: Transition, assessment: Assessment | None) -> str:
    """A first wording from the calculation; empty where only the actor can know the reason."""
    if move.name == "agree" and assessment is not None and assessment.monthly is not None:
        return _favourable(application, assessment)
    if move.name == "disagree" and assessment is not None and not assessment.eligible:
        return f"经核对和入户调查，该户不符合条件：{'；'.join(assessment.reasons)}。"
    proposal = current_proposal(application)
    if move.name == "approve" and proposal is not None and proposal.monthly:
        return f"同意初审意见，每月保障金 {show_yuan(proposal.monthly)} 元，自批准的下月起发放。"
    if move.name == "refuse" and proposal is not None and not proposal.monthly:
        return proposal.reason
    return ""


def _favourable(application: Application, assessment: Assessment) -> str:
    amounts = {line.code: line.amount for line in assessment.lines}
    return (
        f"经核对和入户调查，该户共同生活 {len(assessment.covered)} 人，"
        f"人均月收入 {show_yuan(amounts['per_capita_income'])} 元，"
        f"低于低保标准 {show_yuan(amounts['standard'])} 元，财产符合规定，"
        f"拟同意纳入{application.get_programme_display()}，每月保障金 {show_yuan(assessment.monthly)} 元。"
    )


def consequences(
    application: Application, move: Transition, assessment: Assessment | None, now: datetime
) -> list[str]:
    """What will happen, one sentence each, in front of the button."""
    told = []
    if move.name == "request_materials":
        people = [f"{member.person}的核对授权" for member in unauthorised_members(application)]
        missing = "、".join(missing_materials(application) + people)
        told.append(f"一次性告知以下缺项，此后不得再次要求补正：{missing}。")
    if move.name == "agree" and assessment is not None and assessment.monthly is not None:
        told.append(
            f"公示内容：申请人姓名、家庭 {application.n_members} 人、保障 {len(assessment.covered)} 人、"
            f"每月 {show_yuan(assessment.monthly)} 元；不含证件号码和账号。"
        )
    if move.name == "approve" and assessment is not None and assessment.monthly is not None:
        starts_on = clock.next_month(timezone.localdate(now))
        told.append(f"自 {starts_on:%Y-%m} 起每月发放 {show_yuan(assessment.monthly)} 元（SY-A1.5a）。")
    if move.name == "refuse":
        told.append("须向申请人书面告知理由（JZ-12.5），理由即下方填写的内容。")
    if move.new_round:
        following = application.investigation_round + 1
        told.append(f"开始第 {following} 轮调查：须重新入户、初审并公示，原核对报告继续有效。")
    if move.name == "withdraw":
        told.append("申请终止，正在进行的公示撤下，家庭成员可以重新申请。")
    return told + _limits(application, move, now)


def _limits(application: Application, move: Transition, now: datetime) -> list[str]:
    told = []
    calendar = working_calendar() if move.starts else None
    for limit in move.starts:
        if limit.channel not in {"", application.channel}:
            continue
        try:
            due = find_due(application, limit.step, BEGINNINGS[limit.since](application, now), calendar)
        except NoRuleInForce as missing:
            if limit.required:
                told.append(missing.message)
            continue
        told.append(f"开始计算{due.label}期限：至 {show_day(due.due_at)}（{due.clause}）。")
    return told
