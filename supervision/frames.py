"""What a month's sample is drawn from: the cases newly approved in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import DateField, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from approvals.enums import Outcome
from approvals.models import Decision
from common.clock import next_month
from organisations.models import Area


@dataclass(frozen=True, slots=True)
class FrameRow:
    """One case of a frame: its number, the township that is its stratum, and their keys."""

    number: str
    township: str
    application_id: int
    township_id: int


def month_span(month: date) -> tuple[datetime, datetime]:
    """`[start, end)` of a month as instants in Beijing: a decision at 23:59 on the 31st belongs to it."""
    start, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (month, next_month(month)))
    return start, end


def last_day(month: date) -> date:
    """The day whose rules govern the sample of a month."""
    return next_month(month) - timedelta(days=1)


def newly_approved(month: date) -> QuerySet[Decision]:
    """Approvals decided in the month: 新增对象 of DT-1.3. Decisions never change, so neither does this."""
    start, end = month_span(month)
    return Decision.objects.filter(outcome=Outcome.APPROVED, at__gte=start, at__lt=end)


def new_cases_since(month: date, counties: Iterable[int]) -> set[tuple[int, str, date]]:
    """County, programme and month of approvals in the counties from a month on (one query)."""
    rows = Decision.objects.filter(
        outcome=Outcome.APPROVED, at__gte=month_span(month)[0], application__county__in=list(counties)
    )
    found = rows.order_by().annotate(month=TruncMonth("at", output_field=DateField()))
    return set(found.values_list("application__county", "application__programme", "month").distinct())


def frame_of(county: Area, programme: str, month: date) -> list[FrameRow]:
    """The frame of one county and programme, ascending by number."""
    rows = newly_approved(month).filter(application__county=county, application__programme=programme)
    values = rows.order_by("application__number").values_list(
        "application__number",
        "application__township__name",
        "application_id",
        "application__township_id",
    )
    return [FrameRow(*row) for row in values]
