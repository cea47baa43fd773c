"""The one source of time for services and views; rules get their date as an argument."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """This instant, aware."""
    return _pretended.get() or timezone.now()


def today() -> date:
    """The calendar day in Asia/Shanghai."""
    return timezone.localdate(now())


@contextmanager
def pretend(moment: datetime) -> Iterator[None]:
    """Let services believe that it is `moment` (aware): a demo has a past. RuntimeError elsewhere."""
    if not settings.DEMO:
        raise RuntimeError("只有演示环境可以设定业务时间")
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)


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
