"""The limits of a relief in the words of the screen: the first in hours, the second in working days."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from approvals.queries.limits import DeadlineView
from approvals.relief.enums import LimitStep
from approvals.relief.models import EmergencyRelief, ReliefLimit
from cases.models import Application
from common import clock
from policy.calendars import working_calendar
from policy.deadlines import remaining
from policy.working_days import Calendar

# From how few hours on the 24 are marked.
SOON_HOURS = 6


def hours_left(due_at: datetime, now: datetime) -> tuple[str, str]:
    """(badge level, words): 还剩 5 小时 20 分, 已超 2 小时 5 分."""
    late = now > due_at
    minutes = int(abs(due_at - now).total_seconds()) // 60
    words = f"{minutes // 60} 小时 {minutes % 60} 分"
    if late:
        return "late", f"已超 {words}"
    return ("soon" if minutes < SOON_HOURS * 60 else "info"), f"还剩 {words}"


def limit_view(limit: ReliefLimit, now: datetime, calendar: Calendar) -> DeadlineView:
    """As `components/_deadline.html` takes it."""
    if limit.ended_at is not None:
        at = f"{timezone.localtime(limit.ended_at):%Y-%m-%d %H:%M}"
        level, words = ("done", f"{at} 完成") if limit.kept else ("late", f"{at} 完成，已逾期")
    elif limit.step == LimitStep.RELIEF:
        level, words = hours_left(limit.due_at, now)
    else:
        level, words = remaining(calendar, limit.due_at, now)
    return DeadlineView(limit.get_step_display(), words, level, limit.why, limit.due_at)


def running_limit(relief: EmergencyRelief) -> ReliefLimit | None:
    """The one that runs now; `limits` may be prefetched."""
    return next((limit for limit in relief.limits.all() if limit.ended_at is None), None)


def limits_of_case(application: Application) -> list[DeadlineView]:
    """What still runs on the relief whose papers the case is, for the case page."""
    running = ReliefLimit.objects.filter(relief__application=application, ended_at__isnull=True)
    now = clock.now()
    return [limit_view(limit, now, working_calendar()) for limit in running]
