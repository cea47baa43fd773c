"""Writes of this room: what-if runs, and changes of a standard."""

from approvals.adjustments.services.changes import confirm, propose, start_adjustment, work_on_adjustment
from approvals.adjustments.services.what_if import start_what_if, work_on_what_if

__all__ = [
    "confirm",
    "propose",
    "start_adjustment",
    "start_what_if",
    "work_on_adjustment",
    "work_on_what_if",
]
