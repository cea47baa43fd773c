"""Who pays a programme in an area, and by when: read from the rules, explained in sentences."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from cases.enums import Programme
from common.clock import next_month
from organisations.enums import AreaLevel
from organisations.models import Area
from policy.calendars import working_calendar
from policy.models import Rule
from policy.rules import NoRuleInForce
from policy.working_days import Calendar

# Help that comes every month. 低边 is a status without money, 临时救助 is paid case by case.
PAID_MONTHLY = (Programme.DIBAO, Programme.TEKUN)
PAYER_LABEL = {AreaLevel.TOWNSHIP: "街道（乡镇）", AreaLevel.COUNTY: "县（市、区）"}
# A list can be prepared from the first of its month, or a week before it is due if that is earlier.
LEAD = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Terms:
    """`payer` is the level that pays; `due_on` the last working day by which the money must be there.

    Where finance allocates each month, `request_on` and `allocate_on` are the last days for the list with its
    request, and for the allocation (JZ-6.1); elsewhere None.
    """

    payer: AreaLevel
    due_on: date
    opens_on: date
    clause: str
    why: tuple[str, ...]
    request_on: date | None = None
    allocate_on: date | None = None

    @property
    def list_on(self) -> date:
        """Until when the list is to be ready."""
        return self.request_on or self.due_on


def say_day(day: date) -> str:
    """`4 月 10 日`."""
    return f"{day.month} 月 {day.day} 日"


def say_month(month: date) -> str:
    """`2026 年 4 月`."""
    return f"{month.year} 年 {month.month} 月"


def due_day(month: date, day: int, calendar: Calendar) -> tuple[date, list[str]]:
    """The due day of a month and the sentences why: on the day, or the last working day before a rest day.

    A day that the month does not have (the 31st in April) is its last.
    """
    nominal = min(month + timedelta(days=day - 1), next_month(month) - timedelta(days=1))
    due = calendar.working_day_on_or_before(nominal)
    why = []
    if due != nominal:
        why.append(f"{say_day(nominal)}是{calendar.rest_name(nominal)}，提前到最近的工作日 {say_day(due)}。")
    if not calendar.is_official(nominal):
        why.append("该年节假日安排尚未公布，待国务院节假日安排公布后复算。")
    return due, why


class PaymentRules:
    """Who pays a programme in each area and by which day, in a month: one query for the whole country's few
    rules.
    """

    def __init__(self, programme: str, month: date) -> None:
        self.programme, self.month = programme, month
        self.calendar = working_calendar()
        self._keys = {name: f"payments.{programme}.{name}" for name in ("payer", "due_day")}
        self._keys |= {name: f"payments.{name}" for name in ("request_day", "allocation_day")}
        rules = Rule.objects.in_force(month).filter(key__in=self._keys.values()).select_related("area")
        self._nearest_first = sorted(rules, key=lambda rule: -rule.area.code_length)

    def _rule(self, name: str, area: Area) -> Rule:
        key = self._keys[name]
        for rule in self._nearest_first:
            if rule.key == key and area.prefix.startswith(rule.area.prefix):
                return rule
        raise NoRuleInForce(key, area, self.month)

    def payer_level(self, area: Area) -> AreaLevel:
        """The level that pays for the households of an area (DT-8.2, SY-5.1)."""
        return AreaLevel(self._rule("payer", area).value)

    def terms(self, area: Area) -> Terms:
        """The terms in an area; NoRuleInForce when the rules do not say."""
        payer, clause = self.payer_level(area), self._rule("payer", area).clause_id or ""
        day = int(self._rule("due_day", area).value)
        due_on, why = due_day(self.month, day, self.calendar)
        source = f"（{clause}）" if clause else ""
        label = Programme(self.programme).label
        first = f"{label}由{PAYER_LABEL[payer]}发放，每月 {day} 日前发放到位{source}。"
        request_on, allocate_on = self._day("request_day", area), self._day("allocation_day", area)
        # The list itself may be due in the month before: 焦作 before the National Day holiday.
        opens_on = min(self.month, (request_on or due_on) - LEAD)
        return Terms(payer, due_on, opens_on, clause, (first, *why), request_on, allocate_on)

    def _day(self, name: str, area: Area) -> date | None:
        """A day of the month that not every place has."""
        try:
            day = int(self._rule(name, area).value)
        except NoRuleInForce:
            return None
        return due_day(self.month, day, self.calendar)[0]

    def payers(self, places: Iterable[tuple[Area, Area]]) -> list[Area]:
        """The areas that pay for these (county, township) pairs, in order of code; places without a rule
        are left out.
        """
        found = {}
        for county, township in places:
            try:
                payer = county if self.payer_level(township) == AreaLevel.COUNTY else township
            except NoRuleInForce:
                continue
            found[payer.pk] = payer
        return sorted(found.values(), key=lambda area: area.code)


def payment_terms(area: Area, programme: str, month: date) -> Terms:
    """The terms in one area for a month; NoRuleInForce when the rules do not say."""
    return PaymentRules(programme, month).terms(area)


def bearers(area: Area, programme: str, month: date) -> str:
    """Who bears the cost of what an area pays, with the clause: `洞头区（DT-7.1）`. Empty where the rules do
    not part cost and payment, as for all programmes but 特困.
    """
    rules = Rule.objects.in_force(month).filter(key=f"payments.{programme}.bearer").select_related("area")
    nearest_first = sorted(rules, key=lambda rule: -rule.area.code_length)
    paid_for = [area]
    if area.level == AreaLevel.COUNTY:
        paid_for = area.children.exclude(pk__in=own_payers(area, programme, month)).order_by("code")
    found: dict[str, None] = {}
    for township in paid_for if nearest_first else ():
        rule = next((rule for rule in nearest_first if township.prefix.startswith(rule.area.prefix)), None)
        if rule is not None:
            bearer = township if rule.value == AreaLevel.TOWNSHIP else township.parent
            found[f"{bearer.name}（{rule.clause_id}）"] = None
    return "、".join(found)


def own_payers(county: Area, programme: str, month: date) -> list[int]:
    """Townships of a paying county whose own rule says that somebody else pays for them: themselves."""
    rules = Rule.objects.in_force(month).filter(key=f"payments.{programme}.payer", area__parent=county)
    return list(rules.exclude(value=AreaLevel.COUNTY).values_list("area_id", flat=True))
