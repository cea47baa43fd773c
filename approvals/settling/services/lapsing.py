"""The end of the validity: after a year 一事一议 holds no longer unless it is asked for again (LC-4.4b)."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import transaction

from approvals.settling.enums import Action
from approvals.settling.models import CaseByCase
from approvals.settling.services.following import end_of_benefit
from approvals.settling.services.shared import locked_settlement, trace
from cases import services as cases
from common import clock


@transaction.atomic
def lapse(*, settlement: CaseByCase, today: date) -> bool:
    """Write down that it holds no longer and give the people their places back; whether anything was due.

    The benefit was opened, and prolonged with each renewal, with its end, the month after the validity, so
    nothing is stopped here and a task that runs late pays nobody too long.
    """
    settlement = locked_settlement(settlement)
    until = settlement.holds_until
    over = until is not None and until < today
    if settlement.lapsed_on is not None or not over:
        return False
    settlement.lapsed_on = until + timedelta(days=1)
    settlement.save(update_fields=["lapsed_on"])
    cases.release_members(application=settlement.application)
    ends_on = end_of_benefit(until)
    details = f"有效期至 {until} 期满失效，自 {ends_on:%Y-%m} 起停发"
    trace(settlement.application, Action.LAPSE, None, "", details, clock.now())
    return True
