"""What people enter, as the services take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import IO

from approvals.settling.enums import Capacity, Circumstance, Purpose


@dataclass(frozen=True, slots=True)
class Referral:
    """The circumstance that the handler confirms, with its facts by name (`circumstances.FACTS`)."""

    circumstance: Circumstance
    facts: dict[str, str]
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class AppraisalEntry:
    """One 民主评议. `present`: names by capacity; `recused`: relatives among them, who do not vote."""

    held_at: datetime
    place: str
    chair: str
    present: dict[Capacity, list[str]]
    n_for: int
    n_against: int
    n_abstained: int
    opinions: str
    minutes: str
    sheet: IO[bytes] | None
    recused: list[str] = field(default_factory=list)
    evidence: str = ""
    purpose: Purpose = Purpose.CASE_BY_CASE


@dataclass(frozen=True, slots=True)
class MeetingEntry:
    """The meeting that determines."""

    held_at: datetime
    place: str
    chair: str
    attendees: str
    minutes: str


@dataclass(frozen=True, slots=True)
class Award:
    """What is given to whom: keys of members; yuan a month (of 特困 with its care fee) or once."""

    covered: tuple[str, ...]
    monthly: Decimal | None = None
    amount: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """How the applicant was told the result."""

    told_on: date
    way: str
    note: str = ""
