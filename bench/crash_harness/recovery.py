"""What was overpaid and comes back: 100.00 of the cash, paid in part and let go in part."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Count
from django.utils import timezone

from bench.crash_harness.steps import Step
from bench.crash_harness.world import IN_HAND, World
from cases.models import Application
from payments import services
from payments.enums import DebtState, RepaymentWay, WaiverGround
from payments.models import Benefit, Debt, HandOver, Repayment, Waiver
from payments.queries import paid_lines

OWED = Decimal("100.00")


def claim(application: Application, amount: Decimal = OWED) -> Debt:
    """So much of the first line of the case."""
    line = paid_lines(application)[0]
    return services.claim_back(application=application, claims=[services.Claim(line, line.paid - amount)])


def pay_in(world: World, amount: str, receipt: str) -> Repayment:
    """The family pays back in cash."""
    return services.take_repayment(
        debt=Debt.objects.earliest("pk"),
        way=RepaymentWay.FAMILY,
        amount=Decimal(amount),
        received_on=timezone.localdate(),
        receipt=receipt,
        actor=world.payer.clerk,
    )


def let_go(world: World, amount: str) -> Waiver:
    """Asked for, out of hardship."""
    return services.ask_waiver(
        debt=Debt.objects.earliest("pk"),
        ground=WaiverGround.HARDSHIP,
        amount=Decimal(amount),
        limit=None,
        reason="本人重病",
        actor=world.payer.other,
    )


def decide(world: World) -> Waiver:
    waiver = Waiver.objects.filter(granted__isnull=True).earliest("pk")
    return services.decide_waiver(waiver=waiver, granted=True, remark="属实", actor=world.payer.checker)


def recovery() -> list[Step]:
    """Claimed, decided, 40.00 paid in, 30.00 let go by two people: 30.00 stay open."""

    def begin(world: World) -> Debt:
        return claim(HandOver.objects.get(instalment__amount=IN_HAND).instalment.grant.application)

    def confirm(world: World) -> Debt:
        return services.confirm_debt(debt=Debt.objects.get())

    return [
        Step("追缴认定", begin, lambda w: Debt.objects.exists()),
        Step("追缴决定", confirm, lambda w: Debt.objects.filter(state=DebtState.OWED).exists()),
        Step("追缴缴回", lambda w: pay_in(w, "40.00", "PJ-1"), lambda w: Repayment.objects.exists()),
        Step("免追申请", lambda w: let_go(w, "30.00"), lambda w: Waiver.objects.exists()),
        Step("免追决定", decide, lambda w: Waiver.objects.filter(granted=True).exists()),
    ]


def more_debts(world: World) -> None:
    """Beside that one: a waiver that waits, a debt that the next list sets off, and one not decided yet."""
    let_go(world, "5.00")
    as_before = Benefit.objects.annotate(n=Count("revisions")).filter(n=1, ends_on__isnull=True)
    first, second = as_before.filter(programme="dibao", payments__month=world.first).order_by("pk")[:2]
    services.confirm_debt(debt=claim(first.application), share=Decimal("0.30"))
    claim(second.application)
