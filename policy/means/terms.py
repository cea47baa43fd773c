"""What the rules of a place and day say, as the calculation needs it: values with their clauses."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from common.errors import Refused
from policy.household import Facts
from policy.lines import yuan
from policy.rules import RuleBook


@dataclass(frozen=True, slots=True)
class Sourced:
    """A value with the clause it comes from and how sure it is (`演示值`, `推定`, `what-if`)."""

    amount: Decimal
    clause: str = ""
    remark: str = ""


@dataclass(frozen=True, slots=True)
class IncomeTerms:
    """What counts as income of whom.

    `gone`: the circumstances of 一事一议 that the place lists; `gone_clause`: that of a member who has been
    gone three years (LC-3.1).
    """

    income_clause: str
    exclusion_clause: str
    excluded: frozenset[str]
    deduct_employment_cost: bool
    employment_clause: str
    deduct_rigid_expenditure: bool
    rigid_clause: str
    exempt: dict[str, str]
    gone: frozenset[str]
    gone_clause: str


@dataclass(frozen=True, slots=True)
class PropertyLimits:
    """The limits of one programme; None where a place has none (特困: set by the city, 民发〔2021〕43号)."""

    deposits_multiple: Sourced | None
    vehicles_max: Sourced | None
    houses_max: Sourced | None
    capital_below: Sourced | None


def sourced(book: RuleBook, key: str) -> Sourced:
    """The value of a rule with its clause; NoRuleInForce when there is none."""
    rule = book.rule(key)
    remark = "" if rule.certainty == "law" else rule.get_certainty_display()
    return Sourced(Decimal(rule.value), rule.clause_id or "", remark)


def clause_of(book: RuleBook, key: str) -> str:
    """The clause that a rule rests on; empty when it rests on a document alone."""
    return book.rule(key).clause_id or ""


def standard(book: RuleBook, facts: Facts, name: str) -> Sourced:
    """`dibao`, `tekun` or `min_wage`: the value of the what-if, else the table's."""
    override = facts.standards.get(name)
    if override is not None:
        return Sourced(override, "", "按输入的标准试算")
    return sourced(book, name if name == "min_wage" else f"standard.{name}")


def dibian_line(book: RuleBook, facts: Facts) -> Sourced:
    """The 低边 line: a fixed value, or a multiple of the standard, capped by the minimum wage (DT-9.1)."""
    if "dibian" in facts.standards:
        return Sourced(facts.standards["dibian"], "", "按输入的标准试算")
    if _fixed_before_multiple(book):
        return sourced(book, "standard.dibian")
    multiple, base = sourced(book, "standard.dibian.multiple"), standard(book, facts, "dibao")
    line = multiple.amount * base.amount
    words = f"{multiple.amount.normalize():f} × 低保标准 {yuan(base.amount)}"
    remarks = [text for text in (base.remark, multiple.remark) if text]
    if book.has("standard.dibian.capped_by_min_wage") and book.flag("standard.dibian.capped_by_min_wage"):
        wage = standard(book, facts, "min_wage")
        words += f"，不高于最低工资 {yuan(wage.amount)}"
        line = min(line, wage.amount)
        remarks += [wage.remark] if wage.remark else []
    marks = f"（{'、'.join(dict.fromkeys(remarks))}）" if remarks else ""
    return Sourced(line, multiple.clause, words + marks)


def _fixed_before_multiple(book: RuleBook) -> bool:
    """Does a fixed value stand nearer to the place than a multiple, or as near?"""
    fixed, multiple = "standard.dibian", "standard.dibian.multiple"
    if not book.has(fixed) or not book.has(multiple):
        return book.has(fixed)
    return book.distance(fixed) <= book.distance(multiple)


def income_terms(book: RuleBook) -> IncomeTerms:
    """What counts as income here; NoRuleInForce where a place does not say."""
    circumstances = _circumstances(book)
    return IncomeTerms(
        income_clause=clause_of(book, "income.exempt"),
        exclusion_clause=clause_of(book, "household.excluded"),
        excluded=frozenset(item["code"] for item in book.items("household.excluded")),
        deduct_employment_cost=book.flag("income.employment_cost_deducted"),
        employment_clause=clause_of(book, "income.employment_cost_deducted"),
        deduct_rigid_expenditure=book.flag("income.rigid_expenditure_deducted"),
        rigid_clause=clause_of(book, "income.rigid_expenditure_deducted"),
        exempt={item["code"]: item["label"] for item in book.items("income.exempt")},
        gone=frozenset(circumstances),
        gone_clause=circumstances.get("left_3y", ""),
    )


def _circumstances(book: RuleBook) -> dict[str, str]:
    """The clause of each circumstance of 一事一议 that the place lists."""
    key = "case_by_case.circumstances"
    return {item["code"]: item.get("clause", "") for item in book.items(key)} if book.has(key) else {}


def property_limits(book: RuleBook, programme: str, *, optional: bool = False) -> PropertyLimits:
    """The limits of a programme. `optional`: a place may be without them, else NoRuleInForce."""
    names = ("deposits_multiple", "vehicles_max", "non_residential_houses_max", "registered_capital_below")
    keys = [f"property.{programme}.{name}" for name in names]
    return PropertyLimits(*(None if optional and not book.has(key) else sourced(book, key) for key in keys))


def require_difference(book: RuleBook) -> str:
    """The clause by which 低保 makes up the difference; Refused where a place pays by bands."""
    if book.text("benefit.dibao.method") != "difference":
        raise Refused("本系统按差额计算低保金，该地区规则为分档计算，请由规则管理人员核对。", field="area")
    return clause_of(book, "benefit.dibao.method")


def authority(book: RuleBook, programme: str) -> str:
    """`township` or `district`: who decides (DT-1.1, SY-2.1)."""
    return "township" if book.text(f"decision.{programme}.authority") == "township" else "district"
