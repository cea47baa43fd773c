"""The demo world: rules, places, people with posts, cases in every state; the same for the same day."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.core.management import call_command

from cases.enums import Programme
from cases.models import Application
from organisations.loading import load_areas
from organisations.models import User
from policy.calendars import working_calendar
from policy.deadlines import SHANGHAI
from policy.working_days import Calendar
from workbench.demo.bulk import add_caseload, places_in
from workbench.demo.care import tend_people
from workbench.demo.changed import change_benefits
from workbench.demo.funds import fill_funds
from workbench.demo.hard import (
    Desk,
    give_relief,
    hand_out_certificates,
    hang_board,
    morning,
    serve_refusals,
)
from workbench.demo.hours import Clock
from workbench.demo.money import pay_grants, pay_months
from workbench.demo.price import pay_price_subsidies
from workbench.demo.samples import draw_and_review
from workbench.demo.settled import settle_cases
from workbench.demo.staff import DISTRICTS, make_staff, town
from workbench.demo.story import Story

COUNTIES = tuple(DISTRICTS.values())
N_CASES = {"district": 20_000, "province": 1_000_000}
_YEAR = 300
# How many cases end where, and between how many and how many days ago they began.
_PLAN: tuple[tuple[str, int, int, int], ...] = (
    ("approved", 140, _YEAR, 32),
    ("refused", 24, _YEAR, 25),
    ("withdrawn", 8, 200, 20),
    ("draft", 8, 4, 0),
    ("submitted", 10, 4, 0),
    ("village", 6, 7, 1),
    ("told", 8, 12, 2),
    ("accepted", 9, 5, 1),
    ("checking", 10, 9, 3),
    ("reported", 8, 12, 8),
    ("visited", 4, 12, 9),
    ("reviewing", 8, 15, 10),
    ("published", 14, 15, 11),
    ("objected", 5, 14, 12),
    ("reopened", 3, 16, 14),
    ("deciding", 9, 27, 21),
)
# The other programmes, in every town.
_OTHER_PLAN = (
    ("approved", 9, _YEAR, 60),
    ("draft", 1, 2, 0),
    ("submitted", 2, 3, 0),
    ("checking", 2, 4, 3),
    ("reviewing", 3, 12, 8),
    ("published", 2, 15, 12),
)
_OTHERS = (
    (Programme.DIBIAN, _OTHER_PLAN),
    (Programme.TEKUN, _OTHER_PLAN),
    (Programme.LINSHI, (*_OTHER_PLAN, ("urgent", 9, 200, 2))),
)
_TOWN_KEYS = ("dt", "sy", "lc", "sy2", "ly", "dt2", "jz", "dt", "sy")


@dataclass(frozen=True, slots=True)
class Beginning:
    """A case to tell: where its story ends, and when it begins."""

    start: datetime
    index: int
    ending: str
    programme: Programme = Programme.DIBAO


def load_ground() -> None:
    """Areas, the working-day calendar and the rule packs; loading them again changes nothing."""
    load_areas()
    call_command("load_calendar", verbosity=0)
    call_command("load_rules", verbosity=0)


def build(*, size: str, now: datetime, say: Callable[[str], None]) -> dict[str, User]:
    """Build what is missing of a size (`small`, `district`, `province`) as of `now`; answers the accounts."""
    load_ground()
    staff = make_staff()
    calendar = working_calendar()
    if not Application.objects.exists():
        _tell_stories(now, staff, calendar, say)
        say("发放和抽查……")
        today = now.astimezone(SHANGHAI).date()
        fill_funds(today=today, staff=staff, calendar=calendar)
        pay_months(today=today, staff=staff, calendar=calendar)
        pay_grants(today=today, staff=staff, calendar=calendar)
        pay_price_subsidies(today=today, staff=staff, calendar=calendar)
        tend_people(now, staff, calendar)
        draw_and_review(now=now, staff=staff)
        say("一事一议、变更、急难、送达……")
        tell_hard_cases(now, staff, calendar)
    if size in N_CASES:
        say(f"存量 {N_CASES[size]:,} 户……")
        add_caseload(n_cases=N_CASES[size], places=places_in(COUNTIES), actor=staff["admin"])
    return staff


def _tell_stories(
    now: datetime, staff: dict[str, User], calendar: Calendar, say: Callable[[str], None]
) -> None:
    towns = {key: town(key, staff) for key in set(_TOWN_KEYS)}
    beginnings = sorted(_beginnings(now, calendar), key=lambda beginning: (beginning.start, beginning.index))
    for n, beginning in enumerate(beginnings):
        if n % 50 == 0:
            say(f"申请 {n} / {len(beginnings)}")
        place = towns[_TOWN_KEYS[beginning.index % len(_TOWN_KEYS)]]
        clock = Clock(calendar, beginning.start)
        Story(beginning.index, place, clock, beginning.ending, now, beginning.programme).tell()


def tell_hard_cases(now: datetime, staff: dict[str, User], calendar: Calendar) -> None:
    """What the ordinary plan has none of, where the districts' rules differ most."""
    towns = {key: town(key, staff) for key in ("dt", "sy", "lc")}
    settle_cases(towns, staff, now, calendar)
    change_benefits(towns["sy"], staff, now, calendar)
    serve_refusals(towns["sy"], staff, now, calendar)
    give_relief(Desk(towns["dt"], staff, morning(now, calendar, 3)), staff["dt-town-payments"])
    for key in ("dt", "sy"):
        hang_board(Desk(towns[key], staff, morning(now, calendar, 9)))
    hand_out_certificates(Desk(towns["sy"], staff, morning(now, calendar, 8)))


def _beginnings(now: datetime, calendar: Calendar) -> Iterator[Beginning]:
    index = 0
    for programme, plan in ((Programme.DIBAO, _PLAN), *_OTHERS):
        for ending, count, oldest, youngest in plan:
            for n in range(count):
                index += 1
                days = oldest - (oldest - youngest) * n // max(count - 1, 1)
                day = calendar.working_day_on_or_before(
                    now.astimezone(SHANGHAI).date() - timedelta(days=days)
                )
                start = datetime.combine(day, time(9, 5), SHANGHAI) + timedelta(minutes=index * 7 % 180)
                if start < now - timedelta(minutes=30):
                    yield Beginning(start, index, ending, programme)
