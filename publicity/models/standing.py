"""长期公示: who is in receipt, policy, procedure and hotlines, as copies of a month (SY-A1.7a, LC-4.4a)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from common.append_only import append_only_triggers
from common.money import YuanField, show_yuan
from common.storage import private_files
from organisations.models import Area
from organisations.scope import Scope
from publicity.enums import StandingKind
from publicity.models.notices import only_once

USER = settings.AUTH_USER_MODEL


class StandingNoticeQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> StandingNoticeQuerySet:
        """Those in the areas of the person's postings."""
        return self.filter(scope.filter())

    def on_view(self) -> StandingNoticeQuerySet:
        """What hangs now: one an area at most."""
        return self.filter(withdrawn_at__isnull=True)

    def with_place(self) -> StandingNoticeQuerySet:
        return self.select_related("area", "village", "township", "county")


class StandingNotice(models.Model):
    """What hangs in a village or a township for a month; the next one takes its place.

    `posted_by` empty: the monthly job, once an area and month. `policy` and `procedure`: sentences as they
    were on the day. Copies only, frozen by trigger: a page of these tables never reads live personal data.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="公示单位")
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(
        Area, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="村（社区）"
    )
    month = models.DateField("月份")
    policy = ArrayField(models.CharField(max_length=300), verbose_name="救助政策", default=list)
    procedure = ArrayField(models.CharField(max_length=300), verbose_name="申请程序", default=list)
    hotlines = ArrayField(models.CharField(max_length=60), verbose_name="监督电话", default=list)
    n_lines = models.PositiveIntegerField("公示户数", default=0)
    posted_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="发布人"
    )
    posted_at = models.DateTimeField("发布时间")
    withdrawn_at = models.DateTimeField("撤下时间", null=True, blank=True)

    objects = StandingNoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "长期公示"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_standing_notice_an_area",
                fields=["area"],
                condition=Q(withdrawn_at__isnull=True),
                violation_error_message="该单位已有长期公示。",
            ),
            models.UniqueConstraint(
                name="one_monthly_standing_notice",
                fields=["area", "month"],
                condition=Q(posted_by__isnull=True),
            ),
            models.CheckConstraint(name="standing_month_is_a_first_day", condition=Q(month__day=1)),
        ]
        indexes = [
            models.Index(name="standing_of_village", fields=["village", "-id"]),
            models.Index(name="standing_of_township", fields=["township", "-id"]),
            models.Index(name="standing_of_county", fields=["county", "-id"]),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="standing_words_are_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=only_once("standing notice", "withdrawn_at", ("withdrawn_at",)),
            )
        ]

    def __str__(self) -> str:
        return f"长期公示 {self.area_id} {self.month:%Y-%m}"

    @property
    def title(self) -> str:
        """`北岙街道望海村社会救助长期公示`."""
        place = self.township.name + (self.village.name if self.village is not None else "")
        return f"{place}社会救助长期公示"


class StandingLine(models.Model):
    """One household on it: name, village, heads, amount; never a number of a person or an account."""

    append_only = True

    notice = models.ForeignKey(
        StandingNotice, models.PROTECT, related_name="lines", db_index=False, verbose_name="长期公示"
    )
    kind = models.CharField("类别", max_length=14, choices=StandingKind.choices)
    village_name = models.CharField("村（社区）", max_length=60)
    published_name = models.CharField("公示姓名", max_length=60)
    n_covered = models.PositiveSmallIntegerField("保障人数")
    monthly = YuanField("保障金额（元/月）", null=True)
    amount = YuanField("一次性救助金额（元）", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "长期公示名单"
        ordering = ["pk"]
        constraints = [
            # The same rule as on a notice: whoever pastes a number into a name does not get it out there.
            models.CheckConstraint(
                name="standing_name_holds_no_number",
                condition=~Q(published_name__regex=r"[0-9０-９]{6}"),
                violation_error_message="公示姓名中不能有证件号码、账号或电话。",
            ),
            models.CheckConstraint(
                name="standing_line_gives_monthly_or_once",
                condition=Q(amount__isnull=True) | Q(monthly__isnull=True, amount__gt=0),
            ),
            models.CheckConstraint(name="standing_kind_is_known", condition=Q(kind__in=StandingKind.values)),
        ]
        indexes = [models.Index(name="standing_line_of_notice", fields=["notice", "id"])]
        triggers = append_only_triggers("standing_line")

    def __str__(self) -> str:
        return f"{self.notice_id} {self.pk}"

    @property
    def given(self) -> str:
        """What the household gets: a sum a month, a sum once, or a status that brings no money."""
        if self.amount is not None:
            return f"一次性 {show_yuan(self.amount)}"
        return "不发放资金" if self.monthly is None else show_yuan(self.monthly)


class StandingPhoto(models.Model):
    """A photo of the board: where and on which day it was taken; kept as it was uploaded."""

    append_only = True

    notice = models.ForeignKey(StandingNotice, models.PROTECT, related_name="photos", verbose_name="长期公示")
    taken_on = models.DateField("拍摄日期")
    place = models.CharField("公示地点", max_length=100)
    file = models.FileField("照片", storage=private_files, max_length=200)
    content_type = models.CharField("类型", max_length=20)
    sha256 = models.CharField("散列", max_length=64)
    uploaded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "公示照片"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="board_photo_says_where", condition=~Q(place="")),
        ]
        triggers = append_only_triggers("standing_photo")

    def __str__(self) -> str:
        return f"公示照片 {self.pk}"
