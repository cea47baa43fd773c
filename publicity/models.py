"""What is shown to the public, as copies: a page of these tables never reads live personal data."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cases.models import Application
from common.fields import EncryptedTextField
from common.money import YuanField
from organisations.models import Area
from publicity.enums import ClosingReason, ObjectionOutcome, ObjectionSource


def new_token() -> str:
    """An address nobody guesses and that names nobody."""
    return secrets.token_urlsafe(12)


class Notice(models.Model):
    """公示 of one preliminary review. The published words are columns of their own and are frozen by trigger."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="notices", verbose_name="申请")
    investigation_round = models.PositiveSmallIntegerField("调查轮次")
    token = models.CharField("公开地址", max_length=24, unique=True, default=new_token, editable=False)
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    programme_label = models.CharField("救助类型", max_length=30)
    published_name = models.CharField("公示姓名", max_length=60)
    n_members = models.PositiveSmallIntegerField("家庭人数")
    n_covered = models.PositiveSmallIntegerField("保障人数")
    monthly = YuanField("拟保障金额（元/月）", null=True)
    hotlines = ArrayField(models.CharField(max_length=60), verbose_name="监督电话", default=list)
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发布人")
    posted_at = models.DateTimeField("发布时间")
    ends_at = models.DateTimeField("公示期满时间")
    closed_at = models.DateTimeField("撤下时间", null=True, blank=True)
    closed_because = models.CharField("撤下原因", max_length=12, choices=ClosingReason.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_running_notice_an_application",
                fields=["application"],
                condition=Q(closed_at__isnull=True),
                violation_error_message="该申请已在公示中。",
            ),
            models.CheckConstraint(name="notice_ends_after_it_starts", condition=Q(ends_at__gt=F("posted_at"))),
            models.CheckConstraint(
                name="notice_runs_its_full_time",
                condition=~Q(closed_because=ClosingReason.EXPIRED) | Q(closed_at__gte=F("ends_at")),
            ),
        ]
        indexes = [models.Index(name="notice_running", fields=["ends_at"], condition=Q(closed_at__isnull=True))]

    def __str__(self) -> str:
        return f"公示 {self.pk}"


class Objection(models.Model):
    """异议 against a notice, from the public page or taken down by the township."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections", verbose_name="公示")
    source = models.CharField("来源", max_length=10, choices=ObjectionSource.choices)
    name = models.CharField("提出人", max_length=60, blank=True)
    phone = EncryptedTextField("联系电话", null=True, blank=True)
    content = models.TextField("异议内容", max_length=2000)
    received_at = models.DateTimeField("收到时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="登记人"
    )
    outcome = models.CharField("处理结果", max_length=14, choices=ObjectionOutcome.choices, blank=True)
    handling = models.CharField("处理说明", max_length=1000, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="处理人"
    )
    handled_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="objection_handled_with_outcome",
                condition=Q(outcome="", handled_at__isnull=True) | (~Q(outcome="") & Q(handled_at__isnull=False)),
            )
        ]

    def __str__(self) -> str:
        return f"异议 {self.pk}"
