"""试算: draft rules over the live cases of an area."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from approvals.adjustments.enums import Effect, Source
from approvals.adjustments.models.run import Run, Slice
from cases.models import Application
from common.money import YuanField
from organisations.models import Area


class WhatIfRun(Run):
    """试算 of draft rules over the live cases of an area. `drafts` keeps ids and values as they were then."""

    on = models.DateField("试算基准日")
    drafts = models.JSONField("草案规则")

    class Meta:
        verbose_name = verbose_name_plural = "规则试算"
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.area.name} {self.on} 试算"


class WhatIfSlice(Slice):
    """Applications of a run that have the same source."""

    run = models.ForeignKey(WhatIfRun, models.CASCADE, related_name="slices", verbose_name="试算")
    source = models.CharField("来源", max_length=8, choices=Source.choices)

    class Meta:
        verbose_name = verbose_name_plural = "试算分段"
        indexes = [
            models.Index(name="what_if_slice_open", fields=["run", "id"], condition=Q(done_at__isnull=True))
        ]


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
