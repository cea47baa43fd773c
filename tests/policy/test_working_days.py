"""The calendar against its oracle, and pure counting."""

from datetime import date, datetime, timedelta

import chinese_calendar
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from policy.calendar_loading import load_calendar, package_days
from policy.calendars import missing_calendar_years, working_calendar
from policy.deadlines import SHANGHAI, count, remaining
from policy.models import CalendarDay, CalendarYear
from policy.rules import Period
from policy.working_days import ONE_DAY, Calendar, SpecialDay
from tests.policy.conftest import LOADED_AT

FIRST, LAST = date(2004, 1, 1), date(2026, 12, 31)
PURE = Calendar(
    {day: SpecialDay(*values) for day, values in package_days().items()}, frozenset(range(2004, 2027))
)
EVERY_DAY = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


@pytest.mark.django_db
def test_the_loaded_calendar_equals_the_package_on_every_day(rule_tables) -> None:
    calendar = working_calendar()
    wrong = [day for day in EVERY_DAY if calendar.is_working_day(day) != chinese_calendar.is_workday(day)]
    assert wrong == []
    assert len(EVERY_DAY) == 8401
    assert calendar.official_years == frozenset(range(2004, 2027))


@pytest.mark.django_db
def test_loading_the_calendar_again_changes_nothing(rule_tables) -> None:
    before = CalendarDay.objects.count(), CalendarYear.objects.count()
    assert load_calendar(now=LOADED_AT) == 0
    assert (CalendarDay.objects.count(), CalendarYear.objects.count()) == before


@pytest.mark.django_db
def test_the_calendar_is_read_by_two_queries(rule_tables) -> None:
    with CaptureQueriesContext(connection) as captured:
        working_calendar()
    assert len(captured) == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 10, 31), []),
        (date(2026, 11, 1), [2027]),
        (date(2025, 12, 31), []),
        (date(2027, 3, 1), [2027]),
        (date(2027, 11, 1), [2027, 2028]),
    ],
)
def test_a_missing_year_is_an_alarm_from_november_on(rule_tables, today: date, missing: list[int]) -> None:
    assert missing_calendar_years(today) == missing


def test_every_working_day_count_equals_the_package() -> None:
    """All 8,401 starts, 20 working days on: our count against a plain walk over the package's answers."""
    works = {day for day in EVERY_DAY if chinese_calendar.is_workday(day)}
    following = sorted(works)
    place = 0
    for day in EVERY_DAY:
        while place < len(following) and following[place] <= day:
            place += 1
        if place + 19 >= len(following):
            break
        span = count(Period(20, "wd"), datetime(day.year, day.month, day.day, 12, tzinfo=SHANGHAI), PURE)
        assert (span.first_day, span.due_at.date()) == (following[place], following[place + 19])


@pytest.mark.clause("MFD-200")
def test_every_calendar_day_count_equals_the_package() -> None:
    for day in EVERY_DAY[:-60]:
        span = count(Period(20, "cd"), datetime(day.year, day.month, day.day, tzinfo=SHANGHAI), PURE)
        expected = day + timedelta(days=20)
        while not chinese_calendar.is_workday(expected):
            expected += ONE_DAY
        assert span.due_at.date() == expected


@pytest.mark.clause("MFD-200")
@pytest.mark.clause("MFD-202")
@pytest.mark.parametrize(
    ("start", "months", "due"),
    [
        ("2023-01-15T09:00", 1, date(2023, 2, 15)),
        ("2023-01-31T09:00", 1, date(2023, 2, 28)),
        ("2024-01-31T09:00", 1, date(2024, 2, 29)),
        ("2023-03-31T09:00", 1, date(2023, 5, 4)),  # 30 April lies in the Labour Day holiday
        ("2023-12-31T09:00", 1, date(2024, 1, 31)),
        ("2023-08-31T09:00", 6, date(2024, 2, 29)),
        ("2023-11-30T09:00", 3, date(2024, 2, 29)),
        ("2024-02-29T09:00", 12, date(2025, 2, 28)),
        ("2023-05-06T09:00", 1, date(2023, 6, 6)),
        ("2023-08-07T09:00", 2, date(2023, 10, 7)),  # a Saturday that is worked
        ("2022-12-01T09:00", 1, date(2023, 1, 3)),
    ],
)
def test_months_end_on_the_corresponding_day(start: str, months: int, due: date) -> None:
    span = count(Period(months, "mo"), at(start), PURE)
    assert span.due_at == datetime(due.year, due.month, due.day, 23, 59, 59, tzinfo=SHANGHAI)


@given(
    start=st.datetimes(min_value=datetime(2004, 1, 1), max_value=datetime(2026, 6, 30)),  # noqa: DTZ001
    later=st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=40)),
    amount=st.integers(1, 45),
    unit=st.sampled_from(["wd", "cd", "h", "mo"]),
)
def test_a_later_event_is_never_due_earlier(
    start: datetime, later: timedelta, amount: int, unit: str
) -> None:
    amount = min(amount, 3) if unit == "mo" else amount
    first = count(Period(amount, unit), start.replace(tzinfo=SHANGHAI), PURE)
    second = count(Period(amount, unit), (start + later).replace(tzinfo=SHANGHAI), PURE)
    assert start.replace(tzinfo=SHANGHAI) < first.due_at <= second.due_at


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2023, 2, 10), date(2023, 2, 10)),
        (date(2023, 6, 10), date(2023, 6, 9)),  # Saturday
        (date(2023, 9, 10), date(2023, 9, 8)),  # Sunday
        (date(2024, 2, 10), date(2024, 2, 9)),  # first day of the Spring Festival holiday
        (date(2026, 10, 10), date(2026, 10, 10)),  # a Saturday that is worked
        (date(2010, 10, 10), date(2010, 10, 9)),
    ],
)
def test_payments_are_due_by_the_tenth_or_the_working_day_before(day: date, due: date) -> None:
    assert PURE.working_day_on_or_before(day) == due


@pytest.mark.parametrize(
    ("now", "due", "answer"),
    [
        ("2023-02-16T09:00", "2023-02-21T23:59:59", ("info", "还剩 3 个工作日")),
        ("2023-02-17T09:00", "2023-02-21T23:59:59", ("soon", "还剩 2 个工作日")),
        ("2023-02-20T00:00", "2023-02-21T23:59:59", ("soon", "还剩 1 个工作日")),
        ("2023-02-21T00:00", "2023-02-21T23:59:59", ("soon", "今天 24:00 到期")),
        ("2023-02-21T23:59:59", "2023-02-21T23:59:59", ("soon", "今天 24:00 到期")),
        ("2023-02-22T00:00", "2023-02-21T23:59:59", ("late", "已逾期 1 天")),
        ("2023-02-25T10:00", "2023-02-21T23:59:59", ("late", "已逾期 4 天")),
        ("2023-02-17T09:00", "2023-02-17T18:30:00", ("soon", "今天 18:30 到期")),
        ("2023-02-17T19:00", "2023-02-17T18:30:00", ("late", "今天 18:30 已到期")),
        ("2023-02-17T19:00", "2023-02-18T18:30:00", ("soon", "2 月 18 日 18:30 到期")),
        ("2023-01-20T09:00", "2023-01-30T23:59:59", ("info", "还剩 3 个工作日")),
    ],
)
def test_what_remains_is_said_in_working_days(now: str, due: str, answer: tuple[str, str]) -> None:
    assert remaining(PURE, at(due), at(now)) == answer


def test_an_unknown_year_counts_weekends_and_fixed_holidays() -> None:
    rest = {day for day in (date(2027, 1, 1) + timedelta(days=n) for n in range(365)) if PURE.rest_name(day)}
    weekdays_off = sorted(day for day in rest if day.weekday() < 5)
    assert weekdays_off == [date(2027, 1, 1), date(2027, 10, 1)]
    assert PURE.rest_name(date(2027, 2, 8)) == "", "the Spring Festival has no fixed date"


@pytest.mark.parametrize(
    ("day", "name"),
    [
        (date(2029, 1, 1), "元旦"),
        (date(2028, 5, 1), "劳动节"),
        (date(2028, 5, 2), "劳动节"),
        (date(2029, 10, 1), "国庆节"),
        (date(2029, 10, 2), "国庆节"),
        (date(2029, 10, 3), "国庆节"),
        (date(2029, 10, 4), ""),
        (date(2028, 4, 29), "周末"),
    ],
)
def test_the_holidays_of_fixed_date_are_named(day: date, name: str) -> None:
    """全国年节及纪念日放假办法 as amended from 2025: all but the last one fall on weekdays."""
    assert PURE.rest_name(day) == name
