"""Who hangs on the boards: 在册 of a village or township, from the registers to publicity.

The rooms on the left do not know of each other: money knows who is in receipt, publicity hangs the copies.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from approvals.enums import Outcome
from approvals.settling.models import CaseByCase
from cases.enums import Relation
from cases.models import Member
from common import clock
from organisations.enums import AreaLevel
from organisations.models import Area, User
from payments.models import Benefit, BenefitRevision
from policy.rules import RuleBook
from publicity.enums import StandingKind
from publicity.models import StandingNotice
from publicity.services import StandingRow, post_standing

_HANGS_SETTLED = "notice.case_by_case.standing"
_ORDER = {kind: n for n, kind in enumerate(StandingKind.values)}


def _monthly_of(month: date, **whose: OuterRef) -> Subquery:
    """The amount of a benefit that holds in a month."""
    revision = BenefitRevision.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=month), valid_from__lte=month, **whose
    )
    return Subquery(revision.order_by("-valid_from").values("monthly")[:1])


def _born_of(application: str) -> Subquery:
    """The birth date of the applicant."""
    applicant = Member.objects.filter(household__application=OuterRef(application), relation=Relation.SELF)
    return Subquery(applicant.values("person__birth_date")[:1])


def in_receipt(area: Area, month: date) -> QuerySet[Benefit]:
    """Benefits of an area in force in a month, with amount, heads and the applicant's birth date."""
    return (
        Benefit.objects.filter(
            Q(ends_on__isnull=True) | Q(ends_on__gt=month), starts_on__lte=month, **{area.level: area}
        )
        .select_related("village")
        .annotate(
            monthly=_monthly_of(month, benefit=OuterRef("pk")),
            born=_born_of("application"),
            heads=Count("covers"),
        )
        .order_by("village__code", "pk")
    )


def settled(month: date) -> QuerySet[CaseByCase]:
    """一事一议 that holds in a month: confirmed, not lapsed, its benefit not stopped."""
    return CaseByCase.objects.with_end().filter(
        Q(application__benefit__ends_on__isnull=True) | Q(application__benefit__ends_on__gt=month),
        Q(until__isnull=True) | Q(until__gte=month),
        application__decision__outcome=Outcome.APPROVED,
        confirmed_on__isnull=False,
        lapsed_on__isnull=True,
    )


def _settled_rows(area: Area, month: date) -> list[StandingRow]:
    """Names, amounts and so on of all covered by 一事一议, where the rules hang them (LC-4.4a)."""
    township = area if area.level == AreaLevel.TOWNSHIP else area.parent
    book = RuleBook(township, month)
    if not book.has(_HANGS_SETTLED) or not book.flag(_HANGS_SETTLED):
        return []
    found = settled(month).filter(**{f"application__{area.level}": area})
    found = found.select_related("application__village", "application__decision").annotate(
        monthly=_monthly_of(month, benefit__application=OuterRef("application")),
        born=_born_of("application"),
        heads=Count("application__benefit__covers"),
    )
    return [
        StandingRow(
            kind=StandingKind.CASE_BY_CASE,
            village_name=case.application.village.name,
            name=case.application.applicant_name,
            birth_date=case.born,
            n_covered=case.heads or case.application.n_members,
            # Confirmed in one month, in force from the next: until then what was decided.
            monthly=case.monthly or case.application.decision.monthly,
            amount=case.application.decision.amount,
        )
        for case in found.order_by("application__village__code", "pk")
    ]


def rows_of(area: Area, month: date) -> list[StandingRow]:
    """The lists of a board: 特困, 低保, 低边, 一事一议, each by village."""
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
    return sorted([*rows, *_settled_rows(area, month)], key=lambda row: _ORDER[row.kind])


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
    cases = settled(month).order_by()
    wanted = Q(pk__in=living.values("village")) | Q(pk__in=living.values("township")) | Q(pk__in=hanging)
    wanted |= Q(pk__in=cases.values("application__village"))
    wanted |= Q(pk__in=cases.values("application__township"))
    levels = (AreaLevel.TOWNSHIP, AreaLevel.VILLAGE)
    return Area.objects.filter(wanted, level__in=levels).exclude(pk__in=served).order_by("code")
