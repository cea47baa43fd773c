"""What the posts of a township still have to do with the drafts of a change, for the workbench."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, OuterRef, Q, Sum
from django.urls import reverse

from approvals.adjustments import perms
from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models import (
    Adjustment,
    AdjustmentItem,
    AdjustmentProposal,
    AdjustmentReturn,
)
from approvals.adjustments.queries.population import reach
from approvals.adjustments.standards import AMOUNT_KEYS, PAID
from cases.enums import Programme
from common import clock
from common.money import show_yuan
from common.todo import Todo
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from payments.models import Benefit
from policy.keys import KEYS
from policy.models import Rule

SHOWN = 100
# Longer ago, nobody is reminded any more: the list of changes tells.
PUBLISHED_WITHIN = timedelta(days=180)


def tasks_for(user: User) -> list[Todo]:
    """Published standards that no household has yet; drafts to propose, to confirm, to compute again; and
    households whose outcome is to be recorded. Seven queries at most, whatever the number of households.
    """
    scope = scope_of(user)
    found = _to_start(scope) if scope.has(Post.RULE_PUBLISHER) else []
    return found + _to_decide(user, scope) if scope.has(*perms.DECIDING) else found


def _to_start(scope: Scope) -> list[Todo]:
    """Standards published of late, where somebody is in receipt and no change was started. What a pack brings
    along was in force before this system was.
    """
    rules = Rule.objects.published().filter(
        reach(scope, Post.RULE_PUBLISHER),
        drafted_by__isnull=False,
        published_at__gte=clock.now() - PUBLISHED_WITHIN,
    )
    found = []
    for programme in PAID:
        receiving = Benefit.objects.filter(
            programme=programme, ends_on__isnull=True, township__prefix__startswith=OuterRef("area__prefix")
        )
        started = Adjustment.objects.filter(programme=programme).values_list("rules", flat=True)
        done = {rule["id"] for row in started for rule in row}
        waiting = rules.filter(Exists(receiving), key__in=AMOUNT_KEYS[programme]).exclude(pk__in=done)
        found += [_start_todo(rule, programme) for rule in waiting.select_related("area")[:SHOWN]]
    return found


def _start_todo(rule: Rule, programme: Programme) -> Todo:
    query = urlencode({"rule": rule.pk, "programme": programme.value, "area": rule.area_id})
    return Todo(
        number=f"{rule.valid_from:%Y-%m-%d} 起",
        name=rule.area.name,
        place=rule.area.name,
        matter=f"{programme.short}标准调整",
        stage=f"{KEYS[rule.key].label}已发布",
        action="发起调整",
        url=f"{reverse('adjustments:changes')}?{query}",
    )


def _to_decide(user: User, scope: Scope) -> list[Todo]:
    open_parts = AdjustmentItem.objects.open().filter(
        reach(scope, *perms.DECIDING, path="township__"),
        run__closed_at__isnull=True,
        run__finished_at__isnull=False,
    )
    change = Q(kind=ItemKind.CHANGE)
    rows = open_parts.values("run", "township").annotate(
        n=Count("id", filter=change),
        n_manual=Count("id", filter=~change),
        difference=Sum(F("amount") - F("was"), filter=change),
    )
    rows = list(rows.order_by("run", "township__code")[:SHOWN])
    runs = Adjustment.objects.in_bulk({row["run"] for row in rows})
    towns = Area.objects.in_bulk({row["township"] for row in rows})
    proposed = {(p.run_id, p.township_id): p for p in AdjustmentProposal.objects.filter(run__in=runs)}
    returned = set(AdjustmentReturn.objects.filter(run__in=runs).values_list("run", "township"))
    return [
        todo
        for row in rows
        for todo in _of_part(
            user,
            runs[row["run"]],
            towns[row["township"]],
            row,
            proposed.get((row["run"], row["township"])),
            (row["run"], row["township"]) in returned,
        )
    ]


def _of_part(
    user: User,
    run: Adjustment,
    town: Area,
    row: dict,
    proposal: AdjustmentProposal | None,
    is_returned: bool,
) -> Iterator[Todo]:
    scope = scope_of(user)
    reviews, approves = scope.covers(town, Post.REVIEWER), scope.covers(town, Post.APPROVER)
    size = f"{row['n']} 户 {show_yuan(row['difference'] or Decimal('0.00'))} 元/月"
    if is_returned:
        if reviews:
            yield _todo(run, town, f"{row['n'] + row['n_manual']} 户", "草案已退回", "重新测算")
        return
    if proposal is None and row["n"] and reviews:
        yield _todo(run, town, size, "草案待提出", "提出调整")
    if proposal is not None and row["n"] and approves and proposal.proposed_by_id != user.pk:
        yield _todo(run, town, size, "草案待确认", "确认调整")
    if row["n_manual"] and reviews:
        yield _todo(run, town, f"{row['n_manual']} 户", "须人工核定", "登记处理结果")


def _todo(run: Adjustment, town: Area, size: str, stage: str, action: str) -> Todo:
    return Todo(
        number=size,
        name=town.name,
        place=town.name,
        matter=f"{Programme(run.programme).short}标准调整",
        stage=stage,
        action=action,
        url=reverse("adjustments:change", args=[run.pk]),
    )
