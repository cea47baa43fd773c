"""The one source of time for services and views; rules get their date as an argument."""

from datetime import date, datetime

from django.utils import timezone


def now() -> datetime:
    """This instant, aware."""
    return timezone.now()


def today() -> date:
    """The calendar day in Asia/Shanghai."""
    return timezone.localdate()


def month_of(day: date) -> date:
    """The first day of the month that `day` lies in: months are stored so."""
    return day.replace(day=1)


def add_months(day: date, months: int) -> date:
    """The first day of the month `months` after that of `day` (negative: before)."""
    index = day.year * 12 + day.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def next_month(day: date) -> date:
    """The first day of the following month."""
    return add_months(day, 1)
