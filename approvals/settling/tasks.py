"""Daily work: what has run out lapses. Twice does nothing, late catches up."""

from __future__ import annotations

import logging

from celery import shared_task

from approvals.settling.models import CaseByCase
from approvals.settling.services import lapse
from common import clock

logger = logging.getLogger(__name__)
_CHUNK = 500


@shared_task
def lapse_settlements() -> dict[str, int]:
    """Each in its own transaction: one that fails holds up no other."""
    today, lapsed, failed = clock.today(), 0, 0
    over = CaseByCase.objects.with_end().filter(until__lt=today, lapsed_on__isnull=True)
    for settlement in over.order_by("until", "pk")[:_CHUNK]:
        try:
            lapsed += lapse(settlement=settlement, today=today)
        except Exception:
            failed += 1
            logger.exception("lapse_settlements: settlement %s", settlement.pk)
    return {"lapsed": lapsed, "failed": failed}
