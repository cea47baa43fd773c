"""低边: a status without money of its own, for households below the 低边 line (DT-9.1)."""

from __future__ import annotations

from policy.household import Facts
from policy.lines import Line
from policy.means import circumstances as case_by_case
from policy.means.finding import ELIGIBLE, Finding
from policy.means.income import household_income
from policy.means.terms import authority, clause_of, dibian_line, income_terms, property_limits, standard
from policy.means.threshold import means_tested
from policy.rules import RuleBook


def assess_dibian(facts: Facts, book: RuleBook) -> Finding:
    """Below the line and within the limits; a household that could have 低保 is told so."""
    base, line = standard(book, facts, "dibao"), dibian_line(book, facts)
    income = household_income(facts, income_terms(book))
    limits = property_limits(book, "dibian")
    tested = means_tested(facts, income, line, "低保边缘标准", line.clause, limits, base)
    decider = authority(book, "dibian")
    if not tested.passed:
        return case_by_case.refer(facts, book, tested, decider)
    clause = clause_of(book, "income.dibao.test")
    ordinary = means_tested(facts, income, base, "低保标准", clause, property_limits(book, "dibao"), base)
    hint = "收入和财产同时符合低保条件，应告知申请人可以申请低保"
    hints = [Line("dibao_possible", "可申请低保", None, hint, clause)] if ordinary.passed else []
    covered = tuple(member.key for member in facts.counted)
    finding = Finding((*tested.lines, *hints), ELIGIBLE, decider, covered=covered)
    return case_by_case.unless_ordinary(facts, book, finding)
