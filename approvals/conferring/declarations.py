"""What people enter about a meeting, as the services take it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import IO


@dataclass(frozen=True, slots=True)
class CaseEntry:
    """One case at the meeting. Whoever is present, not recused and not named as against agrees."""

    application_id: int
    conclusion: str
    opinion: str
    n_against: int = 0
    n_abstained: int = 0
    recused: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JointEntry:
    """One 联审联批会议. `present`: (name, office) of each member; `scan`: the signed minutes."""

    held_at: datetime
    place: str
    chair: str
    present: list[tuple[str, str]]
    minutes: str
    scan: IO[bytes] | None
    cases: list[CaseEntry]
