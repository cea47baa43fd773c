"""The means test: facts in, outcome, amount and explained lines out. No tables, no clock.

Order of the calculation for 低保: income of the counted members, less employment costs (from that member's
wage, not below 0), less rigid expenditure (from the household, not below 0), against standard × heads; then
the property limits. Nothing is rounded before the end: 保障金 = 标准 × 人数 − 收入, half up to the fen.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from common.errors import Refused
from common.money import to_fen
from policy.household import Assets, Facts
from policy.income import household_income
from policy.lines import Assessment, Line, money_line, yuan
from policy.rules import RuleBook
from policy.terms import DibaoTerms, Sourced, dibao_terms

MONTHS = 12


def assess(facts: Facts, book: RuleBook) -> Assessment:
    """Test one household by the rules of the book.

    NoRuleInForce when a rule that is needed is missing; Refused for what cannot be tested.
    """
    tester = _TESTERS.get(facts.programme)
    if tester is None:
        raise Refused("本版本只测算低保。", field="programme")
    if not facts.counted:
        raise Refused("没有计入家庭人口的共同生活成员，无法测算。", field="members")
    return tester(facts, book)


def _assess_dibao(facts: Facts, book: RuleBook) -> Assessment:
    terms = dibao_terms(book, facts)
    lines, outcome, monthly = weigh_dibao(facts, terms)
    return Assessment(
        outcome=outcome,
        authority="township" if terms.authority == "township" else "district",
        monthly=monthly,
        one_off_max=None,
        covered=tuple(member.key for member in facts.counted) if outcome == "eligible" else (),
        what_if=bool(facts.standards),
        circumstances=(),
        lines=tuple(lines),
        rule_ids=tuple(book.used),
    )


def weigh_dibao(facts: Facts, terms: DibaoTerms) -> tuple[list[Line], str, Decimal | None]:
    """The lines, the outcome and the monthly amount of the household under the terms."""
    heads, standard = len(facts.counted), terms.standard
    income, lines = household_income(facts, terms)
    ceiling = standard.amount * heads
    poor = income < ceiling
    comparison = "低于" if poor else "不低于"
    lines += [
        money_line("standard", "低保标准（每人每月）", standard.amount, standard.remark, standard.clause),
        money_line(
            "per_capita_income",
            "人均月收入",
            income / heads,
            f"{yuan(income)} ÷ {heads} 人，{comparison}低保标准 {yuan(standard.amount)}",
            terms.test_clause,
            passed=poor,
        ),
        *property_lines(facts.assets or Assets(), heads, terms, declared=facts.assets is not None),
    ]
    if not all(line.passed for line in lines):
        return lines, "ineligible", None
    monthly = to_fen(ceiling - income)
    formula = f"{yuan(standard.amount)} × {heads} 人 − {yuan(income)}，最后一步四舍五入到分"
    lines.append(
        money_line("monthly", "月保障金（补差）", monthly, formula, terms.difference_clause, is_total=True)
    )
    return lines, "eligible", monthly


def property_lines(assets: Assets, heads: int, terms: DibaoTerms, *, declared: bool) -> list[Line]:
    """One line a limit; the one that is passed over says so."""
    note = "" if declared else "未填报财产，按无财产测算；"
    annual = MONTHS * terms.standard.amount
    limit = terms.deposits_multiple.amount * annual
    per_head = assets.deposits / heads
    within = assets.deposits < limit * heads
    times = f"{terms.deposits_multiple.amount.normalize():f}"
    lines = [
        money_line(
            "deposits_limit",
            "人均金融资产限额",
            limit,
            f"年低保标准 {yuan(annual)} × {times} 倍" + _remark(terms.deposits_multiple),
            terms.deposits_multiple.clause,
        ),
        money_line(
            "deposits_per_head",
            "人均金融资产",
            per_head,
            f"{note}{yuan(assets.deposits)} ÷ {heads} 人，{'低于限额' if within else '达到或超过限额'}",
            terms.deposits_multiple.clause,
            passed=within,
        ),
        _count_line("vehicles", "机动车", assets.vehicles, "辆", terms.vehicles_max),
        _count_line(
            "non_residential_houses", "非居住用房", assets.non_residential_houses, "处", terms.houses_max
        ),
    ]
    below = assets.registered_capital < terms.capital_below.amount
    limit_words = f"限额 {yuan(terms.capital_below.amount)}，{'低于' if below else '达到或超过'}限额"
    lines.append(
        money_line(
            "registered_capital",
            "市场主体认缴出资额",
            assets.registered_capital,
            limit_words + _remark(terms.capital_below),
            terms.capital_below.clause,
            passed=below,
        )
    )
    return lines


def _count_line(code: str, label: str, count: int, measure: str, most: Sourced) -> Line:
    passed = count <= most.amount
    allowed = f"最多 {most.amount} {measure}" if most.amount else "不得拥有"
    words = f"{count} {measure}，{allowed}，{'符合' if passed else '超过限额'}" + _remark(most)
    return Line(code, label, None, words, most.clause, passed=passed)


def _remark(value: Sourced) -> str:
    return f"（{value.remark}）" if value.remark else ""


_TESTERS: dict[str, Callable[[Facts, RuleBook], Assessment]] = {"dibao": _assess_dibao}
