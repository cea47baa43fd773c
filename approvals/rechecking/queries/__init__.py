"""What re-checks and renewals show on the case page, and ask people to do."""

from approvals.rechecking.queries.panels import rechecking_panel
from approvals.rechecking.queries.renewals import renewal_panel
from approvals.rechecking.queries.tasks import tasks_for

__all__ = ["rechecking_panel", "renewal_panel", "tasks_for"]
