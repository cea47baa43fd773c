"""What is shown to the public: notices with their objections, and what hangs for the long term."""

from publicity.models.notices import Notice, NoticeQuerySet, Objection, new_token
from publicity.models.standing import StandingLine, StandingNotice, StandingPhoto

__all__ = [
    "Notice",
    "NoticeQuerySet",
    "Objection",
    "StandingLine",
    "StandingNotice",
    "StandingPhoto",
    "new_token",
]
