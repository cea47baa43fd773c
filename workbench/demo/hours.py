"""The hours in which an office of the demo works."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from policy.deadlines import SHANGHAI
from policy.working_days import Calendar


@dataclass(slots=True)
class Clock:
    """Walks forward through office hours: each step on a later working day or later the same day."""

    calendar: Calendar
    moment: datetime

    def later(self, *, days: int = 0, minutes: int = 35) -> datetime:
        day = self.moment.date()
        for _ in range(days):
            day = self.calendar.working_day_on_or_after(day + timedelta(days=1))
        moment = datetime.combine(day, self.moment.time(), SHANGHAI) + timedelta(minutes=minutes)
        if moment.time() > time(16, 40):
            day = self.calendar.working_day_on_or_after(day + timedelta(days=1))
            moment = datetime.combine(day, time(9, 5), SHANGHAI)
        self.moment = moment
        return moment
