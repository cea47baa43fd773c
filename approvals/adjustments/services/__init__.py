"""Writes of this room: what-if runs, and changes of a standard."""

from approvals.adjustments.services.changes import compute_again, start_adjustment, work_on_adjustment
from approvals.adjustments.services.deciding import confirm, propose, return_drafts
from approvals.adjustments.services.settling import settle
from approvals.adjustments.services.what_if import start_what_if, work_on_what_if

__all__ = [
    "compute_again",
    "confirm",
    "propose",
    "return_drafts",
    "settle",
    "start_adjustment",
    "start_what_if",
    "work_on_adjustment",
    "work_on_what_if",
]
