"""What goes to the bank and what comes back."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from common.fields import EncryptedTextField
from common.masking import mask_account
from common.money import YuanField
from common.storage import private_files
from payments.enums import TransferResult
from payments.models.batch import Batch
from payments.models.payment import Payment

_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"


class BankFile(models.Model):
    """代发文件 of a sealed batch, kept byte for byte. Run 1 holds all payments, later runs those that failed.

    A run of more lines than one file takes is cut into several; `sequence` numbers all files of a batch.
    The lines are fixed when the row is made; the bytes may be written a little later, by the worker.
    """

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="bank_files", verbose_name="批次")
    run = models.PositiveSmallIntegerField("次数")
    sequence = models.PositiveSmallIntegerField("序号")
    number = models.CharField("文件编号", max_length=40, unique=True)
    n_transfers = models.PositiveIntegerField("笔数")
    total = YuanField("合计金额", max_digits=17)
    xlsx = models.FileField("表格文件", max_length=200, storage=private_files, blank=True)
    xlsx_sha256 = models.CharField("表格散列", max_length=64, blank=True)
    csv = models.FileField("文本文件", max_length=200, storage=private_files, blank=True)
    csv_sha256 = models.CharField("文本散列", max_length=64, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="生成人"
    )
    made_at = models.DateTimeField("生成时间")
    written_at = models.DateTimeField("写成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "代发文件"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="bank_files_of_a_batch_are_numbered", fields=["batch", "sequence"]),
            models.CheckConstraint(
                name="bank_file_is_not_empty", condition=Q(n_transfers__gt=0, total__gt=0)
            ),
            models.CheckConstraint(
                name="written_bank_file_has_its_hashes",
                condition=Q(written_at__isnull=True, xlsx_sha256="", csv_sha256="")
                | (Q(written_at__isnull=False) & ~Q(xlsx_sha256="") & ~Q(csv_sha256="")),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="bank_file_of_two_people",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    PERFORM FROM payments_batch
                        WHERE id = NEW.batch_id AND state IN ('sealed', 'sent') FOR SHARE;
                    IF NOT FOUND THEN {_REFUSE % "a bank file needs a sealed batch"} END IF;
                    PERFORM FROM payments_batch WHERE id = NEW.batch_id AND checked_by_id = NEW.made_by_id;
                    IF FOUND THEN {_REFUSE % "who checked a batch does not make its bank file"} END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="bank_file_is_written_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' THEN
                        IF OLD.written_at IS NULL
                           AND to_jsonb(NEW) - '{{xlsx,xlsx_sha256,csv,csv_sha256,written_at}}'::text[]
                             = to_jsonb(OLD) - '{{xlsx,xlsx_sha256,csv,csv_sha256,written_at}}'::text[] THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    {_REFUSE % "a bank file is written once and kept"}
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Transfer(models.Model):
    """One line of a bank file: one attempt to pay. While one is pending or paid, the database admits no
    other.
    """

    bank_file = models.ForeignKey(
        BankFile, models.PROTECT, related_name="transfers", db_index=False, verbose_name="代发文件"
    )
    line = models.PositiveIntegerField("行号")
    payment = models.ForeignKey(Payment, models.PROTECT, related_name="transfers", verbose_name="发放明细")
    payee_name = models.CharField("收款人", max_length=100)
    payee_bank = models.CharField("开户银行", max_length=60, blank=True)
    payee_account = EncryptedTextField("收款账号")
    amount = YuanField("金额")
    result = models.CharField(
        "结果", max_length=8, choices=TransferResult.choices, default=TransferResult.PENDING
    )
    failure = models.CharField("失败原因", max_length=200, blank=True)
    paid_on = models.DateField("入账日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "代发明细"
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(name="bank_line_once", fields=["bank_file", "line"]),
            models.UniqueConstraint(
                name="payment_never_paid_twice",
                fields=["payment"],
                condition=~Q(result=TransferResult.FAILED),
                violation_error_message="该笔已在代发或已发放成功。",
            ),
            models.CheckConstraint(
                name="transfer_result_is_known", condition=Q(result__in=TransferResult.values)
            ),
            models.CheckConstraint(name="transfer_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="paid_transfer_has_its_day",
                condition=Q(result=TransferResult.PAID, paid_on__isnull=False)
                | (~Q(result=TransferResult.PAID) & Q(paid_on__isnull=True)),
            ),
            models.CheckConstraint(
                name="failed_transfer_has_its_reason",
                condition=(Q(result=TransferResult.FAILED) & ~Q(failure=""))
                | (~Q(result=TransferResult.FAILED) & Q(failure="")),
            ),
        ]
        indexes = [
            models.Index(
                name="transfer_not_paid",
                fields=["bank_file", "result"],
                condition=~Q(result=TransferResult.PAID),
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="transfer_is_answered_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                declare=[("otherwise", "payments_transfer")],
                func=f"""
                    IF TG_OP = 'UPDATE' AND OLD.result = 'pending' THEN
                        otherwise := NEW;
                        otherwise.result := OLD.result;
                        otherwise.failure := OLD.failure;
                        otherwise.paid_on := OLD.paid_on;
                        IF otherwise IS NOT DISTINCT FROM OLD THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    {_REFUSE % "a transfer is answered once and kept"}
                """,
            ),
            pgtrigger.Trigger(
                name="transfer_is_its_payment",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="added"),
                func=f"""
                    -- What is taken back comes off the money of the month itself, from whoever gets that.
                    IF EXISTS (SELECT FROM added t JOIN payments_payment p ON p.id = t.payment_id
                               JOIN payments_bankfile f ON f.id = t.bank_file_id
                               JOIN payments_batch b ON b.id = f.batch_id
                               WHERE p.batch_id <> f.batch_id OR t.amount <> p.amount + COALESCE(
                                   (SELECT sum(c.amount) FROM payments_payment c
                                    WHERE c.batch_id = p.batch_id AND c.benefit_id = p.benefit_id
                                      AND c.amount < 0 AND p.month = b.month
                                      AND p.kind = CASE c.kind WHEN 'care_fix' THEN 'care' ELSE 'regular' END
                                   ), 0)) THEN
                        {_REFUSE % "a transfer pays its payment, in its batch, to the fen"}
                    END IF;
                    IF EXISTS (SELECT FROM added WHERE result <> 'pending')
                       OR EXISTS (SELECT FROM payments_bankfile f WHERE f.written_at IS NOT NULL
                                  AND f.id IN (SELECT DISTINCT bank_file_id FROM added)) THEN
                        {_REFUSE % "a transfer begins pending, in a file not yet written"}
                    END IF;
                    RETURN NULL;
                """,  # noqa: S608 - our own text
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bank_file_id}/{self.line}"

    @property
    def masked_account(self) -> str:
        return mask_account(self.payee_account or "")


class BankAnswer(models.Model):
    """回盘: what the bank sent back for a file. First looked at (预览), then confirmed once; the same bytes
    count once.
    """

    bank_file = models.ForeignKey(BankFile, models.PROTECT, related_name="answers", verbose_name="代发文件")
    sha256 = models.CharField("散列", max_length=64)
    file = models.FileField("回盘文件", max_length=200, storage=private_files)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="上传人"
    )
    uploaded_at = models.DateTimeField("上传时间")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="确认人",
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    n_paid = models.PositiveIntegerField("成功笔数", default=0)
    paid_total = YuanField("成功金额", default=0, max_digits=17)
    n_failed = models.PositiveIntegerField("失败笔数", default=0)
    failed_total = YuanField("失败金额", default=0, max_digits=17)
    n_unknown = models.PositiveIntegerField("无法匹配行数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "银行回盘"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="same_answer_counts_once",
                fields=["bank_file", "sha256"],
                violation_error_message="这份回盘文件已经上传过。",
            ),
            models.CheckConstraint(
                name="confirmed_answer_has_its_confirmer",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="confirmed_answer_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF OLD.confirmed_at IS NOT NULL THEN
                        {_REFUSE % "a confirmed bank answer is frozen"}
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.bank_file_id} 回盘 {self.pk}"


class UnknownAnswer(models.Model):
    """A line of the bank's answer that fits no line we sent (挂账): kept and shown until someone settles
    it.
    """

    answer = models.ForeignKey(
        BankAnswer, models.PROTECT, related_name="unknown", db_index=False, verbose_name="回盘"
    )
    row = models.PositiveIntegerField("行号")
    what = models.CharField("内容（脱敏）", max_length=200)
    why = models.CharField("原因", max_length=200)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="处理人",
    )
    settled_at = models.DateTimeField("处理时间", null=True, blank=True)
    settlement = models.CharField("处理结果", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "无法匹配的回盘"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="unknown_row_once", fields=["answer", "row"]),
            models.CheckConstraint(
                name="settled_unknown_says_how",
                condition=Q(settled_at__isnull=True, settled_by__isnull=True, settlement="")
                | (Q(settled_at__isnull=False, settled_by__isnull=False) & ~Q(settlement="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id}#{self.row}"
