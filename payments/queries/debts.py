"""What can be claimed back of a household, and how debts stand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, Exists, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from cases.models import Application
from common import clock
from organisations.models import Area
from payments.enums import DebtState, LedgerAccount, PaymentKind, TransferResult
from payments.models import (
    Benefit,
    BenefitRevision,
    Debt,
    FundMove,
    HandOver,
    Leg,
    Overpayment,
    Payment,
    Transfer,
)
from payments.models.debt import CLAIMED_KINDS, key_of

NOTHING = Decimal("0.00")
_LIVE = ~Q(debt__state=DebtState.RELEASED)


@dataclass(frozen=True, slots=True)
class PaidLine:
    """One line that the bank has paid (`payment`), or what was handed over (`fund_move`): what the household
    holds of it beyond earlier claims, and what the register says that it is due, in yuan.

    `payer` paid it out of `fund` (its key), None for the budget.
    """

    month: date
    what: str
    paid: Decimal
    due: Decimal
    payer: Area
    fund: int | None
    payment: Payment | None = None
    fund_move: FundMove | None = None

    @property
    def key(self) -> str:
        return key_of(self.payment and self.payment.pk, self.fund_move and self.fund_move.pk)

    @property
    def too_much(self) -> Decimal:
        return max(self.paid - self.due, NOTHING)


def paid_lines(application: Application, *, besides: Debt | None = None) -> list[PaidLine]:
    """Every line of the case of which something is left to claim, and what was handed over in cash or goods,
    oldest month first.

    Lines that the bank has not paid are not among them, nor what lists took off already, nor what is claimed
    but for the debt `besides`.
    """
    lines = _paid_by_lists(application, besides) + _handed(application, besides)
    return sorted(lines, key=lambda line: line.month)


def _handed(application: Application, besides: Debt | None) -> list[PaidLine]:
    given = HandOver.objects.filter(instalment__grant__application=application)
    given = given.annotate(claimed=_claimed(besides, fund_move=OuterRef("fund_move")))
    found = []
    for each in given.select_related("fund_move__fund__area").order_by("handed_on", "pk"):
        move, held = each.fund_move, -each.fund_move.amount - each.claimed
        if held > 0:
            month, what = clock.month_of(each.handed_on), move.get_kind_display()
            found.append(PaidLine(month, what, held, held, move.fund.area, move.fund_id, fund_move=move))
    return found


def _paid_by_lists(application: Application, besides: Debt | None) -> list[PaidLine]:
    benefit = Benefit.objects.filter(application=application).first()
    lines = list(_heads(application, besides))
    if not lines:
        return []
    revisions = list(BenefitRevision.objects.filter(benefit=benefit)) if benefit else []
    corrected = _corrections(benefit)
    found = []
    for line in lines:
        paid = line.amount + corrected.get((line.month, line.kind), NOTHING) - line.claimed
        if paid > 0:
            due = _due(line, benefit, revisions, paid)
            what, payer = line.get_kind_display(), line.batch.area
            found.append(PaidLine(line.month, what, paid, due, payer, line.from_fund, payment=line))
    return found


def _paid_by_bank() -> Exists:
    return Exists(Transfer.objects.filter(payment=OuterRef("pk"), result=TransferResult.PAID))


def _claimed(besides: Debt | None, **of: OuterRef) -> Coalesce:
    """What is claimed of a line already, in yuan."""
    claims = Overpayment.objects.filter(_LIVE, **of).order_by().values(*of)
    if besides is not None:
        claims = claims.exclude(debt=besides)
    money = DecimalField(max_digits=13, decimal_places=2)
    return Coalesce(Subquery(claims.annotate(sum=Sum("amount")).values("sum")), NOTHING, output_field=money)


def _heads(application: Application, besides: Debt | None) -> QuerySet[Payment]:
    of_case = Q(benefit__application=application) | Q(instalment__grant__application=application)
    from_fund = Leg.objects.filter(
        entry__batch=OuterRef("batch"), entry__kind="sealed", account=LedgerAccount.FUND
    )
    return (
        Payment.objects.filter(
            of_case, _paid_by_bank(), kind__in=CLAIMED_KINDS, batch__sealed_at__isnull=False
        )
        .annotate(
            claimed=_claimed(besides, payment=OuterRef("pk")),
            from_fund=Subquery(from_fund.values("fund")[:1]),
        )
        .select_related("batch__area", "instalment")
        .order_by("month", "pk")
    )


def _corrections(benefit: Benefit | None) -> dict[tuple[date, str], Decimal]:
    """By month and line: what was paid on top, and what lists take off without a recovery."""
    if benefit is None:
        return {}
    lines = Payment.objects.filter(Q(amount__lt=0) | _paid_by_bank(), benefit=benefit, debt__isnull=True)
    of = {PaymentKind.CORRECTION: PaymentKind.REGULAR, PaymentKind.CARE_CORRECTION: PaymentKind.CARE}
    sums = lines.filter(kind__in=list(of)).order_by().values_list("month", "kind").annotate(Sum("amount"))
    return {(month, of[kind]): amount for month, kind, amount in sums}


def _due(line: Payment, benefit: Benefit | None, revisions: list[BenefitRevision], paid: Decimal) -> Decimal:
    """What the register of today says; a grant is due as it was decided. Never more than is held."""
    if benefit is None:
        return paid
    if benefit.ends_on is not None and benefit.ends_on <= line.month:
        return NOTHING
    for revision in revisions:
        if revision.valid_from <= line.month and (
            revision.valid_to is None or revision.valid_to > line.month
        ):
            return min(revision.care_fee if line.goes_to_care else revision.basic, paid)
    return NOTHING
