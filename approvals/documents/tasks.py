"""The worker's side of printing many forms."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from approvals.documents import batches
from common import clock

# Longer than the broker's redelivery, so that a sweep does not draw what a worker is drawing.
LOST_AFTER = timedelta(minutes=15)


@shared_task
def draw_document_batch(batch_id: int) -> None:
    """Look at order N."""
    batches.draw_batch(batch_id)


@shared_task
def sweep_document_batches() -> int:
    """Find the orders whose task was lost."""
    return batches.sweep(clock.now() - LOST_AFTER)
