"""Reads of this room."""

from approvals.adjustments.queries.changes import change_sheet, export_change, manual_items, visible_changes
from approvals.adjustments.queries.tasks import tasks_for
from approvals.adjustments.queries.what_if import export_what_if, towns_of, visible_runs, what_if_sheet

__all__ = [
    "change_sheet",
    "export_change",
    "export_what_if",
    "manual_items",
    "tasks_for",
    "towns_of",
    "visible_changes",
    "visible_runs",
    "what_if_sheet",
]
