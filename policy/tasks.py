"""Background work of the rule tables."""

import logging

from celery import shared_task

from common import clock
from policy.alarms import lapsing, unsourced, waiting
from policy.calendars import missing_calendar_years

log = logging.getLogger(__name__)


@shared_task
def watch_rules() -> None:
    """Say once a day in the log what the work table shows to the keepers; twice or never does no harm."""
    today = clock.today()
    for year in missing_calendar_years(today):
        log.warning("calendar year %s is missing", year)
    counts = {
        "lapsing": lapsing(today).count(),
        "without source": unsourced(today).count(),
        "waiting for publication": waiting().count(),
    }
    for what, count in counts.items():
        if count:
            log.warning("rules %s: %s", what, count)
