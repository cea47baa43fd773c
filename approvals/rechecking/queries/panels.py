"""The re-checks of a benefit on its case page."""

from __future__ import annotations

from approvals.rechecking.models import EconomicRecheck
from approvals.rechecking.records import keeping_of
from cases.models import Application
from organisations.models import User
from payments.models import Benefit
from payments.perms import can_propose_change


def rechecking_panel(application: Application, user: User) -> dict:
    """Context of `rechecking/_panel.html`: the re-checks of the benefit, and whether one may be begun."""
    benefit = Benefit.objects.filter(application=application).select_related("village", "township").first()
    found = EconomicRecheck.objects.filter(application=application).select_related("keeping")
    rows = [{"recheck": row, "keeping": keeping_of(row)} for row in found.order_by("-pk")]
    may = bool(can_propose_change(user, benefit)) if benefit else False
    return {"rechecking_panel": {"benefit": benefit, "rows": rows, "may": may}}
