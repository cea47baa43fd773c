"""Reads of this part: the list, one record, the panel of a case, and what to do next."""

from approvals.relief.queries.limits import limit_view, limits_of_case, running_limit
from approvals.relief.queries.records import case_panel, record_context, relief_list
from approvals.relief.queries.tasks import tasks_for

__all__ = [
    "case_panel",
    "limit_view",
    "limits_of_case",
    "record_context",
    "relief_list",
    "running_limit",
    "tasks_for",
]
