"""A change of a standard as its page and its sheet show it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum

from approvals.adjustments import perms
from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models import (
    Adjustment,
    AdjustmentItem,
    AdjustmentProposal,
    AdjustmentReturn,
)
from approvals.adjustments.queries.population import reach
from common.masking import mask_name
from common.spreadsheets import Column, Kind, write_workbook
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of

SHOWN = 100
# What is encrypted would only cost its decryption.
_ENCRYPTED = ("payee_account", "care_account")
COLUMNS = (
    Column("township", "街道（乡镇）", width=18),
    Column("number", "申请编号", width=20),
    Column("head", "户主", width=12),
    Column("kind", "处理方式", width=12),
    Column("was", "原月金额（元）", Kind.AMOUNT, width=16),
    Column("amount", "新月金额（元）", Kind.AMOUNT, width=16),
    Column("difference", "增减（元）", Kind.AMOUNT, width=14),
    Column("care_was", "其中原照料护理费（元）", Kind.AMOUNT, width=18),
    Column("care_fee", "其中新照料护理费（元）", Kind.AMOUNT, width=18),
    Column("reason", "原因", width=60),
    Column("outcome", "人工处理结果", width=20),
    Column("note", "处理说明", width=40),
)


def visible_changes(scope: Scope) -> QuerySet[Adjustment]:
    """Changes that touch an area of a post that reads them: above it, at it, or below it."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*perms.READING):
        above = [prefix[:length] for length in (6, 9) if length <= len(prefix)]
        condition |= Q(area__prefix__startswith=prefix) | Q(area__prefix__in=above)
    return Adjustment.objects.filter(condition).select_related(
        "area", "started_by", "again_for__by", "again_for__township"
    )


def items_within(run: Adjustment, scope: Scope) -> QuerySet[AdjustmentItem]:
    """The drafts of townships within reach, with what came of those that people looked at."""
    return _with_case(run.items.filter(reach(scope, *perms.READING, path="township__")))


def manual_items(scope: Scope) -> QuerySet[AdjustmentItem]:
    """The drafts within reach that people have to look at, or did."""
    found = AdjustmentItem.objects.filter(
        reach(scope, *perms.READING, path="township__"), kind=ItemKind.MANUAL
    )
    return _with_case(found).select_related("run__area")


def _with_case(items: QuerySet[AdjustmentItem]) -> QuerySet[AdjustmentItem]:
    found = items.select_related("benefit__application", "township", "settlement__by")
    return found.defer(*(f"benefit__{name}" for name in _ENCRYPTED), "benefit__application__payee_account")


@dataclass(slots=True)
class TownPart:
    """One township's part: how many, how much a month, how far, and what this person can do.

    `again` is the change in which returned drafts were computed anew.
    """

    township: Area
    n: int
    n_manual: int
    n_settled: int
    difference: Decimal
    proposal: AdjustmentProposal | None
    returned: AdjustmentReturn | None
    again: Adjustment | None = None
    may_propose: bool = False
    may_confirm: bool = False
    may_return: bool = False
    may_compute_again: bool = False
    why_not: str = ""


@dataclass(slots=True)
class Sheet:
    """The page of a change. `may_open_cases`: the post of the person sees the cases."""

    parts: list[TownPart]
    changes: list[AdjustmentItem]
    manual: list[AdjustmentItem]
    n_changes: int
    n_manual: int
    n_settled: int
    may_open_cases: bool


def change_sheet(run: Adjustment, user: User) -> Sheet:
    """A fixed number of queries, whatever the number of households."""
    scope = scope_of(user)
    items = items_within(run, scope)
    changes, manual = items.filter(kind=ItemKind.CHANGE), items.filter(kind=ItemKind.MANUAL)
    parts = _parts(run, items, user)
    return Sheet(
        parts,
        list(changes.order_by("township__code", "pk")[:SHOWN]),
        list(manual.order_by(F("settlement").asc(nulls_first=True), "township__code", "pk")[:SHOWN]),
        sum(part.n for part in parts),
        sum(part.n_manual for part in parts),
        sum(part.n_settled for part in parts),
        scope.has(*perms.DECIDING),
    )


def _parts(run: Adjustment, items: QuerySet, user: User) -> list[TownPart]:
    change = Q(kind=ItemKind.CHANGE)
    counted = items.values("township").annotate(
        n=Count("id", filter=change),
        n_manual=Count("id", filter=~change),
        n_settled=Count("settlement"),
        difference=Sum(F("amount") - F("was"), filter=change),
    )
    rows = {row["township"]: row for row in counted.order_by()}
    proposals = run.proposals.select_related("proposed_by", "confirmed_by", "township")
    returns = run.returns.select_related("by", "township", "again")
    proposed = {p.township_id: p for p in proposals}
    returned = {r.township_id: r for r in returns}
    towns = Area.objects.filter(pk__in=rows).order_by("code")
    return [
        _part(run, town, rows[town.pk], proposed.get(town.pk), returned.get(town.pk), user) for town in towns
    ]


def _part(
    run: Adjustment,
    town: Area,
    row: dict,
    proposal: AdjustmentProposal | None,
    returned: AdjustmentReturn | None,
    user: User,
) -> TownPart:
    counted = row["n"], row["n_manual"], row["n_settled"], row["difference"] or Decimal("0.00")
    part = TownPart(town, *counted, proposal, returned)
    if returned is not None:
        part.again = getattr(returned, "again", None)
        part.may_compute_again = part.again is None and bool(perms.can_compute_again(user, returned))
    elif proposal is None:
        part.may_propose = bool(part.n) and bool(perms.can_propose(user, run, town))
        part.may_return = bool(perms.can_return(user, run, town, None))
    elif proposal.confirmed_at is None:
        verdict = perms.can_confirm(user, proposal)
        part.may_confirm = part.may_return = bool(verdict)
        is_approver = scope_of(user).covers(town, Post.APPROVER)
        part.why_not = "" if verdict or not is_approver else verdict.reason
    return part


def _sheet_rows(items: QuerySet[AdjustmentItem]) -> Iterator[dict]:
    for item in items.order_by("township__code", "pk").iterator(chunk_size=2000):
        settlement = item.settled
        yield {
            "township": item.township.name,
            "number": item.benefit.application.number,
            "head": mask_name(item.benefit.head_name),
            "kind": item.get_kind_display(),
            "was": item.was,
            "amount": item.amount,
            "difference": item.difference,
            "care_was": item.care_was,
            "care_fee": item.care_fee,
            "reason": item.reason,
            "outcome": settlement.get_outcome_display() if settlement else "",
            "note": settlement.note if settlement else "",
        }


def export_change(run: Adjustment, user: User) -> bytes:
    """The drafts within reach, names masked."""
    return write_workbook(str(run), COLUMNS, _sheet_rows(items_within(run, scope_of(user))))
