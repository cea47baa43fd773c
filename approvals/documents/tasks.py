"""The worker's side of printing many forms and of binding files."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task

from approvals.documents import batches, casefile
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


@shared_task
def bind_case_file(order_id: int) -> None:
    """Look at the case file of order N."""
    casefile.bind(order_id)


@shared_task
def sweep_case_files() -> int:
    """Find the orders whose task was lost."""
    return casefile.sweep(clock.now() - LOST_AFTER)
