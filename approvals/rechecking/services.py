"""Recording a re-check with its calculation, and what the township determined on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from approvals.changing.assessing import assess_found
from approvals.changing.declarations import ChangeEntry
from approvals.changing.enums import ChangeKind, Reason
from approvals.enums import Outcome
from approvals.rechecking import perms, records
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.settling.declarations import MeetingEntry
from approvals.settling.services import validity_of
from approvals.settling.services.shared import require, said
from common import clock
from common.errors import Refused
from organisations.models import User
from payments.models import Benefit
from payments.perms import can_propose_change


@dataclass(frozen=True, slots=True)
class RecheckEntry:
    """What the check of a household in benefit found; `deposits` in yuan."""

    checked_on: date
    report_number: str
    deposits: Decimal
    finding: str


@transaction.atomic
def recheck_benefit(*, benefit: Benefit, entry: RecheckEntry, actor: User) -> EconomicRecheck:
    """Test the means of a benefit in force by the rules of today, with purpose “recheck” (LC-3.4)."""
    rows = Benefit.objects.select_related("application__household", "township", "village", "county")
    benefit = rows.select_for_update(of=("self",)).get(pk=benefit.pk)
    require(can_propose_change(actor, benefit))
    today = clock.today()
    if entry.checked_on > today:
        raise Refused("核对日期不能晚于今天。", field="checked_on")
    current = benefit.revisions.filter(valid_to__isnull=True).first()
    found = ChangeEntry(ChangeKind.STOP, Reason.PROPERTY, "", deposits=entry.deposits)
    assessment = assess_found(benefit, current, found, today)
    return EconomicRecheck.objects.create(
        application=benefit.application,
        benefit=benefit,
        county=benefit.county,
        township=benefit.township,
        village=benefit.village,
        checked_on=entry.checked_on,
        report_number=said(entry.report_number, "report_number", "核对报告编号", 60),
        deposits=entry.deposits,
        finding=said(entry.finding, "finding", "复核情况", 2000),
        result=assessment.outcome,
        lines=[line.as_json() for line in assessment.lines],
        rule_ids=list(assessment.rule_ids),
        recorded_by=actor,
        recorded_at=clock.now(),
    )


@transaction.atomic
def determine_keeping(
    *, recheck: EconomicRecheck, outcome: Outcome, meeting: MeetingEntry, actor: User
) -> Keeping:
    """Keep what the township's meeting determined: the benefit goes on for the validity of 一事一议, or not.

    Refused without the appraisal, and against its vote.
    """
    Benefit.objects.select_for_update(of=("self",)).get(pk=recheck.benefit_id)
    require(perms.can_determine(actor, recheck))
    appraisal, now = records.appraisal_for(recheck), clock.now()
    if outcome == Outcome.APPROVED and not appraisal.passed:
        raise Refused("民主评议未通过，只能认定不同意。", field="outcome")
    if not appraisal.held_at <= meeting.held_at <= now:
        raise Refused("会议时间须在民主评议之后、不晚于现在。", field="held_at")
    return Keeping.objects.create(
        recheck=recheck,
        appraisal=appraisal,
        outcome=outcome,
        valid_until=_validity(recheck, outcome, now),
        held_at=meeting.held_at,
        place=said(meeting.place, "place", "会议地点", 100),
        chair=said(meeting.chair, "chair", "主持人", 60),
        attendees=said(meeting.attendees, "attendees", "参加人员", 1000),
        minutes=said(meeting.minutes, "minutes", "会议记录", 4000),
        by=actor,
        at=now,
    )


def _validity(recheck: EconomicRecheck, outcome: Outcome, at: datetime) -> date | None:
    if outcome != Outcome.APPROVED:
        return None
    return validity_of(recheck.application, timezone.localdate(at))
