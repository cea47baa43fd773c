"""How a day by which money must have been paid reads."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from common import clock

SOON_DAYS = 3


def end_of(day: date) -> datetime:
    """The last second of a day in Beijing."""
    return timezone.make_aware(datetime.combine(day, time(23, 59, 59)))


def deadline_words(due_on: date) -> tuple[str, str]:
    """Level and words for a day on which money must have been paid."""
    left = (due_on - clock.today()).days
    if left < 0:
        return "late", f"已逾期 {-left} 天"
    if left == 0:
        return "soon", "今天到期"
    return ("soon" if left <= SOON_DAYS else "info"), f"还剩 {left} 天"
