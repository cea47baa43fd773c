"""What re-checks and renewals ask people to do next."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse

from approvals.changing.models import BenefitChange
from approvals.enums import Outcome
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck
from approvals.settling.enums import Body, Purpose
from approvals.settling.models import Appraisal, Filing
from approvals.settling.validity import REMIND_DAYS
from cases.enums import Programme
from common import clock
from common.masking import mask_name
from common.todo import Todo
from organisations.enums import Post
from organisations.models import User
from organisations.scope import scope_of

SHOWN = 200


def tasks_for(user: User) -> list[Todo]:
    """Appraisals and determinations that a re-check waits for, changes that it asks for, ends of validity."""
    scope = scope_of(user)
    found: list[Todo] = []
    if scope.has(Post.HANDLER):
        found += _for_handlers(_open(scope.filter(Post.HANDLER)))
    if scope.has(Post.REVIEWER):
        waiting = _appraised(_open(scope.filter(Post.REVIEWER))).exclude(filing_first=True, filed=False)
        found += [
            _todo(row, "待一事一议认定", "登记认定", reverse("rechecking:determine", args=[row.pk]))
            for row in waiting.exclude(recorded_by=user)[:SHOWN]
        ]
    return found


def _open(condition) -> QuerySet[EconomicRecheck]:
    """The last re-check of each benefit that still runs, on which no change was proposed since."""
    newest = EconomicRecheck.objects.filter(benefit=OuterRef("benefit")).order_by("-pk")
    since = {"application": OuterRef("application"), "recorded_at__gte": OuterRef("recorded_at")}
    sent = Filing.objects.filter(settlement=OuterRef("settlement"), renewal=OuterRef("renewal"))
    sent = sent.filter(body=Body.DISTRICT)
    changed = BenefitChange.objects.filter(
        benefit=OuterRef("benefit"), created_at__gte=OuterRef("recorded_at")
    )
    rows = EconomicRecheck.objects.filter(condition, pk=Subquery(newest.values("pk")[:1]))
    rows = rows.filter(settlement__lapsed_on__isnull=True)
    running = rows.filter(benefit__ends_on__isnull=True) | rows.filter(
        benefit__ends_on__gt=clock.month_of(clock.today())
    )
    return (
        running.filter(~Exists(changed))
        .annotate(
            appraised=Exists(Appraisal.objects.filter(**since, purpose=Purpose.CHECK, valid=True)),
            sent=Exists(sent),
            filed=Exists(sent.filter(acknowledged_at__isnull=False)),
        )
        .select_related("keeping", "benefit", "application", "township", "village")
        .order_by("pk")
    )


def _appraised(rows: QuerySet[EconomicRecheck]) -> QuerySet[EconomicRecheck]:
    """Those within 一事一议 on which nothing was determined yet, appraised where that is due."""
    waiting = rows.filter(result=Result.BY_CASE, keeping__isnull=True)
    return waiting.filter(Q(appraised=True) | Q(appraisal_required=False))


def _for_handlers(rows: QuerySet[EconomicRecheck]) -> Iterator[Todo]:
    soon = clock.today() + timedelta(days=REMIND_DAYS[0])
    kept = {"keeping__outcome": Outcome.APPROVED, "keeping__valid_until__lte": soon}
    waiting = rows.filter(result=Result.BY_CASE, keeping__isnull=True)
    for row in waiting.filter(appraised=False, appraisal_required=True)[:SHOWN]:
        yield _todo(
            row, "可一事一议", "登记民主评议", reverse("settling:appraise", args=[row.application_id])
        )
    for row in _appraised(rows).filter(filing_first=True, sent=False)[:SHOWN]:
        url = reverse("rechecking:file", args=[row.pk, Body.DISTRICT])
        yield _todo(row, "续期待备案", "报送备案", url)
    # A refused renewal changes nothing: the benefit ends with its settlement, which has its own reminder.
    ordinary = rows.filter(settlement__isnull=True)
    refused = rows.filter(result=Result.CHANGE_DUE) | ordinary.filter(keeping__outcome=Outcome.REFUSED)
    for row in refused[:SHOWN]:
        yield _todo(row, "复核不再符合", "提出变更", reverse("changing:new", args=[row.benefit_id]))
    for row in ordinary.filter(**kept).order_by(F("keeping__valid_until"), "pk")[:SHOWN]:
        words = f"继续保障至 {row.keeping.valid_until}"
        url = reverse("rechecking:new", args=[row.benefit_id])
        yield _todo(row, "继续保障将满", "重新复核", url, deadline=words)


def _todo(row: EconomicRecheck, stage: str, action: str, url: str, deadline: str = "") -> Todo:
    return Todo(
        number=row.application.number,
        name=mask_name(row.benefit.head_name),
        place=f"{row.township.name}{row.village.name}",
        matter=f"{Programme(row.benefit.programme).short}（经济复核）",
        stage=stage,
        action=action,
        url=url,
        deadline=deadline,
    )
