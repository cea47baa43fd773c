"""Proof that beat, broker and worker all work: their common heartbeat."""

import time

from celery import shared_task

from config.broker import HEARTBEAT_KEY, client


@shared_task
def heartbeat() -> None:
    """Travels the same way as every other task, so a worker that has gone deaf stops the beat."""
    client().set(HEARTBEAT_KEY, int(time.time()), ex=3600)
