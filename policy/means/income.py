"""Household income that counts, exact, with the lines that lead to it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from policy.household import EXCLUSION_LABELS, INCOME_LABELS, ZERO, Facts, MemberFacts
from policy.lines import Line, money_line, yuan
from policy.means.terms import IncomeTerms

EXEMPT_LABELS = {
    "preferential": "优待抚恤金",
    "family_planning": "计划生育奖励与扶助金",
    "scholarship": "奖学金、助学金",
    "bravery_award": "见义勇为等奖励性补助",
    "assistance": "政府发放的社会救助款物",
    "basic_pension": "城乡居民养老保险中央基础养老金",
}
_GONE = "left_3y"
UNLISTED = "（按申报，规则表未列此项，请核实依据）"


@dataclass(frozen=True, slots=True)
class Income:
    """`assessed`: what the household is tested by, a month, exact. `by_member`: each one's own, by key."""

    assessed: Decimal
    by_member: dict[str, Decimal]
    lines: tuple[Line, ...]


def household_income(facts: Facts, terms: IncomeTerms) -> Income:
    """The income that counts, and the lines that lead to it."""
    by_member, lines = {}, []
    for member in facts.members:
        by_member[member.key], own = member_income(member, terms)
        lines += own
    total = sum(by_member.values(), ZERO)
    lines.append(
        money_line("household_income", "家庭月收入", total, "计入人口的成员合计", terms.income_clause)
    )
    if not facts.rigid_expenditure_monthly:
        return Income(total, by_member, tuple(lines))
    taken, deduction = _rigid_expenditure(facts.rigid_expenditure_monthly, total, terms)
    words = f"{yuan(total)} − {yuan(taken)}"
    lines += [deduction, money_line("assessed_income", "扣减后家庭月收入", total - taken, words)]
    return Income(total - taken, by_member, tuple(lines))


def _rigid_expenditure(rigid: Decimal, total: Decimal, terms: IncomeTerms) -> tuple[Decimal, Line]:
    taken = min(rigid, total) if terms.deduct_rigid_expenditure else ZERO
    if not terms.deduct_rigid_expenditure:
        words = f"刚性支出 {yuan(rigid)}，按当地规定不扣减"
    elif taken < rigid:
        words = f"刚性支出 {yuan(rigid)}，以家庭收入为限扣减，不低于 0"
    else:
        words = "因残疾、患重病等增加的支出，从家庭收入中扣减"
    return taken, money_line("rigid_expenditure", "扣减刚性支出", ZERO - taken, words, terms.rigid_clause)


def member_income(member: MemberFacts, terms: IncomeTerms) -> tuple[Decimal, list[Line]]:
    """One person's income that counts, less the cost of working, and its lines."""
    name = member.called
    if not member.counted:
        return ZERO, [_not_counted(member, terms)]
    counted = [(INCOME_LABELS[item.kind], item.monthly) for item in member.income]
    lines = []
    for item in member.exempt_income:
        label = EXEMPT_LABELS.get(item.kind, item.kind)
        if item.kind in EXEMPT_LABELS and item.kind not in terms.exempt:
            counted.append((f"{label}（现行规则未列为不计入项目）", item.monthly))
            continue
        known = item.kind in terms.exempt
        words = f"{yuan(item.monthly)} 不计入家庭收入{'' if known else UNLISTED}"
        clause = terms.income_clause if known else ""
        lines.append(money_line("exempt_income", f"{name} 的{label}", ZERO, words, clause))
    total = sum((amount for _, amount in counted), ZERO)
    words = " + ".join(f"{label} {yuan(amount)}" for label, amount in counted) or "无收入"
    lines.insert(0, money_line("member_income", f"{name} 的收入", total, words, terms.income_clause))
    if member.employment_cost:
        taken, line = _employment_cost(member, terms)
        total -= taken
        lines.append(line)
    return total, lines


def _not_counted(member: MemberFacts, terms: IncomeTerms) -> Line:
    why = EXCLUSION_LABELS[member.excluded] if member.excluded else "不共同生活"
    circumstance = "abandoned_minor" if member.relation == "parent" else _GONE
    if member.excluded == _GONE and circumstance in terms.gone:
        words = f"{why}，属一事一议所列情形，不计入人口和收入"
        # Of a parent the line of the circumstance says which clause it is: LC-3.1 or LC-3.2.
        clause = "" if member.relation == "parent" else terms.gone_clause
        return money_line("not_counted", f"{member.called} 不计入", ZERO, words, clause)
    listed = not member.excluded or member.excluded in terms.excluded
    words = f"{why}，不计入人口和收入{'' if listed else UNLISTED}"
    clause = terms.exclusion_clause if listed else ""
    return money_line("not_counted", f"{member.called} 不计入", ZERO, words, clause)


def _employment_cost(member: MemberFacts, terms: IncomeTerms) -> tuple[Decimal, Line]:
    wage = sum((item.monthly for item in member.income if item.kind == "wage"), ZERO)
    cost = member.employment_cost
    taken = min(cost, wage) if terms.deduct_employment_cost else ZERO
    if not terms.deduct_employment_cost:
        words = f"就业成本 {yuan(cost)}，按当地规定不扣减"
    elif taken < cost:
        words = f"就业成本 {yuan(cost)}，以本人工资 {yuan(wage)} 为限扣减"
    else:
        words = "必要的就业成本，从本人工资中扣减"
    return taken, money_line(
        "employment_cost", f"{member.called} 扣减就业成本", ZERO - taken, words, terms.employment_clause
    )
