"""代领协议 within reach, and what about them waits to be done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Q, QuerySet
from django.urls import reverse

from common import clock
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import Scope, scope_of
from payments import perms
from payments.models import ProxyAgreement
from payments.queries.words import deadline_words, end_of

SHOWN = 50
# So long before the last day the handler is told (the household has to come and sign).
AHEAD = timedelta(days=30)
_WHY = ("代领协议过期后，款项不能再发给代领人，名册不能复核。",)


def proxy_rows(scope: Scope, show: str = "live") -> QuerySet[ProxyAgreement]:
    """Agreements within reach, newest first. `show`: `live`, `waiting` for consent, `due` soon, or `all`."""
    rows = ProxyAgreement.objects.visible_to(scope, *perms.BENEFIT_POSTS)
    today = clock.today()
    narrowed = {
        "live": Q(ended_at__isnull=True, valid_until__gte=today),
        "waiting": Q(ended_at__isnull=True, consented_at__isnull=True),
        "due": _due(),
    }
    rows = rows.filter(narrowed.get(show, Q()))
    people = ("filed_by", "consented_by", "ended_by")
    return rows.select_related("application__township", "application__village", *people).order_by("-pk")


def _due() -> Q:
    """In force, and over within the time. What is over already is told of by the list that lacks it."""
    today = clock.today()
    return Q(
        ended_at__isnull=True,
        consented_at__isnull=False,
        valid_until__gte=today,
        valid_until__lte=today + AHEAD,
    )


def proxy_todos(user: User) -> Iterator[Todo]:
    """For the handler agreements that run out; for who answers for them, those that wait for consent."""
    scope = scope_of(user)
    if scope.has(Post.HANDLER):
        here = ProxyAgreement.objects.visible_to(scope, Post.HANDLER)
        due = list(here.filter(_due()).select_related("application__township").order_by("valid_until"))
        # One that has been followed by a later agreement with the same holder needs nothing.
        later = set(
            here.consented()
            .filter(valid_until__gt=clock.today() + AHEAD)
            .values_list("application", "holder_name")
        )
        due = [row for row in due if (row.application_id, row.holder_name) not in later]
        if due:
            yield _todo(due, "代领协议即将到期", "续签代领协议", "due")
    if scope.has(*perms.CARE_CONFIRMERS):
        here = ProxyAgreement.objects.visible_to(scope, *perms.CARE_CONFIRMERS)
        waiting = here.filter(consented_at__isnull=True, ended_at__isnull=True).exclude(filed_by=user)
        waiting = list(waiting.select_related("application__township").order_by("pk"))
        if waiting:
            yield _todo(waiting, "代领协议待同意", "核对并同意", "waiting")


def _todo(rows: list[ProxyAgreement], stage: str, action: str, show: str) -> Todo:
    place, first = rows[0].application.township.name, rows[0].valid_until
    level, words = deadline_words(first) if show == "due" else ("soon", "")
    return Todo(
        number=f"{len(rows)} 份",
        name=place,
        place=place,
        matter="代领协议",
        stage=stage,
        action=action,
        url=f"{reverse('payments:proxies')}?show={show}",
        due_at=end_of(first) if show == "due" else None,
        level=level,
        deadline=words,
        why=_WHY,
    )
