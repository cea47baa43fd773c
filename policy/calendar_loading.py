"""Fills the working-day calendar from the chinesecalendar package, which knows the State Council notices.

Only days that depart from the plain week are kept: holidays (Saturdays and Sundays inside one included) and
weekend days that are worked (调休). A year that an office has loaded by hand is left alone.
"""

from __future__ import annotations

from datetime import date, datetime

from chinese_calendar import constants
from django.db import transaction

from policy.models import CalendarDay, CalendarYear

_NAMES = {
    "new_years_day": "元旦",
    "spring_festival": "春节",
    "tomb_sweeping_day": "清明节",
    "labour_day": "劳动节",
    "dragon_boat_festival": "端午节",
    "national_day": "国庆节",
    "mid_autumn_festival": "中秋节",
    "anti_fascist_70th_day": "抗战胜利纪念日",
}
WORKED = "调休上班"
SOURCE = "国务院办公厅节假日安排（chinesecalendar 软件包）"


@transaction.atomic
def load_calendar(*, now: datetime) -> int:
    """Insert every year of the package that is not loaded; how many days were written."""
    special = package_days()
    years = {day.year for day in special} - set(CalendarYear.objects.values_list("year", flat=True))
    CalendarYear.objects.bulk_create(
        [CalendarYear(year=year, source=SOURCE, loaded_at=now) for year in sorted(years)]
    )
    rows = [
        CalendarDay(day=day, year_id=day.year, is_workday=is_workday, name=name)
        for day, (is_workday, name) in sorted(special.items())
        if day.year in years
    ]
    CalendarDay.objects.bulk_create(rows)
    return len(rows)


def package_days() -> dict[date, tuple[bool, str]]:
    """Day -> (worked?, name) as the package has it."""
    names = {member.value: _NAMES[member.name] for member in constants.Holiday}
    off = {day: (False, names[name]) for day, name in constants.holidays.items()}
    return off | {day: (True, WORKED) for day in constants.workdays}
