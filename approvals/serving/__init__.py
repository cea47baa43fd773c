"""送达: a paper is handed over by a chain of attempts, each with its proof (SY-A1.5b)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from approvals.models import Document

# Called with the paper and the instant from which it counts as served, in the transaction that records it.
# Each part of the room whose limits hang on the service appends its own when the applications are loaded.
SERVED: list[Callable[[Document, datetime], None]] = []
