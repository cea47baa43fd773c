"""A standard was published: drafts of what it changes (`drafts`), then two people in each township
(`deciding`), then revisions; and people alone where no machine can tell (`settling`).
"""

from __future__ import annotations

from functools import partial

from django.db import transaction

from approvals.adjustments import perms, slices
from approvals.adjustments.models import Adjustment, AdjustmentReturn, AdjustmentSlice
from approvals.adjustments.queries.population import in_force
from approvals.adjustments.services.drafts import draft_slice
from approvals.adjustments.services.settling import close_if_settled
from approvals.adjustments.standards import AMOUNT_KEYS, PAID, effective_month
from approvals.adjustments.testing import Books
from cases.enums import Programme
from common import clock
from common.errors import Refused
from organisations.models import Area, User
from payments.models import Benefit
from policy.models import Rule


@transaction.atomic
def start_adjustment(*, area: Area, programme: str, rule: Rule, actor: User) -> Adjustment:
    """Compute the benefits of the area again from the month of a published rule on.

    Refused for a rule that is a draft, does not change amounts of the programme, or does not concern the
    area; while an earlier change of the same area and month is not finished; and when nobody is in receipt.
    """
    verdict = perms.can_start(actor, area)
    if not verdict:
        raise Refused(verdict.reason)
    _refuse_unfit(area, programme, rule)
    return _start(area, programme, rule, actor)


@transaction.atomic
def compute_again(*, returned: AdjustmentReturn, actor: User) -> Adjustment:
    """New drafts for a township whose drafts were returned: by the same rules, from the facts as they are.

    The old drafts stay as they were, never to be carried out. Refused where that was done already.
    """
    verdict = perms.can_compute_again(actor, returned)
    if not verdict:
        raise Refused(verdict.reason)
    old = Adjustment.objects.select_for_update().get(pk=returned.run_id)
    if Adjustment.objects.filter(again_for=returned).exists():
        raise Refused(f"{returned.township.name}的草案已经重新测算。")
    rule = Rule.objects.select_related("area").get(pk=old.rules[0]["id"])
    run = _start(returned.township, old.programme, rule, actor, again_for=returned)
    close_if_settled(old)
    return run


def _start(
    area: Area, programme: str, rule: Rule, actor: User, again_for: AdjustmentReturn | None = None
) -> Adjustment:
    # One at a time for an area: the row of the area is the lock.
    Area.objects.select_for_update().get(pk=area.pk)
    month = effective_month(rule.valid_from)
    if Adjustment.objects.filter(area=area, programme=programme, finished_at__isnull=True).exists():
        raise Refused(f"{area.name}有一次标准调整正在测算，请等它完成。")
    run = Adjustment.objects.create(
        area=area,
        programme=programme,
        effective_on=month,
        rules=[{"id": rule.pk, "key": rule.key, "value": rule.value, "was": _value_before(rule)}],
        again_for=again_for,
        started_by=actor,
        started_at=clock.now(),
    )
    benefits = Benefit.objects.filter(
        in_force(month), township__prefix__startswith=area.prefix, programme=programme
    )
    made = [
        AdjustmentSlice(run=run, cases=part)
        for part in slices.cut(benefits.order_by("township__code", "pk").values_list("pk", flat=True))
    ]
    if not made:
        raise Refused(f"{area.name}自 {month:%Y-%m} 起没有在册对象，无需调整。", field="area")
    from approvals.adjustments.tasks import run_adjustment

    slices.hand_over(run, made, run_adjustment)
    return run


def _refuse_unfit(area: Area, programme: str, rule: Rule) -> None:
    if programme not in PAID:
        raise Refused("只有按月发放的低保、特困可以调整。", field="programme")
    if rule.published_at is None:
        raise Refused("规则尚未发布，请先发布，或在“规则试算”中试算。", field="rule")
    if rule.key not in AMOUNT_KEYS[Programme(programme)]:
        raise Refused("该规则不影响这一项目的金额。", field="rule")
    if not (area.prefix.startswith(rule.area.prefix) or rule.area.prefix.startswith(area.prefix)):
        raise Refused(f"该规则属于{rule.area.name}，与{area.name}无关。", field="rule")
    if area.level not in {"county", "township"}:
        raise Refused("请选择县（市、区）或街道（乡镇）。", field="area")


def _value_before(rule: Rule) -> str:
    """What held in the same area until then; empty where there was nothing."""
    before = Rule.objects.published().filter(
        area_id=rule.area_id, key=rule.key, valid_from__lt=rule.valid_from
    )
    return before.order_by("-valid_from").values_list("value", flat=True).first() or ""


def work_on_adjustment(run_id: int) -> None:
    """Work off what is left of the drafts; harmless when it comes twice, together or after a crash."""
    run = Adjustment.objects.filter(pk=run_id, finished_at__isnull=True).first()
    if run is None:
        return
    slices.work_off(run, partial(draft_slice, run, Books(run.effective_on)), close_if_settled)
