"""The test that 低保 and 低边 share: income per head against a line, and property against limits."""

from __future__ import annotations

from decimal import Decimal

from policy.household import ZERO, Facts
from policy.lines import money_line, yuan
from policy.means.finding import Tested
from policy.means.income import Income
from policy.means.property import property_lines
from policy.means.terms import PropertyLimits, Sourced


def means_tested(
    facts: Facts, income: Income, line: Sourced, name: str, clause: str, limits: PropertyLimits, base: Sourced
) -> Tested:
    """Is the income of each head below `line` (called `name`) and the property within the limits?

    The comparison is of exact sums, never of a rounded average. `base`: the 低保 standard.
    """
    heads = len(facts.counted)
    poor = income.assessed < line.amount * heads
    words = f"{yuan(income.assessed)} ÷ {heads} 人，{'低于' if poor else '不低于'}{name} {yuan(line.amount)}"
    lines = (
        *income.lines,
        money_line("standard", f"{name}（每人每月）", line.amount, line.remark, line.clause),
        money_line("per_capita_income", "人均月收入", income.assessed / heads, words, clause, passed=poor),
        *property_lines(facts.assets, heads, limits, base),
    )
    return Tested(lines, income.assessed, earned(facts))


def earned(facts: Facts) -> Decimal:
    """Wages of the counted members a month: what an increase through a job can come from (JZ-2.2)."""
    wages = (item.monthly for member in facts.counted for item in member.income if item.kind == "wage")
    return sum(wages, ZERO)
