"""Periods that run out, and debts that lists have set off to the end. Twice does nothing, late catches up."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db.models import F

from approvals.recovering.enums import RecoveryState
from approvals.recovering.models import Recovery
from approvals.recovering.services import move_recovery
from common.errors import Refused

logger = logging.getLogger(__name__)

_CHUNK = 500


@shared_task
def follow_recoveries() -> dict[str, int]:
    """End 陈述申辩 that has run out, settle what lists have set off, each recovery in its own transaction."""
    even = F("debt__returned") + F("debt__set_off") + F("debt__waived")
    heard = Recovery.objects.filter(state=RecoveryState.HEARING)
    made_good = Recovery.objects.filter(state=RecoveryState.REPAYING, debt__owed=even)
    waiting = [(pk, "close_hearing") for pk in heard.order_by("pk").values_list("pk", flat=True)[:_CHUNK]]
    waiting += [(pk, "settle") for pk in made_good.order_by("pk").values_list("pk", flat=True)[:_CHUNK]]
    done = 0
    for pk, move in waiting:
        try:
            move_recovery(recovery_id=pk, transition=move, actor=None)
            done += 1
        except Refused:
            continue  # Not over yet, or something waits for an answer: people see it.
        except Exception:
            logger.exception("follow_recoveries: recovery %s", pk)
    return {"moved": done, "left": len(waiting) - done}
