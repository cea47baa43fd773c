"""Certificates in people's hands: the list, and what is due with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import F, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from cases.enums import Programme
from common import clock
from common.masking import mask_name
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import Scope, scope_of
from payments import perms
from payments.models import Certificate

SHOWN = 50
TODOS = 100
# From how many days before the year is over a review is asked for.
LEAD = timedelta(days=60)


def certificate_list(scope: Scope, *, show: str, before: int | None) -> tuple[list[Certificate], int | None]:
    """Certificates in reach, newest first, with the day of the last look. `show`: live, due, or all."""
    rows = _with_last_look(Certificate.objects.visible_to(scope, *perms.BENEFIT_POSTS))
    if show in {"live", "due"}:
        rows = rows.live()
    if show == "due":
        rows = rows.filter(_is_due(clock.today()))
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows.order_by("-pk")[: SHOWN + 1])
    return page[:SHOWN], page[SHOWN - 1].pk if len(page) > SHOWN else None


def _with_last_look(rows: QuerySet[Certificate]) -> QuerySet[Certificate]:
    places = ("benefit__application", "benefit__township", "benefit__village")
    return rows.select_related(*places).annotate(
        looked_at=Coalesce(Max("reviews__reviewed_on"), F("issued_on"))
    )


def _is_due(today: date) -> Q:
    """Nearly a year since the last look, or a paper that its benefit has outlived."""
    return Q(looked_at__lte=today - timedelta(days=365) + LEAD) | Q(benefit__ends_on__lte=today)


def certificate_todos(user: User) -> Iterator[Todo]:
    """For the township's handler: reviews that come due, and papers to take back (SY-A1.7b)."""
    scope = scope_of(user)
    if not scope.has(Post.HANDLER):
        return
    today = clock.today()
    rows = _with_last_look(Certificate.objects.live().visible_to(scope, Post.HANDLER))
    for row in rows.filter(_is_due(today)).order_by("looked_at", "pk")[:TODOS]:
        yield _todo(row, today)


def _todo(row: Certificate, today: date) -> Todo:
    benefit = row.benefit
    ended = benefit.ends_on is not None and benefit.ends_on <= today
    due = benefit.ends_on if ended else row.looked_at + timedelta(days=365)
    return Todo(
        number=row.number,
        name=mask_name(benefit.head_name),
        place=f"{benefit.township.name}{benefit.village.name}",
        matter=Programme(benefit.programme).short,
        stage="待遇已停发，救助证未收回" if ended else "救助证待年审",
        action="收回销毁" if ended else "年审",
        url=f"{reverse('payments:certificates')}?show=due",
        due_at=timezone.make_aware(datetime.combine(due, time(23, 59, 59))),
        level="late" if due < today else "soon",
        deadline=f"{due:%Y-%m-%d} 停发" if ended else f"{due:%Y-%m-%d} 前年审",
        why=("救助证一年一审，注销后及时销毁（SY-A1.7b）。",),
    )
