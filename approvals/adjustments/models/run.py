"""What both kinds of work over many cases have in common."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from organisations.models import Area

USER = settings.AUTH_USER_MODEL
MOST_FAILURES = 5


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

    @property
    def badge(self) -> dict[str, str]:
        """How far it is, as a badge: words and level."""
        if self.is_stuck:
            return {"text": "多次中断", "level": "late"}
        if self.finished_at is None:
            return {"text": "进行中", "level": "info"}
        return {"text": "已完成", "level": "done"}


class Slice(models.Model):
    """Some cases of a run (`run` is added below), fixed when it was started; `done_at` once they are done."""

    cases = ArrayField(models.BigIntegerField(), verbose_name="对象")
    done_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.run_id}/{self.pk}"
