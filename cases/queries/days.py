"""Days as instants."""

from datetime import date, datetime, time

from django.utils import timezone

from cases.models import Application
from common import clock


def start_of(day: date) -> datetime:
    """The instant at which a day begins in Beijing."""
    return timezone.make_aware(datetime.combine(day, time.min))


def rule_day(application: Application) -> date:
    """The day whose rules govern the application: that of receipt (SY-0.1), else today."""
    return timezone.localdate(application.received_at) if application.received_at else clock.today()
