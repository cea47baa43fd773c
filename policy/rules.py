"""Looking rules up: nearest area first, as of a day, and never a value out of nothing."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import DEFAULT_DB_ALIAS

from common.errors import Refused
from organisations.models import Area
from policy.models import Clause, Document, Rule

# A rule with what it refers to, as one row; by the path from the rule.
_PARTS = {"": Rule, "area__": Area, "clause__": Clause, "document__": Document}
_NAMES = {path: [field.attname for field in model._meta.concrete_fields] for path, model in _PARTS.items()}
_COLUMNS = [path + name for path, names in _NAMES.items() for name in names]
_KEY, _PREFIX = _COLUMNS.index("key"), _COLUMNS.index("area__prefix")


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
        self._rules = _nearest(area, on, drafts)

    def has(self, key: str) -> bool:
        return key in self._rules

    def rule(self, key: str) -> Rule:
        """The nearest rule; NoRuleInForce when there is none."""
        try:
            found = self._rules[key]
        except KeyError:
            raise NoRuleInForce(key, self.area, self.on) from None
        # Hundreds of rules hold in a place, and a calculation consults a few.
        rule = self._rules[key] = _rule_of(found)
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
    return [_rule_of(found) for found in _nearest(area, on, drafts).values()]


def _nearest(area: Area, on: date, drafts: Iterable[Rule]) -> dict[str, Rule | tuple]:
    """By key, nearest first: a draft, or the row of a published rule (see `_rule_of`)."""
    chain = Area.objects.chain_of(area)
    rows = Rule.objects.in_force(on).filter(area__in=chain).values_list(*_COLUMNS)
    found = [(rule.area.prefix, rule.key, rule) for rule in drafts if _is_tried(rule, area, on)]
    found += [(row[_PREFIX], row[_KEY], row) for row in rows]
    nearest: dict[str, Rule | tuple] = {}
    # A stable sort: of one area and key the draft comes first.
    for _, key, rule in sorted(found, key=lambda entry: (-len(entry[0]), entry[1])):
        nearest.setdefault(key, rule)
    return nearest


def _is_tried(draft: Rule, area: Area, on: date) -> bool:
    return area.prefix.startswith(draft.area.prefix) and would_hold(draft, on)


def _rule_of(found: Rule | tuple) -> Rule:
    """The rule of a row, with its area, clause and document at hand."""
    if isinstance(found, Rule):
        return found
    parts, start = {}, 0
    for path, model in _PARTS.items():
        names = _NAMES[path]
        values = found[start : start + len(names)]
        start += len(names)
        parts[path] = model.from_db(DEFAULT_DB_ALIAS, names, values)
    rule = parts[""]
    rule.area, rule.document = parts["area__"], parts["document__"]
    rule.clause = parts["clause__"] if rule.clause_id else None
    return rule


def would_hold(rule: Rule, on: date) -> bool:
    """Does the day lie in the period of the rule, published or not?"""
    return rule.valid_from <= on and (rule.valid_to is None or rule.valid_to > on)
