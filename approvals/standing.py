"""Who hangs on the boards: 在册 of a village or township, from the registers to publicity.

The rooms on the left do not know of each other: money knows who is in receipt, publicity hangs the copies.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from cases.enums import Relation
from cases.models import Member
from common import clock
from organisations.enums import AreaLevel
from organisations.models import Area, User
from payments.models import Benefit, BenefitRevision
from publicity.enums import StandingKind
from publicity.models import StandingNotice
from publicity.services import StandingRow, post_standing

_ORDER = {kind: n for n, kind in enumerate(StandingKind.values)}


def in_receipt(area: Area, month: date) -> QuerySet[Benefit]:
    """Benefits of an area in force in a month, with amount, heads and the applicant's birth date."""
    revision = BenefitRevision.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=month), benefit=OuterRef("pk"), valid_from__lte=month
    )
    applicant = Member.objects.filter(household__application=OuterRef("application"), relation=Relation.SELF)
    return (
        Benefit.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=month), starts_on__lte=month, **{area.level: area}
        )
        .select_related("village")
        .annotate(
            monthly=Subquery(revision.order_by("-valid_from").values("monthly")[:1]),
            born=Subquery(applicant.values("person__birth_date")[:1]),
            heads=Count("covers"),
        )
        .order_by("village__code", "pk")
    )


def rows_of(area: Area, month: date) -> list[StandingRow]:
    """The lists of a board: 特困, 低保, 低边, each by village."""
    rows = [
        StandingRow(
            kind=benefit.programme,
            village_name=benefit.village.name,
            name=benefit.head_name,
            birth_date=benefit.born,
            n_covered=benefit.heads,
            monthly=benefit.monthly,
        )
        for benefit in in_receipt(area, month)
    ]
    return sorted(rows, key=lambda row: _ORDER[row.kind])


def refresh_standing(*, area: Area, actor: User | None) -> StandingNotice:
    """Hang the board of a village or township anew; whoever is no longer in receipt comes off it."""
    now = clock.now()
    return post_standing(area=area, rows=rows_of(area, clock.month_of(clock.today())), at=now, actor=actor)


def boards_to_hang() -> Iterable[Area]:
    """Villages and townships with somebody in receipt or a board that hangs, not yet served this month."""
    month = clock.month_of(clock.today())
    living = Benefit.objects.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=month)).order_by()
    hanging = StandingNotice.objects.on_view().values("area")
    served = StandingNotice.objects.filter(month=month, posted_by=None).values("area")
    wanted = Q(pk__in=living.values("village")) | Q(pk__in=living.values("township")) | Q(pk__in=hanging)
    levels = (AreaLevel.TOWNSHIP, AreaLevel.VILLAGE)
    return Area.objects.filter(wanted, level__in=levels).exclude(pk__in=served).order_by("code")
