"""What a handler enters about a change and about what it rests on."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import IO


@dataclass(frozen=True, slots=True)
class ChangeEntry:
    """One proposal. `member` with `member_gone`, `income_kind` and `income`, and `deposits` say what the
    inquiry found; `monthly` is asked only where the means test cannot give the amount (yuan a month).
    """

    kind: str
    reason: str
    facts: str
    died_on: date | None = None
    member: int | None = None
    member_gone: bool = False
    income_kind: str = ""
    income: Decimal | None = None
    deposits: Decimal | None = None
    monthly: Decimal | None = None
    care_fee: Decimal | None = None
    screening: str = ""

    @property
    def found_otherwise(self) -> bool:
        """Does the inquiry say anything that the means test takes?"""
        return self.deposits is not None or self.member is not None


@dataclass(frozen=True, slots=True)
class EvidenceEntry:
    kind: str
    found_on: date
    finding: str
    second_visitor: str = ""
    file: IO[bytes] | None = None
