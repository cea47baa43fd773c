"""价格补贴联动: does a month's price index set the subsidy off, and how much does each person get (PL-T1).

Pure functions on the terms of a place. The figures of a month are judged by the rules of its first day, so a
lower threshold for a time is a rule with an end. Each month stands for itself: the subsidy starts with the
first month that meets a condition and stops with the first that meets none.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal

from organisations.models import Area
from policy.lines import Line, money_line, yuan
from policy.means.terms import Sourced, clause_of, sourced
from policy.models import Rule
from policy.rules import RuleBook, would_hold

YUAN = Decimal("1")
CPI, FOOD, SCPI = "居民消费价格", "食品价格", "低收入居民基本生活费用价格"
_CONDITIONS = ("price_subsidy.cpi_from", "price_subsidy.food_from")
_ROUNDINGS = {"half_up": (ROUND_HALF_UP, "四舍五入到元"), "up": (ROUND_UP, "不足 1 元的进为 1 元")}


@dataclass(frozen=True, slots=True)
class Figures:
    """A month's year-on-year changes in percent, as published: `3.2` is 3.2 %. `scpi` None: not compiled."""

    cpi: Decimal
    food: Decimal
    scpi: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Who gets it; `code` as in `price_subsidy.groups`."""

    code: str
    label: str


@dataclass(frozen=True, slots=True)
class PriceTerms:
    """What the rules of a place say for a month. Thresholds are ratios, `floor` and `standard` yuan."""

    cpi_from: Sourced
    food_from: Sourced
    index: str
    index_clause: str
    rounding: str
    floor: Sourced
    standard: Sourced
    groups: tuple[Group, ...]
    pay_by: str
    clause: str
    rule_ids: tuple[int, ...]


def price_terms(book: RuleBook) -> PriceTerms:
    """The terms by the rules of an area and month; NoRuleInForce where one is missing."""
    book = book.fresh()
    cpi_from, food_from = (sourced(book, key) for key in _CONDITIONS)
    binding = book.rule("price_subsidy.paid").clause_id if book.has("price_subsidy.paid") else ""
    return PriceTerms(
        cpi_from=cpi_from,
        food_from=food_from,
        index=book.text("price_subsidy.index"),
        index_clause=clause_of(book, "price_subsidy.index"),
        rounding=book.text("price_subsidy.rounding"),
        floor=sourced(book, "price_subsidy.floor"),
        standard=sourced(book, "standard.dibao"),
        groups=tuple(Group(item["code"], item["label"]) for item in book.items("price_subsidy.groups")),
        pay_by=book.text("price_subsidy.pay_by"),
        clause=binding or cpi_from.clause,
        rule_ids=tuple(book.used),
    )


@dataclass(frozen=True, slots=True)
class Trigger:
    """Whether a month sets the subsidy off, with the comparison of each condition."""

    is_met: bool
    lines: tuple[Line, ...]

    @property
    def words(self) -> str:
        """`3.2% < 3.5%，6% ≥ 6%`: the sum that anybody can repeat."""
        return "，".join(line.formula for line in self.lines)


@dataclass(frozen=True, slots=True)
class PerPerson:
    """What each person gets for the month, in whole yuan, and how it comes about."""

    amount: Decimal
    lines: tuple[Line, ...]


def percent(value: Decimal) -> str:
    """`3.50` → `3.5%`."""
    return f"{value.normalize():f}%"


def trigger(terms: PriceTerms, figures: Figures) -> Trigger:
    """Any one of the conditions is enough."""
    return _judge(terms.cpi_from, terms.food_from, figures)


def _judge(cpi_from: Sourced, food_from: Sourced, figures: Figures) -> Trigger:
    lines = (
        _compare("cpi", CPI, figures.cpi, cpi_from),
        _compare("food", FOOD, figures.food, food_from),
    )
    return Trigger(any(line.passed for line in lines), lines)


class Conditions:
    """The conditions of an area in any month, read by one query: for lists of months."""

    def __init__(self, area: Area) -> None:
        chain = Area.objects.chain_of(area)
        rules = Rule.objects.published().filter(area__in=chain, key__in=_CONDITIONS).select_related("area")
        self._nearest_first = sorted(rules, key=lambda rule: -rule.area.code_length)

    def judge(self, month: date, figures: Figures) -> Trigger | None:
        """None where a condition is missing: nobody can tell."""
        found = [self._of(key, month) for key in _CONDITIONS]
        return None if None in found else _judge(*found, figures)

    def _of(self, key: str, month: date) -> Sourced | None:
        for rule in self._nearest_first:
            if rule.key == key and would_hold(rule, month):
                return Sourced(Decimal(rule.value), rule.clause_id or "")
        return None


def _compare(code: str, name: str, value: Decimal, threshold: Sourced) -> Line:
    least = threshold.amount * 100
    met = value >= least
    formula = f"{percent(value)} {'≥' if met else '<'} {percent(least)}"
    return Line(code, f"{name}同比涨幅", None, formula, threshold.clause, passed=met)


def per_person(terms: PriceTerms, figures: Figures) -> PerPerson:
    """低保 standard × year-on-year change of the index, rounded to yuan, at least the floor.

    Rounded once, before the floor is looked at. A change that is no rise gives the floor: the month was set
    off by the other index.
    """
    name, change = _index(terms, figures)
    exact = terms.standard.amount * change / 100
    mode, words = _ROUNDINGS[terms.rounding]
    whole = exact.quantize(YUAN, rounding=mode)
    amount = max(whole, terms.floor.amount)
    base = f"月低保标准 {yuan(terms.standard.amount)} 元{_remark(terms.standard)}"
    product = f"{base} × {name}同比涨幅 {percent(change)}"
    floor = f"每人每月不低于 {yuan(terms.floor.amount)} 元{_remark(terms.floor)}"
    lines = (
        money_line("computed", "测算额", exact, product, terms.index_clause),
        money_line("rounded", "取整", whole, words),
        money_line("amount", "每人补贴", amount, floor, terms.floor.clause, is_total=True),
    )
    return PerPerson(amount, lines)


def _index(terms: PriceTerms, figures: Figures) -> tuple[str, Decimal]:
    """Name and change of the index that the rule takes."""
    if terms.index == "scpi" and figures.scpi is not None:
        return SCPI, figures.scpi
    if terms.index != "trigger":
        return CPI, figures.cpi
    conditions = ((CPI, figures.cpi, terms.cpi_from), (FOOD, figures.food, terms.food_from))
    met = [(name, value) for name, value, least in conditions if value >= least.amount * 100]
    return max(met or [(CPI, figures.cpi)], key=lambda each: each[1])


def _remark(value: Sourced) -> str:
    return f"（{value.remark}）" if value.remark else ""
