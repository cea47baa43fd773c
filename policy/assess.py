"""The means test: facts in, outcome, amounts and explained lines out. No tables, no clock.

Order of the calculation: income of the counted members, less employment costs (from that member's wage, not
below 0), less rigid expenditure (from the household, not below 0), against the line × heads; then the
property limits; then, where the ordinary rules say no, the circumstances of 一事一议. `policy/means/` holds
one module a programme.
"""

from __future__ import annotations

from collections.abc import Callable

from common.errors import Refused
from policy.household import Facts
from policy.lines import Assessment
from policy.means.dibao import assess_dibao
from policy.means.dibian import assess_dibian
from policy.means.finding import Finding
from policy.means.linshi import assess_linshi
from policy.means.tekun import assess_tekun
from policy.rules import RuleBook

_TESTERS: dict[str, Callable[[Facts, RuleBook], Finding]] = {
    "dibao": assess_dibao,
    "dibian": assess_dibian,
    "tekun": assess_tekun,
    "linshi": assess_linshi,
}


def assess(facts: Facts, book: RuleBook) -> Assessment:
    """Test one household by the rules of the book.

    NoRuleInForce when a rule that is needed is missing; Refused for what cannot be tested.
    """
    if not facts.counted:
        raise Refused("没有计入家庭人口的共同生活成员，无法测算。", field="members")
    found = _TESTERS[facts.programme](facts, book)
    return Assessment(
        outcome=found.outcome,
        authority=found.authority,
        monthly=found.monthly,
        one_off_max=found.one_off_max,
        covered=found.covered if found.outcome != "ineligible" else (),
        what_if=bool(facts.standards),
        circumstances=found.circumstances,
        lines=found.lines,
        rule_ids=tuple(book.used),
        care_fee=found.care_fee,
        pocket_money=found.pocket_money,
    )
