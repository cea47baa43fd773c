"""What the test of one programme found, before it becomes the answer."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from policy.household import ZERO
from policy.lines import Line

ELIGIBLE, INELIGIBLE, CASE_BY_CASE = "eligible", "ineligible", "case_by_case"


@dataclass(frozen=True, slots=True)
class Finding:
    """Outcome, amounts (rounded half up to the fen) and lines. `circumstances`: clauses of 一事一议."""

    lines: tuple[Line, ...]
    outcome: str
    authority: str
    covered: tuple[str, ...] = ()
    monthly: Decimal | None = None
    one_off_max: Decimal | None = None
    circumstances: tuple[str, ...] = ()
    care_fee: Decimal | None = None
    pocket_money: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tested:
    """One test of income and property: its lines, and what the next question needs of it.

    `assessed`: household income a month after deductions, exact; `earned`: the wages, before them.
    """

    lines: tuple[Line, ...]
    assessed: Decimal
    earned: Decimal = ZERO

    @property
    def passed(self) -> bool:
        return all(line.passed for line in self.lines)

    @property
    def failed(self) -> frozenset[str]:
        """Codes of the lines for which the household is not eligible."""
        return frozenset(line.code for line in self.lines if not line.passed)
