"""Days as instants."""

from datetime import date, datetime, time

from django.utils import timezone


def start_of(day: date) -> datetime:
    """The instant at which a day begins in Beijing."""
    return timezone.make_aware(datetime.combine(day, time.min))
