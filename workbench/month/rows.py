"""How one gap stands on the page."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class GapRow:
    """One person, or one list, fund or file. `name` is masked; `url` is where it is looked into."""

    number: str
    name: str
    place: str
    detail: str
    url: str
