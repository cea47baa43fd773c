"""What an approval opens: a benefit, its monthly amount over time, and changes of where the money goes."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from cases.enums import Programme
from cases.models import Application
from common.append_only import ChainedRecord, chained_triggers
from common.fields import EncryptedTextField
from common.masking import mask_account
from common.money import YuanField
from organisations.enums import Post
from organisations.models import Area, DateRangeOf
from organisations.scope import Scope


class BenefitQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> BenefitQuerySet:
        return self.filter(scope.filter(*posts))


class Benefit(models.Model):
    """待遇 in force for a household. Months are first days, half-open: `[starts_on, ends_on)`."""

    application = models.OneToOneField(
        Application, models.PROTECT, related_name="benefit", verbose_name="申请"
    )
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
            models.Index(name="benefit_in_township", fields=["township", "-id"]),
            models.Index(name="benefit_in_county", fields=["county", "-id"]),
            models.Index(name="benefit_in_village", fields=["village", "-id"]),
        ]

    def __str__(self) -> str:
        return f"待遇 {self.pk}"

    @property
    def masked_account(self) -> str:
        return mask_account(self.payee_account or "")


class BenefitRevision(models.Model):
    """The monthly amount of a benefit for a period of months; succeeded by the next, never edited but to be
    closed.
    """

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="revisions", verbose_name="待遇")
    monthly = YuanField("月保障金额")
    valid_from = models.DateField("起月")
    valid_to = models.DateField("止月（不含）", null=True, blank=True)
    lines = models.JSONField("测算明细")
    rule_ids = models.JSONField("所用规则")
    reason = models.CharField("原因", max_length=200)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审批人"
    )
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
                violation_error_message="同一待遇的两次变动期间重叠。",
            ),
            models.CheckConstraint(name="revision_amount_is_positive", condition=Q(monthly__gt=0)),
            models.CheckConstraint(name="revision_starts_on_a_first_day", condition=Q(valid_from__day=1)),
            models.CheckConstraint(
                name="revision_ends_on_a_first_day_after_it_starts",
                condition=Q(valid_to__isnull=True) | Q(valid_to__day=1, valid_to__gte=F("valid_from")),
            ),
        ]
        # Rows come in order of time, so a few pages tell which are new; the arrears of a month ask for that.
        indexes = [BrinIndex(name="revision_by_creation", fields=["created_at"], autosummarize=True)]
        triggers = [
            pgtrigger.Trigger(
                name="revision_is_only_ever_closed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' THEN
                        IF OLD.valid_to IS NULL
                           AND to_jsonb(NEW) - 'valid_to' = to_jsonb(OLD) - 'valid_to' THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'a benefit revision is only ever closed'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m} 起 {self.monthly}"


class PayeeChange(ChainedRecord):
    """Money of a household was led to another account: by whom and why. Accounts are kept masked. Stream:
    `benefit:<id>`.
    """

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="payee_changes", verbose_name="待遇")
    before = models.CharField("原收款信息（脱敏）", max_length=200)
    after = models.CharField("新收款信息（脱敏）", max_length=200)
    reason = models.CharField("原因", max_length=200)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="更正人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "收款信息更正"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="payee_change_chain_is_a_line", fields=["stream", "sequence"])
        ]
        indexes = [models.Index(name="payee_change_by_person", fields=["by", "at"])]
        triggers = chained_triggers("payee_change")

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.at:%Y-%m-%d}"
