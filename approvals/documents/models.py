"""Orders: to print many forms at once, to bind the file of a case. A worker draws and reports here."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from approvals.enums import DocumentKind


class DocumentBatch(models.Model):
    """One order of one person. `refused` lists applications without such a form, with the reason."""

    kind = models.CharField("文书", max_length=20, choices=DocumentKind.choices)
    applications = ArrayField(models.BigIntegerField(), verbose_name="申请")
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提交人"
    )
    ordered_at = models.DateTimeField("提交时间")
    n_done = models.PositiveIntegerField("已完成份数", default=0)
    refused = models.JSONField("未能制作", default=list)
    file = models.FileField("文件", max_length=200, blank=True)
    sha256 = models.CharField("散列", max_length=64, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        app_label = "approvals"
        verbose_name = verbose_name_plural = "文书批量打印"
        constraints = [
            models.CheckConstraint(
                name="finished_batch_has_its_file",
                condition=Q(sha256="", file="")
                | (~Q(sha256="") & ~Q(file="") & Q(finished_at__isnull=False)),
            )
        ]
        indexes = [
            models.Index(
                name="document_batch_waiting", fields=["ordered_at"], condition=Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {len(self.applications)} 份"

    @property
    def n_total(self) -> int:
        return len(self.applications)


class CaseFile(models.Model):
    """卷宗: one order for everything on paper of one case in one file, with cover and index.

    `n_done` of `n_total` papers are gathered; `left_out` names those that could not be read, with the reason.
    """

    application = models.ForeignKey(
        "cases.Application", models.PROTECT, related_name="case_files", verbose_name="申请"
    )
    ordered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提交人"
    )
    ordered_at = models.DateTimeField("提交时间")
    n_total = models.PositiveIntegerField("文件数", default=0)
    n_done = models.PositiveIntegerField("已收集文件数", default=0)
    left_out = models.JSONField("未能并入", default=list)
    file = models.FileField("文件", max_length=200, blank=True)
    sha256 = models.CharField("散列", max_length=64, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        app_label = "approvals"
        verbose_name = verbose_name_plural = "卷宗"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="finished_case_file_is_there",
                condition=Q(sha256="", file="", finished_at__isnull=True)
                | (~Q(sha256="") & ~Q(file="") & Q(finished_at__isnull=False)),
            )
        ]
        indexes = [
            models.Index(
                name="case_file_waiting", fields=["ordered_at"], condition=Q(finished_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"卷宗 {self.application_id}"
