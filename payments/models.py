"""Benefits and the money: who gets how much from when, what was sent to the bank, what the bank answered."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q

from cases.enums import Programme
from cases.models import Application
from common.append_only import ChainedRecord, append_only_triggers, chained_triggers
from common.fields import EncryptedTextField
from common.masking import mask_account
from common.money import YuanField
from organisations.models import Area, DateRangeOf
from organisations.scope import Scope
from payments.enums import BatchState, LedgerAccount, PaymentKind, TransferResult

_FIRST_OF_MONTH = Q(month__day=1)


class BenefitQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> BenefitQuerySet:
        return self.filter(scope.filter())


class Benefit(models.Model):
    """待遇 in force for a household: what an approval opens. Months are half-open `[starts_on, ends_on)` first days."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="benefit", verbose_name="申请")
    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    head_name = models.CharField("户主", max_length=60)
    starts_on = models.DateField("起发月")
    ends_on = models.DateField("停发月", null=True, blank=True)
    first_approved_at = models.DateTimeField("首次批准时间", editable=False)
    payee_name = models.CharField("收款人", max_length=60)
    payee_bank = models.CharField("开户银行", max_length=60, blank=True)
    payee_account = EncryptedTextField("收款账号")

    objects = BenefitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待遇"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="benefit_starts_on_a_first_day", condition=Q(starts_on__day=1)),
            models.CheckConstraint(
                name="benefit_ends_on_a_first_day_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__day=1, ends_on__gte=F("starts_on")),
            ),
        ]
        indexes = [
            models.Index(name="benefit_in_township", fields=["township", "programme", "-id"]),
            models.Index(name="benefit_in_county", fields=["county", "programme", "-id"]),
        ]

    def __str__(self) -> str:
        return f"待遇 {self.pk}"

    @property
    def masked_account(self) -> str:
        return mask_account(self.payee_account or "")


class BenefitRevision(models.Model):
    """The monthly amount of a benefit for a period of months; succeeded by the next, never edited but to be closed."""

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="revisions", verbose_name="待遇")
    monthly = YuanField("月保障金额")
    valid_from = models.DateField("起月")
    valid_to = models.DateField("止月（不含）", null=True, blank=True)
    lines = models.JSONField("测算明细")
    rule_ids = models.JSONField("所用规则")
    reason = models.CharField("原因", max_length=200)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审批人")
    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = verbose_name_plural = "待遇变动"
        ordering = ["valid_from"]
        constraints = [
            ExclusionConstraint(
                name="benefit_revisions_do_not_overlap",
                expressions=[
                    ("benefit", RangeOperators.EQUAL),
                    (DateRangeOf("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(name="revision_amount_is_positive", condition=Q(monthly__gt=0)),
            models.CheckConstraint(name="revision_starts_on_a_first_day", condition=Q(valid_from__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m} 起 {self.monthly}"


class Batch(models.Model):
    """发放批次: one month, one payer, one programme. `area` pays: the township (DT-8.2) or the district (SY-5.1)."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="发放单位")
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    month = models.DateField("发放月份")
    state = models.CharField("状态", max_length=10, choices=BatchState.choices, default=BatchState.PREPARED)
    due_on = models.DateField("应发放日期")
    clause = models.CharField("依据", max_length=20)
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="编制人"
    )
    prepared_at = models.DateTimeField("编制时间")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="复核人"
    )
    checked_at = models.DateTimeField("复核时间", null=True, blank=True)
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="封账人"
    )
    sealed_at = models.DateTimeField("封账时间", null=True, blank=True)
    n_payments = models.PositiveIntegerField("笔数", null=True, blank=True)
    total = YuanField("合计金额", null=True, blank=True, max_digits=17)
    settled_at = models.DateTimeField("对账完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "发放批次"
        ordering = ["-month", "area__code"]
        constraints = [
            models.UniqueConstraint(
                name="one_batch_a_month",
                fields=["area", "programme", "month"],
                violation_error_message="该单位本月批次已存在。",
            ),
            models.CheckConstraint(name="batch_month_is_a_first_day", condition=_FIRST_OF_MONTH),
            models.CheckConstraint(
                name="batch_checked_by_another_person",
                condition=Q(checked_by__isnull=True) | Q(prepared_by__isnull=True) | ~Q(checked_by=F("prepared_by")),
                violation_error_message="复核人不能是编制人本人。",
            ),
            models.CheckConstraint(
                name="sealed_batch_has_its_totals",
                condition=Q(state__in=["prepared", "checked"])
                | Q(sealed_at__isnull=False, n_payments__isnull=False, total__isnull=False, checked_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area.name} {self.month:%Y-%m} {self.get_programme_display()}"


class Payment(models.Model):
    """What a household is due for one month: at most one of a kind, whatever happens around it."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="payments", verbose_name="批次")
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="payments", verbose_name="待遇")
    revision = models.ForeignKey(BenefitRevision, models.PROTECT, related_name="+", verbose_name="待遇变动")
    kind = models.CharField("种类", max_length=10, choices=PaymentKind.choices, default=PaymentKind.REGULAR)
    month = models.DateField("所属月份")
    amount = YuanField("金额")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="更正哪笔")

    class Meta:
        verbose_name = verbose_name_plural = "发放明细"
        constraints = [
            models.UniqueConstraint(
                name="one_payment_a_month",
                fields=["benefit", "kind", "month"],
                violation_error_message="该户本月已有一笔发放。",
            ),
            models.CheckConstraint(name="payment_month_is_a_first_day", condition=_FIRST_OF_MONTH),
            models.CheckConstraint(
                name="regular_payment_is_positive", condition=Q(amount__gt=0) | Q(kind=PaymentKind.CORRECTION)
            ),
            models.CheckConstraint(
                name="correction_names_what_it_corrects",
                condition=Q(kind=PaymentKind.CORRECTION, reverses__isnull=False)
                | Q(kind=PaymentKind.REGULAR, reverses__isnull=True),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="payment_of_sealed_batch_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF (SELECT state FROM payments_batch WHERE id = OLD.batch_id) NOT IN ('prepared', 'checked') THEN
                        RAISE EXCEPTION 'payment of a sealed batch is frozen'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="no_payment_joins_a_sealed_batch",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="added"),
                func="""
                    IF EXISTS (SELECT FROM payments_batch b WHERE b.state NOT IN ('prepared', 'checked')
                               AND b.id IN (SELECT DISTINCT batch_id FROM added)) THEN
                        RAISE EXCEPTION 'a sealed batch takes no further payment'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.amount}"


class BankFile(models.Model):
    """代发文件 of a sealed batch, kept byte for byte. Run 1 holds all payments, later runs those that failed."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="bank_files", verbose_name="批次")
    run = models.PositiveSmallIntegerField("次数")
    number = models.CharField("文件编号", max_length=40, unique=True)
    n_transfers = models.PositiveIntegerField("笔数")
    total = YuanField("合计金额", max_digits=17)
    xlsx = models.FileField("表格文件", max_length=200)
    xlsx_sha256 = models.CharField("表格散列", max_length=64)
    csv = models.FileField("文本文件", max_length=200)
    csv_sha256 = models.CharField("文本散列", max_length=64)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="生成人")
    made_at = models.DateTimeField("生成时间")
    answer_sha256 = models.CharField("银行回盘散列", max_length=64, blank=True)
    answered_at = models.DateTimeField("回盘时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "代发文件"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="one_bank_file_a_run", fields=["batch", "run"])]

    def __str__(self) -> str:
        return self.number


class Transfer(models.Model):
    """One line of a bank file: one attempt to pay. While one is pending or paid, the database admits no other."""

    bank_file = models.ForeignKey(BankFile, models.PROTECT, related_name="transfers", verbose_name="代发文件")
    line = models.PositiveIntegerField("行号")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="transfers", verbose_name="发放明细")
    payee_name = models.CharField("收款人", max_length=60)
    payee_account = EncryptedTextField("收款账号")
    amount = YuanField("金额")
    result = models.CharField("结果", max_length=8, choices=TransferResult.choices, default=TransferResult.PENDING)
    failure = models.CharField("失败原因", max_length=200, blank=True)
    paid_on = models.DateField("入账日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "代发明细"
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(name="bank_line_once", fields=["bank_file", "line"]),
            models.UniqueConstraint(
                name="payment_never_paid_twice", fields=["payment"], condition=~Q(result=TransferResult.FAILED)
            ),
            models.CheckConstraint(name="transfer_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="paid_transfer_has_its_day",
                condition=Q(result=TransferResult.PAID, paid_on__isnull=False)
                | (~Q(result=TransferResult.PAID) & Q(paid_on__isnull=True)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_file_id}/{self.line}"


class UnknownAnswer(models.Model):
    """A line of the bank's answer that fits no line we sent (挂账): kept and shown until someone settles it."""

    bank_file = models.ForeignKey(BankFile, models.PROTECT, related_name="unknown_answers", verbose_name="代发文件")
    row = models.PositiveIntegerField("行号")
    what = models.CharField("内容（脱敏）", max_length=200)
    why = models.CharField("原因", max_length=200)

    class Meta:
        verbose_name = verbose_name_plural = "无法匹配的回盘"

    def __str__(self) -> str:
        return f"{self.bank_file_id}#{self.row}"


class Entry(ChainedRecord):
    """One event of money in the ledger."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="entries", verbose_name="批次")
    what = models.CharField("事项", max_length=60)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经手人")

    class Meta:
        verbose_name = verbose_name_plural = "分录"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="entry_chain_is_a_line", fields=["stream", "sequence"])]
        triggers = chained_triggers("ledger_entry")

    def __str__(self) -> str:
        return self.what


class Leg(models.Model):
    """One side of an entry. The legs of an entry sum to 0, which a deferred trigger checks at commit."""

    append_only = True

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="legs", verbose_name="分录")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="单位")
    account = models.CharField("科目", max_length=10, choices=LedgerAccount.choices)
    amount = YuanField("金额", max_digits=17)

    class Meta:
        verbose_name = verbose_name_plural = "分录明细"
        constraints = [models.CheckConstraint(name="leg_is_not_zero", condition=~Q(amount=0))]
        triggers = [
            pgtrigger.Trigger(
                name="entry_balances",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    IF (SELECT sum(amount) FROM payments_leg WHERE entry_id = NEW.entry_id) <> 0 THEN
                        RAISE EXCEPTION 'legs of entry % do not sum to 0', NEW.entry_id
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            *append_only_triggers("ledger_leg"),
        ]

    def __str__(self) -> str:
        return f"{self.get_account_display()} {self.amount}"
