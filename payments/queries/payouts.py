"""临时救助待发: instalments that wait for a pay-out list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from common import clock
from organisations.models import Area
from organisations.scope import Scope
from payments import perms
from payments.models import Grant, Instalment, Payment, Transfer
from payments.queries.tasks import deadline_words
from payments.services.payouts import LEAD, not_listed, opens_on

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One instalment as the list shows it. `why_not` says why it cannot be chosen yet."""

    instalment: Instalment
    n_parts: int
    level: str
    deadline: str
    why_not: str


def waiting_instalments(scope: Scope, *, place: Area | None = None, show: str = "ready") -> QuerySet:
    """Instalments in no list yet, by due day. `show`: `ready` (can be paid now), `later`, or `all`."""
    seen = Grant.objects.visible_to(scope, *perms.BATCH_POSTS).order_by().values("pk")
    rows = not_listed().filter(grant__in=seen)
    if place is not None:
        rows = rows.filter(**{f"grant__{place.level}": place})
    ready = Q(number=1) | Q(due_on__lte=clock.today() + LEAD)
    if show == "ready":
        rows = rows.filter(ready)
    elif show == "later":
        rows = rows.exclude(ready)
    last = Instalment.objects.filter(grant=OuterRef("grant")).order_by("-number").values("number")
    return (
        rows.select_related("grant__application", "grant__township", "grant__village")
        .annotate(n_parts=Subquery(last[:1]))
        .order_by("due_on", "pk")
    )


def waiting_page(rows: QuerySet, after: int | None) -> tuple[list[Waiting], int | None]:
    """The rows after a key in the order of due days, and the key that continues them."""
    last = Instalment.objects.filter(pk=after).first() if after else None
    if last is not None:
        rows = rows.filter(Q(due_on__gt=last.due_on) | Q(due_on=last.due_on, pk__gt=last.pk))
    page = list(rows[: SHOWN + 1])
    following = page[SHOWN - 1].pk if len(page) > SHOWN else None
    return [_waiting(row, clock.today()) for row in page[:SHOWN]], following


def _waiting(row: Instalment, today: date) -> Waiting:
    level, words = deadline_words(row.due_on)
    begins = opens_on(row)
    why_not = f"{begins:%Y-%m-%d} 起可发放" if begins > today else ""
    return Waiting(row, row.n_parts, level, words, why_not)


def grant_payments(grant: Grant) -> list[Payment]:
    """What was listed and paid of a grant."""
    attempts = Prefetch(
        "transfers", Transfer.objects.select_related("bank_file").order_by("pk"), to_attr="attempts"
    )
    payments = Payment.objects.filter(instalment__grant=grant).select_related("batch__area", "instalment")
    return list(payments.prefetch_related(attempts).order_by("instalment__number", "pk"))
