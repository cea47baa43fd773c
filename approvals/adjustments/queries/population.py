"""Which cases are live in an area on a day, and what they receive."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q, QuerySet

from approvals.adjustments.enums import Source
from approvals.adjustments.testing import STANDING
from cases.enums import ApplicationState
from cases.models import Application
from cases.queries.days import start_of
from common import clock
from organisations.models import Area
from organisations.scope import Scope
from payments.models import Benefit, BenefitRevision

# Investigated, so that the test has what it needs.
ASSESSABLE = (ApplicationState.REVIEWING, ApplicationState.PUBLISHED, ApplicationState.DECIDING)
# Refused no longer ago than this: who might enter under other rules.
REFUSED_WITHIN = timedelta(days=365)


def reach(scope: Scope, *posts: str, path: str = "area__") -> Q:
    """Rows of areas at or below those of the posts."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*posts):
        condition |= Q(**{f"{path}prefix__startswith": prefix})
    return condition


def in_force(month: date) -> Q:
    """Benefits in force in a month, or beginning after it."""
    return Q(ends_on__isnull=True) | Q(ends_on__gt=month)


def cases_of(area: Area, on: date) -> dict[str, list[int]]:
    """Application ids by source, each in order of township."""
    within = Q(township__prefix__startswith=area.prefix) | Q(village__prefix__startswith=area.prefix)
    applications = Application.objects.filter(within, programme__in=STANDING)
    month = clock.month_of(on)
    live = Benefit.objects.filter(within, in_force(month), starts_on__lte=month, programme__in=STANDING)
    refused = applications.filter(
        state=ApplicationState.REFUSED, decided_at__gte=start_of(on - REFUSED_WITHIN)
    )
    return {
        Source.LIVE: _ids(live, "application_id"),
        Source.OPEN: _ids(applications.filter(state__in=ASSESSABLE), "pk"),
        Source.REFUSED: _ids(refused, "pk"),
    }


def _ids(rows: QuerySet, key: str) -> list[int]:
    return list(rows.order_by("township__code", key).values_list(key, flat=True))


def monthly_of(applications: Sequence[int], on: date) -> dict[int, Decimal]:
    """Yuan a month that the benefits of these applications pay in the month of `on`; 0 for a bare status."""
    month = clock.month_of(on)
    revisions = BenefitRevision.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=month),
        valid_from__lte=month,
        benefit__application__in=applications,
    )
    return {pk: Decimal("0.00") for pk in applications} | {
        pk: monthly or Decimal("0.00")
        for pk, monthly in revisions.values_list("benefit__application_id", "monthly")
    }
