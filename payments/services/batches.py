"""A month's batch from its list to its seal.

Locking: everything that changes a batch first locks its row, in the same order (batch, then file, then
answer), so two clerks, a clerk and the monthly job, or two tabs wait for each other and the second finds
the work done. What two transactions could still do past the services, the constraints and triggers of
`payments.models` refuse.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import Area, User
from payments import perms
from payments.enums import BatchAction, BatchState, EntryKind, LedgerAccount, PaidProgramme
from payments.models import Batch, BatchEvent, Leg
from payments.services import corrections, lines, price_lines, set_offs
from payments.services.cards import refuse_miswritten_cards
from payments.services.funds import draw_for_batch, hold_fund, withdraw_month
from payments.services.proxies import refuse_strangers
from payments.services.shared import book, lock_batch, note, require
from payments.terms import PAID_MONTHLY, PAYER_LABEL, Terms, bearers, payment_terms, say_day, say_month

MONTHS_BACK = 12


@transaction.atomic
def prepare_month(*, area: Area, programme: str, month: date, actor: User | None) -> Batch:
    """Make the list of a month for a payer, or bring it up to date while it is not checked (DT-8.2, SY-5.1).

    One INSERT … SELECT adds what is due and not there yet, whatever ran before or runs beside it. A second
    run with nothing new changes nothing. `actor` None is the monthly job. Refused for an area that does not
    pay, a month that is too far away, a list that is already checked, and when nobody is in receipt.
    """
    require(perms.can_prepare(actor, area))
    terms = payment_terms(area, programme, month)
    if programme not in PAID_MONTHLY:
        raise Refused(f"{PaidProgramme(programme).label}不按月编制名册。")
    _refuse_wrong_payer(area, programme, terms)
    _refuse_wrong_month(month, terms)
    batch, is_new = _open_batch(area, programme, month, terms, actor)
    removed = 0 if is_new else lines.remove_stale(batch)
    added = lines.add_due(batch, is_new=is_new) + lines.add_arrears(batch)
    removed += set_offs.remove_stale(batch)
    corrected = corrections.bring_up_to_date(batch)
    added += corrected.missing + set_offs.add_missing(batch)
    removed += corrected.stale
    if not added and not removed:
        if is_new:
            raise Refused(f"{area.name} {say_month(month)}没有应发放的在册对象。")
        return batch
    recount(batch)
    batch.prepared_at = clock.now()
    batch.prepared_by = actor or batch.prepared_by
    batch.save(update_fields=["n_payments", "total", "breakdown", "prepared_at", "prepared_by"])
    note(batch, BatchAction.PREPARED, actor, f"新增 {added} 笔，移出 {removed} 笔；共 {say_totals(batch)}")
    return batch


def _refuse_wrong_payer(area: Area, programme: str, terms: Terms) -> None:
    if area.level != terms.payer:
        raise Refused(
            f"{area.name}的{PaidProgramme(programme).label}由{PAYER_LABEL[terms.payer]}发放，不由本级编制。",
            clause=terms.clause,
        )


def _refuse_wrong_month(month: date, terms: Terms) -> None:
    if month != clock.month_of(month):
        raise Refused("发放月份应为某月 1 日。", field="month")
    today = clock.today()
    if today < terms.opens_on:
        raise Refused(f"{say_month(month)}名册自 {say_day(terms.opens_on)}起编制，现在尚早。", field="month")
    if month < clock.add_months(today, -MONTHS_BACK):
        raise Refused(f"只能编制最近 {MONTHS_BACK} 个月的名册。", field="month")


def _open_batch(
    area: Area, programme: str, month: date, terms: Terms, actor: User | None
) -> tuple[Batch, bool]:
    """The batch, locked, and whether it is new. Of two who open it at once one inserts and the other waits
    for it.
    """
    fresh = Batch(
        area=area,
        county=area if area.level == "county" else area.parent,
        programme=programme,
        month=month,
        due_on=terms.due_on,
        due_why=list(terms.why),
        clause=terms.clause,
        bearer=bearers(area, programme, month)[:200],
        prepared_by=actor,
        prepared_at=clock.now(),
    )
    known = Batch.objects.filter(area=area, programme=programme, month=month).values_list("pk", flat=True)
    pk = known.first()
    is_new = pk is None
    if is_new:
        Batch.objects.bulk_create([fresh], ignore_conflicts=True)
        pk = known.get()
    batch = lock_batch(pk)
    if batch.state == BatchState.CHECKED:
        raise Refused("批次已复核；如需重新编制，请先退回。")
    if batch.state != BatchState.PREPARED:
        raise Refused(f"批次{batch.get_state_display()}，不能重新编制；遗漏的待遇由下月批次补发。")
    # The other of the two may have filled it already: then there are lines that can be stale.
    return batch, is_new and batch.n_payments == 0


def recount(batch: Batch) -> None:
    """Number, total and breakdown of a list that changed."""
    counted = lines.count(batch)
    batch.n_payments, batch.total, batch.breakdown = counted.n, counted.total, counted.breakdown


def say_totals(batch: Batch) -> str:
    """`3 笔 1,670.01 元`."""
    return f"{batch.n_payments} 笔 {show_yuan(batch.total)} 元"


def _refuse_other_totals(batch: Batch) -> None:
    """The lines must be those that the stored totals speak of."""
    seen = batch.n_payments, batch.total
    counted = lines.count(batch)
    if seen != (counted.n, counted.total):
        raise Refused(
            f"名册实有 {counted.n} 笔 {show_yuan(counted.total)} 元，"
            f"与编制时的 {say_totals(batch)}不符，请重新编制。"
        )


def departs_from_register(batch: Batch) -> lines.Difference:
    """How an open list departs from the register, corrections and set-offs of sealed months included."""
    if batch.programme == PaidProgramme.PRICE_SUBSIDY:
        return price_lines.difference(batch)
    found = (lines.difference(batch), corrections.difference(batch), set_offs.difference(batch))
    return lines.Difference(sum(each.missing for each in found), sum(each.stale for each in found))


@transaction.atomic
def check_batch(
    *, batch: Batch, actor: User, n_seen: int | None = None, total_seen: Decimal | None = None
) -> Batch:
    """A second person confirms the list. Pass the totals that person saw: a list that changed meanwhile is
    refused.
    """
    batch = lock_batch(batch.pk)
    require(perms.can_check(actor, batch))
    if BatchEvent.objects.filter(batch=batch, action=BatchAction.PREPARED, by=actor).exists():
        raise Refused("您参与过本名册的编制，须由另一人复核。")
    if (n_seen is not None and n_seen != batch.n_payments) or (
        total_seen is not None and total_seen != batch.total
    ):
        raise Refused(f"名册在您查看之后有变动，现为 {say_totals(batch)}，请重新查看后再复核。")
    if not batch.n_payments:
        raise Refused("名册中没有明细，请重新编制。")
    _refuse_other_totals(batch)
    refuse_miswritten_cards(batch)
    refuse_strangers(batch)
    if differs := departs_from_register(batch):
        raise Refused(
            f"名册与在册待遇不一致（应增 {differs.missing} 笔，应减或变更 {differs.stale} 笔），"
            "请发放岗重新编制后再复核。"
        )
    if batch.programme == PaidProgramme.PRICE_SUBSIDY:
        price_lines.refuse_without_accounts(batch)
    batch.state, batch.checked_by, batch.checked_at = BatchState.CHECKED, actor, clock.now()
    batch.save(update_fields=["state", "checked_by", "checked_at"])
    note(batch, BatchAction.CHECKED, actor, say_totals(batch))
    return batch


@transaction.atomic
def return_batch(*, batch: Batch, reason: str, actor: User) -> Batch:
    """Back from checked to prepared, with a reason: the one step back, and only before the seal."""
    batch = lock_batch(batch.pk)
    require(perms.can_return(actor, batch))
    reason = reason.strip()
    if not reason:
        raise Refused("请填写退回原因。", field="reason")
    batch.state, batch.checked_by, batch.checked_at = BatchState.PREPARED, None, None
    batch.save(update_fields=["state", "checked_by", "checked_at"])
    withdraw_month(batch)
    note(batch, BatchAction.RETURNED, actor, reason[:500])
    return batch


@transaction.atomic
def seal_batch(*, batch: Batch, actor: User, reason: str = "") -> Batch:
    """Freeze a checked list and book what is owed (在手资金, else 救助资金 → 应付). The lines must still be
    what was checked.

    A payer with a fund needs so much in it; whoever goes below the reserve of 临时救助 gives a `reason`.
    Households that ended meanwhile stop the seal; those that came meanwhile do not: the next batch pays
    their arrears.
    """
    batch = lock_batch(batch.pk)
    require(perms.can_seal(actor, batch))
    _refuse_other_totals(batch)
    if stale := departs_from_register(batch).stale:
        raise Refused(f"复核后有 {stale} 笔的待遇已停发或变动，请退回编制后重新复核。")
    refuse_strangers(batch)
    fund = hold_fund(batch)
    batch.state, batch.sealed_by, batch.sealed_at = BatchState.SEALED, actor, clock.now()
    batch.save(update_fields=["state", "sealed_by", "sealed_at"])
    entry = book(batch, EntryKind.SEALED, {LedgerAccount.PAYABLE: batch.total}, actor)
    if fund is not None:
        draw_for_batch(fund, batch, entry, actor, reason)
    else:
        Leg.objects.create(entry=entry, area=batch.area, account=LedgerAccount.BUDGET, amount=-batch.total)
    note(batch, BatchAction.SEALED, actor, say_totals(batch))
    return batch
