"""The district's random samples of decided cases, their reviews, and what was found."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.enums import Programme
from cases.models import Application
from common.append_only import append_only_triggers
from organisations.models import Area
from supervision.enums import Answer, FindingState, ReviewState


class SamplingRun(models.Model):
    """抽查: one draw from a frozen frame. Never altered; a redraw is a new, visible row that names the one it replaces.

    `frame` is the CSV the draw was made from (`id,stratum`, one line a case, no personal data); anyone can repeat
    the draw with seed and frame (`manage.py draw`).
    """

    append_only = True

    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    month = models.DateField("抽查月份")
    attempt = models.PositiveSmallIntegerField("次数", default=1)
    redraw_reason = models.CharField("重抽理由", max_length=500, blank=True)
    ratio = models.DecimalField("比例", max_digits=5, decimal_places=4)
    clause = models.CharField("依据", max_length=20)
    rule = models.ForeignKey("policy.Rule", models.PROTECT, related_name="+", verbose_name="规则")
    frame = models.TextField("抽样框")
    frame_sha256 = models.CharField("抽样框散列", max_length=64)
    n_frame = models.PositiveIntegerField("总数")
    seed = models.CharField("种子", max_length=100)
    method = models.CharField("方法版本", max_length=40)
    drawn = models.JSONField("抽中", help_text="按街道（乡镇）列出抽中的编号，按抽取次序")
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="抽取人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "抽查"
        ordering = ["-month", "county__code"]
        constraints = [
            models.UniqueConstraint(name="one_draw_a_month", fields=["county", "programme", "month", "attempt"]),
            models.CheckConstraint(
                name="redraw_gives_its_reason",
                condition=Q(attempt=1, redraw_reason="") | (Q(attempt__gt=1) & ~Q(redraw_reason="")),
            ),
            models.CheckConstraint(name="ratio_is_a_share", condition=Q(ratio__gt=0, ratio__lte=1)),
        ]
        triggers = append_only_triggers("sampling_run")

    def __str__(self) -> str:
        return f"{self.county.name} {self.month:%Y-%m} {self.get_programme_display()}抽查"


class Review(models.Model):
    """One drawn case in front of the auditor. The auditor must not have handled it (guard in the service)."""

    run = models.ForeignKey(SamplingRun, models.PROTECT, related_name="reviews", verbose_name="抽查")
    application = models.ForeignKey(Application, models.PROTECT, related_name="reviews", verbose_name="申请")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    rank = models.PositiveIntegerField("抽取次序")
    state = models.CharField("状态", max_length=6, choices=ReviewState.choices, default=ReviewState.OPEN)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核查人"
    )
    reviewed_at = models.DateTimeField("核查时间", null=True, blank=True)
    summary = models.TextField("核查意见", max_length=2000, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "核查"
        ordering = ["township__code", "rank"]
        constraints = [
            models.UniqueConstraint(name="case_once_a_run", fields=["run", "application"]),
            models.CheckConstraint(
                name="review_done_has_reviewer",
                condition=Q(state=ReviewState.OPEN, reviewed_by__isnull=True)
                | Q(state=ReviewState.DONE, reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"核查 {self.application_id}"


class ChecklistAnswer(models.Model):
    """One question of the checklist, which cites its clause, and the auditor's answer."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="answers", verbose_name="核查")
    item = models.CharField("项目", max_length=40)
    clause = models.CharField("依据", max_length=20)
    answer = models.CharField("结论", max_length=3, choices=Answer.choices)
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "核查项目"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="one_answer_an_item", fields=["review", "item"])]

    def __str__(self) -> str:
        return self.item


class Finding(models.Model):
    """问题: found by the auditor, answered by the township, closed by an auditor."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="findings", verbose_name="核查")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    clause = models.CharField("依据", max_length=20)
    text = models.TextField("问题", max_length=2000)
    due_on = models.DateField("整改期限", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=FindingState.choices, default=FindingState.OPEN)
    found_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="提出人")
    found_at = models.DateTimeField("提出时间")
    answer = models.TextField("整改答复", max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    closing_note = models.CharField("销号说明", max_length=500, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="销号人"
    )
    closed_at = models.DateTimeField("销号时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "问题整改"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="finding_states_in_order",
                condition=Q(state=FindingState.OPEN, closed_at__isnull=True)
                | Q(state=FindingState.ANSWERED, answered_at__isnull=False, closed_at__isnull=True)
                | Q(state=FindingState.CLOSED, answered_at__isnull=False, closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="finding_not_closed_by_its_answerer",
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("answered_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"问题 {self.pk}"
