"""A time limit in the words of the screen: how much is left, and why this date."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from approvals.enums import DeadlineState
from approvals.models import Deadline
from cases.models import Application
from common import clock
from policy.calendars import working_calendar
from policy.deadlines import remaining
from policy.working_days import Calendar


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """As `components/_deadline.html` takes it: `badge` in words, `level` its colour, `why` the sentences."""

    label: str
    badge: str
    level: str
    why: Sequence[str]
    due_at: datetime


def deadline_view(deadline: Deadline, now: datetime, calendar: Calendar) -> DeadlineView:
    """The limit as it stands now; pass one calendar for many."""
    badge, level = _badge(deadline, now, calendar)
    return DeadlineView(deadline.label, badge, level, _why(deadline), deadline.due_at)


def _badge(deadline: Deadline, now: datetime, calendar: Calendar) -> tuple[str, str]:
    if deadline.state == DeadlineState.MET:
        return f"{_day(deadline.ended_at)}{'期满' if deadline.minimum else '完成'}", "done"
    if deadline.state == DeadlineState.MISSED:
        return f"{_day(deadline.ended_at)}完成，已逾期", "late"
    if deadline.state == DeadlineState.CANCELLED:
        return "已终止", "muted"
    if deadline.minimum:
        over = (f"{deadline.label}期已满", "soon")
        return over if now > deadline.due_at else (f"至 {_day(deadline.due_at)}", "info")
    level, words = remaining(calendar, deadline.due_at, now)
    return words, level


def _day(instant: datetime) -> str:
    day = timezone.localdate(instant)
    return f"{day.month} 月 {day.day} 日"


def _why(deadline: Deadline) -> list[str]:
    if not deadline.original_due_at:
        return deadline.why
    return [*deadline.why, f"原期限 {_day(deadline.original_due_at)}，延长理由：{deadline.extension_reason}"]


def deadlines_panel(application: Application, also: Sequence[DeadlineView] = ()) -> dict:
    """Context of `approvals/_deadlines.html`: what runs first by date, then what has ended, latest first.

    `also`: what runs in other parts on account of this case.
    """
    deadlines = list(Deadline.objects.filter(application=application).order_by("due_at", "pk"))
    if not deadlines:
        return {"deadlines_panel": {"running": list(also), "ended": []}}
    now, calendar = clock.now(), working_calendar()
    running = [d for d in deadlines if d.state == DeadlineState.RUNNING]
    ended = [d for d in deadlines if d.state != DeadlineState.RUNNING][::-1]
    return {
        "deadlines_panel": {
            "running": [*also, *(deadline_view(deadline, now, calendar) for deadline in running)],
            "ended": [deadline_view(deadline, now, calendar) for deadline in ended],
        }
    }
