"""How much 一事一议 may give at most: it softens the conditions, never the measure (LC-3.5, DT-4.2)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from common.money import to_fen
from policy.household import Facts
from policy.lines import Line, money_line, yuan
from policy.means.linshi import most_case_by_case
from policy.means.tekun import care_allowance
from policy.means.terms import Sourced, standard
from policy.rules import RuleBook


@dataclass(frozen=True, slots=True)
class CaseLimit:
    """The most for so many covered people, in yuan, with the lines that explain it.

    `standard`: of one head a month. `monthly_max` includes the care fee of 特困, which follows the care and
    is not open to settlement. All None for the status 低边.
    """

    lines: tuple[Line, ...] = ()
    standard: Decimal | None = None
    monthly_max: Decimal | None = None
    care_fee: Decimal | None = None
    one_off_max: Decimal | None = None


def limit_of(facts: Facts, book: RuleBook, n_covered: int) -> CaseLimit:
    """The limit of the programme by the rules of the book; NoRuleInForce where a standard is missing."""
    return _LIMITS[facts.programme](facts, book, n_covered)


def _dibao(facts: Facts, book: RuleBook, n_covered: int) -> CaseLimit:
    base = standard(book, facts, "dibao")
    most = to_fen(base.amount * n_covered)
    words = f"月低保标准 {yuan(base.amount)}{_marked(base)} × {n_covered} 人"
    return CaseLimit((_most_line(most, words, base.clause),), base.amount, most)


def _tekun(facts: Facts, book: RuleBook, n_covered: int) -> CaseLimit:
    base = standard(book, facts, "tekun")
    care, line = care_allowance(facts, facts.tekun, book)
    most = to_fen(base.amount + care)
    words = f"特困基本生活费 {yuan(base.amount)}{_marked(base)} + 照料护理费 {yuan(care)}"
    return CaseLimit((line, _most_line(most, words, base.clause)), base.amount, most, care)


def _linshi(facts: Facts, book: RuleBook, n_covered: int) -> CaseLimit:
    most, lines = most_case_by_case(facts, book)
    return CaseLimit(tuple(lines), one_off_max=to_fen(most))


def _marked(base: Sourced) -> str:
    return f"（{base.remark}）" if base.remark else ""


def _most_line(most: Decimal, words: str, clause: str) -> Line:
    return money_line("case_monthly_max", "一事一议月金额上限", most, words, clause)


_LIMITS = {
    "dibao": _dibao,
    "dibian": lambda facts, book, n_covered: CaseLimit(),
    "tekun": _tekun,
    "linshi": _linshi,
}
