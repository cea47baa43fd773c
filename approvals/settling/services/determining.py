"""认定: what the township determined, within the limit of the rules (LC-4.3a, DT-4.2)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from approvals.enums import Outcome
from approvals.models import Proposal
from approvals.settling import records
from approvals.settling.declarations import Award, MeetingEntry
from approvals.settling.enums import Action, Meeting
from approvals.settling.models import CaseByCase, Determination
from approvals.settling.services.shared import said, trace
from cases.enums import Programme
from cases.models import Application, Member
from common.errors import Refused
from common.money import FEN, show_yuan
from organisations.enums import Post
from organisations.models import User
from policy.means.case_limits import CaseLimit
from policy.rules import RuleBook


@dataclass(frozen=True, slots=True)
class Given:
    """What a favourable determination gives, as the columns of a proposal, with the limit that held."""

    columns: dict
    covered: tuple[str, ...]
    limit: CaseLimit


def weigh(application: Application, award: Award, book: RuleBook) -> Given:
    """Check an award against the limit of the rules. Refused, beside the field, for more than the most."""
    members = _covered(application, award.covered)
    limit = records.limit_for(application, len(members), book)
    columns: dict = {"one_off_max": limit.one_off_max, "instalments": []}
    if limit.monthly_max is not None:
        columns |= {
            "monthly": _within(award.monthly, limit.monthly_max, "monthly", "月金额"),
            "care_fee": limit.care_fee,
        }
        if limit.care_fee is not None and columns["monthly"] <= limit.care_fee:
            raise Refused("月金额须高于其中的照料护理费。", field="monthly")
    if limit.one_off_max is not None:
        columns["amount"] = _within(award.amount, limit.one_off_max, "amount", "救助金额")
    return Given(columns, members, limit)


def _covered(application: Application, keys: tuple[str, ...]) -> tuple[str, ...]:
    """Members who live there; of 特困 one person."""
    living = Member.objects.filter(household=application.household_id, co_living=True, excluded="")
    known = {str(key) for key in living.values_list("pk", flat=True)}
    chosen = tuple(sorted(set(keys) & known, key=int))
    if not chosen:
        raise Refused("请选择保障人员。", field="covered")
    if application.programme == Programme.TEKUN and len(chosen) != 1:
        raise Refused("特困按人认定，只选一人。", field="covered")
    return chosen


def _within(amount: Decimal | None, most: Decimal, field: str, what: str) -> Decimal:
    if amount is None:
        raise Refused(f"请填写{what}。", field=field)
    if not amount.is_finite() or amount <= 0 or amount != amount.quantize(FEN):
        raise Refused(f"{what}须大于 0、精确到分。", field=field)
    if amount > most:
        raise Refused(
            f"{what} {show_yuan(amount)} 元超过一事一议上限 {show_yuan(most)} 元。",
            field=field,
            clause="LC-3.5",
        )
    return amount


def determine(
    *,
    application: Application,
    meeting: MeetingEntry | None,
    given: Given | None,
    propose: Callable[[], Proposal],
    actor: User,
    at: datetime,
) -> Determination:
    """Keep the meeting and what it determined; called by the moves `settle…`, inside their transaction.

    `given` None determines against. `propose` signs the opinion that the application goes on with.
    """
    settlement = records.settlement_of(application)
    if settlement is None:
        raise Refused("本轮没有启动一事一议。")
    held = _meeting(application, settlement, meeting, at)
    proposal = propose()
    limit = given.limit if given is not None else CaseLimit()
    determined = Determination.objects.create(
        settlement=settlement,
        proposal=proposal,
        outcome=proposal.outcome,
        covered=list(given.covered) if given is not None else [],
        n_covered=proposal.n_covered,
        standard=limit.standard,
        monthly=proposal.monthly,
        monthly_max=limit.monthly_max,
        care_fee=proposal.care_fee,
        amount=proposal.amount,
        one_off_max=limit.one_off_max,
        by=actor,
        at=at,
        **held,
    )
    favour = "同意" if determined.outcome == Outcome.APPROVED else "不同意"
    where = f"{determined.get_meeting_display()}认定" if determined.meeting else "认定"
    trace(application, Action.DETERMINE, actor, Post.REVIEWER, f"{where}：{favour}", at)
    return determined


def _meeting(
    application: Application, settlement: CaseByCase, meeting: MeetingEntry | None, at: datetime
) -> dict:
    """The meeting that the rules want, whole, after the start and after the appraisal; nothing where none."""
    kind = records.meeting_of(records.book_of(application))
    if not kind:
        return {}
    if meeting is None:
        raise Refused(f"请登记{Meeting(kind).label}。", field="held_at", clause="LC-4.3a")
    appraisal = records.valid_appraisal_of(settlement)
    since = appraisal.held_at if appraisal is not None else settlement.referred_at
    if not since <= meeting.held_at <= at:
        raise Refused("会议时间须在民主评议之后、不晚于现在。", field="held_at")
    return {
        "meeting": kind,
        "held_at": meeting.held_at,
        "place": said(meeting.place, "place", "会议地点", 100),
        "chair": said(meeting.chair, "chair", "主持人", 60),
        "attendees": said(meeting.attendees, "attendees", "参加人员", 1000),
        "minutes": said(meeting.minutes, "minutes", "会议记录", 4000),
    }
