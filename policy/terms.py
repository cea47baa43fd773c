"""What the rules of a place and day say, as the calculation needs it: values with their clauses."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from common.errors import Refused
from policy.household import Facts
from policy.rules import RuleBook


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value with the clause it comes from and how sure it is (`演示值`, `推定`, `what-if`)."""

    amount: Decimal
    clause: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class DibaoTerms:
    """What the rules of a place and day say about 低保."""

    standard: Sourced
    test_clause: str
    difference_clause: str
    income_clause: str
    exclusion_clause: str
    deduct_employment_cost: bool
    deduct_rigid_expenditure: bool
    exempt: dict[str, str]
    deposits_multiple: Sourced
    vehicles_max: Sourced
    houses_max: Sourced
    capital_below: Sourced
    authority: str


def _sourced(book: RuleBook, key: str) -> Sourced:
    rule = book.rule(key)
    remark = "" if rule.certainty == "law" else rule.get_certainty_display()
    return Sourced(Decimal(rule.value), rule.clause_id or "", remark)


def _clause(book: RuleBook, key: str) -> str:
    return book.rule(key).clause_id or ""


def dibao_terms(book: RuleBook, facts: Facts) -> DibaoTerms:
    """Read the terms; `facts.standards["dibao"]` takes the place of the table's standard."""
    if book.text("benefit.dibao.method") != "difference":
        raise Refused("本版本只按差额计算低保金，该地区规则为分档计算。", field="area")
    override = facts.standards.get("dibao")
    tested = None if override is None else Sourced(override, "", "按输入的标准试算")
    return DibaoTerms(
        standard=tested or _sourced(book, "standard.dibao"),
        test_clause=_clause(book, "income.dibao.test"),
        difference_clause=_clause(book, "benefit.dibao.method"),
        income_clause=_clause(book, "income.exempt"),
        exclusion_clause=_clause(book, "household.excluded"),
        deduct_employment_cost=book.flag("income.employment_cost_deducted"),
        deduct_rigid_expenditure=book.flag("income.rigid_expenditure_deducted"),
        exempt={item["code"]: item["label"] for item in book.items("income.exempt")},
        deposits_multiple=_sourced(book, "property.dibao.deposits_multiple"),
        vehicles_max=_sourced(book, "property.dibao.vehicles_max"),
        houses_max=_sourced(book, "property.dibao.non_residential_houses_max"),
        capital_below=_sourced(book, "property.dibao.registered_capital_below"),
        authority=book.text("decision.dibao.authority"),
    )
