"""What this room shows on the case page and on the workbench."""

from approvals.queries.limits import DeadlineView, deadline_view, deadlines_panel
from approvals.queries.panels import actions_panel, assessment_panel, trace_panel
from approvals.queries.tasks import tasks_for

__all__ = [
    "DeadlineView",
    "actions_panel",
    "assessment_panel",
    "deadline_view",
    "deadlines_panel",
    "tasks_for",
    "trace_panel",
]
