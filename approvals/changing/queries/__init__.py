"""What this part of the room shows: the list, one change, a panel of the case, and the workbench."""

from approvals.changing.queries.lists import change_list, change_page
from approvals.changing.queries.sheets import change_sheet, changes_panel
from approvals.changing.queries.tasks import tasks_for

__all__ = ["change_list", "change_page", "change_sheet", "changes_panel", "tasks_for"]
