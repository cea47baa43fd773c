"""低保: a household below the standard is paid the difference; of a 低边 family single people may be covered.

Nothing is rounded before the end: 保障金 = 标准 × 人数 − 收入, half up to the fen.
"""

from __future__ import annotations

from dataclasses import replace

from common.money import to_fen
from policy.household import ZERO, Facts, MemberFacts
from policy.lines import Line, money_line, yuan
from policy.means import circumstances as case_by_case
from policy.means.finding import ELIGIBLE, Finding, Tested
from policy.means.income import Income, household_income
from policy.means.people import group_of
from policy.means.terms import (
    Sourced,
    authority,
    clause_of,
    dibian_line,
    income_terms,
    property_limits,
    require_difference,
    standard,
)
from policy.means.threshold import means_tested
from policy.rules import Period, RuleBook

_PROPERTY_LABEL = "低保标准"


def assess_dibao(facts: Facts, book: RuleBook) -> Finding:
    """Outcome, 补差 and lines; NoRuleInForce where a rule is missing."""
    difference = require_difference(book)
    line = standard(book, facts, "dibao")
    income = household_income(facts, income_terms(book))
    tested = means_tested(
        facts,
        income,
        line,
        _PROPERTY_LABEL,
        clause_of(book, "income.dibao.test"),
        property_limits(book, "dibao"),
        line,
    )
    tested = case_by_case.deposits_at_recheck(facts, book, tested, line)
    decider = authority(book, "dibao")
    if tested.passed:
        finding = _whole_household(facts, line, tested, difference, decider)
        return case_by_case.unless_ordinary(facts, book, finding)
    single = _single_people(facts, book, income, line, tested, decider)
    if single is not None:
        return case_by_case.unless_ordinary(facts, book, single)
    kept = _phasing_out(facts, book, line, tested, decider)
    return kept or case_by_case.refer(facts, book, tested, decider)


def _whole_household(facts: Facts, line: Sourced, tested: Tested, clause: str, decider: str) -> Finding:
    heads = len(facts.counted)
    monthly = to_fen(line.amount * heads - tested.assessed)
    formula = f"{yuan(line.amount)} × {heads} 人 − {yuan(tested.assessed)}，最后一步四舍五入到分"
    total = money_line("monthly", "月保障金（补差）", monthly, formula, clause, is_total=True)
    return Finding(
        (*tested.lines, total),
        ELIGIBLE,
        decider,
        covered=tuple(member.key for member in facts.counted),
        monthly=monthly,
    )


def _single_people(
    facts: Facts, book: RuleBook, income: Income, line: Sourced, tested: Tested, decider: str
) -> Finding | None:
    """单人户 (LY-2.2, JZ-2.1, L57-8): severely disabled or ill people of a family that is itself 低边.

    A household of one has been tested as a single person already. Each is paid the difference to the
    standard on the own income.
    """
    if len(facts.counted) < 2 or not book.has("household.single_person"):
        return None
    groups = book.items("household.single_person")
    named = [(member, group) for member in facts.counted if (group := group_of(member, groups))]
    poor = [(member, group) for member, group in named if income.by_member[member.key] < line.amount]
    if not poor or not _is_dibian(facts, book, income, line):
        return None
    clause = clause_of(book, "household.single_person")
    monthly = to_fen(sum((line.amount - income.by_member[m.key] for m, _ in poor), ZERO))
    ordinary = tuple(replace(row, passed=True) for row in tested.lines)
    note = Line(
        "dibian_family",
        "家庭为低保边缘家庭",
        None,
        "整户不符合低保条件，重残、重病人员可按单人户纳入",
        clause,
    )
    singles = [_single_line(member, group, income, line, clause) for member, group in poor]
    total = money_line("monthly", "月保障金（单人户补差）", monthly, "以上各人合计", clause, is_total=True)
    return Finding(
        (*ordinary, note, *singles, total),
        ELIGIBLE,
        decider,
        covered=tuple(member.key for member, _ in poor),
        monthly=monthly,
    )


def _single_line(member: MemberFacts, group: dict, income: Income, line: Sourced, clause: str) -> Line:
    own = income.by_member[member.key]
    words = f"{group['label']}；{yuan(line.amount)} − 本人收入 {yuan(own)}"
    amount = to_fen(line.amount - own)
    return money_line("single_person", f"{member.called} 按单人户纳入", amount, words, clause)


def _is_dibian(facts: Facts, book: RuleBook, income: Income, base: Sourced) -> bool:
    limits, border = property_limits(book, "dibian"), dibian_line(book, facts)
    return means_tested(facts, income, border, "低保边缘标准", border.clause, limits, base).passed


def _phasing_out(facts: Facts, book: RuleBook, line: Sourced, tested: Tested, decider: str) -> Finding | None:
    """渐退期 (JZ-2.2): income risen above the standard through a job; the benefit goes on for a set time."""
    key = "benefit.dibao.phase_out"
    without_job = max(tested.assessed - tested.earned, ZERO)
    risen = without_job < line.amount * len(facts.counted)
    if facts.purpose != "recheck" or tested.failed != {"per_capita_income"} or not risen or not book.has(key):
        return None
    months = Period.of(book.rule(key)).amount
    words = f"就业收入 {yuan(tested.earned)} 使人均收入超过标准，渐退期 {months} 个月内按原金额继续发放"
    ordinary = tuple(replace(row, passed=True) for row in tested.lines)
    clause = clause_of(book, key)
    lines = [*ordinary, Line("phase_out", "渐退期", None, words, clause)]
    if facts.current_monthly is not None:
        monthly = to_fen(facts.current_monthly)
        lines.append(money_line("monthly", "月保障金（渐退期内）", monthly, "原金额", clause, is_total=True))
    return Finding(
        tuple(lines),
        ELIGIBLE,
        decider,
        covered=tuple(member.key for member in facts.counted),
        monthly=facts.current_monthly,
    )
