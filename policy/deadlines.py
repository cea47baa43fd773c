"""When a step is due, and why then: the counting of 民法典 第200–204条 on the rules of the place.

The day of the event is not counted; hours run from the event itself; months end on the corresponding day or the
last of the month; a period of calendar days or months that ends on a rest day goes on to the next working day;
the last day ends at 24:00, given as 23:59:59.
"""

from __future__ import annotations

import calendar as month_lengths
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from common.errors import Refused
from organisations.models import Area
from policy.calendars import working_calendar
from policy.rules import Period, RuleBook
from policy.steps import STEPS
from policy.working_days import ONE_DAY, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
_LAST_SECOND = time(23, 59, 59)
_UNITS = {"wd": "个工作日", "cd": "天（自然日）", "h": "小时", "mo": "个月"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """Rest days that were not counted, or over which the end moved on."""

    first: date
    last: date
    why: str


@dataclass(frozen=True, slots=True)
class Span:
    """A counted period."""

    first_day: date
    due_at: datetime
    skipped: tuple[Skipped, ...]
    provisional: bool


@dataclass(frozen=True, slots=True)
class Due:
    """A time limit with everything that explains it. `amount` and `unit` are the document's own words."""

    step: str
    label: str
    clause: str
    rule_id: int
    amount: int
    unit: str
    started_at: datetime
    first_day: date
    due_at: datetime
    skipped: tuple[Skipped, ...]
    extended: bool
    provisional: bool

    def why(self) -> list[str]:
        """The sentences that answer “why this date”."""
        return explain(self)


def count(period: Period, start: datetime, calendar: Calendar) -> Span:
    """The period from the event at `start` (aware) by the legal counting."""
    start = start.astimezone(SHANGHAI)
    if period.unit == "h":
        return Span(start.date(), start + timedelta(hours=period.amount), (), False)
    event = start.date()
    if period.unit == "wd":
        first, last = _working_days(period.amount, event, calendar)
        skipped = _rest_days(event + ONE_DAY, last, calendar)
    else:
        first = event + ONE_DAY
        ends = event + ONE_DAY * period.amount if period.unit == "cd" else _months_after(event, period.amount)
        last = calendar.working_day_on_or_after(ends)
        skipped = _rest_days(ends, last, calendar)
    provisional = not all(year in calendar.official_years for year in range(event.year, last.year + 1))
    return Span(first, datetime.combine(last, _LAST_SECOND, SHANGHAI), skipped, provisional)


def _working_days(amount: int, event: date, calendar: Calendar) -> tuple[date, date]:
    first = last = calendar.working_day_on_or_after(event + ONE_DAY)
    for _ in range(amount - 1):
        last = calendar.working_day_on_or_after(last + ONE_DAY)
    return first, last


def _months_after(event: date, months: int) -> date:
    index = event.year * 12 + event.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(event.day, month_lengths.monthrange(year, month)[1]))


def _rest_days(first: date, last: date, calendar: Calendar) -> tuple[Skipped, ...]:
    """The rest days in `[first, last]`, neighbours with the same reason as one."""
    found: list[Skipped] = []
    day = first
    while day <= last:
        why = calendar.rest_name(day)
        if why and found and found[-1].why == why and found[-1].last == day - ONE_DAY:
            found[-1] = Skipped(found[-1].first, day, why)
        elif why:
            found.append(Skipped(day, day, why))
        day += ONE_DAY
    return tuple(found)


def due_for(
    *,
    area: Area,
    programme: str,
    step: str,
    start: datetime,
    check_days: int | None = None,
    extended: bool = False,
    calendar: Calendar | None = None,
    rules_on: date | None = None,
) -> Due:
    """The time limit of a step by the rules of `rules_on`, else of the day on which it began.

    An application follows the rules of the day of its receipt, whenever a step of it begins (SY-0.1).
    `check_days`: how many calendar days the economic check took, where an extension asks for it.
    NoRuleInForce when the place has no such limit; Refused with the clause when no rule allows the extension.
    """
    book = RuleBook(area, rules_on or start.astimezone(SHANGHAI).date())
    key = f"deadline.{programme}.{step}"
    rule = book.rule(key)
    if extended:
        rule = _extension(book, key, check_days)
    period = Period.parse(rule.value)
    span = count(period, start, calendar or working_calendar())
    return Due(
        step,
        STEPS[step],
        rule.clause_id or "",
        rule.pk,
        period.amount,
        period.unit,
        start.astimezone(SHANGHAI),
        span.first_day,
        span.due_at,
        span.skipped,
        extended,
        span.provisional,
    )


def _extension(book: RuleBook, key: str, check_days: int | None):
    if not book.has(f"{key}.extended"):
        raise Refused("没有规则允许延长这一时限。", field="extended", clause=book.rule(key).clause_id or "")
    longer = book.rule(f"{key}.extended")
    condition = f"{key}.extended.check_days_over"
    if book.has(condition) and (check_days is None or check_days <= book.integer(condition)):
        took = "未说明核对用时" if check_days is None else f"核对用时 {check_days} 天"
        raise Refused(
            f"{took}，未超过 {book.integer(condition)} 天，不符合延长条件。",
            field="check_days",
            clause=longer.clause_id or "",
        )
    return longer


def _day(day: date) -> str:
    return f"{day.month} 月 {day.day} 日"


def explain(due: Due) -> list[str]:
    """The sentences behind the date, for the screen and the trace."""
    start = due.started_at
    if due.unit == "h":
        return [f"{_day(start.date())} {start:%H:%M} 起算，{due.amount} 小时连续计算，不因夜间和节假日中断。"]
    lines = [
        f"{_day(start.date())}为起算事由发生日，当日不计，{_day(due.first_day)}为第 1 天。",
        f"{due.amount} {_UNITS[due.unit]}，满于 {_day(due.due_at.date())} 24:00。",
    ]
    verb = "不计入" if due.unit == "wd" else "期满日为休息日，顺延"
    for gap in due.skipped:
        span = _day(gap.first) if gap.first == gap.last else f"{_day(gap.first)}至{_day(gap.last)}"
        lines.append(f"{span}：{gap.why}，{verb}。")
    if due.extended:
        lines.append("已依规延长。")
    if due.provisional:
        lines.append("跨入尚未公布放假安排的年份，待国务院节假日安排公布后复算。")
    return lines


def remaining(calendar: Calendar, due_at: datetime, now: datetime) -> tuple[str, str]:
    """(badge level, words) of a running limit: 已逾期 1 天, 今天 24:00 到期, 还剩 3 个工作日."""
    due_at, now = due_at.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    due, today = due_at.date(), now.date()
    if now > due_at:
        return "late", f"已逾期 {max((today - due).days, 1)} 天"
    if due == today:
        moment = "24:00" if due_at.time() == _LAST_SECOND else f"{due_at:%H:%M}"
        return "soon", f"今天 {moment} 到期"
    left = calendar.working_days_between(today + ONE_DAY, due)
    return ("soon" if left <= 1 else "info"), f"还剩 {left} 个工作日"
