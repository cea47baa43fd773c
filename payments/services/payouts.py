"""临时救助 outside the month: due instalments are put into a pay-out list, which is a batch like any other.

Locking: a list is made under a lock on its paying area, so two clerks choose one after the other; the
constraint instalment_paid_once holds in any case.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from cases.enums import Programme
from common import clock
from common.errors import Refused
from organisations.enums import AreaLevel
from organisations.models import Area, User
from payments import perms
from payments.enums import OPEN_REQUESTS, BatchAction, BatchState, PaymentKind
from payments.models import Batch, Instalment, Payment
from payments.services.batches import recount, say_totals
from payments.services.shared import lock_batch, note, require
from payments.terms import PaymentRules, say_day

# A later instalment is paid on its day: that may be a rest day, and the bank needs one.
LEAD = timedelta(days=3)


def not_listed() -> QuerySet[Instalment]:
    """Instalments in no pay-out list yet; what was paid in advance or by hand comes into none."""
    listed = Payment.objects.filter(instalment=OuterRef("pk"), kind=PaymentKind.INSTALMENT)
    return Instalment.objects.filter(~Exists(listed), advanced_on__isnull=True, hand_over__isnull=True)


def opens_on(instalment: Instalment) -> date:
    """From when an instalment may be paid: the first at once, a later one around its day (DT-3.3)."""
    return date.min if instalment.number == 1 else instalment.due_on - LEAD


@transaction.atomic
def prepare_payout(*, instalments: Collection[int], actor: User) -> Batch:
    """Put instalments (by key) of one payer into a new pay-out list of this month (DT-3.3, DT-8.4).

    Refused when nothing is chosen, for instalments of several payers, those that are in a list already, and
    those whose day is still far.
    """
    wanted = set(instalments)
    if not wanted:
        raise Refused("请先勾选要发放的期次。", field="instalments")
    rows = Instalment.objects.filter(pk__in=wanted).select_related("grant__township__parent")
    payers = {payer_of(row.grant.township) for row in rows}
    if len(payers) != 1:
        raise Refused("一份发放清单只能列入同一发放单位的期次。", field="instalments")
    area = lock_payer(payers.pop())
    require(perms.can_prepare(actor, area))
    if rows.filter(advanced_on__isnull=False).exists():
        raise Refused("先行救助已从备用金支付，不能再列入发放清单。", field="instalments", clause="DT-4.3")
    _refuse_by_hand(rows)
    chosen = list(not_listed().filter(pk__in=wanted))
    if len(chosen) != len(wanted):
        raise Refused(f"所选有 {len(wanted) - len(chosen)} 期已列入发放清单，请刷新后重新勾选。")
    early = [row for row in chosen if opens_on(row) > clock.today()]
    if early:
        raise Refused(f"第 {early[0].number} 期自 {say_day(opens_on(early[0]))}起才能发放。")
    batch = _new_list(area, min(chosen, key=lambda row: (row.due_on, row.pk)), actor)
    Payment.objects.bulk_create(
        Payment(
            batch=batch,
            instalment=row,
            kind=PaymentKind.INSTALMENT,
            month=batch.month,
            amount=row.amount,
        )
        for row in sorted(chosen, key=lambda row: (row.due_on, row.pk))
    )
    _save_totals(batch)
    note(batch, BatchAction.PREPARED, actor, f"列入 {len(chosen)} 期；共 {say_totals(batch)}")
    return batch


def _refuse_by_hand(rows: QuerySet[Instalment]) -> None:
    """What was handed over, or is about to be, does not go to the bank as well."""
    handed = rows.filter(hand_over__isnull=False).count()
    if handed:
        raise Refused(f"所选有 {handed} 期已用现金或实物发放，不能再列入发放清单。", field="instalments")
    waiting = rows.filter(hand_over_requests__state__in=OPEN_REQUESTS).count()
    if waiting:
        raise Refused(
            f"所选有 {waiting} 期已申请现金或实物发放；改由银行发放的，请先由批准人退回该申请。",
            field="instalments",
        )


def lock_payer(area: Area) -> Area:
    """The paying area, held until the end of the transaction: who chooses next sees what was chosen."""
    return Area.objects.select_for_update(no_key=True, of=("self",)).get(pk=area.pk)


def payer_of(township: Area, rules: PaymentRules | None = None) -> Area:
    """The area that pays 临时救助 of a township today; NoRuleInForce where nothing says who.

    `rules`: those of today, where many are asked about.
    """
    level = (rules or PaymentRules(Programme.LINSHI, clock.today())).payer_level(township)
    return township.parent if level == AreaLevel.COUNTY else township


def _new_list(area: Area, first: Instalment, actor: User) -> Batch:
    """The next list of the month; a list that was emptied again is taken up instead."""
    month = clock.month_of(clock.today())
    values = {"due_on": first.due_on, "due_why": first.due_why, "prepared_by": actor}
    lists = Batch.objects.filter(area=area, programme=Programme.LINSHI, month=month)
    empty = lists.filter(state=BatchState.PREPARED, n_payments=0).first()
    if empty is not None:
        empty = lock_batch(empty.pk)
        for name, value in values.items():
            setattr(empty, name, value)
        empty.prepared_at = clock.now()
        return empty
    return Batch.objects.create(
        area=area,
        county=area if area.level == AreaLevel.COUNTY else area.parent,
        programme=Programme.LINSHI,
        month=month,
        run=(lists.aggregate(last=Max("run"))["last"] or 0) + 1,
        clause="DT-8.4" if any("DT-8.4" in why for why in first.due_why) else "",
        prepared_at=clock.now(),
        **values,
    )


def _save_totals(batch: Batch) -> None:
    recount(batch)
    names = ["n_payments", "total", "breakdown", "due_on", "due_why", "prepared_at", "prepared_by"]
    batch.save(update_fields=names)


@transaction.atomic
def take_out(*, payment: Payment, actor: User) -> Batch:
    """Take an instalment out of a list that is not checked; it waits again to be paid."""
    batch = lock_batch(payment.batch_id)
    require(perms.can_take_out(actor, batch))
    if not Payment.objects.filter(pk=payment.pk, kind=PaymentKind.INSTALMENT).delete()[0]:
        raise Refused("该期已移出清单。")
    batch.prepared_at = clock.now()
    _save_totals(batch)
    note(batch, BatchAction.PREPARED, actor, f"移出 1 期；共 {say_totals(batch)}")
    return batch
