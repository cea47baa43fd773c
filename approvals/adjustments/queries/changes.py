"""A change of a standard as its page and its sheet show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from approvals.adjustments import perms
from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models import Adjustment, AdjustmentItem, AdjustmentProposal
from common.masking import mask_name
from common.spreadsheets import Column, Kind, write_workbook
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of

SHOWN = 100
COLUMNS = (
    Column("township", "街道（乡镇）", width=18),
    Column("number", "申请编号", width=20),
    Column("head", "户主", width=12),
    Column("kind", "处理方式", width=12),
    Column("was", "原月金额（元）", Kind.AMOUNT, width=16),
    Column("amount", "新月金额（元）", Kind.AMOUNT, width=16),
    Column("difference", "增减（元）", Kind.AMOUNT, width=14),
    Column("reason", "原因", width=60),
)


def visible_changes(scope: Scope) -> QuerySet[Adjustment]:
    """Changes that touch an area of a post that reads them: above it, at it, or below it."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*perms.READING):
        above = [prefix[:length] for length in (6, 9) if length <= len(prefix)]
        condition |= Q(area__prefix__startswith=prefix) | Q(area__prefix__in=above)
    return Adjustment.objects.filter(condition).select_related("area", "started_by")


def items_within(run: Adjustment, scope: Scope) -> QuerySet[AdjustmentItem]:
    """The drafts of townships within reach."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*perms.READING):
        condition |= Q(township__prefix__startswith=prefix)
    return run.items.filter(condition).select_related("benefit__application", "township")


@dataclass(slots=True)
class TownPart:
    """One township's part: how many, how much a month, how far, and what this person can do."""

    township: Area
    n: int
    n_manual: int
    difference: Decimal
    proposal: AdjustmentProposal | None
    may_propose: bool = False
    may_confirm: bool = False
    why_not: str = ""


@dataclass(slots=True)
class Sheet:
    """The page of a change."""

    parts: list[TownPart]
    changes: list[AdjustmentItem]
    manual: list[AdjustmentItem]
    n_changes: int
    n_manual: int


def change_sheet(run: Adjustment, user: User) -> Sheet:
    """A fixed number of queries, whatever the number of households."""
    items = items_within(run, scope_of(user))
    changes, manual = items.filter(kind=ItemKind.CHANGE), items.filter(kind=ItemKind.MANUAL)
    parts = _parts(run, items, user)
    return Sheet(
        parts,
        list(changes.order_by("township__code", "pk")[:SHOWN]),
        list(manual.order_by("township__code", "pk")[:SHOWN]),
        sum(part.n for part in parts),
        sum(part.n_manual for part in parts),
    )


def _parts(run: Adjustment, items: QuerySet, user: User) -> list[TownPart]:
    change = Q(kind=ItemKind.CHANGE)
    counted = items.values("township").annotate(
        n=Count("id", filter=change),
        n_manual=Count("id", filter=~change),
        difference=Sum(F("amount") - F("was"), filter=change),
    )
    rows = {row["township"]: row for row in counted.order_by()}
    proposals = {
        p.township_id: p for p in run.proposals.select_related("proposed_by", "confirmed_by", "township")
    }
    return [
        _part(run, town, rows[town.pk], proposals.get(town.pk), user)
        for town in Area.objects.filter(pk__in=rows).order_by("code")
    ]


def _part(
    run: Adjustment, town: Area, row: dict, proposal: AdjustmentProposal | None, user: User
) -> TownPart:
    part = TownPart(town, row["n"], row["n_manual"], row["difference"] or Decimal("0.00"), proposal)
    if proposal is None:
        part.may_propose = bool(part.n) and bool(perms.can_propose(user, run, town))
    elif proposal.confirmed_at is None:
        verdict = perms.can_confirm(user, proposal)
        part.may_confirm = bool(verdict)
        is_approver = scope_of(user).covers(town, Post.APPROVER)
        part.why_not = "" if verdict or not is_approver else verdict.reason
    return part


def _sheet_rows(items: QuerySet[AdjustmentItem]) -> Iterator[dict]:
    for item in items.order_by("township__code", "pk").iterator(chunk_size=2000):
        yield {
            "township": item.township.name,
            "number": item.benefit.application.number,
            "head": mask_name(item.benefit.head_name),
            "kind": item.get_kind_display(),
            "was": item.was,
            "amount": item.amount,
            "difference": item.difference,
            "reason": item.reason,
        }


def export_change(run: Adjustment, user: User) -> bytes:
    """The drafts within reach, names masked."""
    return write_workbook(str(run), COLUMNS, _sheet_rows(items_within(run, scope_of(user))))
