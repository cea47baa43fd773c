"""Work that belongs to no room: the common heartbeat of beat, broker and worker, and files left behind."""

import time
from datetime import timedelta

from celery import shared_task

from common import clock
from common.orphans import remove_orphans
from config.broker import HEARTBEAT_KEY, client

ORPHAN_AFTER = timedelta(days=1)


@shared_task
def heartbeat() -> None:
    """Travels the same way as every other task, so a worker that has gone deaf stops the beat."""
    client().set(HEARTBEAT_KEY, int(time.time()), ex=3600)


@shared_task
def sweep_files() -> int:
    """Remove what crashes left; no transaction lasts anywhere near as long as a day."""
    return remove_orphans(clock.now() - ORPHAN_AFTER)
