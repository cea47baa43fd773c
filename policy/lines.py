"""The explained rows of a calculation: screen, paper, notice and audit show the same ones."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from common.money import show_yuan, to_fen


@dataclass(frozen=True, slots=True)
class Line:
    """One row. `amount` in yuan, rounded for display only; None where the row holds a count (see `formula`).

    `passed` is False on the row for which the household is not eligible.
    """

    code: str
    label: str
    amount: Decimal | None
    formula: str = ""
    clause: str = ""
    passed: bool = True
    is_total: bool = False

    def as_json(self) -> dict:
        """The stored and public form: money as a string with two places."""
        return {
            "code": self.code,
            "label": self.label,
            "amount": None if self.amount is None else f"{self.amount:.2f}",
            "clause": self.clause,
            "formula": self.formula,
            "passed": self.passed,
            "is_total": self.is_total,
        }


@dataclass(frozen=True, slots=True)
class Assessment:
    """The proposal of the rules. A person decides, not this.

    `monthly` and `one_off_max` are rounded half up to the fen, None where nothing is due. `rule_ids` are the
    rules consulted, in order: a decision keeps them together with the lines. For 特困 `monthly` is basic
    living allowance and care fee together; `care_fee` is the part that follows the care, `pocket_money` the
    part of the allowance that an institution hands over (DT-7.1).
    """

    outcome: str
    authority: str
    monthly: Decimal | None
    one_off_max: Decimal | None
    covered: tuple[str, ...]
    what_if: bool
    circumstances: tuple[str, ...]
    lines: tuple[Line, ...]
    rule_ids: tuple[int, ...]
    care_fee: Decimal | None = None
    pocket_money: Decimal | None = None

    @property
    def eligible(self) -> bool:
        return self.outcome == "eligible"

    @property
    def reasons(self) -> list[str]:
        """Why not eligible, one sentence a failed line, for the refusal paper."""
        return [f"{line.label}：{line.formula}" for line in self.lines if not line.passed]

    def as_json(self) -> dict:
        """The answer of `manage.py assess` (interfaces.md)."""
        return {
            "outcome": self.outcome,
            "authority": self.authority,
            "monthly": None if self.monthly is None else f"{self.monthly:.2f}",
            "one_off_max": None if self.one_off_max is None else f"{self.one_off_max:.2f}",
            "covered": list(self.covered),
            "what_if": self.what_if,
            "circumstances": list(self.circumstances),
            "lines": [line.as_json() for line in self.lines],
        }


def money_line(
    code: str, label: str, amount: Decimal, formula: str = "", clause: str = "", **marks: bool
) -> Line:
    """A row with an amount, rounded half up for display; the calculation goes on with the exact one."""
    return Line(code, label, to_fen(amount), formula, clause, **marks)


def yuan(amount: Decimal) -> str:
    """`1,085.00` for formulas in words."""
    return show_yuan(amount)
