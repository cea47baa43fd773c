"""Looking rules up: nearest area first, as of a day, and never a value out of nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.errors import Refused
from organisations.models import Area
from policy.models import Rule


class NoRuleInForce(Refused):
    """No published rule for the key in the area or above it on the day: an error, never 0."""

    def __init__(self, key: str, area: Area, on: date) -> None:
        super().__init__(
            f"{area.name}在 {on:%Y-%m-%d} 没有生效的规则“{key}”，请联系规则管理人员录入后再办理。"
        )
        self.key, self.area, self.on = key, area, on


@dataclass(frozen=True, slots=True)
class Period:
    """A length of time as the document words it: wd, cd, h and mo are never converted into each other."""

    amount: int
    unit: str

    @classmethod
    def of(cls, rule: Rule) -> Period:
        """The period that a rule holds: value `20`, unit `cd`."""
        return cls(int(rule.value), rule.unit)


class RuleBook:
    """The rules in force for an area on a day, read by one query; `used` lists the ids consulted.

    `drafts`: a what-if. Those that would be in force here on the day take the place of the published rule
    of their own area; the nearest area still wins.
    """

    def __init__(self, area: Area, on: date, *, drafts: Iterable[Rule] = ()) -> None:
        self.area, self.on = area, on
        self.used: list[int] = []
        self._rules = {rule.key: rule for rule in rules_in_force(area, on, drafts)}

    def has(self, key: str) -> bool:
        return key in self._rules

    def rule(self, key: str) -> Rule:
        """The nearest rule; NoRuleInForce when there is none."""
        try:
            rule = self._rules[key]
        except KeyError:
            raise NoRuleInForce(key, self.area, self.on) from None
        if rule.pk not in self.used:
            self.used.append(rule.pk)
        return rule

    def distance(self, key: str) -> int:
        """How far away the area of a rule is: 0 in the area itself, more the wider the rule's area is."""
        return len(self.area.prefix) - len(self.rule(key).area.prefix)

    def fresh(self) -> RuleBook:
        """The same rules with nothing consulted yet, for the next household."""
        book = copy(self)
        book.used = []
        return book

    def text(self, key: str) -> str:
        return self.rule(key).value

    def decimal(self, key: str) -> Decimal:
        return Decimal(self.rule(key).value)

    def integer(self, key: str) -> int:
        return int(self.rule(key).value)

    def flag(self, key: str) -> bool:
        return self.rule(key).value == "true"

    def period(self, key: str) -> Period:
        return Period.of(self.rule(key))

    def items(self, key: str) -> list[dict]:
        return json.loads(self.rule(key).value)


def rules_in_force(area: Area, on: date, drafts: Iterable[Rule] = ()) -> list[Rule]:
    """The rules for the area, inherited ones included, nearest first; one a key, the nearest (one query).

    `drafts` (with their areas) stand before the published rules of the same area.
    """
    chain = Area.objects.chain_of(area)
    rules = Rule.objects.in_force(on).filter(area__in=chain).select_related("area", "clause", "document")
    tried = [rule for rule in drafts if area.prefix.startswith(rule.area.prefix) and would_hold(rule, on)]
    nearest: dict[str, Rule] = {}
    # A stable sort: of one area and key the draft comes first.
    for rule in sorted([*tried, *rules], key=lambda rule: (-len(rule.area.prefix), rule.key)):
        nearest.setdefault(rule.key, rule)
    return list(nearest.values())


def would_hold(rule: Rule, on: date) -> bool:
    """Does the day lie in the period of the rule, published or not?"""
    return rule.valid_from <= on and (rule.valid_to is None or rule.valid_to > on)
