"""Recording a re-check with its calculation, and what the township determined on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from approvals.changing.assessing import assess_found, facts_found
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
from payments.models import Benefit, BenefitRevision
from payments.perms import can_propose_change
from policy.household import Facts
from policy.lines import Line


@dataclass(frozen=True, slots=True)
class RecheckEntry:
    """What the check of a household in benefit found; `deposits` in yuan."""

    checked_on: date
    report_number: str
    deposits: Decimal
    finding: str


def locked(benefit: Benefit) -> tuple[Benefit, BenefitRevision | None]:
    """The benefit as it is now, locked until commit, and the amount in force."""
    places = ("village", "township", "county")
    rows = Benefit.objects.select_related(
        *places, "application__household", *(f"application__{place}" for place in places)
    )
    found = rows.select_for_update(of=("self",)).get(pk=benefit.pk)
    return found, found.revisions.filter(valid_to__isnull=True).first()


def as_it_is_now(recheck: EconomicRecheck) -> EconomicRecheck:
    """Read again under the lock: somebody may have determined on it meanwhile."""
    rows = EconomicRecheck.objects.select_related("application", "benefit", "village", "township")
    return rows.get(pk=recheck.pk)


def found_by(benefit: Benefit, current: BenefitRevision | None, entry: RecheckEntry) -> Facts:
    """The household as the new report shows it, today."""
    return facts_found(benefit, current, _change(entry), clock.today())


def _change(entry: RecheckEntry) -> ChangeEntry:
    return ChangeEntry(ChangeKind.STOP, Reason.PROPERTY, "", deposits=entry.deposits)


@transaction.atomic
def recheck_benefit(*, benefit: Benefit, entry: RecheckEntry, actor: User) -> EconomicRecheck:
    """Test the means of a benefit in force by the rules of today, with purpose “recheck” (LC-3.4)."""
    benefit, current = locked(benefit)
    require(can_propose_change(actor, benefit))
    assessment = assess_found(benefit, current, _change(entry), clock.today())
    return record(
        benefit, entry, actor, assessment.outcome, assessment.lines, rule_ids=list(assessment.rule_ids)
    )


def record(
    benefit: Benefit, entry: RecheckEntry, actor: User, result: str, lines: tuple[Line, ...], **more
) -> EconomicRecheck:
    """Keep what was found with its calculation. Refused, beside the field, for what cannot have been."""
    if entry.checked_on > clock.today():
        raise Refused("核对日期不能晚于今天。", field="checked_on")
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
        result=result,
        lines=[line.as_json() for line in lines],
        recorded_by=actor,
        recorded_at=clock.now(),
        **more,
    )


@transaction.atomic
def determine_keeping(
    *, recheck: EconomicRecheck, outcome: Outcome, meeting: MeetingEntry, actor: User
) -> Keeping:
    """Keep what the township's meeting determined: the benefit goes on for the validity of 一事一议, or not.

    Refused without the appraisal, and against its vote.
    """
    Benefit.objects.select_for_update(of=("self",)).get(pk=recheck.benefit_id)
    recheck = as_it_is_now(recheck)
    require(perms.can_determine(actor, recheck))
    now = clock.now()
    return Keeping.objects.create(
        recheck=recheck,
        outcome=outcome,
        valid_until=_validity(recheck, outcome, now),
        by=actor,
        at=now,
        **basis(recheck, outcome, meeting, now),
    )


def basis(recheck: EconomicRecheck, outcome: Outcome, meeting: MeetingEntry | None, now: datetime) -> dict:
    """Appraisal and meeting that a determination rests on; Refused against the vote and out of order."""
    appraisal = records.appraisal_for(recheck)
    if outcome == Outcome.APPROVED and appraisal is not None and not appraisal.passed:
        raise Refused("民主评议未通过，只能认定不同意。", field="outcome")
    if meeting is None:
        return {"appraisal": appraisal}
    since = appraisal.held_at if appraisal is not None else recheck.recorded_at
    if not since <= meeting.held_at <= now:
        after = "民主评议" if appraisal is not None else "复核"
        raise Refused(f"会议时间须在{after}之后、不晚于现在。", field="held_at")
    return {
        "appraisal": appraisal,
        "held_at": meeting.held_at,
        "place": said(meeting.place, "place", "会议地点", 100),
        "chair": said(meeting.chair, "chair", "主持人", 60),
        "attendees": said(meeting.attendees, "attendees", "参加人员", 1000),
        "minutes": said(meeting.minutes, "minutes", "会议记录", 4000),
    }


def _validity(recheck: EconomicRecheck, outcome: Outcome, at: datetime) -> date | None:
    if outcome != Outcome.APPROVED:
        return None
    return validity_of(recheck.application, timezone.localdate(at))
