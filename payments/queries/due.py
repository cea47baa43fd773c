"""Which payer owes which month."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, Max, OuterRef, Q

from common import clock
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import Scope
from payments.models import Batch, Benefit
from payments.terms import PaymentRules

MOST_MONTHS = 12


def _places(programme: str, first: date, last: date, within: Q) -> list[tuple[Area, Area]]:
    """(county, township) with households in receipt in some month from first to last.

    One index probe a township, however many households it has.
    """
    in_force = Q(starts_on__lte=last) & (Q(ends_on__isnull=True) | Q(ends_on__gt=first))
    due = Benefit.objects.filter(in_force, programme=programme, township=OuterRef("pk"))
    townships = Area.objects.filter(within, Exists(due), level=AreaLevel.TOWNSHIP)
    return [(township.parent, township) for township in townships.select_related("parent")]


def paying_areas(scope: Scope, programme: str, rules: PaymentRules, *posts: str) -> list[Area]:
    """Payers within reach of the posts that have households in receipt in the month of the rules."""
    prefixes = tuple(scope.areas(*posts))
    within = Q(pk__in=())
    for prefix in prefixes:
        within |= Q(prefix__startswith=prefix)
    payers = rules.payers(_places(programme, rules.month, rules.month, within))
    return [area for area in payers if area.prefix.startswith(prefixes)]


def payers_for(area: Area, rules: PaymentRules) -> list[Area]:
    """Who pays in the month of the rules for the households in receipt in a county or township."""
    within = Q(prefix__startswith=area.prefix)
    return rules.payers(_places(rules.programme, rules.month, rules.month, within))


def months_to_prepare(programme: str, today: date) -> Iterator[tuple[Area, date]]:
    """Each payer with each month that has begun and has no batch: from the month after its last batch on.

    A payer without any batch begins with the present month: what lies before it was paid elsewhere.
    """
    oldest, newest = clock.add_months(today, -MOST_MONTHS), clock.next_month(today)
    rules = PaymentRules(programme, newest)
    last = dict(Batch.objects.filter(programme=programme).values_list("area").annotate(Max("month")))
    for area in rules.payers(_places(programme, oldest, newest, Q())):
        begun = newest if rules.terms(area).opens_on <= today else clock.month_of(today)
        first = clock.next_month(last[area.pk]) if area.pk in last else clock.month_of(today)
        for month in _months(max(first, oldest), begun):
            yield area, month


def _months(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first = clock.next_month(first)
