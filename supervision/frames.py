"""What a month's sample is drawn from: the cases newly approved in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import DateField, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from approvals.enums import Outcome
from approvals.models import Decision
from approvals.settling.models import CaseByCase
from common.clock import next_month
from organisations.models import Area
from supervision.enums import Frame


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
    """County, frame and month of approvals in the counties from a month on (one query)."""
    rows = Decision.objects.filter(
        outcome=Outcome.APPROVED, at__gte=month_span(month)[0], application__county__in=list(counties)
    )
    found = (
        rows.order_by()
        .annotate(month=TruncMonth("at", output_field=DateField()), settled=_settled())
        .values_list("application__county", "application__programme", "month", "settled")
        .distinct()
    )
    new = set()
    for county, programme, of_month, settled in found:
        new.add((county, programme, of_month))
        if settled:
            new.add((county, Frame.CASE_BY_CASE.value, of_month))
    return new


def _settled() -> Exists:
    """Was the case confirmed by 一事一议?"""
    confirmed = CaseByCase.objects.filter(application=OuterRef("application"), confirmed_on__isnull=False)
    return Exists(confirmed)


def of_frame(rows: QuerySet[Decision], frame: str) -> QuerySet[Decision]:
    """The decisions that belong to a frame: of its programme, or settled by 一事一议 (DT-4.5)."""
    if frame == Frame.CASE_BY_CASE:
        return rows.filter(_settled())
    return rows.filter(application__programme=frame)


def frame_of(county: Area, programme: str, month: date) -> list[FrameRow]:
    """The frame of one county, of a programme or of 一事一议, ascending by number."""
    rows = of_frame(newly_approved(month).filter(application__county=county), programme)
    values = rows.order_by("application__number").values_list(
        "application__number",
        "application__township__name",
        "application_id",
        "application__township_id",
    )
    return [FrameRow(*row) for row in values]
