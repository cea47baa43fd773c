"""The working-day calendar as it stands in the database."""

from datetime import date

from policy.models import CalendarDay, CalendarYear
from policy.working_days import NOVEMBER, Calendar, SpecialDay


def working_calendar() -> Calendar:
    """All loaded years: two queries, about 800 rows. Read it once for a page."""
    special = {
        day: SpecialDay(is_workday, name)
        for day, is_workday, name in CalendarDay.objects.values_list("day", "is_workday", "name")
    }
    return Calendar(special, frozenset(CalendarYear.objects.values_list("year", flat=True)))


def calendar_years(today: date) -> list[tuple[int, str]]:
    """(year, source) newest first; no source for a year that should be loaded by now."""
    loaded = dict(CalendarYear.objects.values_list("year", "source"))
    return sorted((loaded | dict.fromkeys(missing_calendar_years(today), "")).items(), reverse=True)


def missing_calendar_years(today: date) -> list[int]:
    """The years whose days off should be loaded by now: this one, and from November on the next."""
    wanted = [today.year] + ([today.year + 1] if today.month >= NOVEMBER else [])
    loaded = set(CalendarYear.objects.filter(year__in=wanted).values_list("year", flat=True))
    return [year for year in wanted if year not in loaded]
