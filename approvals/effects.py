"""What a move causes in the other rooms and in the records of this one, inside the same transaction.

Each function writes through the named services of its room and notes in `changes` what the trace shall say;
no personal data in there. A move without an entry in `EFFECTS` only moves.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

from django.utils import timezone

from approvals.assessing import as_data, assess_application, facts_of
from approvals.authority import level_for
from approvals.deadlines import find_due, show_day
from approvals.enums import Outcome
from approvals.given import as_given, columns_of, plan_words
from approvals.guards import current_proposal
from approvals.models import Decision, Proposal
from approvals.moving import Moving, propose, publish
from approvals.offering import assess_proposed
from approvals.relief.services import advance_of, complete, relief_behind
from approvals.settling import services as settling
from approvals.settling.models import CaseByCase
from approvals.settling.records import determination_for, settlement_of
from cases import services as cases
from cases.enums import Programme
from cases.models import Application
from cases.queries import current_visit
from common import clock
from common.errors import Refused
from common.money import show_yuan
from payments import services as payments
from policy.calendars import working_calendar
from publicity import services as publicity
from publicity.enums import ClosingReason
from publicity.queries import running_notice


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


def _skip_check(moving: Moving) -> None:
    moving.changes.append("不经核对，直接入户核实（DT-3.2）")


def _agree_at_once(moving: Moving) -> Proposal:
    """What the calculation gives; of 临时救助 the amount and the instalments that the reviewer proposes."""
    application = moving.application
    amount, plan = None, []
    if application.programme == Programme.LINSHI:
        amount, plan = moving.data.get("amount"), moving.data.get("plan") or []
        assessment = assess_proposed(application, amount, plan, timezone.localdate(moving.now))
        advance_of(relief_behind(application), amount)
    else:
        assessment = assess_application(application)
    given = columns_of(assessment, amount, plan) | {"one_off_max": assessment.one_off_max}
    proposal = propose(
        moving, assessment, given, authority=level_for(assessment), n_covered=len(assessment.covered)
    )
    moving.changes.append(f"拟保障 {proposal.n_covered} 人，{as_given(proposal)}")
    if plan:
        moving.changes.append(plan_words(proposal.plan))
    if proposal.amount is not None:
        moving.changes.append(f"由{proposal.get_authority_display()}审批")
    return proposal


def _agree(moving: Moving) -> None:
    proposal = _agree_at_once(moving)
    publish(moving, proposal, find_due(moving.application, "publicity", moving.now, working_calendar()))


def _disagree(moving: Moving) -> None:
    assessment = assess_application(moving.application)
    propose(moving, assessment, {}, authority=level_for(assessment))
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


def _decide(moving: Moving, outcome: Outcome, **values: object) -> tuple[Decision, tuple[str, ...]]:
    """Write down what was decided, by which calculation on which facts; with the keys of those it covers."""
    application, proposal = moving.application, current_proposal(moving.application)
    proposed = proposal.amount if proposal is not None else None
    covered, explained = _explained(application, proposal)
    decision = Decision.objects.create(
        application=application,
        programme=application.programme,
        proposal=proposal,
        outcome=outcome,
        facts=as_data(facts_of(application, proposed)),
        reason=moving.opinion,
        by=moving.actor,
        at=moving.now,
        **explained,
        **values,
    )
    return decision, covered


def _explained(application: Application, proposal: Proposal | None) -> tuple[tuple[str, ...], dict]:
    """Whom it covers, and by which lines and rules: of 一事一议 as determined, else as calculated now."""
    determined = determination_for(proposal) if proposal is not None else None
    if determined is not None:
        return tuple(determined.covered), {"lines": proposal.lines, "rule_ids": proposal.rule_ids}
    assessment = assess_application(application, proposal.amount if proposal is not None else None)
    lines = [line.as_json() for line in assessment.lines]
    return assessment.covered, {"lines": lines, "rule_ids": list(assessment.rule_ids)}


def _approve(moving: Moving) -> None:
    """Confirm what was proposed, and open what follows from it: a benefit, or one grant."""
    proposal = current_proposal(moving.application)
    given = {
        name: getattr(proposal, name)
        for name in ("monthly", "care_fee", "pocket_money", "amount", "instalments")
    }
    if moving.application.programme != Programme.LINSHI:
        given["starts_on"] = clock.next_month(timezone.localdate(moving.now))
    decision, covered = _decide(moving, Outcome.APPROVED, **given)
    settlement = settlement_of(moving.application)
    if settlement is not None:
        settling.confirm(settlement=settlement, actor=moving.actor, at=moving.now)
    if moving.application.programme == Programme.LINSHI:
        _grant(moving, decision)
    else:
        _open(moving, decision, covered, settlement)


def _open(
    moving: Moving, decision: Decision, covered: tuple[str, ...], settlement: CaseByCase | None
) -> None:
    """低保, 低边 and 特困 begin with the next month (SY-A1.5a, SY-A2.5); 一事一议 ends after its validity."""
    ends_on = settling.end_of_benefit(settlement.valid_until) if settlement is not None else None
    payments.open_benefit(
        application=moving.application,
        monthly=decision.monthly,
        care_fee=decision.care_fee,
        starts_on=decision.starts_on,
        ends_on=ends_on,
        lines=decision.lines,
        rule_ids=decision.rule_ids,
        reason="首次批准" if settlement is None else "一事一议",
        decided_by=moving.actor,
        covered=covered,
    )
    begins = "起生效" if decision.monthly is None else "起发放"
    until = f"，至 {settlement.valid_until} 有效" if ends_on else ""
    moving.changes.append(f"{as_given(decision)}，自 {decision.starts_on:%Y-%m} {begins}{until}")


def _grant(moving: Moving, decision: Decision) -> None:
    """临时救助 is given once; the household may ask again when something else befalls it.

    What was given in the emergency counts, and the rest is 跟进救助 (DT-3.3).
    """
    application = moving.application
    relief = relief_behind(application)
    advanced = advance_of(relief, decision.amount)
    payments.open_grant(
        application=application,
        amount=decision.amount,
        instalments=_from_today(decision.plan, timezone.localdate(moving.now)),
        advanced=advanced,
        lines=decision.lines,
        rule_ids=decision.rule_ids,
        decided_by=moving.actor,
    )
    cases.release_members(application=application)
    moving.changes += [as_given(decision), *filter(None, [plan_words(decision.plan)])]
    if relief is not None:
        rest = show_yuan(decision.amount - relief.amount)
        moving.changes.append(f"其中先行救助 {show_yuan(relief.amount)} 元已支付，跟进救助 {rest} 元")
        complete(relief=relief)


def _from_today(plan: list[tuple[date, Decimal]], today: date) -> list[tuple[date, Decimal]]:
    """The plan as it can still be kept: what fell due while the notice hung is due on the day of approval."""
    due: dict[date, Decimal] = {}
    for day, part in plan:
        due[max(day, today)] = due.get(max(day, today), Decimal("0.00")) + part
    return sorted(due.items())


def _refuse(moving: Moving) -> None:
    _decide(moving, Outcome.REFUSED)
    cases.release_members(application=moving.application)
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
    "skip_check": _skip_check,
    "finish_visit": _finish_visit,
    "agree_at_once": _agree_at_once,
    "agree": _agree,
    "disagree": _disagree,
    "reopen": _reopen,
    "close_notice": _close_notice,
    "approve": _approve,
    "refuse": _refuse,
    "withdraw": _withdraw,
}
