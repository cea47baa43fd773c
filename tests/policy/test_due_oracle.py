"""Every time limit of the rule tables against a second counting, for every day from 2021 to 2026.

The oracle shares nothing with `policy/`: it looks days up in the published calendar of `chinese_calendar`,
numbers the working days once and counts by their numbers, where the product walks from day to day.
"""

import calendar as months
from bisect import bisect_right
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import chinese_calendar
import pytest

from organisations.models import Area
from policy.calendars import working_calendar
from policy.deadlines import count, due_for
from policy.models import Rule
from policy.rules import Period
from policy.steps import STEPS

pytestmark = pytest.mark.django_db

BEIJING = ZoneInfo("Asia/Shanghai")
STARTS = [
    date(2021, 1, 1) + timedelta(days=n) for n in range((date(2026, 12, 31) - date(2021, 1, 1)).days + 1)
]
# Of 2027 only the week and the holidays of fixed date are known (办法 as amended in 2024).
FIXED_2027 = {date(2027, 1, 1), date(2027, 5, 1), date(2027, 5, 2), *(date(2027, 10, n) for n in (1, 2, 3))}


def _is_worked(day: date) -> bool:
    if day.year <= 2026:
        return chinese_calendar.is_workday(day)
    return day.isoweekday() < 6 and day not in FIXED_2027


WORKED = [
    day
    for n in range(1100 * 3)
    if _is_worked(day := date(2020, 12, 1) + timedelta(days=n)) and day.year < 2028
]


def _next_worked(day: date) -> date:
    """The day itself when it is worked."""
    return WORKED[bisect_right(WORKED, day - timedelta(days=1))]


def _last_day(period: Period, event: date) -> date:
    if period.unit == "wd":
        return WORKED[bisect_right(WORKED, event) + period.amount - 1]
    if period.unit == "cd":
        return _next_worked(event + timedelta(days=period.amount))
    carried, month = divmod(event.month - 1 + period.amount, 12)
    year, month = event.year + carried, month + 1
    return _next_worked(date(year, month, min(event.day, months.monthrange(year, month)[1])))


def oracle(period: Period, start: datetime) -> datetime:
    """When the period ends by 民法典 第200–204条."""
    if period.unit == "h":
        return start + timedelta(hours=period.amount)
    return datetime.combine(_last_day(period, start.date()), time(23, 59, 59), BEIJING)


def _periods() -> set[Period]:
    rules = Rule.objects.filter(key__startswith="deadline.").exclude(key__endswith="check_days_over")
    return {Period.of(rule) for rule in rules}


@pytest.mark.clause("MFD-201")
@pytest.mark.clause("MFD-203")
def test_every_period_of_the_tables_from_every_day(rule_tables) -> None:
    calendar = working_calendar()
    periods = _periods()
    assert {period.unit for period in periods} == {"wd", "cd", "mo", "h"}
    wrong = [
        (period, start)
        for period in periods
        for day in STARTS
        if count(period, start := datetime.combine(day, time(9, 30), BEIJING), calendar).due_at
        != oracle(period, start)
    ]
    assert wrong == []


COUNTIES = ("330302", "330305", "330604", "350802", "410802")


@pytest.mark.parametrize("county", COUNTIES)
def test_every_limit_of_a_district_is_the_rule_counted(county: str, rule_tables) -> None:
    """Key, area, unit and date of each step go together, at the start of each month of three years."""
    area, calendar = Area.objects.get(code=county), working_calendar()
    chain = Area.objects.chain_of(area)
    keys = set(Rule.objects.filter(area__in=chain, key__startswith="deadline.").values_list("key", flat=True))
    limits = sorted(tuple(key.split(".")[1:]) for key in keys if len(key.split(".")) == 3)
    assert {step for _, step in limits} <= set(STEPS)
    for programme, step in limits:
        for month in range(1, 13):
            start = datetime(2024, month, 1, 16, 45, tzinfo=BEIJING)
            due = due_for(area=area, programme=programme, step=step, start=start, calendar=calendar)
            assert due.due_at == oracle(Period(due.amount, due.unit), start), (programme, step, start)
            assert due.why()
