"""When a step is due, and why then: the counting of 民法典 第200–204条 on the rules of the place.

The day of the event is not counted; hours run from the event itself; months end on the corresponding day or
the last of the month; a period of calendar days or months that ends on a rest day goes on to the next working
day; the last day ends at 24:00, given as 23:59:59. How many days were counted is the document's own number:
天 and 工作日 are never converted into each other.
"""

from __future__ import annotations

import calendar as month_lengths
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from common.errors import Refused
from organisations.models import Area
from policy.calendars import working_calendar
from policy.models import Rule
from policy.rules import Period, RuleBook
from policy.steps import STEPS
from policy.working_days import ONE_DAY, Calendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
_LAST_SECOND = time(23, 59, 59)
# From how few working days before the end a limit is marked.
SOON = 2
_UNITS = {"wd": "个工作日", "cd": "天（自然日）", "h": "小时", "mo": "个月"}
# 公示, 陈述申辩 and 公告送达 protect people: they last at least so long, whoever is in a hurry.
MINIMUM_STEPS = frozenset({"publicity", "defence", "recovery_defence", "announcement"})


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

    @property
    def minimum(self) -> bool:
        """A period that nothing may close early, rather than one to be kept below."""
        return self.step in MINIMUM_STEPS

    def why(self) -> list[str]:
        """The sentences that answer “why this date”."""
        return explain(self)

    def as_json(self) -> dict:
        """The answer of `manage.py due` (interfaces.md)."""
        return {
            "step": self.step,
            "clause": self.clause or None,
            "amount": self.amount,
            "unit": self.unit,
            "first_day": self.first_day.isoformat(),
            "due_at": self.due_at.isoformat(),
            "skipped": [
                {"from": gap.first.isoformat(), "to": gap.last.isoformat(), "why": gap.why}
                for gap in self.skipped
            ],
            "extended": self.extended,
            "provisional": self.provisional,
        }


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
    return due_by_rule(rule, step=step, start=start, calendar=calendar, extended=extended)


def due_by_rule(
    rule: Rule, *, step: str, start: datetime, calendar: Calendar | None = None, extended: bool = False
) -> Due:
    """The time limit of a step by this very rule: what was begun by it is counted again by it."""
    period = Period.of(rule)
    span = count(period, start, calendar or working_calendar())
    return Due(
        step,
        STEPS[step].label,
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


def _extension(book: RuleBook, key: str, check_days: int | None) -> Rule:
    """The longer limit, if the place that sets the limit allows it; one of a wider area does not count."""
    limit = book.rule(key)
    if not book.has(f"{key}.extended") or book.rule(f"{key}.extended").area_id != limit.area_id:
        raise Refused("没有规则允许延长这一时限。", field="extended", clause=limit.clause_id or "")
    longer = book.rule(f"{key}.extended")
    condition = f"{key}.extended.check_days_over"
    if book.has(condition) and (check_days is None or check_days <= book.integer(condition)):
        took = "未说明核对用时" if check_days is None else f"核对用时 {check_days} 天"
        raise Refused(
            f"{took}，核对超过 {book.integer(condition)} 天的才可延长。",
            field="check_days",
            clause=longer.clause_id or "",
        )
    return longer


def _day(day: date, beside: date) -> str:
    """`3 月 8 日`, with the year where it is not that of `beside`."""
    return (
        f"{day.month} 月 {day.day} 日"
        if day.year == beside.year
        else f"{day.year} 年 {day.month} 月 {day.day} 日"
    )


def explain(due: Due) -> list[str]:
    """The sentences behind the date, for the screen and the trace."""
    start = due.started_at
    event, basis = start.date(), f"依据 {due.clause}。" if due.clause else ""
    happened = f"{event.year} 年 {_day(event, event)}{STEPS[due.step].event}"
    if due.unit == "h":
        end = f"{_day(due.due_at.date(), event)} {due.due_at:%H:%M}"
        return [
            f"{happened}（{start:%H:%M}），{due.amount} 小时连续计算，夜间和节假日不扣除，至 {end}。{basis}"
        ]
    last = _day(due.due_at.date(), event)
    counted = "" if due.unit == "mo" else f"，{_day(due.first_day, event)}为第 1 天"
    extended = "（已依规延长）" if due.extended else ""
    lines = [
        f"{happened}，当日不计{counted}；{due.amount} {_UNITS[due.unit]}{extended}满于 {last} 24:00。{basis}"
    ]
    for gap in due.skipped:
        span = _day(gap.first, event)
        if gap.first != gap.last:
            span += f"至 {_day(gap.last, event)}"
        lines.append(
            f"{span}为{gap.why}，" + ("不计入。" if due.unit == "wd" else "期满日顺延到其后的第一个工作日。")
        )
    if due.provisional:
        lines.append(
            "期间跨入放假安排尚未公布的年份，暂按周末和固定日期的节日计算，待国务院节假日安排公布后复算。"
        )
    return lines


def remaining(calendar: Calendar, due_at: datetime, now: datetime) -> tuple[str, str]:
    """(badge level, words) of a running limit: 已逾期 1 天, 今天 24:00 到期, 还剩 3 个工作日."""
    due_at, now = due_at.astimezone(SHANGHAI), now.astimezone(SHANGHAI)
    due, today = due_at.date(), now.date()
    if now > due_at:
        days = (today - due).days
        return "late", f"已逾期 {days} 天" if days else f"今天 {due_at:%H:%M} 已到期"
    if due == today:
        moment = "24:00" if due_at.time() == _LAST_SECOND else f"{due_at:%H:%M}"
        return "soon", f"今天 {moment} 到期"
    left = calendar.working_days_between(today + ONE_DAY, due)
    if not left:
        return "soon", f"{_day(due, today)} {due_at:%H:%M} 到期"
    return ("soon" if left <= SOON else "info"), f"还剩 {left} 个工作日"
