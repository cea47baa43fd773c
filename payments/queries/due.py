"""Which payer owes which month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Max, Q

from common import clock
from organisations.models import Area
from organisations.scope import Scope
from payments.models import Batch, Benefit
from payments.terms import PaymentRules

MOST_MONTHS = 12


def _places(benefits) -> list[tuple[Area, Area]]:
    """(county, township) of the benefits, each once."""
    pairs = set(benefits.order_by().values_list("county_id", "township_id").distinct())
    areas = Area.objects.in_bulk({pk for pair in pairs for pk in pair})
    return [(areas[county], areas[township]) for county, township in pairs]


def _in_force(programme: str, month: date) -> Q:
    return Q(programme=programme, starts_on__lte=month) & (Q(ends_on__isnull=True) | Q(ends_on__gt=month))


def paying_areas(scope: Scope, programme: str, month: date, rules: PaymentRules, *posts: str) -> list[Area]:
    """Payers within reach of the posts that have households in receipt in the month."""
    benefits = Benefit.objects.visible_to(scope, *posts).filter(_in_force(programme, month))
    prefixes = tuple(scope.areas(*posts))
    return [area for area in rules.payers(_places(benefits)) if area.prefix.startswith(prefixes)]


def months_to_prepare(programme: str, today: date) -> Iterator[tuple[Area, date]]:
    """Each payer with each month that has begun and has no batch: from the month after its last batch on.

    A payer without any batch begins with the present month: what lies before it was paid elsewhere.
    """
    newest = clock.next_month(today)
    rules = PaymentRules(programme, newest)
    last = dict(Batch.objects.filter(programme=programme).values_list("area").annotate(Max("month")))
    for area in rules.payers(_places(Benefit.objects.filter(_in_force(programme, newest)))):
        begun = newest if rules.terms(area).opens_on <= today else clock.month_of(today)
        first = clock.next_month(last[area.pk]) if area.pk in last else clock.month_of(today)
        for month in _months(max(first, clock.add_months(today, -MOST_MONTHS)), begun):
            yield area, month


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = clock.next_month(first)
