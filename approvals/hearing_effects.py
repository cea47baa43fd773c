"""What moves cause in every procedure in which people are heard: papers, the period, another round."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from approvals.deadlines import show_day
from approvals.documents.service import make_document
from approvals.enums import DocumentKind
from approvals.workflow import TimeLimit
from cases.models import Application
from organisations.models import User


class Heard(Protocol):
    """What people are heard about: a change of a benefit, a recovery."""

    application: Application
    matter: str
    round: int
    prior_served_at: datetime | None


@dataclass(slots=True)
class HeardMove:
    """One move under way. `at` is the instant it counts from."""

    about: Heard
    actor: User | None
    opinion: str
    at: datetime
    now: datetime
    changes: list[str] = field(default_factory=list)
    starts: list[TimeLimit] = field(default_factory=list)


def put_on_paper(moving: HeardMove, kind: DocumentKind) -> None:
    about = moving.about
    made = make_document(application=about.application, kind=kind, actor=moving.actor, matter=about.matter)
    moving.changes.append(f"制作《{made.get_kind_display()}》{made.number}")


def start_hearing(moving: HeardMove, period: TimeLimit) -> None:
    """Told beforehand: from now on people may speak up."""
    moving.changes.append(f"事先告知书于 {show_day(moving.at)} 送达")
    moving.starts.append(period)


def begin_another_round(moving: HeardMove) -> None:
    """Thought over after a defence: whoever is told again is heard again."""
    about = moving.about
    about.round += 1
    about.prior_served_at = None
    moving.changes.append(f"开始第 {about.round} 轮，重新核定后另行告知")
