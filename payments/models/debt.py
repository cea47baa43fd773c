"""What was overpaid and is claimed back: how much of which month, and how it was made good.

A recovery of `approvals.recovering` decides about it; here stands the money. A month is claimed at most for
what its household holds too much, whatever the lists take off by themselves (抵扣): see `debt_rules`.
"""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum

from cases.models import Application
from common.append_only import append_only_triggers
from common.money import YuanField
from organisations.models import Area
from payments.enums import BatchState, DebtState, PaymentKind, RepaymentWay, WaiverGround
from payments.models import debt_rules
from payments.models.asking import Asked, asked_of_another
from payments.models.batch import FIRST_OF_MONTH
from payments.models.benefit import Benefit
from payments.models.fund import Fund, FundMove
from payments.models.ledger import Entry
from payments.models.payment import Payment

USER = settings.AUTH_USER_MODEL
_NOTHING_YET = Q(returned=0, set_off=0, waived=0)
_EVEN = Q(owed=F("returned") + F("set_off") + F("waived"))
# The kinds of lines that are claimed back; corrections follow the line that they correct.
CLAIMED_KINDS = (PaymentKind.REGULAR, PaymentKind.CARE, PaymentKind.INSTALMENT)


class Debt(models.Model):
    """应追缴款 of one household to one payer, in yuan. `fund`: what it was paid out of, empty where that was
    the budget. `share`: how much of each month's money the lists may set off, empty where they may not.

    `returned`, `set_off` and `waived` follow their rows by trigger; together never more than `owed`.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="debts", verbose_name="申请")
    payer = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="原发放单位")
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="原支出资金"
    )
    state = models.CharField("状态", max_length=8, choices=DebtState.choices, default=DebtState.CLAIMED)
    owed = YuanField("应追缴")
    returned = YuanField("已缴回", default=0)
    set_off = YuanField("已抵扣", default=0)
    waived = YuanField("已免追", default=0)
    share = models.DecimalField("每月抵扣比例", max_digits=5, decimal_places=4, null=True, blank=True)
    opened_at = models.DateTimeField("建立时间")
    settled_at = models.DateTimeField("结清时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "应追缴款"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="debt_is_never_made_good_beyond_what_is_owed",
                condition=Q(owed__gt=0, returned__gte=0, set_off__gte=0, waived__gte=0)
                & Q(owed__gte=F("returned") + F("set_off") + F("waived")),
                violation_error_message="缴回、抵扣和免追合计不能超过应追缴金额。",
            ),
            models.CheckConstraint(
                name="settled_debt_is_even",
                condition=(Q(state=DebtState.SETTLED, settled_at__isnull=False) & _EVEN)
                | (~Q(state=DebtState.SETTLED) & Q(settled_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="nothing_came_back_of_a_released_debt",
                condition=~Q(state=DebtState.RELEASED) | _NOTHING_YET,
            ),
            models.CheckConstraint(
                name="only_what_is_decided_is_set_off_or_waived",
                condition=Q(state__in=[DebtState.OWED, DebtState.SETTLED])
                | Q(set_off=0, waived=0, share__isnull=True),
            ),
            models.CheckConstraint(
                name="set_off_leaves_something",
                condition=Q(share__isnull=True) | Q(share__gt=0, share__lt=1),
            ),
        ]
        indexes = [models.Index(name="debt_to_set_off", fields=["payer"], condition=Q(share__isnull=False))]
        triggers = debt_rules.debt_triggers()

    def __str__(self) -> str:
        return f"应追缴款 {self.pk}"

    @property
    def open(self) -> Decimal:
        """What is neither returned nor set off nor waived yet, in yuan."""
        return self.owed - self.returned - self.set_off - self.waived

    @property
    def in_open_lists(self) -> Decimal:
        """What lists that are not sealed yet would set off: it counts, but may still go back."""
        lines = self.set_offs.filter(batch__state__in=[BatchState.PREPARED, BatchState.CHECKED])
        return -(lines.aggregate(sum=Sum("amount"))["sum"] or Decimal("0.00"))


def key_of(payment: int | None, fund_move: int | None) -> str:
    """How a form names what is claimed: by the line that the bank paid, or by the move of a fund."""
    return str(payment) if payment else f"m{fund_move}"


class Overpayment(models.Model):
    """What was overpaid of one month's line, or by hand (`fund_move`): a relief out of the reserve, cash or
    goods that were handed over.

    `paid` is what the household holds of it, `due` what it may keep, `amount` the difference that is claimed.
    """

    debt = models.ForeignKey(Debt, models.PROTECT, related_name="overpayments", verbose_name="应追缴款")
    payment = models.ForeignKey(
        Payment, models.PROTECT, null=True, blank=True, related_name="overpayments", verbose_name="发放明细"
    )
    fund_move = models.ForeignKey(
        FundMove, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="资金支出"
    )
    benefit = models.ForeignKey(
        Benefit, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="待遇"
    )
    kind = models.CharField("种类", max_length=10, choices=PaymentKind.choices, blank=True)
    month = models.DateField("所属月份")
    paid = YuanField("实发")
    due = YuanField("应发")
    amount = YuanField("多发")

    class Meta:
        verbose_name = verbose_name_plural = "多发月份"
        ordering = ["month", "pk"]
        constraints = [
            models.UniqueConstraint(name="overpayment_once_a_debt", fields=["debt", "payment"]),
            models.CheckConstraint(
                name="overpayment_is_the_difference",
                condition=Q(amount__gt=0, due__gte=0, amount=F("paid") - F("due")),
            ),
            models.CheckConstraint(name="overpayment_month_is_a_first_day", condition=FIRST_OF_MONTH),
            models.CheckConstraint(
                name="overpayment_of_a_line_or_of_a_relief",
                condition=Q(payment__isnull=False, fund_move__isnull=True, kind__in=CLAIMED_KINDS)
                | Q(payment__isnull=True, fund_move__isnull=False, benefit__isnull=True, kind=""),
            ),
        ]
        indexes = [models.Index(name="overpayment_of_month", fields=["benefit", "month"])]
        triggers = debt_rules.overpayment_triggers()

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.amount}"

    @property
    def key(self) -> str:
        return key_of(self.payment_id, self.fund_move_id)

    @property
    def what(self) -> str:
        """What was paid: the kind of the line, or of the move."""
        return self.get_kind_display() if self.kind else self.fund_move.get_kind_display()


class Repayment(models.Model):
    """Money that came back, booked to where it was paid from. `receipt`: number of the receipt (票据号) or
    of the bank's entry (流水号); each counts once.
    """

    append_only = True

    debt = models.ForeignKey(Debt, models.PROTECT, related_name="repayments", verbose_name="应追缴款")
    payer = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="收款单位")
    way = models.CharField("方式", max_length=6, choices=RepaymentWay.choices)
    amount = YuanField("金额")
    received_on = models.DateField("到账日期")
    receipt = models.CharField("票据号（流水号）", max_length=60)
    entry = models.OneToOneField(Entry, models.PROTECT, related_name="repayment", verbose_name="分录")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="经手人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "追缴收款"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="repayment_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="repayment_has_its_receipt", condition=~Q(receipt="")),
            models.UniqueConstraint(
                name="receipt_counts_once",
                fields=["payer", "way", "receipt"],
                violation_error_message="该票据号（流水号）已登记。",
            ),
        ]
        triggers = [*debt_rules.repayment_triggers(), *append_only_triggers("repayment")]

    def __str__(self) -> str:
        return f"{self.get_way_display()} {self.amount}"


class Waiver(Asked):
    """免追: asked by one, decided by another. `limit`: what the rule of the day waives for being small."""

    debt = models.ForeignKey(Debt, models.PROTECT, related_name="waivers", verbose_name="应追缴款")
    ground = models.CharField("理由类别", max_length=8, choices=WaiverGround.choices)
    amount = YuanField("免追金额")
    limit = YuanField("免追限额", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "免追"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="waiver_gives_its_reason", condition=Q(amount__gt=0) & ~Q(reason="")),
            models.CheckConstraint(
                name="small_waiver_is_within_the_limit",
                condition=~Q(ground=WaiverGround.SMALL) | Q(limit__isnull=False, amount__lte=F("limit")),
            ),
            *asked_of_another("waiver", "debt", "免追"),
        ]
        triggers = debt_rules.waiver_triggers()

    def __str__(self) -> str:
        return f"{self.get_ground_display()} {self.amount}"
