"""Periods that run out by themselves. Twice does nothing, late catches up."""

from __future__ import annotations

import logging

from celery import shared_task

from approvals.changing.enums import ChangeState
from approvals.changing.models import BenefitChange
from approvals.changing.services import move_change
from common.errors import Refused

logger = logging.getLogger(__name__)

_CHUNK = 500
# What the clock alone brings about, by the state in which it waits.
_BY_TIME = {ChangeState.HEARING: "close_hearing", ChangeState.PUBLISHED: "finish_notice"}


@shared_task
def close_periods() -> dict[str, int]:
    """End 陈述申辩 and 终止公示 that have run out with nothing open, each change in its own transaction."""
    waiting = BenefitChange.objects.filter(state__in=list(_BY_TIME)).order_by("pk")
    done = left = 0
    for pk, state in waiting.values_list("pk", "state")[:_CHUNK]:
        try:
            move_change(change_id=pk, transition=_BY_TIME[state], actor=None)
            done += 1
        except Refused:
            left += 1  # Not over yet, or something waits for an answer: people see it.
        except Exception:
            left += 1
            logger.exception("close_periods: change %s", pk)
    return {"closed": done, "left": left}
