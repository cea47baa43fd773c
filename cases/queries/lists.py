"""Lists and search over a million applications: keyset pages, never OFFSET, never a count of all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet

from cases.enums import OPEN_STATES, READING_POSTS, Programme
from cases.models import Application, Member
from cases.naming import clean_name, id_digest
from cases.queries.days import start_of
from common.identity import clean_id_number
from organisations.models import Area
from organisations.scope import Scope

PAGE = 30
SEARCH_LIMIT = 20


@dataclass(frozen=True, slots=True)
class Filters:
    """What the list is narrowed to; empty means all. `which`: `open` (在办) or `all`.

    `kind` is that of 临时救助 (急难型, 支出型): no other programme has one.
    """

    which: str = "open"
    state: str = ""
    programme: str = ""
    kind: str = ""
    township: int | None = None
    village: int | None = None
    channel: str = ""
    accepted_from: date | None = None
    accepted_to: date | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first. `newer` and `older` are the cursors of the neighbouring pages, or None."""

    rows: list[Application]
    newer: int | None
    older: int | None


def filtered(scope: Scope, filters: Filters) -> QuerySet[Application]:
    """The applications in scope that the filters leave, unordered."""
    rows = _in_place(scope, filters)
    if filters.state:
        rows = rows.filter(state=filters.state)
    elif filters.which == "open":
        rows = rows.filter(state__in=sorted(OPEN_STATES))
    if filters.programme:
        rows = rows.filter(programme=filters.programme)
    if filters.kind:
        rows = rows.filter(programme=Programme.LINSHI, linshi_request__kind=filters.kind)
    if filters.channel:
        rows = rows.filter(channel=filters.channel)
    if filters.accepted_from:
        rows = rows.filter(accepted_at__gte=start_of(filters.accepted_from))
    if filters.accepted_to:
        rows = rows.filter(accepted_at__lt=start_of(filters.accepted_to + timedelta(days=1)))
    return rows


def _in_place(scope: Scope, filters: Filters) -> QuerySet[Application]:
    """One equal condition where one place is chosen: two that say the same mislead the planner's estimate."""
    chosen = {name: getattr(filters, name) for name in ("village", "township") if getattr(filters, name)}
    if len(chosen) == 1:
        place = Area.objects.filter(pk__in=chosen.values()).first()
        if place is not None and scope.covers(place, *READING_POSTS):
            return Application.objects.filter(**chosen)
    return Application.objects.visible_to(scope).filter(**chosen)


def page_of(
    scope: Scope, filters: Filters, *, before: int | None = None, after: int | None = None, size: int = PAGE
) -> Page:
    """The page of rows older than the cursor `before`, or newer than `after`, or the first; one query."""
    rows = filtered(scope, filters).with_place()
    if after is not None:
        found = list(rows.filter(pk__gt=after).order_by("pk")[: size + 1])
        more = len(found) > size
        found = found[:size][::-1]
        return Page(found, found[0].pk if found and more else None, found[-1].pk if found else None)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: size + 1])
    more = len(found) > size
    found = found[:size]
    return Page(found, found[0].pk if found and before is not None else None, found[-1].pk if more else None)


def search(scope: Scope, text: str) -> list[Application]:
    """Applications in scope by whole ID number of any member, whole application number, or applicant's name.

    A name is looked up whole first and by its beginning only when nothing is called exactly so.
    At most 20, newest first (by name for beginnings).
    """
    text = text.replace("\x00", "").strip()[:60]
    if not text:
        return []
    visible = Application.objects.visible_to(scope).with_place()
    number = clean_id_number(text)
    if len(number) == 18 and number[:17].isascii() and number[:17].isdigit():
        households = Member.objects.filter(person__id_digest=id_digest(number)).values_list(
            "household_id", flat=True
        )
        return list(visible.filter(household__in=list(households)).order_by("-pk")[:SEARCH_LIMIT])
    if "-" in text and text.isascii():
        return list(visible.filter(number=text.upper()))
    name = clean_name(text)
    exact = list(visible.filter(applicant_name=name).order_by("-pk")[:SEARCH_LIMIT])
    if exact:
        return exact
    # A range instead of LIKE: it needs no pattern operator class, and % or _ in the text are just characters.
    beginning = Q(applicant_name__gt=name, applicant_name__lt=name + "\U0010ffff")
    return list(visible.filter(beginning).order_by("applicant_name", "-pk")[:SEARCH_LIMIT])
