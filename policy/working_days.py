"""Working days of the State Council calendar, as pure functions on a frozen calendar.

A year whose arrangement is not loaded counts weekends and the holidays of fixed date only; whatever reaches
into it is provisional (「待国务院节假日安排公布后复算」).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
_FIXED_HOLIDAYS = {
    (1, 1): "元旦",
    (5, 1): "劳动节",
    # 全国年节及纪念日放假办法 as amended from 2025-01-01; only years after the loaded ones ask this table.
    (5, 2): "劳动节",
    (10, 1): "国庆节",
    (10, 2): "国庆节",
    (10, 3): "国庆节",
}
NOVEMBER = 11


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that departs from the plain week: off, or a weekend day that is worked."""

    is_workday: bool
    name: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """The days that depart from the plain week, and the years that are officially known."""

    special: Mapping[date, SpecialDay]
    official_years: frozenset[int]

    def is_official(self, day: date) -> bool:
        return day.year in self.official_years

    def rest_name(self, day: date) -> str:
        """Why nobody works on `day` (周末, 春节 …); empty for a working day."""
        special = self.special.get(day)
        if special is not None:
            return "" if special.is_workday else special.name
        if not self.is_official(day) and (day.month, day.day) in _FIXED_HOLIDAYS:
            return _FIXED_HOLIDAYS[day.month, day.day]
        return "周末" if day.weekday() >= 5 else ""

    def is_working_day(self, day: date) -> bool:
        return not self.rest_name(day)

    def working_day_on_or_after(self, day: date) -> date:
        while not self.is_working_day(day):
            day += ONE_DAY
        return day

    def working_day_on_or_before(self, day: date) -> date:
        """For payments: due by the 10th, or before it where the 10th is a rest day."""
        while not self.is_working_day(day):
            day -= ONE_DAY
        return day

    def working_days_between(self, first: date, last: date) -> int:
        """How many working days lie in `[first, last]`."""
        days = ((first + ONE_DAY * n) for n in range((last - first).days + 1))
        return sum(self.is_working_day(day) for day in days)
