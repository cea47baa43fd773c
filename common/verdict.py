"""The answer of a permission question: allowed, or not and why."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """True or false with the Chinese reason that a greyed button or a 403 page shows."""

    allowed: bool
    reason: str = ""

    def __bool__(self) -> bool:
        return self.allowed


ALLOWED = Verdict(True)


def denied(reason: str) -> Verdict:
    """A refusal with its reason."""
    return Verdict(False, reason)
