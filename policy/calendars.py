"""The working-day calendar as it stands in the database."""

from policy.models import CalendarDay, CalendarYear
from policy.working_days import Calendar, SpecialDay


def working_calendar() -> Calendar:
    """All loaded years: two queries, about 700 rows."""
    special = {
        day: SpecialDay(is_workday, name)
        for day, is_workday, name in CalendarDay.objects.values_list("day", "is_workday", "name")
    }
    return Calendar(special, frozenset(CalendarYear.objects.values_list("year", flat=True)))
