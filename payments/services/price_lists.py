"""价格补贴: from a month that is set off to its list, which is a batch like any other (JZ-9.1).

Locking: lists of a payer are made under the lock on its area, as those of 临时救助 are; the unique constraint
on person and month holds in any case.
"""

from __future__ import annotations

from datetime import date

from django.db import transaction

from common import clock
from common.errors import Refused
from organisations.enums import AreaLevel
from organisations.models import Area, User
from payments import perms
from payments.enums import BatchAction, BatchState, PaidProgramme
from payments.models import Batch, PriceSubsidy
from payments.price import SubsidyMonth, subsidy_month
from payments.services import price_lines
from payments.services.batches import recount, say_totals
from payments.services.payouts import lock_payer
from payments.services.shared import lock_batch, note, require
from payments.terms import PAYER_LABEL, PaymentRules, say_month


@transaction.atomic
def prepare_subsidy(*, area: Area, month: date, actor: User | None) -> Batch:
    """Make the list of a month's price subsidy for a payer, or bring it up to date while it is not checked.

    One INSERT … SELECT adds every person covered in the month by one of the groups. Those who are found
    missing after the seal come into a list of their own, and with them what a figure that was corrected
    upwards adds to what was sealed (补差). `actor` None is the daily job. Refused for an area
    that does not pay, without a confirmed figure, and for a month that meets no condition.
    """
    require(perms.can_prepare(actor, area))
    _refuse_wrong_payer(area, month)
    area = lock_payer(area)
    found = subsidy_month(area, month)
    batch, is_new = _open_list(found, actor)
    _keep_calculation(batch, found)
    removed = 0 if is_new else price_lines.remove_stale(batch, found)
    added = price_lines.add_due(batch, found, is_new=is_new)
    if not added and not removed:
        if is_new:
            raise Refused(f"{area.name} {say_month(month)}没有应发价格补贴的在册对象。")
        return batch
    recount(batch)
    batch.prepared_at, batch.prepared_by = clock.now(), actor or batch.prepared_by
    batch.due_on, batch.due_why = found.due_on, list(found.why)
    names = ["n_payments", "total", "breakdown", "prepared_at", "prepared_by", "due_on", "due_why"]
    batch.save(update_fields=names)
    note(batch, BatchAction.PREPARED, actor, f"新增 {added} 人，移出 {removed} 人；共 {say_totals(batch)}")
    return batch


def _refuse_wrong_payer(area: Area, month: date) -> None:
    if month != clock.month_of(month):
        raise Refused("指数月份应为某月 1 日。", field="month")
    level = PaymentRules(PaidProgramme.PRICE_SUBSIDY, month).payer_level(area)
    if area.level != level:
        raise Refused(f"{area.name}的价格补贴由{PAYER_LABEL[level]}发放，不由本级编制。")


def _open_list(found: SubsidyMonth, actor: User | None) -> tuple[Batch, bool]:
    """The list that is being prepared, locked, or a new one for those who are in none.

    A list that was made before the figure was corrected can be emptied by it; a new one is not begun.
    """
    lists = Batch.objects.filter(
        area=found.area, programme=PaidProgramme.PRICE_SUBSIDY, month=found.month
    ).order_by("-run")
    last = lists.first()
    if last is not None:
        last = lock_batch(last.pk)
        if last.state == BatchState.PREPARED:
            return last, False
        if last.state == BatchState.CHECKED:
            raise Refused("名单已复核；如需重新编制，请先退回。")
        if not price_lines.n_missing(found):
            said = f"{say_month(found.month)}价格补贴{last.get_state_display()}"
            raise Refused(f"{said}，没有遗漏的对象，也没有应补的差额。")
    if not found.trigger.is_met:
        raise Refused(f"{say_month(found.month)}{found.words}", clause=found.terms.clause)
    return _new_list(found, last.run + 1 if last is not None else 1, actor), True


def _new_list(found: SubsidyMonth, run: int, actor: User | None) -> Batch:
    area = found.area
    return Batch.objects.create(
        area=area,
        county=area if area.level == AreaLevel.COUNTY else area.parent,
        programme=PaidProgramme.PRICE_SUBSIDY,
        month=found.month,
        run=run,
        due_on=found.due_on,
        due_why=list(found.why),
        clause=found.terms.clause,
        prepared_by=actor,
        prepared_at=clock.now(),
    )


def _keep_calculation(batch: Batch, found: SubsidyMonth) -> None:
    """What the list is computed from, so that it can be repeated in years to come."""
    lines = [line.as_json() for line in found.trigger.lines]
    for each, _ in found.calculations:
        lines += [line.as_json() for line in each.lines]
    PriceSubsidy.objects.update_or_create(
        batch=batch,
        defaults={
            "index": found.index,
            "amounts": found.as_amounts(),
            "programmes": found.programmes,
            "lines": lines,
            "rule_ids": list(found.terms.rule_ids),
        },
    )
