"""Time limits of an application: started, ended, cancelled, extended, recounted. All writes of `Deadline`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Case, Max, Q, Value, When
from django.utils import timezone

from approvals.enums import DeadlineState
from approvals.guards import publicity_ends_at
from approvals.models import Deadline, Step
from approvals.perms import can_extend
from approvals.workflow import EXTEND, EXTEND_LABEL, TimeLimit, Transition
from cases.models import Application, CheckReport
from cases.queries import rule_day
from common import clock
from common.errors import Refused
from organisations.enums import Post
from organisations.models import User
from policy.calendars import working_calendar
from policy.deadlines import Due, count, due_for
from policy.rules import NoRuleInForce, Period
from policy.working_days import Calendar
from publicity.enums import ClosingReason


def _end_of_notice(application: Application, now: datetime) -> datetime:
    """When the last notice ended: its printed end, or later when an objection was still being answered."""
    notice = (
        application.notices.of_grants().filter(closed_because=ClosingReason.EXPIRED).order_by("-pk").first()
    )
    if notice is None:
        return now
    ended = publicity_ends_at(application, notice)
    return min(now, max(ended, notice.objections.aggregate(at=Max("handled_at"))["at"] or ended))


# From when a limit counts, by the name that the transition table gives it.
BEGINNINGS: dict[str, Callable[[Application, datetime], datetime]] = {
    "move": lambda application, now: now,
    "receipt": lambda application, now: application.received_at or now,
    "end_of_notice": _end_of_notice,
}


def find_due(
    application: Application,
    step: str,
    start: datetime,
    calendar: Calendar,
    *,
    check_days: int | None = None,
    extended: bool = False,
    programme: str = "",
    rules_on: date | None = None,
) -> Due:
    """The limit by the rules of the township on the day of receipt (SY-0.1), or on `rules_on`.

    `programme`: whose rules, the application's own unless it says `case_by_case`.
    """
    return due_for(
        area=application.township,
        programme=programme or application.programme,
        step=step,
        start=start,
        check_days=check_days,
        extended=extended,
        calendar=calendar,
        rules_on=rules_on or rule_day(application),
    )


def _values(due: Due) -> dict:
    """The columns that come out of the count."""
    skipped = [{name: _plain(value) for name, value in asdict(gap).items()} for gap in due.skipped]
    return {
        "rule_id": due.rule_id,
        "clause": due.clause,
        "first_day": due.first_day,
        "due_at": due.due_at,
        "why": due.why(),
        "skipped": skipped,
        "provisional": due.provisional,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def start_deadlines(
    *, application: Application, limits: Iterable[TimeLimit], now: datetime
) -> list[Deadline]:
    """Start what the place has a rule for; only a required limit without a rule is an error."""
    limits = [limit for limit in limits if limit.channel in {"", application.channel}]
    if not limits:
        return []
    calendar = working_calendar()
    started = []
    for limit in limits:
        start = BEGINNINGS[limit.since](application, now)
        try:
            due = find_due(
                application,
                limit.step,
                start,
                calendar,
                programme=limit.programme,
                rules_on=timezone.localdate(start) if limit.of_its_own_day else None,
            )
        except NoRuleInForce:
            if limit.required:
                raise
            continue
        started.append(
            Deadline(
                application=application,
                county_id=application.county_id,
                township_id=application.township_id,
                village_id=application.village_id,
                step=limit.step,
                label=due.label,
                investigation_round=application.investigation_round,
                started_at=start,
                minimum=limit.minimum,
                **_values(due),
            )
        )
    return Deadline.objects.bulk_create(started)


def end_deadlines(*, application: Application, limits: Iterable[TimeLimit], at: datetime) -> int:
    """What had to be done is done: kept or missed, by the clock; the number of limits ended."""
    kept = Case(
        When(Q(minimum=True) | Q(due_at__gte=at), then=Value(DeadlineState.MET)),
        default=Value(DeadlineState.MISSED),
    )
    running = _running(application, limits)
    return running.update(state=kept, ended_at=at)


def cancel_deadlines(*, application: Application, limits: Iterable[TimeLimit], at: datetime) -> int:
    """The limits have lost their object (withdrawal, new investigation)."""
    running = _running(application, limits)
    return running.update(state=DeadlineState.CANCELLED, ended_at=at)


def run_clocks(
    *,
    application: Application,
    rule: Transition,
    now: datetime,
    starts: Iterable[TimeLimit] = (),
    since: datetime | None = None,
) -> list[str]:
    """End, cancel and start the time limits of a move; the sentences for its trace.

    `starts`: limits that its effect starts besides; `since`: the instant that they count from, else now.
    """
    if rule.ends:
        end_deadlines(application=application, limits=rule.ends, at=now)
    if rule.cancels:
        cancel_deadlines(application=application, limits=rule.cancels, at=now)
    started = start_deadlines(application=application, limits=[*rule.starts, *starts], now=since or now)
    return [_say_started(deadline) for deadline in started]


def _say_started(deadline: Deadline) -> str:
    clause = f"（{deadline.clause}）" if deadline.clause else ""
    return f"{deadline.label}期限至 {show_day(deadline.due_at)}{clause}"


def _running(application: Application, limits: Iterable[TimeLimit]):
    steps = [limit.step for limit in limits]
    return Deadline.objects.filter(application=application, step__in=steps, state=DeadlineState.RUNNING)


def check_days(application: Application, now: datetime) -> int | None:
    """How many calendar days the economic check has taken: from the day of entrusting to that of the report.

    The report counts from the day it was issued, at the latest when it was entered; without one the check
    still runs. None before it is entrusted.
    """
    check = application.checks.order_by("-investigation_round").first()
    if check is None:
        return None
    begun = timezone.localdate(check.entrusted_at)
    report = CheckReport.objects.filter(check_entrusted=check).first()
    if report is None:
        return (timezone.localdate(now) - begun).days
    return max((min(report.issued_on, timezone.localdate(report.recorded_at)) - begun).days, 0)


@transaction.atomic
def extend_deadline(*, deadline: Deadline, actor: User, reason: str) -> Deadline:
    """Extend a running limit where a rule of the place allows it (DT-1.2, SY-4.2b), with a step in the trace.

    How long the check took is counted from the record, not asked. Refused with the clause otherwise.
    """
    now = clock.now()
    applications = Application.objects.with_place().select_for_update(of=("self",))
    application = applications.get(pk=deadline.application_id)
    deadline = Deadline.objects.select_for_update(of=("self",)).get(pk=deadline.pk)
    deadline.application = application
    if not (verdict := can_extend(deadline, actor, now)):
        raise Refused(verdict.reason)
    reason = reason.strip()
    if not reason:
        raise Refused("请填写延长理由。", field="opinion")
    due = extended_due(deadline, now)
    before = deadline.due_at
    if due.due_at <= before:
        raise Refused("延长后的期限不晚于原期限，无须延长。")
    for name, value in _values(due).items():
        setattr(deadline, name, value)
    deadline.original_due_at = before
    deadline.extension_reason = reason
    deadline.extended_by = actor
    deadline.reminded_at = None
    deadline.save()
    Step.objects.create(
        stream=f"application:{application.pk}",
        application=application,
        transition=EXTEND,
        label=EXTEND_LABEL,
        from_state=application.state,
        to_state=application.state,
        post=Post.APPROVER,
        actor=actor,
        opinion=reason,
        details={
            "changes": [
                f"{deadline.label}期限由 {show_day(before)} 延长至 {show_day(due.due_at)}（{due.clause}）"
            ]
        },
        at=now,
    )
    return deadline


def extended_due(deadline: Deadline, now: datetime) -> Due:
    """What the limit would be if extended; Refused with the clause when no rule allows it."""
    application = deadline.application
    return find_due(
        application,
        deadline.step,
        deadline.started_at,
        working_calendar(),
        check_days=check_days(application, now),
        extended=True,
    )


def show_day(instant: datetime) -> str:
    """`2026-03-08`, the local day."""
    return timezone.localdate(instant).isoformat()


@transaction.atomic
def recount(*, deadline: Deadline, calendar: Calendar) -> bool:
    """Count a provisional limit again on the calendar as it is now; whether anything changed.

    It stays on the rule it was started or extended by.
    """
    deadline = Deadline.objects.select_for_update(of=("self",)).select_related("rule").get(pk=deadline.pk)
    if deadline.state != DeadlineState.RUNNING or not deadline.provisional:
        return False
    values = _values(_recounted(deadline, calendar))
    changed = {name: value for name, value in values.items() if getattr(deadline, name) != value}
    if not changed:
        return False
    if "due_at" in changed:
        # A new date deserves its own reminder, and is late only by its own reckoning.
        changed |= {"reminded_at": None, "overdue_at": None}
    for name, value in changed.items():
        setattr(deadline, name, value)
    deadline.save(update_fields=list(changed))
    return True


def _recounted(deadline: Deadline, calendar: Calendar) -> Due:
    period = Period.of(deadline.rule)
    span = count(period, deadline.started_at, calendar)
    return Due(
        step=deadline.step,
        label=deadline.label,
        clause=deadline.clause,
        rule_id=deadline.rule_id,
        amount=period.amount,
        unit=period.unit,
        started_at=timezone.localtime(deadline.started_at),
        first_day=span.first_day,
        due_at=span.due_at,
        skipped=span.skipped,
        extended=deadline.original_due_at is not None,
        provisional=span.provisional,
    )
