"""Money in hand: asked for by civil affairs, allocated by finance, and paid out under the reserve's rule."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction

from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.enums import AreaLevel
from organisations.models import Area, User
from payments import perms
from payments.enums import (
    EntryKind,
    FundMoveKind,
    FundPurpose,
    FundRequestKind,
    FundRequestState,
    LedgerAccount,
)
from payments.models import Batch, Entry, Fund, FundMove, FundRequest, Leg
from payments.reserve import Minimum, minimum_of
from payments.services.shared import lock_batch, refuse_part_of_fen, require
from policy.rules import RuleBook

_ADVANCED = "funds.advance_every"
_NO_MINIMUM = Minimum(None, "", "")


@transaction.atomic
def ask_for_funds(
    *,
    area: Area,
    purpose: str,
    kind: str,
    amount: Decimal,
    reason: str,
    actor: User,
    quarter: date | None = None,
) -> FundRequest:
    """Ask finance for `amount` yuan: the advance of a quarter (its first day), or more in between (DT-8.1).

    Refused for parts of a fen, without a reason, for an advance where the rules know none, and when the
    quarter has been asked for already.
    """
    require(perms.can_ask_for_funds(actor, area, kind))
    refuse_part_of_fen(amount, "申请金额", "amount")
    reason = reason.strip()
    if not reason:
        raise Refused("请填写申请理由。", field="reason")
    if kind == FundRequestKind.MONTH:
        raise Refused("当月用款在批次页面报送。", field="kind")
    if kind == FundRequestKind.ADVANCE:
        _refuse_bad_quarter(area, quarter)
    try:
        with transaction.atomic():
            return _ask(
                area,
                actor,
                purpose=FundPurpose(purpose),
                kind=FundRequestKind(kind),
                quarter=quarter if kind == FundRequestKind.ADVANCE else None,
                amount=amount,
                reason=reason[:200],
            )
    except IntegrityError:
        raise Refused("该季度的预拨已经申请。", field="quarter", clause="DT-8.1") from None


def _ask(area: Area, actor: User, **values: object) -> FundRequest:
    county = area if area.level == AreaLevel.COUNTY else area.parent
    return FundRequest.objects.create(
        area=area, county=county, asked_by=actor, asked_at=clock.now(), **values
    )


@transaction.atomic
def ask_for_month(*, batch: Batch, actor: User) -> FundRequest:
    """Send the checked list of a month to finance with the request for what it costs, less what is in hand
    (JZ-6.1). Refused before the check, for a request that waits already, and when there is enough.
    """
    batch = lock_batch(batch.pk)
    require(perms.can_ask_for_month(actor, batch))
    if batch.fund_requests.filter(state=FundRequestState.ASKED).exists():
        raise Refused("该批次已报送用款申请，待财政拨付。")
    fund = _lock_fund(batch.area, batch.programme)
    wanted = batch.total - (fund.balance if fund is not None else Decimal("0.00"))
    if wanted <= 0:
        raise Refused("在手资金足以支付本批次，无须申请，可以封账。")
    return _ask(
        batch.area,
        actor,
        purpose=FundPurpose(batch.programme),
        kind=FundRequestKind.MONTH,
        batch=batch,
        amount=wanted,
        reason=f"{batch.title} {batch.n_payments} 笔 {show_yuan(batch.total)} 元"[:200],
    )


def withdraw_month(batch: Batch) -> None:
    """A list that goes back takes the request with it that finance has not answered yet."""
    waiting = batch.fund_requests.select_for_update().filter(state=FundRequestState.ASKED)
    for request in waiting:
        request.state, request.decided_at = FundRequestState.WITHDRAWN, clock.now()
        request.save(update_fields=["state", "decided_at"])


def _refuse_bad_quarter(area: Area, quarter: date | None) -> None:
    if quarter is None or quarter.day != 1 or quarter.month not in {1, 4, 7, 10}:
        raise Refused("请选择预拨的季度。", field="quarter")
    if not RuleBook(area, quarter).has(_ADVANCED):
        raise Refused("当地没有按季度预拨的规则，请按追加拨付申请。", field="kind", clause="DT-8.1")


@transaction.atomic
def allocate_funds(*, request: FundRequest, actor: User, remark: str = "") -> FundMove:
    """Finance gives what was asked for: the fund is opened if need be, and filled."""
    request = _lock_asked(request, actor)
    _decide(request, FundRequestState.ALLOCATED, actor, remark)
    Fund.objects.get_or_create(area=request.area, purpose=request.purpose)
    fund = _lock_fund(request.area, request.purpose)
    return _move(
        fund, FundMoveKind.ALLOCATED, request.amount, actor, against=LedgerAccount.BUDGET, request=request
    )


@transaction.atomic
def refuse_funds(*, request: FundRequest, actor: User, remark: str) -> FundRequest:
    """Finance does not give it, and says why."""
    request = _lock_asked(request, actor)
    if not remark.strip():
        raise Refused("请填写不予拨付的理由。", field="remark")
    return _decide(request, FundRequestState.REFUSED, actor, remark)


def _lock_asked(request: FundRequest, actor: User) -> FundRequest:
    request = (
        FundRequest.objects.select_for_update(of=("self",))
        .select_related("area", "county")
        .get(pk=request.pk)
    )
    require(perms.can_decide_funds(actor, request))
    return request


def _decide(request: FundRequest, state: FundRequestState, actor: User, remark: str) -> FundRequest:
    request.state, request.decided_by, request.decided_at = state, actor, clock.now()
    request.remark = remark.strip()[:200]
    request.save(update_fields=["state", "decided_by", "decided_at", "remark"])
    return request


@transaction.atomic
def pay_from_reserve(
    *, township: Area, amount: Decimal, actor: User, note: str, reason: str = ""
) -> FundMove:
    """Take `amount` yuan out of the township's money for 临时救助 at once (LC-4.2c, DT-4.3, SY-4.4b).

    `note` says what for, without personal data. Refused when there is not so much in hand; when less than the
    reserve would stay, only with a `reason` (DT-8.3, SY-4.4c). The caller asks who may.
    """
    refuse_part_of_fen(amount, "救助金额", "amount")
    return _pay_at_once(township, FundMoveKind.RELIEF, amount, actor, note=note, reason=reason)


def pay_by_hand(*, payer: Area, amount: Decimal, actor: User, note: str, reason: str = "") -> FundMove:
    """Take an instalment that is handed over out of the payer's money for 临时救助, by the same rules.

    The caller has locked the paying area, and writes the hand-over in the same transaction (SY-5.1).
    """
    return _pay_at_once(payer, FundMoveKind.HANDED, amount, actor, note=note, reason=reason)


def _pay_at_once(
    area: Area, kind: FundMoveKind, amount: Decimal, actor: User, *, note: str, reason: str
) -> FundMove:
    fund = _lock_fund(area, FundPurpose.LINSHI)
    if fund is None:
        raise Refused(f"{area.name}尚无临时救助资金，请先申请拨付。", field="amount")
    return _pay_out(fund, kind, amount, actor, note=note, reason=reason)


def hold_fund(batch: Batch) -> Fund | None:
    """The fund that a batch is paid from, locked; None where the payer has none.

    Asked before anything is booked: everybody locks batch or request, then fund, then ledger, or two who pay
    from one fund wait for each other. Where finance allocates each month, nothing is sealed before (JZ-6.1).
    """
    fund = _lock_fund(batch.area, batch.programme)
    if fund is None and perms.is_allocated_monthly(batch):
        raise Refused("须先报送用款申请，由财政拨付后才能封账。", clause="JZ-6.1")
    return fund


def draw_for_batch(fund: Fund, batch: Batch, entry: Entry, actor: User, reason: str) -> None:
    """Pay a sealed batch out of the fund held for it. The caller has written the entry and its other leg."""
    note = f"{batch.title}封账"
    _pay_out(fund, FundMoveKind.PAID, batch.total, actor, note=note, reason=reason, entry=entry)


def book_back(*, fund: Fund, kind: FundMoveKind, amount: Decimal, actor: User, note: str) -> Entry:
    """`amount` yuan that had been paid out come back into the fund; the entry that says so."""
    fund = Fund.objects.select_for_update(of=("self",)).select_related("area").get(pk=fund.pk)
    return _move(fund, kind, amount, actor, against=LedgerAccount.PAID, note=note[:200]).entry


def _lock_fund(area: Area, purpose: str) -> Fund | None:
    funds = Fund.objects.select_for_update(of=("self",)).select_related("area")
    return funds.filter(area=area, purpose=purpose).first()


def _pay_out(
    fund: Fund,
    kind: FundMoveKind,
    amount: Decimal,
    actor: User,
    *,
    note: str,
    reason: str,
    entry: Entry | None = None,
) -> FundMove:
    left = fund.balance - amount
    if left < 0:
        raise Refused(
            f"{fund.area.name}{fund.get_purpose_display()}资金余额 {show_yuan(fund.balance)} 元，"
            f"不足以支付 {show_yuan(amount)} 元，请先申请拨付。",
            field="amount",
        )
    minimum = minimum_of(fund.area, clock.today()) if fund.purpose == FundPurpose.LINSHI else _NO_MINIMUM
    reason = reason.strip()[:200]
    if minimum.broken_by(left) and not reason:
        raise Refused(
            f"支付后余额 {show_yuan(left)} 元，{minimum.words}；确需支付的请填写理由。",
            field="reason",
            clause=minimum.clause,
        )
    return _move(
        fund,
        kind,
        -amount,
        actor,
        against=LedgerAccount.PAID,
        entry=entry,
        minimum=minimum.amount,
        note=note[:200],
        reason=reason if minimum.broken_by(left) else "",
    )


def _move(
    fund: Fund,
    kind: FundMoveKind,
    amount: Decimal,
    actor: User,
    *,
    against: LedgerAccount,
    entry: Entry | None = None,
    **values: object,
) -> FundMove:
    """The leg first, which moves the balance, then the record of why. Without an entry, one of its own."""
    now = clock.now()
    if entry is None:
        entry = Entry.objects.create(stream=f"ledger:{fund.area.code}", kind=EntryKind.FUND, at=now, by=actor)
        Leg.objects.create(entry=entry, area=fund.area, account=against, amount=-amount)
    Leg.objects.create(entry=entry, area=fund.area, account=LedgerAccount.FUND, fund=fund, amount=amount)
    move = FundMove.objects.create(
        fund=fund, kind=kind, amount=amount, entry=entry, by=actor, at=now, **values
    )
    move.refresh_from_db(fields=["balance_after"])
    return move
