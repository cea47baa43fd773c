"""Another term of a settlement, before the last one lapses (LC-4.4b)."""

from __future__ import annotations

from datetime import datetime, timedelta

from approvals.settling.models import CaseByCase, Renewal
from approvals.settling.services.following import end_of_benefit, validity_of
from common.errors import Refused
from organisations.models import User
from payments import services as payments


def renew(*, settlement: CaseByCase, actor: User, at: datetime) -> Renewal:
    """Give one more term from the day after the last, and let the benefit go on as long.

    Called by the determination that it rests on, inside its transaction, the settlement locked. How long a
    term lasts, the rules on its first day say. Refused where they name no validity any more.
    """
    begins = settlement.holds_until + timedelta(days=1)
    until = validity_of(settlement.application, begins)
    if until is None:
        raise Refused(f"{begins} 起当地规则没有一事一议有效期，不能续期。", clause="LC-4.4b")
    renewal = Renewal.objects.create(
        settlement=settlement,
        number=settlement.renewals.count() + 1,
        valid_from=begins,
        valid_until=until,
        by=actor,
        at=at,
    )
    settlement.refresh_from_db(fields=["renewed_until"])
    payments.prolong_benefit(benefit=settlement.application.benefit, ends_on=end_of_benefit(until))
    return renewal
