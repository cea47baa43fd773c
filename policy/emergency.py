"""急难先行救助: how much a township may give at once, before any calculation (DT-4.3, SY-4.4b)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from common.money import to_fen
from policy.lines import yuan
from policy.means.property import times
from policy.means.terms import sourced
from policy.rules import NoRuleInForce, RuleBook

FIXED, MULTIPLE = "emergency.max_amount", "emergency.max_multiple"


@dataclass(frozen=True, slots=True)
class EmergencyLimit:
    """The most in yuan, how it comes about in words, and the clause."""

    amount: Decimal
    words: str
    clause: str


def emergency_limit(book: RuleBook, n_people: int) -> EmergencyLimit:
    """The lower of the fixed amount and the multiple of the monthly 低保 standard, where a place has both.

    A multiple counts for each person where `linshi.basis` says so, as in the means test afterwards.
    NoRuleInForce where the place has neither: nothing is given in advance there.
    """
    limits = [limit(book, n_people) for key, limit in _LIMITS.items() if book.has(key)]
    if not limits:
        raise NoRuleInForce(FIXED, book.area, book.on)
    return min(limits, key=lambda limit: limit.amount)


def _fixed(book: RuleBook, n_people: int) -> EmergencyLimit:
    most = sourced(book, FIXED)
    return EmergencyLimit(most.amount, f"每次不超过 {yuan(most.amount)}", most.clause)


def _multiple(book: RuleBook, n_people: int) -> EmergencyLimit:
    base, multiple = sourced(book, "standard.dibao"), sourced(book, MULTIPLE)
    heads = n_people if book.text("linshi.basis") == "per_person" else 1
    remark = f"（{base.remark}）" if base.remark else ""
    words = f"月低保标准 {yuan(base.amount)}{remark} × {times(multiple.amount)} 倍"
    if heads > 1:
        words += f" × {heads} 人"
    return EmergencyLimit(to_fen(base.amount * multiple.amount * heads), words, multiple.clause)


_LIMITS = {FIXED: _fixed, MULTIPLE: _multiple}
