"""What the keepers of the rules must see in time: a missing year, an end without successor, no source.

Nothing is stored: an alarm is there as long as its reason is, so it can neither be lost nor come twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from common import clock
from common.todo import Todo
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import scope_of
from policy.calendars import missing_calendar_years
from policy.enums import Certainty
from policy.keys import KEYS
from policy.models import Rule, RuleQuerySet
from policy.perms import RULE_POSTS

LAPSES_WITHIN = timedelta(days=60)
# More than anybody works off in a week.
SHOWN = 50
_ALL = ("",)


@dataclass(frozen=True, slots=True)
class Sources:
    """How many rules in force rest on nothing but a demo value or an assumption, below one area."""

    demo: int
    assumption: int

    @property
    def total(self) -> int:
        return self.demo + self.assumption


def _below(prefixes: Iterable[str]) -> Q:
    condition = Q(pk__in=())
    for prefix in prefixes:
        condition |= Q(area__prefix__startswith=prefix)
    return condition


def lapsing(today: date, prefixes: Iterable[str] = _ALL) -> QuerySet[Rule]:
    """Rules that end within 60 days and are not followed on that day; retired ones end on purpose."""
    follows = Rule.objects.published().filter(
        area=OuterRef("area"), key=OuterRef("key"), valid_from=OuterRef("valid_to")
    )
    ending = Rule.objects.published().filter(
        _below(prefixes), valid_to__gt=today, valid_to__lte=today + LAPSES_WITHIN, closure__isnull=True
    )
    return ending.filter(~Exists(follows)).select_related("area").order_by("valid_to", "area__code", "key")


def unsourced(today: date, prefixes: Iterable[str] = _ALL) -> RuleQuerySet:
    """Rules in force that name no law: demo values and assumptions."""
    return Rule.objects.in_force(today).filter(_below(prefixes)).exclude(certainty=Certainty.LAW)


def waiting(prefixes: Iterable[str] = _ALL) -> RuleQuerySet:
    """Drafts that nobody has published yet."""
    return Rule.objects.filter(_below(prefixes), published_at__isnull=True)


def tasks_for(user: User) -> list[Todo]:
    """The alarms of the areas where the person keeps rules: at most five queries, however many rules."""
    scope = scope_of(user)
    prefixes = scope.areas(*RULE_POSTS)
    if not prefixes:
        return []
    today = clock.today()
    places = list(Area.objects.filter(prefix__in=prefixes).order_by("code_length", "code"))
    found = _years(today, administrator=scope.has(Post.ADMINISTRATOR))
    found += [_lapse(rule) for rule in lapsing(today, prefixes)[:SHOWN]]
    found += _drafts(places, user, publishes=scope.has(Post.RULE_PUBLISHER))
    return found + _sources(places, today)


def _years(today: date, *, administrator: bool) -> list[Todo]:
    page = "import" if administrator else "changelist"
    return [
        Todo(
            number="工作日历",
            name="—",
            place="全国",
            matter="规则",
            stage=f"缺 {year} 年放假安排",
            action="导入" if administrator else "查看",
            url=reverse(f"admin:policy_calendarday_{page}"),
            level="late" if year == today.year else "soon",
            deadline="由系统管理岗导入",
            why=("跨入该年的时限暂按周末和固定节日计算，导入后自动复算。",),
        )
        for year in missing_calendar_years(today)
    ]


def _lapse(rule: Rule) -> Todo:
    return _todo(
        rule.area,
        stage=f"“{KEYS[rule.key].label if rule.key in KEYS else rule.key}”即将失效",
        action="接替",
        url=reverse("policy:history", args=[rule.area.code, rule.key]),
        due_at=timezone.make_aware(datetime.combine(rule.valid_to - timedelta(days=1), time(23, 59, 59))),
        level="soon",
        deadline=f"{rule.valid_to:%Y-%m-%d} 起没有规则",
        why=("到期后没有接替的规则，用到它的事项不能办理。",),
    )


def _drafts(places: list[Area], user: User, *, publishes: bool) -> list[Todo]:
    drafts = list(waiting(place.prefix for place in places).values_list("area__prefix", "drafted_by"))
    found = []
    for place in places:
        here = [drafter for prefix, drafter in drafts if prefix.startswith(place.prefix)]
        mine = here.count(user.pk)
        if here:
            found.append(
                _todo(
                    place,
                    stage=f"{len(here)} 条草稿待发布" + (f"（本人起草 {mine} 条）" if mine else ""),
                    action="核对并发布" if publishes and len(here) > mine else "查看",
                    url=reverse("policy:drafts"),
                )
            )
    return found


def _sources(places: list[Area], today: date) -> list[Todo]:
    rows = list(unsourced(today, (place.prefix for place in places)).values_list("area__prefix", "certainty"))
    found = []
    for place in places:
        here = [certainty for prefix, certainty in rows if prefix.startswith(place.prefix)]
        counted = Sources(here.count(Certainty.DEMO), here.count(Certainty.ASSUMPTION))
        if counted.total:
            found.append(
                _todo(
                    place,
                    stage=f"{counted.total} 条规则待核实",
                    action="查看",
                    url=f"{reverse('policy:readiness')}?area={place.code}",
                    level="late" if counted.demo else "soon",
                    deadline=f"演示值 {counted.demo}，推定 {counted.assumption}",
                    why=("演示值不是政策标准，推定须由主管部门确认；录入本地规定后发布接替。",),
                )
            )
    return found


def _todo(area: Area, **values) -> Todo:
    return Todo(number="规则表", name="—", place=area.name, matter="规则", **values)
