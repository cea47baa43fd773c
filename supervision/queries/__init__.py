"""Reads for the screens of this room, the case page and the workbench."""

from supervision.queries.findings import FindingPage, finding_page, finding_trace, review_panel
from supervision.queries.runs import MonthSection, RunSheet, frame_name, month_list, run_sheet
from supervision.queries.tasks import tasks_for

__all__ = [
    "FindingPage",
    "MonthSection",
    "RunSheet",
    "finding_page",
    "finding_trace",
    "frame_name",
    "month_list",
    "review_panel",
    "run_sheet",
    "tasks_for",
]
