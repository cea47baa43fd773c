"""Conditions of the moves of a change. Each answers with the sentence that forbids the move, or None."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from approvals.changing.enums import Reason
from approvals.changing.models import BenefitChange
from approvals.enums import DeadlineState, EvidenceKind
from approvals.hearing_guards import (  # the first two are asked for by name, as the others here
    a_defence_was_taken_up,  # noqa: F401
    every_defence_is_answered,  # noqa: F401
    missing_rule,
    not_over,
    running_period,
    was_taken_up,
)
from approvals.models import Deadline
from cases.enums import Programme
from common import clock
from common.money import show_yuan
from publicity.enums import NoticePurpose
from publicity.models import Notice
from publicity.queries import open_objections, wants_reinvestigation


def benefit_is_running(change: BenefitChange, now: datetime) -> str | None:
    """Nothing changes that has ended; what will end (渐退期) may still end sooner."""
    ends_on = change.benefit.ends_on
    if ends_on is not None and ends_on <= clock.month_of(timezone.localdate(now)):
        return f"待遇自 {ends_on:%Y-%m} 起已停发。"
    return None


def amount_is_as_proposed(change: BenefitChange, now: datetime) -> str | None:
    """What is decided is what was calculated: a standard may have changed the amount since."""
    current = change.benefit.revisions.filter(valid_to__isnull=True).first()
    monthly = current.monthly if current else None
    if monthly == change.was:
        return None
    return (
        f"拟写时每月 {show_yuan(change.was)} 元，现为每月 {show_yuan(monthly)} 元，"
        "请退回重新拟写或撤回后另行提出。"
    )


def rests_on_a_finding(change: BenefitChange, now: datetime) -> str | None:
    """JZ-12.3: no benefit is cut or stopped on a data match alone."""
    kinds = set(change.evidence.values_list("kind", flat=True))
    if change.reason == Reason.DEATH:
        return (
            None
            if EvidenceKind.PROOF in kinds
            else "须有死亡证明等证明材料，不能只凭数据比对停发（JZ-12.3）。"
        )
    if change.reason == Reason.VOLUNTARY:
        return None if EvidenceKind.STATEMENT in kinds else "须有本人签字的书面声明。"
    if change.is_favourable or kinds - {EvidenceKind.DATA_MATCH}:
        return None
    return "减发、停发不能只凭数据比对，须有入户核查、核查报告、证明材料或本人声明（JZ-12.3）。"


def other_help_was_looked_at(change: BenefitChange, now: datetime) -> str | None:
    """民发〔2021〕43号: whoever leaves 特困 is looked at for 低保 and 临时救助."""
    if change.programme != Programme.TEKUN or not change.ends or change.reason == Reason.DEATH:
        return None
    return None if change.screening else "终止特困供养须写明是否符合低保、临时救助等其他救助的筛查情况。"


def is_to_be_heard(change: BenefitChange, now: datetime) -> str | None:
    return None if change.is_heard else "增发、本人自愿退出和死亡无须事先告知。"


def nobody_is_to_be_heard(change: BenefitChange, now: datetime) -> str | None:
    return "减发、停发须先告知，听取陈述申辩（SY-A1.6）。" if change.is_heard else None


def defence_has_its_rule(change: BenefitChange, now: datetime) -> str | None:
    return missing_rule(change, f"deadline.{change.programme}.defence", now)


def prior_notice_is_served(change: BenefitChange, now: datetime) -> str | None:
    return None if change.prior_served_at else "事先告知书尚未送达（SY-A1.6）。"


def decision_is_served(change: BenefitChange, now: datetime) -> str | None:
    """SY-A1.6: in effect only once served; more money waits for nobody, and the dead are not reached."""
    if change.decision_served_at or change.is_favourable or change.nobody_is_left:
        return None
    return "决定书尚未送达，不能生效（SY-A1.6）。"


def defence_deadline(change: BenefitChange) -> Deadline | None:
    """The running period for statement and defence."""
    return running_period(change, "defence")


def defence_period_is_over(change: BenefitChange, now: datetime) -> str | None:
    return not_over(defence_deadline(change), now)


def no_defence_was_taken_up(change: BenefitChange, now: datetime) -> str | None:
    if was_taken_up(change):
        return "陈述申辩已采纳，请由审批岗不予变更或重新核定（SY-A1.6）。"
    return None


def ends_without_notice(change: BenefitChange, now: datetime) -> str | None:
    return "终止特困供养须先公示（SY-A2.6）。" if change.is_published else None


def ends_by_notice(change: BenefitChange, now: datetime) -> str | None:
    return None if change.is_published else "只有终止特困供养须公示。"


def ending_notice(change: BenefitChange) -> Notice | None:
    """The latest notice of this end; earlier ones were taken down for an objection."""
    if change.decided_at is None:
        return None
    notices = Notice.objects.filter(application=change.application_id, purpose=NoticePurpose.ENDING)
    return notices.filter(posted_at__gte=change.decided_at).order_by("-pk").first()


def ending_notice_has_run_out(change: BenefitChange, now: datetime) -> str | None:
    """SY-A2.6: the full seven days, or later where the official calendar came after the posting."""
    notice = ending_notice(change)
    if notice is None:
        return "没有正在进行的公示。"
    limits = Deadline.objects.filter(application=change.application_id, step="publicity")
    running = limits.filter(state=DeadlineState.RUNNING).first()
    until = max(notice.ends_at, running.due_at) if running else notice.ends_at
    return "公示期未满，不得提前结束（SY-A2.6）。" if now < until else None


def no_objection_speaks_against_it(change: BenefitChange, now: datetime) -> str | None:
    notice = ending_notice(change)
    if notice is None:
        return None
    if open_objections(notice).exists():
        return "公示期间的异议尚未处理（SY-A2.6）。"
    if wants_reinvestigation(notice):
        return "异议须先调查核实（SY-A2.6）。"
    return None


def objection_wants_investigation(change: BenefitChange, now: datetime) -> str | None:
    notice = ending_notice(change)
    if notice is not None and wants_reinvestigation(notice):
        return None
    return "没有处理结果为“重新调查”的异议（SY-A2.6）。"
