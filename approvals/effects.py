"""What a move causes in the other rooms and in the records of this one, inside the same transaction.

Each function writes through the named services of its room and notes in `changes` what the trace shall say;
no personal data in there. A move without an entry in `EFFECTS` only moves.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from approvals.assessing import as_data, assess_application
from approvals.deadlines import find_due, show_day
from approvals.documents.parts import hotlines
from approvals.enums import Outcome
from approvals.guards import current_proposal
from approvals.models import Decision, Proposal
from cases import services as cases
from cases.models import Application
from cases.queries import assessment_facts, current_visit
from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import User
from payments.services import open_benefit
from policy.calendars import working_calendar
from publicity import services as publicity
from publicity.enums import ClosingReason
from publicity.models import Notice
from publicity.queries import running_notice

_HOTLINE_LENGTH = Notice._meta.get_field("hotlines").base_field.max_length


@dataclass(slots=True)
class Moving:
    """One move under way. `data` is what the screen gave beside the opinion."""

    application: Application
    actor: User | None
    opinion: str
    now: datetime
    data: dict
    changes: list[str] = field(default_factory=list)


def _submit(moving: Moving) -> None:
    received_at = moving.data.get("received_at")
    if received_at is not None and received_at > moving.now:
        raise Refused("收到申请的时间不能晚于现在。", field="received_at")
    application = moving.application
    cases.prepare_submission(application=application, actor=moving.actor, received_at=received_at)
    received_on = show_day(application.received_at)
    moving.changes.append(f"{application.get_channel_display()}申请，{received_on} 收到")


def _accept(moving: Moving) -> None:
    cases.complete_materials(application=moving.application, actor=moving.actor)
    received = moving.application.materials.filter(received_on__isnull=False).count()
    moving.changes.append(f"材料齐备，收到 {received} 项，核对授权书已签齐")


def _request_materials(moving: Moving) -> None:
    notice = cases.issue_materials_notice(
        application=moving.application, actor=moving.actor, note=moving.opinion[:500]
    )
    moving.changes.append(f"一次性告知缺少 {len(notice.items)} 项")


def _entrust_check(moving: Moving) -> None:
    cases.entrust_check(application=moving.application, actor=moving.actor)
    moving.changes.append("委托核对家庭经济状况")


def _finish_visit(moving: Moving) -> None:
    visit = current_visit(moving.application)
    moving.changes.append(f"{show_day(visit.visited_at)} 入户调查，两名调查人与在场成员签字")


def _propose(moving: Moving, outcome: Outcome) -> Proposal:
    application, assessment = moving.application, assess_application(moving.application)
    favourable = outcome == Outcome.APPROVED
    return Proposal.objects.create(
        application=application,
        investigation_round=application.investigation_round,
        outcome=outcome,
        monthly=assessment.monthly if favourable else None,
        lines=[line.as_json() for line in assessment.lines],
        rule_ids=list(assessment.rule_ids),
        n_covered=len(assessment.covered) if favourable else 0,
        reason=moving.opinion,
        by=moving.actor,
        at=moving.now,
    )


def _agree(moving: Moving) -> None:
    application = moving.application
    proposal = _propose(moving, Outcome.APPROVED)
    due = find_due(application, "publicity", moving.now, working_calendar())
    publicity.post_notice(
        application=application,
        actor=moving.actor,
        n_members=application.n_members,
        n_covered=proposal.n_covered,
        monthly=proposal.monthly,
        ends_at=due.due_at,
        hotlines=[number[:_HOTLINE_LENGTH] for number in hotlines(application)],
        at=moving.now,
    )
    moving.changes.append(f"拟保障 {proposal.n_covered} 人，每月 {show_yuan(proposal.monthly)} 元")


def _disagree(moving: Moving) -> None:
    _propose(moving, Outcome.REFUSED)
    moving.changes.append("初审意见：不同意")


def _reopen(moving: Moving) -> None:
    notice = running_notice(moving.application)
    publicity.close_notice(notice=notice, reason=ClosingReason.OBJECTION, at=moving.now)
    moving.changes.append("撤下公示")


def _close_notice(moving: Moving) -> None:
    notice = running_notice(moving.application)
    publicity.close_notice(notice=notice, reason=ClosingReason.EXPIRED, at=moving.now)
    span = f"{show_day(notice.posted_at)} 至 {show_day(notice.ends_at)}"
    moving.changes.append(f"{span} 公示期满，无未处理的异议")


def _approve(moving: Moving) -> None:
    application, assessment = moving.application, assess_application(moving.application)
    starts_on = clock.next_month(timezone.localdate(moving.now))
    lines = [line.as_json() for line in assessment.lines]
    decision = Decision.objects.create(
        application=application,
        proposal=current_proposal(application),
        outcome=Outcome.APPROVED,
        monthly=assessment.monthly,
        starts_on=starts_on,
        lines=lines,
        facts=as_data(assessment_facts(application)),
        rule_ids=list(assessment.rule_ids),
        reason=moving.opinion,
        by=moving.actor,
        at=moving.now,
    )
    open_benefit(
        application=application,
        monthly=decision.monthly,
        starts_on=starts_on,
        lines=lines,
        rule_ids=decision.rule_ids,
        reason="首次批准",
        decided_by=moving.actor,
    )
    moving.changes.append(f"每月 {show_yuan(decision.monthly)} 元，自 {starts_on:%Y-%m} 起发放")


def _refuse(moving: Moving) -> None:
    application, assessment = moving.application, assess_application(moving.application)
    Decision.objects.create(
        application=application,
        proposal=current_proposal(application),
        outcome=Outcome.REFUSED,
        lines=[line.as_json() for line in assessment.lines],
        facts=as_data(assessment_facts(application)),
        rule_ids=list(assessment.rule_ids),
        reason=moving.opinion,
        by=moving.actor,
        at=moving.now,
    )
    cases.release_members(application=application)
    moving.changes.append("不予批准，须书面告知理由（JZ-12.5）")


def _withdraw(moving: Moving) -> None:
    notice = running_notice(moving.application)
    if notice is not None:
        publicity.close_notice(notice=notice, reason=ClosingReason.WITHDRAWN, at=moving.now)
        moving.changes.append("撤下公示")
    cases.release_members(application=moving.application)


EFFECTS: dict[str, Callable[[Moving], None]] = {
    "submit": _submit,
    "accept": _accept,
    "request_materials": _request_materials,
    "entrust_check": _entrust_check,
    "finish_visit": _finish_visit,
    "agree": _agree,
    "disagree": _disagree,
    "reopen": _reopen,
    "close_notice": _close_notice,
    "approve": _approve,
    "refuse": _refuse,
    "withdraw": _withdraw,
}
