"""What this part of the room shows: list, statement and export, one recovery, a panel, and the workbench."""

from approvals.recovering.queries.lists import (
    EXPORT_COLUMNS,
    EXPORT_MOST,
    export_rows,
    recovery_list,
    recovery_page,
    statement,
)
from approvals.recovering.queries.sheets import recoveries_panel, recovery_sheet
from approvals.recovering.queries.tasks import tasks_for

__all__ = [
    "EXPORT_COLUMNS",
    "EXPORT_MOST",
    "export_rows",
    "recoveries_panel",
    "recovery_list",
    "recovery_page",
    "recovery_sheet",
    "statement",
    "tasks_for",
]
