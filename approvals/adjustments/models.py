"""What-if runs over the caseload, and changes of a standard: drafts, proposals, confirmations.

Both are cut into slices when they are started. The slices are the queue: whoever works takes the next one
that nobody holds, in one transaction, so a crash leaves it for the next and two workers never do the same.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from approvals.adjustments.enums import Effect, ItemKind, Source
from cases.enums import Programme
from cases.models import Application
from common.money import YuanField
from organisations.models import Area
from payments.models import Benefit, BenefitRevision

USER = settings.AUTH_USER_MODEL
_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"


class Run(models.Model):
    """Work over many cases: of which area, ordered by whom, how far it is."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="区域")
    started_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="发起人")
    started_at = models.DateTimeField("发起时间")
    n_total = models.PositiveIntegerField("总户数", default=0)
    n_done = models.PositiveIntegerField("已完成户数", default=0)
    n_failures = models.PositiveSmallIntegerField("中断次数", default=0)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def is_stuck(self) -> bool:
        """Broken down too often: the sweeper leaves it to people."""
        return self.finished_at is None and self.n_failures >= MOST_FAILURES


MOST_FAILURES = 5


class WhatIfRun(Run):
    """试算 of draft rules over the live cases of an area. `drafts` keeps ids and values as they were then."""

    on = models.DateField("试算基准日")
    drafts = models.JSONField("草案规则")

    class Meta:
        verbose_name = verbose_name_plural = "规则试算"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.area.name} {self.on} 试算"


class WhatIfSlice(models.Model):
    """Some cases of a run, fixed when it was started; `done_at` once their rows are there."""

    run = models.ForeignKey(WhatIfRun, models.CASCADE, related_name="slices", verbose_name="试算")
    source = models.CharField("来源", max_length=8, choices=Source.choices)
    cases = ArrayField(models.BigIntegerField(), verbose_name="申请")
    done_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "试算分段"
        indexes = [
            models.Index(name="what_if_slice_open", fields=["run", "id"], condition=Q(done_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.pk}"


class WhatIfRow(models.Model):
    """One case: amounts a month and the effect, nothing about people."""

    run = models.ForeignKey(
        WhatIfRun, models.CASCADE, related_name="rows", db_index=False, verbose_name="试算"
    )
    application = models.ForeignKey(
        Application, models.CASCADE, related_name="+", db_index=False, verbose_name="申请"
    )
    township = models.ForeignKey(
        Area, models.PROTECT, related_name="+", db_index=False, verbose_name="街道（乡镇）"
    )
    source = models.CharField("来源", max_length=8, choices=Source.choices)
    effect = models.CharField("变化", max_length=8, choices=Effect.choices)
    before = YuanField("现行月金额", default=0)
    after = YuanField("试算月金额", default=0)
    why = models.CharField("原因", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "试算结果"
        constraints = [
            models.UniqueConstraint(name="case_once_a_what_if", fields=["run", "application"]),
            models.CheckConstraint(
                name="what_if_amounts_are_not_negative", condition=Q(before__gte=0, after__gte=0)
            ),
        ]
        indexes = [models.Index(name="what_if_by_township", fields=["run", "township"])]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.application_id}"

    @property
    def difference(self):
        return self.after - self.before


class Adjustment(Run):
    """标准调整: the benefits of an area computed again from a month on, because rules were published.

    `rules` keeps id, key, value and the value before of those that caused it.
    """

    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    effective_on = models.DateField("调整起始月")
    rules = models.JSONField("新标准")
    n_equal = models.PositiveIntegerField("不变户数", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "标准调整"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="adjustment_starts_on_a_first_day", condition=Q(effective_on__day=1)),
        ]

    def __str__(self) -> str:
        return f"{self.area.name} {self.effective_on:%Y-%m} {self.get_programme_display()}标准调整"


class AdjustmentSlice(models.Model):
    """Some benefits of an adjustment; `done_at` once their drafts are there."""

    run = models.ForeignKey(Adjustment, models.CASCADE, related_name="slices", verbose_name="标准调整")
    cases = ArrayField(models.BigIntegerField(), verbose_name="待遇")
    done_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "调整分段"
        indexes = [
            models.Index(
                name="adjustment_slice_open", fields=["run", "id"], condition=Q(done_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.pk}"


class AdjustmentItem(models.Model):
    """A draft: was, is, why. `revision` is the one it takes the place of; `applied` the one it became."""

    run = models.ForeignKey(
        Adjustment, models.PROTECT, related_name="items", db_index=False, verbose_name="标准调整"
    )
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="+", verbose_name="待遇")
    township = models.ForeignKey(
        Area, models.PROTECT, related_name="+", db_index=False, verbose_name="街道（乡镇）"
    )
    revision = models.ForeignKey(
        BenefitRevision, models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="原金额"
    )
    kind = models.CharField("处理方式", max_length=8, choices=ItemKind.choices)
    valid_from = models.DateField("自何月起", null=True)
    was = YuanField("原月金额", null=True)
    amount = YuanField("新月金额", null=True)
    reason = models.CharField("原因", max_length=200)
    lines = models.JSONField("测算明细", default=list)
    rule_ids = models.JSONField("所用规则", default=list)
    applied = models.OneToOneField(
        BenefitRevision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjusted_by",
        verbose_name="新金额",
    )

    class Meta:
        verbose_name = verbose_name_plural = "调整草案"
        ordering = ["township__code", "pk"]
        constraints = [
            models.UniqueConstraint(name="benefit_once_an_adjustment", fields=["run", "benefit"]),
            models.CheckConstraint(
                name="automatic_change_is_whole",
                condition=Q(kind=ItemKind.MANUAL, applied__isnull=True)
                | (
                    Q(
                        kind=ItemKind.CHANGE,
                        revision__isnull=False,
                        valid_from__day=1,
                        was__isnull=False,
                        amount__gt=0,
                    )
                    & ~Q(was=F("amount"))
                ),
            ),
        ]
        indexes = [models.Index(name="item_by_township", fields=["run", "township", "kind", "id"])]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.benefit_id}"

    @property
    def difference(self):
        """Yuan a month, + more, − less; None where there is no new amount."""
        return None if self.was is None or self.amount is None else self.amount - self.was


class AdjustmentProposal(models.Model):
    """One township's part: proposed by the reviewer, confirmed by the approver, two people."""

    run = models.ForeignKey(
        Adjustment, models.PROTECT, related_name="proposals", db_index=False, verbose_name="标准调整"
    )
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    n_items = models.PositiveIntegerField("户数")
    difference = YuanField("月增减合计")
    proposed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间")
    confirmed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    n_applied = models.PositiveIntegerField("已调整户数", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "调整审批"
        constraints = [
            models.UniqueConstraint(
                name="township_proposed_once",
                fields=["run", "township"],
                violation_error_message="该街道（乡镇）已提出。",
            ),
            models.CheckConstraint(
                name="adjustment_confirmed_by_another_person",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                violation_error_message="确认人不能是提出人本人。",
            ),
            models.CheckConstraint(
                name="confirmed_adjustment_is_whole",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True, n_applied__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, n_applied__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="proposal_is_confirmed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' THEN
                        IF OLD.confirmed_by_id IS NULL
                           AND to_jsonb(NEW) - '{{confirmed_by_id,confirmed_at,n_applied}}'::text[]
                             = to_jsonb(OLD) - '{{confirmed_by_id,confirmed_at,n_applied}}'::text[] THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    {_REFUSE % "a proposal is confirmed once and kept"}
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.township.name}"
