"""Background work of this room."""

from celery import shared_task

from common import clock
from supervision import services


@shared_task
def draw_last_month() -> None:
    """Draw the ended months that are not drawn yet; fired twice, late or after days off it ends the same."""
    services.draw_closed_months(at=clock.now())
