"""A month of 价格补贴 in a paying area: the city's figure judged by the rules, and its due day.

`month` is always the month that the index is for; the subsidy of that month goes to those in receipt in it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from cases.enums import Programme
from common.clock import add_months, month_of
from common.errors import Refused
from organisations.enums import AreaLevel
from organisations.models import Area
from payments.enums import PaidProgramme
from payments.models import PriceIndex
from payments.terms import due_day, own_payers, say_day, say_month
from policy.calendars import working_calendar
from policy.catalogue.oversight import PRICE_GROUPS
from policy.models import Rule
from policy.price import Group, PerPerson, PriceTerms, Trigger, per_person, price_terms, trigger
from policy.rules import NoRuleInForce, RuleBook
from policy.working_days import Calendar

# Groups whose people stand in this system's register; the others are paid by those who keep theirs.
HELD_HERE = frozenset({Programme.DIBAO.value, Programme.DIBIAN.value, Programme.TEKUN.value})
# Rules that a township may have for itself.
_LOCAL = ("standard.dibao", *(f"price_subsidy.{name}" for name in ("floor", "index", "rounding")))
_LAST_DAY, _WORKING_DAYS = 31, 20
MONTHS_BACK = 12


@dataclass(frozen=True, slots=True)
class SubsidyMonth:
    """What a month's figure means in a paying area. `continues`: the month before set it off as well (None:
    its figure is not known).
    """

    area: Area
    month: date
    index: PriceIndex
    terms: PriceTerms
    trigger: Trigger
    continues: bool | None
    amounts: dict[int, PerPerson]
    due_on: date
    why: tuple[str, ...]

    @property
    def programmes(self) -> list[str]:
        """Those of the groups that are held here, in the order of the rule."""
        return [group.code for group in self.terms.groups if group.code in HELD_HERE]

    @property
    def elsewhere(self) -> list[Group]:
        """Groups that get the subsidy and are not held here."""
        return [group for group in self.terms.groups if group.code not in HELD_HERE]

    @property
    def words(self) -> str:
        """Whether it is paid, as a sum that anybody can repeat."""
        begun = {True: "继续发放", False: "启动发放", None: "启动发放"}[self.continues]
        stopped = "停止发放" if self.continues else "不发放"
        verdict = f"达到启动条件，{begun}" if self.trigger.is_met else f"均未达到启动条件，{stopped}"
        parts = "；".join(f"{line.label} {line.formula}" for line in self.trigger.lines)
        return f"{parts}：{verdict}。"

    @property
    def calculations(self) -> list[tuple[PerPerson, list[int]]]:
        """Each different amount with the townships (by key) that have it."""
        found: dict[PerPerson, list[int]] = {}
        for township, each in self.amounts.items():
            found.setdefault(each, []).append(township)
        return list(found.items())

    def as_amounts(self) -> dict[str, str]:
        """Yuan a person by the key of the township, as a list keeps them."""
        return {str(township): f"{each.amount:.2f}" for township, each in self.amounts.items()}


def city_of(area: Area) -> Area:
    """The city of a county or township: the index is the city's, never the county's (PL-T1)."""
    city = Area.objects.filter(prefix=area.prefix[:4], level=AreaLevel.CITY).first()
    if city is None:
        raise Refused(f"{area.name}的区划没有设区市，不能确定用哪里的价格指数，请联系系统管理员。")
    return city


def figure_of(city: Area, month: date) -> PriceIndex | None:
    """The confirmed figure in force; None when there is none, which never means 0."""
    return PriceIndex.objects.filter(area=city, month=month).in_force().first()


def subsidy_month(area: Area, month: date) -> SubsidyMonth:
    """Judge a month for a paying area.

    Refused when its figure is missing (the sentence names city and month), NoRuleInForce when a rule is.
    """
    city = city_of(area)
    figures = {row.month: row for row in _two_months(city, month)}
    index = figures.get(month)
    if index is None:
        raise Refused(
            f"{city.name} {say_month(month)}的价格指数尚未录入并复核，不能判断是否启动价格补贴。",
            field="month",
            clause="JZ-9.1",
        )
    terms = price_terms(RuleBook(area, month))
    before = figures.get(add_months(month, -1))
    due_on, why = _due(index, terms, working_calendar())
    return SubsidyMonth(
        area=area,
        month=month,
        index=index,
        terms=terms,
        trigger=trigger(terms, index.figures),
        continues=_was_met(area, before) if before is not None else None,
        amounts=_amounts(area, month, index, terms),
        due_on=due_on,
        why=tuple(why),
    )


def _two_months(city: Area, month: date) -> list[PriceIndex]:
    months = (add_months(month, -1), month)
    return list(PriceIndex.objects.filter(area=city, month__in=months).in_force())


def _was_met(area: Area, index: PriceIndex) -> bool | None:
    """None where the rules do not reach back so far."""
    try:
        return trigger(price_terms(RuleBook(area, index.month)), index.figures).is_met
    except NoRuleInForce:
        return None


def _amounts(area: Area, month: date, index: PriceIndex, terms: PriceTerms) -> dict[int, PerPerson]:
    """What a person gets in each township that the area pays for."""
    common = per_person(terms, index.figures)
    if area.level != AreaLevel.COUNTY:
        return {area.pk: common}
    townships = area.children.filter(level=AreaLevel.TOWNSHIP)
    townships = townships.exclude(pk__in=own_payers(area, PaidProgramme.PRICE_SUBSIDY, month))
    local = Rule.objects.in_force(month).filter(key__in=_LOCAL, area__parent=area).values("area")
    amounts = {place.pk: common for place in townships.order_by("code")}
    for place in townships.filter(pk__in=local):
        amounts[place.pk] = per_person(price_terms(RuleBook(place, month)), index.figures)
    return amounts


def _due(index: PriceIndex, terms: PriceTerms, calendar: Calendar) -> tuple[date, list[str]]:
    """The last working day of the month of publication, or the 20th working day after the publication."""
    source = f"（{terms.clause}）"
    published = f"指数 {say_day(index.published_on)}发布"
    if terms.pay_by == "publication_month":
        due_on, why = due_day(month_of(index.published_on), _LAST_DAY, calendar)
        return due_on, [f"{published}，价格补贴在指数发布当月发放到位{source}。", *why]
    day, left = index.published_on, _WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= calendar.is_working_day(day)
    return day, [f"{published}，价格补贴在发布后 {_WORKING_DAYS} 个工作日内发放到位{source}。"]


def group_labels(programmes: list[str]) -> str:
    """`低保对象、特困人员`."""
    labels = dict(PRICE_GROUPS)
    return "、".join(labels[code] for code in programmes)


def months_to_judge(today: date) -> list[date]:
    """The months whose index can have been published: the last one and the eleven before it, newest first."""
    return [add_months(month_of(today), -back) for back in range(1, MONTHS_BACK + 1)]


def publication_ends(month: date) -> date:
    """The last day on which the index of a month is still in time: that of the month after it."""
    return add_months(month, 2) - timedelta(days=1)
