"""What follows a determination: with whom it is filed, that the family was told, and the visits since."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.settling import database
from approvals.settling.enums import Body, Way
from approvals.settling.models.case import CaseByCase
from common.append_only import append_only_triggers

USER = settings.AUTH_USER_MODEL


class Filing(models.Model):
    """备案 of a determination with one body, which acknowledges it: a person of another post.

    `renewal`: 0 of the settlement itself, n of its n-th renewal.
    """

    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, related_name="filings", verbose_name="一事一议"
    )
    renewal = models.PositiveSmallIntegerField("续期次数", default=0, db_default=0)
    body = models.CharField("备案机关", max_length=12, choices=Body.choices)
    filed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="报送人")
    filed_at = models.DateTimeField("报送时间")
    remark = models.CharField("备案说明", max_length=500, blank=True)
    acknowledged_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="接收人"
    )
    acknowledged_at = models.DateTimeField("接收时间", null=True, blank=True)
    answer = models.CharField("备案意见", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一事一议备案"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="filed_once_with_each_body",
                fields=["settlement", "renewal", "body"],
                violation_error_message="已向该机关备案。",
            ),
            models.CheckConstraint(
                name="filing_is_acknowledged_by_another_person",
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True, answer="")
                | (
                    Q(acknowledged_by__isnull=False, acknowledged_at__gte=F("filed_at"))
                    & ~Q(acknowledged_by=F("filed_by"))
                    & ~Q(answer="")
                ),
            ),
        ]
        triggers = [database.acknowledged_once()]

    def __str__(self) -> str:
        return f"{self.get_body_display()}备案 {self.settlement_id}"

    @property
    def label(self) -> str:
        """`区民政局`, `第 1 次续期区民政局`."""
        return (
            f"第 {self.renewal} 次续期{self.get_body_display()}" if self.renewal else self.get_body_display()
        )


class Feedback(models.Model):
    """The applicant was told the result (LC-4.3b); `renewal` as of a filing."""

    append_only = True

    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, related_name="feedbacks", verbose_name="一事一议"
    )
    renewal = models.PositiveSmallIntegerField("续期次数", default=0, db_default=0)
    told_on = models.DateField("告知日期")
    way = models.CharField("告知方式", max_length=10, choices=Way.choices)
    note = models.CharField("申请人意见", max_length=500, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="告知人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "结果反馈"
        constraints = [
            models.UniqueConstraint(
                name="told_once_a_determination",
                fields=["settlement", "renewal"],
                violation_error_message="已反馈申请人。",
            )
        ]
        triggers = append_only_triggers("settlement_feedback")

    def __str__(self) -> str:
        return f"反馈 {self.settlement_id}"


class Recheck(models.Model):
    """复核走访 of a household in benefit by 一事一议 (DT-4.4)."""

    append_only = True

    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, related_name="rechecks", verbose_name="一事一议"
    )
    checked_on = models.DateField("走访日期")
    finding = models.TextField("走访情况", max_length=2000)
    still_applies = models.BooleanField("情形仍然存在")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="走访人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "一事一议复核"
        ordering = ["checked_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_recheck_a_day",
                fields=["settlement", "checked_on"],
                violation_error_message="当天已登记过复核走访。",
            )
        ]
        triggers = append_only_triggers("recheck")

    def __str__(self) -> str:
        return f"复核 {self.settlement_id} {self.checked_on}"
