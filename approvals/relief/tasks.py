"""Periodic work on emergency reliefs; twice does nothing, late catches up."""

from __future__ import annotations

from celery import shared_task

from approvals.relief import services
from approvals.relief.models import ReliefLimit
from policy.calendars import working_calendar


@shared_task
def recompute_limits() -> int:
    """Count again what was counted on a year without official calendar; the number of dates that changed."""
    provisional = ReliefLimit.objects.filter(ended_at__isnull=True, provisional=True).order_by("pk")
    calendar = working_calendar()
    return sum(services.recount(limit=limit, calendar=calendar) for limit in provisional.iterator())
