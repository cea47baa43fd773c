"""What a move of a change causes: papers, notices, and in the end the benefit itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from django.utils import timezone

from approvals.changing.guards import ending_notice
from approvals.changing.models import BenefitChange, ChangeStep
from approvals.changing.workflow import DEFENCE, OBJECTION
from approvals.deadlines import find_due, show_day
from approvals.documents.parts import hotlines
from approvals.enums import DocumentKind
from approvals.hearing_effects import HeardMove, begin_another_round, put_on_paper, start_hearing
from approvals.moving import HOTLINE_LENGTH, board_of
from common import clock
from common.money import show_yuan
from organisations.models import User
from payments import services as payments
from policy.calendars import working_calendar
from publicity import services as publicity
from publicity.enums import ClosingReason, NoticePurpose, ObjectionOutcome


@dataclass(slots=True)
class Moving(HeardMove):
    """`then`: the move that follows by itself."""

    then: str = ""

    @property
    def change(self) -> BenefitChange:
        return self.about


def _propose(moving: Moving) -> None:
    moving.changes.append(change_words(moving.change))


def change_words(change: BenefitChange) -> str:
    """`停发（收入增加），原每月 585.00 元`."""
    what = f"{change.get_kind_display()}（{change.get_reason_display()}）"
    if change.was is None:
        return what
    if change.monthly is None:
        after = f"，渐退期 {change.phase_out_months} 个月" if change.phase_out_months else ""
        return f"{what}，原每月 {show_yuan(change.was)} 元{after}"
    return f"{what}，每月 {show_yuan(change.was)} 元调整为 {show_yuan(change.monthly)} 元"


def _give_notice(moving: Moving) -> None:
    put_on_paper(moving, DocumentKind.CHANGE_PRIOR_NOTICE)


def _decide(moving: Moving) -> None:
    change = moving.change
    change.decided_at = moving.now
    # The paper reads the decision off the change.
    change.save(update_fields=["decided_at"])
    moving.changes.append(change_words(change))
    put_on_paper(moving, DocumentKind.CHANGE_DECISION)


def _decide_at_once(moving: Moving) -> None:
    """More money waits for no receipt, and the dead are not reached (JZ-12.2): in effect at once."""
    _decide(moving)
    change = moving.change
    if change.is_favourable or change.nobody_is_left:
        moving.then = "take_effect"


def effective_month(change: BenefitChange, at: datetime) -> date:
    """The first month of the change, which is that after `at` (SY-A1.6); after a death, the month after it.

    渐退期: the benefit goes on for so many months first (JZ-2.2).
    """
    day = change.died_on if change.nobody_is_left else timezone.localdate(at)
    return clock.add_months(day, 1 + change.phase_out_months)


def _take_effect(moving: Moving) -> None:
    change = moving.change
    month = effective_month(change, moving.at)
    source = f"change:{change.pk}"
    if change.ends:
        reason = f"{change.get_kind_display()}：{change.get_reason_display()}"
        ended = payments.end_benefit(benefit=change.benefit, ends_on=month, reason=reason, source=source)
        change.effective_on = ended.ends_on
        moving.changes.append(f"待遇自 {ended.ends_on:%Y-%m} 起停发")
        return
    revision = payments.revise_benefit(
        benefit=change.benefit,
        monthly=change.monthly,
        care_fee=change.care_fee,
        valid_from=month,
        lines=change.lines,
        rule_ids=change.rule_ids,
        reason=f"{change.get_kind_display()}：{change.get_reason_display()}",
        source=source,
        decided_by=_decider(change),
    )
    change.effective_on = revision.valid_from
    moving.changes.append(f"自 {revision.valid_from:%Y-%m} 起每月 {show_yuan(revision.monthly)} 元")


def _decider(change: BenefitChange) -> User:
    """Who signed the decision."""
    steps = ChangeStep.objects.filter(change=change, to_state="decided").select_related("actor")
    return steps.order_by("-pk").first().actor


def _publish(moving: Moving) -> None:
    """SY-A2.6: in the village, for somebody in an institution there too, for the full seven days."""
    change = moving.change
    application = change.application
    day = timezone.localdate(moving.now)
    due = find_due(application, "publicity", moving.now, working_calendar(), rules_on=day)
    publicity.post_notice(
        application=application,
        actor=moving.actor,
        n_members=application.n_members,
        n_covered=change.benefit.covers.count(),
        monthly=None,
        board=board_of(application),
        ends_at=due.due_at,
        hotlines=[number[:HOTLINE_LENGTH] for number in hotlines(application)],
        at=moving.now,
        purpose=NoticePurpose.ENDING,
    )


def _finish_notice(moving: Moving) -> None:
    notice = ending_notice(moving.change)
    publicity.close_notice(notice=notice, reason=ClosingReason.EXPIRED, at=moving.now)
    moving.changes.append(
        f"{show_day(notice.posted_at)} 至 {show_day(notice.ends_at)} 公示期满，无未处理的异议"
    )
    moving.at = notice.ends_at
    _take_effect(moving)


def _investigate(moving: Moving) -> None:
    """The clock runs from the day on which the objection came in."""
    notice = ending_notice(moving.change)
    upheld = notice.objections.filter(outcome=ObjectionOutcome.REINVESTIGATE).order_by("received_at")
    publicity.close_notice(notice=notice, reason=ClosingReason.OBJECTION, at=moving.now)
    moving.changes.append("撤下公示")
    moving.at = upheld.first().received_at
    moving.starts.append(OBJECTION)


EFFECTS: dict[str, Callable[[Moving], None]] = {
    "propose": _propose,
    "agree_at_once": _decide_at_once,
    "give_notice": _give_notice,
    "notice_served": partial(start_hearing, period=DEFENCE),
    "reconsider": begin_another_round,
    "decide": _decide,
    "take_effect": _take_effect,
    "publish": _publish,
    "publish_again": _publish,
    "finish_notice": _finish_notice,
    "investigate": _investigate,
}
