"""The register of 一事一议 within reach, newest first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.db.models import Prefetch, Q, QuerySet

from approvals.settling.models import CaseByCase, Filing
from cases.enums import READING_POSTS
from common import clock
from organisations.scope import Scope

SHOWN = 50
SOON = 60
STANDINGS = (
    ("", "全部"),
    ("open", "办理中"),
    ("valid", "有效"),
    ("soon", "60 天内到期"),
    ("lapsed", "已失效"),
)


def register(scope: Scope, asked: Mapping[str, str]) -> dict:
    """Rows, the filter as it was asked for, and the address of the next page."""
    standing = asked.get("standing", "")
    standing = standing if standing in dict(STANDINGS) else ""
    rows = settlements_within(scope).filter(_condition(standing))
    before = asked.get("before", "")
    if before.isascii() and before.isdigit() and len(before) < 19:
        rows = rows.filter(pk__lt=int(before))
    page = list(rows[: SHOWN + 1])
    more = len(page) > SHOWN
    return {
        "rows": page[:SHOWN],
        "standings": STANDINGS,
        "standing": standing,
        "next_url": f"?standing={standing}&before={page[SHOWN - 1].pk}" if more else "",
    }


def settlements_within(scope: Scope) -> QuerySet[CaseByCase]:
    """With all that a row shows, by a fixed number of queries."""
    return (
        CaseByCase.objects.with_end()
        .filter(scope.filter(*READING_POSTS, path="application__"))
        .select_related("application__village", "application__township", "determination")
        .prefetch_related(Prefetch("filings", queryset=Filing.objects.order_by("pk")))
        .order_by("-pk")
    )


def _condition(standing: str) -> Q:
    today = clock.today()
    holds = Q(confirmed_on__isnull=False, lapsed_on__isnull=True)
    return {
        "": Q(),
        "open": Q(confirmed_on__isnull=True, application__decided_at__isnull=True),
        "valid": holds,
        "soon": holds & Q(until__lte=today + timedelta(days=SOON)),
        "lapsed": Q(lapsed_on__isnull=False),
    }[standing]
