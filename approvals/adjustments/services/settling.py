"""Households that no machine can adjust: people say what came of each; then a change can be closed."""

from __future__ import annotations

from django.db import transaction

from approvals.adjustments import perms
from approvals.adjustments.enums import ItemKind, Outcome
from approvals.adjustments.models import Adjustment, AdjustmentItem, AdjustmentSettlement
from common import clock
from common.errors import Refused
from organisations.models import User
from payments.models import Benefit


@transaction.atomic
def settle(*, item: AdjustmentItem, outcome: str, note: str, actor: User) -> AdjustmentSettlement:
    """Record what came of a household that people had to look at.

    Refused where the register says otherwise: 已变更 asks for an amount decided since the drafts, 已停发 for
    a benefit that ends. Refused a second time.
    """
    Adjustment.objects.select_for_update().get(pk=item.run_id)
    item = AdjustmentItem.objects.select_related("run", "township", "benefit").get(pk=item.pk)
    verdict = perms.can_settle(actor, item)
    if not verdict:
        raise Refused(verdict.reason)
    if item.kind != ItemKind.MANUAL:
        raise Refused("该户可以自动调整，不登记人工处理结果。")
    if AdjustmentSettlement.objects.filter(item=item).exists():
        raise Refused("该户的处理结果已经登记。")
    if not note.strip():
        raise Refused("请填写处理说明。", field="note")
    _refuse_unlike_register(item, item.benefit, outcome)
    settlement = AdjustmentSettlement.objects.create(
        stream=f"adjustment:{item.run_id}",
        item=item,
        outcome=outcome,
        note=note.strip(),
        by=actor,
        at=clock.now(),
    )
    close_if_settled(item.run)
    return settlement


def _refuse_unlike_register(item: AdjustmentItem, benefit: Benefit, outcome: str) -> None:
    newer = benefit.revisions.filter(created_at__gte=item.run.started_at)
    if outcome == Outcome.CHANGED and not newer.exists():
        raise Refused("测算之后该户的待遇金额没有变更，请先办理变更，或选择其他结果。", field="outcome")
    if outcome == Outcome.ENDED and benefit.ends_on is None:
        raise Refused("该户的待遇没有停发，请先办理停发，或选择其他结果。", field="outcome")


def close_if_settled(run: Adjustment) -> None:
    """Close a computed change once every draft is carried out, settled, or made anew after a return.

    Called with the row of the run, or its last open draft, held. The database refuses to close it earlier.
    """
    if run.finished_at is None or run.closed_at is not None or run.items.open().exists():
        return
    run.closed_at = clock.now()
    run.save(update_fields=["closed_at"])
