"""What 一事一议 shows on the case page, in its register and on the workbench."""

from approvals.settling.queries.listing import register
from approvals.settling.queries.panel import full_record, settling_panel
from approvals.settling.queries.tasks import tasks_for

__all__ = ["full_record", "register", "settling_panel", "tasks_for"]
