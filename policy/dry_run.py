"""One household tried against the rules from outside: command line, interface and page ask here."""

from __future__ import annotations

from typing import Any

from policy.assess import assess
from policy.assess_input import read_facts
from policy.lines import Assessment
from policy.queries import area_of
from policy.rules import RuleBook

MOST_BYTES = 1_000_000
OUTCOME_LABELS = {"eligible": "符合条件", "ineligible": "不符合条件", "case_by_case": "可以一事一议"}


def dry_run(data: Any) -> Assessment:
    """The answer for parsed JSON as interfaces.md describes it; stores nothing.

    Refused names the field at fault; NoRuleInForce where the area lacks a rule on the day.
    """
    code, facts = read_facts(data)
    return assess(facts, RuleBook(area_of(code), facts.on))
