"""What follows a determination: filing, feedback, confirmation, re-checks and the end of its validity."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from approvals.deadlines import end_deadlines
from approvals.settling import perms, records
from approvals.settling.declarations import Told
from approvals.settling.enums import Action, Body
from approvals.settling.models import CaseByCase, Feedback, Filing, Recheck
from approvals.settling.services.shared import locked_settlement, require, said, trace
from approvals.workflow import FEEDBACK, FILING
from cases.enums import Programme
from cases.models import Application
from common import clock
from common.errors import Refused
from organisations.enums import Post
from organisations.models import User
from policy.rules import RuleBook

_VALIDITY = "validity.case_by_case"


@transaction.atomic
def file(*, settlement: CaseByCase, body: Body, remark: str, actor: User) -> Filing:
    """Send the determination to a body that the rules name (LC-4.3b, SY-4.4a); the last ends the limit."""
    settlement = locked_settlement(settlement)
    require(perms.can_do(actor, settlement, Action.FILE))
    return send(settlement=settlement, renewal=0, body=body, remark=remark, actor=actor)


def send(*, settlement: CaseByCase, renewal: int, body: Body, remark: str, actor: User) -> Filing:
    """The filing itself, of the settlement or of a renewal, by somebody who may; the settlement is locked."""
    wanted = records.bodies_due(settlement, renewal)
    if body not in wanted:
        raise Refused("当地规则没有要求向该机关备案。", field="body")
    sent = settlement.filings.filter(renewal=renewal)
    if sent.filter(body=body).exists():
        raise Refused(f"已向{Body(body).label}备案。", field="body")
    now = clock.now()
    filing = Filing.objects.create(
        settlement=settlement,
        renewal=renewal,
        body=body,
        filed_by=actor,
        filed_at=now,
        remark=remark.strip()[:500],
    )
    if sent.count() == len(wanted):
        end_deadlines(application=settlement.application, limits=(FILING,), at=now)
    details = f"报{filing.get_body_display()}备案{_of(renewal)}"
    trace(settlement.application, Action.FILE, actor, Post.HANDLER, details, now)
    return filing


@transaction.atomic
def acknowledge(*, filing: Filing, answer: str, actor: User) -> Filing:
    """The body receives the filing, once, and says something to it."""
    settlement = locked_settlement(filing.settlement)
    filing = Filing.objects.select_for_update().get(pk=filing.pk)
    filing.settlement = settlement
    require(perms.can_acknowledge(actor, filing))
    filing.answer = said(answer, "answer", "备案意见", 500)
    filing.acknowledged_by, filing.acknowledged_at = actor, clock.now()
    filing.save(update_fields=["answer", "acknowledged_by", "acknowledged_at"])
    post = perms.acknowledging_post(actor, filing)
    details = f"{filing.get_body_display()}接收备案{_of(filing.renewal)}"
    trace(settlement.application, Action.ACKNOWLEDGE, actor, post, details, filing.acknowledged_at)
    return filing


@transaction.atomic
def feed_back(*, settlement: CaseByCase, told: Told, actor: User) -> Feedback:
    """The applicant was told the result (LC-4.3b); its day ends the limit."""
    settlement = locked_settlement(settlement)
    require(perms.can_do(actor, settlement, Action.FEED_BACK))
    since = records.determination_of(settlement).at
    return tell(settlement=settlement, renewal=0, since=since, told=told, actor=actor)


def tell(*, settlement: CaseByCase, renewal: int, since: datetime, told: Told, actor: User) -> Feedback:
    """The feedback itself, on what was determined at `since`, by somebody who may, the settlement locked."""
    now = clock.now()
    if not timezone.localdate(since) <= told.told_on <= timezone.localdate(now):
        raise Refused("告知日期须在认定之后、不晚于今天。", field="told_on")
    feedback = Feedback.objects.create(
        settlement=settlement,
        renewal=renewal,
        told_on=told.told_on,
        way=told.way,
        note=told.note.strip()[:500],
        by=actor,
        at=now,
    )
    end_deadlines(application=settlement.application, limits=(FEEDBACK,), at=max(since, _noon(told)))
    details = f"{told.told_on} {feedback.get_way_display()}结果{_of(renewal)}"
    trace(settlement.application, Action.FEED_BACK, actor, Post.HANDLER, details, now)
    return feedback


def _of(renewal: int) -> str:
    return f"（第 {renewal} 次续期）" if renewal else ""


def _noon(told: Told) -> datetime:
    """Only the day is known; limits end at the close of a day, so any hour of it will do."""
    return timezone.make_aware(datetime.combine(told.told_on, datetime.min.time())) + timedelta(hours=12)


def validity_of(application: Application, confirmed_on: date) -> date | None:
    """The last day on which a settlement confirmed on the day holds (LC-4.4b); None where it has no end.

    一年: until the day before the same day a year later. One-off aid is given once and has nothing to lapse.
    """
    book = RuleBook(application.township, confirmed_on)
    if application.programme == Programme.LINSHI or not book.has(_VALIDITY):
        return None
    first = clock.add_months(confirmed_on, book.period(_VALIDITY).amount)
    last = clock.next_month(first) - timedelta(days=1)
    return first.replace(day=min(confirmed_on.day, last.day)) - timedelta(days=1)


def end_of_benefit(valid_until: date | None) -> date | None:
    """The month from which nothing is given: that after the validity, never earlier (LC-4.4b)."""
    return None if valid_until is None else clock.next_month(valid_until)


def confirm(*, settlement: CaseByCase, actor: User, at: datetime) -> CaseByCase:
    """The township has confirmed: from now on it holds, for as long as the rules say. Called by `approve`."""
    application = settlement.application
    settlement.confirmed_on = timezone.localdate(at)
    settlement.valid_until = validity_of(application, settlement.confirmed_on)
    settlement.save(update_fields=["confirmed_on", "valid_until"])
    until = f"，有效期至 {settlement.valid_until}" if settlement.valid_until else ""
    trace(application, Action.CONFIRM, actor, Post.APPROVER, f"街镇确认{until}", at)
    return settlement


@transaction.atomic
def recheck(
    *, settlement: CaseByCase, checked_on: date, finding: str, still_applies: bool, actor: User
) -> Recheck:
    """A visit to see whether the circumstance still applies (DT-4.4)."""
    settlement = locked_settlement(settlement)
    require(perms.can_do(actor, settlement, Action.RECHECK))
    if not settlement.confirmed_on <= checked_on <= clock.today():
        raise Refused("走访日期须在确认之后、不晚于今天。", field="checked_on")
    if settlement.rechecks.filter(checked_on=checked_on).exists():
        raise Refused("当天已登记过复核走访。", field="checked_on")
    now = clock.now()
    found = Recheck.objects.create(
        settlement=settlement,
        checked_on=checked_on,
        finding=said(finding, "finding", "走访情况", 2000),
        still_applies=still_applies,
        by=actor,
        at=now,
    )
    result = "情形仍然存在" if still_applies else "情形已不存在，应办理待遇变更"
    trace(
        settlement.application, Action.RECHECK, actor, Post.HANDLER, f"{checked_on} 复核走访：{result}", now
    )
    return found
