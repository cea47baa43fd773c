"""Background work of this room. A task carries the id of a run and may come twice, late or not at all."""

from __future__ import annotations

import logging
from datetime import timedelta

from celery import shared_task

from approvals.adjustments import services
from approvals.adjustments.models import MOST_FAILURES, Adjustment, WhatIfRun
from common import clock

log = logging.getLogger(__name__)

# A run that was started this long ago and is not finished may have lost its message or its worker.
LOST_AFTER = timedelta(minutes=2)


@shared_task
def run_what_if(run_id: int) -> None:
    """Look at what-if run N."""
    services.work_on_what_if(run_id)


@shared_task
def run_adjustment(run_id: int) -> None:
    """Look at adjustment N."""
    services.work_on_adjustment(run_id)


@shared_task
def sweep_runs() -> None:
    """Take up again what a crash or a lost message left; a run that keeps breaking down waits for people."""
    before = clock.now() - LOST_AFTER
    for model, task in ((WhatIfRun, run_what_if), (Adjustment, run_adjustment)):
        lost = model.objects.filter(
            finished_at__isnull=True, started_at__lt=before, n_failures__lt=MOST_FAILURES
        )
        for pk in lost.order_by("pk").values_list("pk", flat=True):
            log.info("%s %s is taken up again", model.__name__, pk)
            task.delay(pk)
