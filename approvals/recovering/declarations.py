"""What a handler enters about a recovery."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RecoveryEntry:
    """One proposal. `months`: by the key of the line, what the household may keep of it (yuan); empty for a
    relief, which is claimed whole.
    """

    ground: str
    facts: str
    evidence: str
    found_on: date
    debtor: str
    way: str
    n_parts: int = 1
    months: tuple[tuple[str, Decimal], ...] = ()
