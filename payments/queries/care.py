"""People in 分散供养: who has an agreement in force, who visits, and what is due (JZ-3.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.urls import reverse

from cases.enums import Placement, Programme
from cases.models import CareAgreement
from common import clock
from common.todo import Todo
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from payments import perms
from payments.enums import CareFinding
from payments.models import Benefit, CareVisit, LaterAgreement
from payments.queries.words import end_of
from policy.rules import RuleBook

SHOWN = 50
# How many days apart the visits are; where no rule says so, none is ever due.
EVERY = "care.visit_days"


class CareState(models.TextChoices):
    """How it stands with the agreement; the first two are gaps."""

    NONE = "none", "无协议"
    ENDED = "ended", "照料已终止"
    SIGNED = "signed", "有协议"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one township: how many people are cared for at home, and how many with an agreement in force."""

    township: str
    people: int
    signed: int

    @property
    def percent(self) -> int:
        """Rounded down: 100 only where nobody is left out."""
        return self.signed * 100 // self.people


def people_at_home(benefits: QuerySet[Benefit]) -> QuerySet[Benefit]:
    """Those of 特困 in force whose placement is home, gaps first, then the longest unvisited.

    The placement is as agreed; before that, as asked for. `since`: from when the agreement counts.
    """
    agreed = CareAgreement.objects.filter(application=OuterRef("application")).order_by("-pk")
    later = LaterAgreement.objects.filter(benefit=OuterRef("pk")).order_by("-pk")
    counted = later.filter(confirmed_at__isnull=False)
    visits = CareVisit.objects.filter(benefit=OuterRef("pk")).order_by("-visited_on", "-pk")
    return (
        benefits.filter(programme=Programme.TEKUN)
        .filter(Q(ends_on__isnull=True) | Q(ends_on__gt=clock.today()))
        .annotate(
            placed=Coalesce(_first(agreed, "placement"), F("application__tekun_declaration__placement")),
            since=Coalesce(_first(counted, "confirmed_at"), _first(agreed, "recorded_at")),
            carer=Coalesce(_first(counted, "carer"), _first(agreed, "name")),
            visitor=Coalesce(_first(visits, "visitor"), _first(counted, "visitor")),
            last_visit=_first(visits, "visited_on"),
            newest_id=_first(later, "pk"),
            newest_confirmed=_first(later, "confirmed_at"),
        )
        .filter(placed=Placement.HOME)
        .annotate(
            over=Exists(visits.filter(finding=CareFinding.ENDED, recorded_at__gte=OuterRef("since"))),
            care_state=Case(
                When(since__isnull=True, then=Value(CareState.NONE.value)),
                When(over=True, then=Value(CareState.ENDED.value)),
                default=Value(CareState.SIGNED.value),
            ),
            covered=Case(When(care_state=CareState.SIGNED, then=Value(1)), default=Value(0)),
        )
        .select_related("application", "county", "township", "village")
        .order_by("covered", F("last_visit").asc(nulls_first=True), "pk")
    )


def _first(rows: QuerySet, name: str) -> Subquery:
    return Subquery(rows.values(name)[:1])


def care_rows(scope: Scope) -> QuerySet[Benefit]:
    """The people within reach."""
    return people_at_home(Benefit.objects.visible_to(scope, *perms.BENEFIT_POSTS))


def coverage_of(people: QuerySet[Benefit]) -> list[Coverage]:
    """Each township, those with gaps first."""
    counted = (
        people.order_by()
        .values("township__name", "township__code")
        .annotate(people=Count("pk"), signed=Count("pk", filter=Q(care_state=CareState.SIGNED)))
        .order_by("township__code")
    )
    found = [Coverage(row["township__name"], row["people"], row["signed"]) for row in counted]
    return sorted(found, key=lambda row: row.percent)


class Intervals:
    """How often people are visited, read once a township."""

    def __init__(self) -> None:
        self._days: dict[int, int | None] = {}

    def due(self, person: Benefit) -> date | None:
        """When the next visit is due: after the last, or after the benefit began. None: no rule here."""
        days = self._of(person.township)
        return None if days is None else (person.last_visit or person.starts_on) + timedelta(days=days)

    def _of(self, township: Area) -> int | None:
        if township.pk not in self._days:
            book = RuleBook(township, clock.today())
            self._days[township.pk] = book.integer(EVERY) if book.has(EVERY) else None
        return self._days[township.pk]


def care_todos(user: User) -> Iterator[Todo]:
    """For the handler gaps and visits that are due; for who confirms, agreements that wait (JZ-3.1)."""
    scope = scope_of(user)
    if scope.has(Post.HANDLER):
        people = list(people_at_home(Benefit.objects.visible_to(scope, Post.HANDLER)))
        gaps = [row for row in people if row.care_state != CareState.SIGNED and not _waits(row)]
        if gaps:
            yield _todo(gaps, "分散供养没有有效的照料协议", "补签照料协议", "late")
        intervals, today = Intervals(), clock.today()
        due = [(day, row) for row in people if (day := intervals.due(row)) and day <= today]
        if due:
            first = min(day for day, _ in due)
            yield _todo([row for _, row in due], "照料走访到期", "走访并登记", "late", first)
    if scope.has(*perms.CARE_CONFIRMERS):
        people = people_at_home(Benefit.objects.visible_to(scope, *perms.CARE_CONFIRMERS))
        waiting = [row for row in people.filter(newest_id__isnull=False) if _waits(row)]
        if waiting:
            yield _todo(waiting, "照料协议待确认", "确认照料协议", "soon")


def _waits(person: Benefit) -> bool:
    """Is the newest agreement recorded, but not confirmed?"""
    return person.newest_id is not None and person.newest_confirmed is None


def _todo(people: list[Benefit], stage: str, action: str, level: str, due: date | None = None) -> Todo:
    place = people[0].township.name
    return Todo(
        number=f"{len(people)} 人",
        name=place,
        place=place,
        matter=Programme(Programme.TEKUN).short,
        stage=stage,
        action=action,
        url=reverse("payments:care"),
        due_at=end_of(due) if due else None,
        level=level,
        deadline=f"最早 {due:%Y-%m-%d} 到期" if due else "",
        why=("分散供养须签订照料协议，并由专人定期走访（JZ-3.1）。",),
    )
