"""Money that was overpaid: claimed, decided, and made good. Who may and how it is decided, the caller says.

Locking: whoever changes a debt or adds a row to it locks the debt first; a batch is locked before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import IntegrityError, transaction
from django.utils import timezone

from cases.models import Application
from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import User
from payments.enums import (
    DebtState,
    EntryKind,
    FundMoveKind,
    LedgerAccount,
    RepaymentWay,
    WaiverGround,
)
from payments.models import Debt, Entry, FundMove, Leg, Overpayment, Repayment, Waiver
from payments.queries.debts import PaidLine
from payments.services.funds import book_back
from payments.services.shared import refuse_part_of_fen
from payments.terms import say_month

_OPEN = (DebtState.CLAIMED, DebtState.OWED)


class Claim(NamedTuple):
    """A line of which something is claimed, and what the household may keep of it, in yuan."""

    line: PaidLine
    due: Decimal


def claim_back(*, application: Application, claims: Sequence[Claim], debt: Debt | None = None) -> Debt:
    """Claim what was overpaid of the lines; `debt` is one that claims nothing any more (`unclaim`).

    Refused for nothing, for more than the household holds, and for lines out of two purses.
    """
    _refuse_unfit(claims)
    first = claims[0].line
    owed = sum(claim.line.paid - claim.due for claim in claims)
    with _taken_once():
        debt = _open_debt(application, debt, first.payer.pk, first.fund, owed)
        Overpayment.objects.bulk_create(_overpayment(debt, claim) for claim in claims)
    return debt


@transaction.atomic
def unclaim(*, debt: Debt) -> None:
    """Give the months free again; the same transaction claims others."""
    lock_debt(debt.pk).overpayments.all().delete()


def claim_relief(*, application: Application, fund_move: FundMove) -> Debt:
    """Claim the whole of a relief that was paid out of the reserve."""
    fund, amount = fund_move.fund, -fund_move.amount
    with _taken_once():
        debt = _open_debt(application, None, fund.area_id, fund.pk, amount)
        Overpayment.objects.create(
            debt=debt,
            fund_move=fund_move,
            month=clock.month_of(timezone.localdate(fund_move.at)),
            paid=amount,
            due=Decimal("0.00"),
            amount=amount,
        )
    return debt


@contextmanager
def _taken_once() -> Iterator[None]:
    """One transaction; what another claim or a list took meanwhile, the database refuses at its end, and the
    clerk is told in words.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        raise Refused("所选月份的多发款已另行抵扣或追缴，请刷新后重新选择。", field="months") from None


def _refuse_unfit(claims: Sequence[Claim]) -> None:
    if not claims:
        raise Refused("请至少选择一个多发的月份。", field="months")
    if len({(claim.line.payer.pk, claim.line.fund) for claim in claims}) > 1:
        raise Refused("所选月份由不同单位或不同资金支付，请分别追缴。", field="months")
    for line, due in claims:
        what = f"{say_month(line.month)}应发金额"
        if not due.is_finite() or due < 0 or due != round(due, 2):
            raise Refused(f"{what}应为不小于 0、精确到分的金额。", field="months")
        if due >= line.paid:
            raise Refused(f"{what}须小于实发 {show_yuan(line.paid)} 元，否则没有多发。", field="months")


def _open_debt(
    application: Application, debt: Debt | None, payer: int, fund: int | None, owed: Decimal
) -> Debt:
    if debt is None:
        return Debt.objects.create(
            application=application, payer_id=payer, fund_id=fund, owed=owed, opened_at=clock.now()
        )
    debt = lock_debt(debt.pk)
    if (debt.payer_id, debt.fund_id) != (payer, fund):
        raise Refused("所选月份与原先的由不同单位或不同资金支付，请撤回后另行追缴。", field="months")
    debt.owed = owed
    debt.save(update_fields=["owed"])
    return debt


def _overpayment(debt: Debt, claim: Claim) -> Overpayment:
    line = claim.line
    return Overpayment(
        debt=debt,
        payment=line.payment,
        fund_move=line.fund_move,
        benefit_id=line.payment and line.payment.benefit_id,
        kind=line.payment.kind if line.payment else "",
        month=line.month,
        paid=line.paid,
        due=claim.due,
        amount=line.paid - claim.due,
    )


def lock_debt(pk: int) -> Debt:
    """The debt, held until the end of the transaction."""
    return Debt.objects.select_for_update(of=("self",)).select_related("payer", "fund").get(pk=pk)


@transaction.atomic
def confirm_debt(*, debt: Debt, share: Decimal | None = None) -> Debt:
    """It has been decided. With `share` the coming lists set off at most so much of each month's money."""
    debt = lock_debt(debt.pk)
    if debt.state == DebtState.CLAIMED:
        debt.state = DebtState.OWED
    debt.share = share
    debt.save(update_fields=["state", "share"])
    return debt


@transaction.atomic
def release_debt(*, debt: Debt) -> Debt:
    """Nothing is claimed after all. Refused when something came back already."""
    debt = lock_debt(debt.pk)
    if debt.returned:
        raise Refused(f"已缴回 {show_yuan(debt.returned)} 元，不能撤销追缴。")
    debt.state = DebtState.RELEASED
    debt.save(update_fields=["state"])
    return debt


def settle_debt(*, debt: Debt) -> Debt:
    """Nothing is open any more. Refused while something is, or stands in a list that is not sealed."""
    debt = lock_debt(debt.pk)
    if debt.open:
        raise Refused(f"尚有 {show_yuan(debt.open)} 元未追回。")
    if waiting := debt.in_open_lists:
        raise Refused(f"其中 {show_yuan(waiting)} 元列在尚未封账的名册中抵扣，封账后结清。")
    debt.state, debt.settled_at = DebtState.SETTLED, clock.now()
    debt.save(update_fields=["state", "settled_at"])
    return debt


@transaction.atomic
def take_repayment(
    *, debt: Debt, way: RepaymentWay, amount: Decimal, received_on: date, receipt: str, actor: User
) -> Repayment:
    """Money came back: booked to the fund it was paid from (已发放 → 在手资金, else 救助资金).

    Refused beyond what is open, before it was paid or after today, and for a receipt that counted already.
    """
    refuse_part_of_fen(amount, "金额", "amount")
    debt = lock_debt(debt.pk)
    receipt = receipt.strip()
    if debt.state not in _OPEN:
        raise Refused(f"该款{debt.get_state_display()}，不能再登记收款。")
    if not receipt:
        raise Refused("请填写票据号或银行流水号。", field="receipt")
    if received_on > clock.today():
        raise Refused("到账日期不能晚于今天。", field="received_on")
    if received_on < debt.overpayments.earliest("month").month:
        raise Refused("到账日期不能早于多发的月份。", field="received_on")
    if amount > debt.open:
        waiting = debt.in_open_lists
        listed = f"，另有 {show_yuan(waiting)} 元已列入名册抵扣" if waiting else ""
        raise Refused(f"金额超过未追回的 {show_yuan(debt.open)} 元{listed}。", field="amount")
    if Repayment.objects.filter(payer=debt.payer, way=way, receipt=receipt).exists():
        raise Refused("该票据号（流水号）已登记过，不能重复入账。", field="receipt")
    return Repayment.objects.create(
        debt=debt,
        payer=debt.payer,
        way=way,
        amount=amount,
        received_on=received_on,
        receipt=receipt,
        entry=_book(debt, amount, actor),
        by=actor,
        at=clock.now(),
    )


def _book(debt: Debt, amount: Decimal, actor: User) -> Entry:
    if debt.fund is not None:
        note = f"追缴收回（应追缴款 {debt.pk}）"
        return book_back(fund=debt.fund, kind=FundMoveKind.RECOVERED, amount=amount, actor=actor, note=note)
    stream = f"ledger:{debt.payer.code}"
    entry = Entry.objects.create(stream=stream, kind=EntryKind.FUND, at=clock.now(), by=actor)
    legs = {LedgerAccount.PAID: -amount, LedgerAccount.BUDGET: amount}
    Leg.objects.bulk_create(
        Leg(entry=entry, area=debt.payer, account=account, amount=part) for account, part in legs.items()
    )
    return entry


@transaction.atomic
def ask_waiver(
    *, debt: Debt, ground: WaiverGround, amount: Decimal, limit: Decimal | None, reason: str, actor: User
) -> Waiver:
    """Ask that `amount` be let go; `limit`: what the rule of the day lets go for being small."""
    refuse_part_of_fen(amount, "免追金额", "amount")
    debt = lock_debt(debt.pk)
    if debt.state != DebtState.OWED:
        raise Refused(f"该款{debt.get_state_display()}，不能申请免追。")
    if not reason.strip():
        raise Refused("请填写理由。", field="reason")
    if amount > debt.open:
        raise Refused(f"免追金额超过未追回的 {show_yuan(debt.open)} 元。", field="amount")
    if ground == WaiverGround.SMALL and (limit is None or debt.open > limit):
        said = f"免追限额 {show_yuan(limit)} 元" if limit is not None else "当地没有免追限额的规则"
        raise Refused(f"未追回 {show_yuan(debt.open)} 元，{said}，不能按低于限额免追。", field="ground")
    if debt.waivers.filter(granted__isnull=True).exists():
        raise Refused("已有待决定的免追申请。")
    return Waiver.objects.create(
        debt=debt,
        ground=ground,
        amount=amount,
        limit=limit if ground == WaiverGround.SMALL else None,
        reason=reason.strip(),
        asked_by=actor,
        asked_at=clock.now(),
    )


@transaction.atomic
def decide_waiver(*, waiver: Waiver, granted: bool, remark: str, actor: User) -> Waiver:
    """Another person says yes or no, and why."""
    debt = lock_debt(waiver.debt_id)
    waiver = Waiver.objects.select_for_update(of=("self",)).get(pk=waiver.pk)
    if waiver.granted is not None:
        raise Refused("该免追申请已决定。")
    if waiver.asked_by_id == actor.pk:
        raise Refused("免追由您提出，须由另一人决定。")
    if not remark.strip():
        raise Refused("请填写意见。", field="remark")
    if granted and waiver.amount > debt.open:
        raise Refused(f"未追回只有 {show_yuan(debt.open)} 元，不能再免追 {show_yuan(waiver.amount)} 元。")
    waiver.granted, waiver.decided_by, waiver.decided_at = granted, actor, clock.now()
    waiver.remark = remark.strip()
    waiver.save(update_fields=["granted", "decided_by", "decided_at", "remark"])
    return waiver
