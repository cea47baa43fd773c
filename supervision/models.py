"""The district's random samples of decided cases, their reviews, and what was found."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Left

from cases.models import Application
from common.append_only import ChainedRecord, append_only_triggers, chained_triggers
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import Scope
from supervision.enums import Answer, FindingMove, FindingState, Frame, ReviewState
from supervision.triggers import (
    answers_belong_to_an_open_review,
    finding_goes_its_way,
    review_is_recorded_once,
    run_is_in_order,
)

USER = settings.AUTH_USER_MODEL


def sha256_hex(text: models.Expression) -> Func:
    """`encode(sha256(convert_to(text, 'UTF8')), 'hex')`: the fingerprint as the database computes it."""
    octets = Func(text, Value("UTF8"), function="convert_to", output_field=models.BinaryField())
    digest = Func(octets, function="sha256", output_field=models.BinaryField())
    return Func(digest, Value("hex"), function="encode", output_field=models.CharField())


def county_condition(scope: Scope, *posts: Post, path: str = "county__") -> Q:
    """Counties in, above or within which one of the posts is held: a run belongs to a whole county."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*posts):
        if len(prefix) < 6:
            condition |= Q(**{f"{path}prefix__startswith": prefix})
        else:
            condition |= Q(**{f"{path}prefix": prefix[:6]})
    return condition


class SamplingRunQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> SamplingRunQuerySet:
        return self.filter(county_condition(scope, *posts))

    def of(self, county: Area, programme: str, month: date) -> SamplingRunQuerySet:
        """All attempts of one county, programme and month, first to last."""
        return self.filter(county=county, programme=programme, month=month).order_by("attempt")


class SamplingRun(models.Model):
    """抽查: one draw from a frozen frame. Never altered; a redraw is a new row that names the old one.

    `frame` is the CSV the draw was made from (`id,township`, one line a case, no personal data); anyone can
    repeat the draw with seed, ratio and frame (`manage.py draw`). The database checks that the hash is that
    of the frame and that the seed contains it, so no seed can be older than its frame.
    """

    append_only = True

    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    programme = models.CharField("救助项目", max_length=12, choices=Frame.choices)
    month = models.DateField("抽查月份")
    attempt = models.PositiveSmallIntegerField("次数", default=1)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="原抽查"
    )
    redraw_reason = models.CharField("重抽理由", max_length=500, blank=True)
    ratio = models.DecimalField("比例", max_digits=5, decimal_places=4)
    clause = models.CharField("依据", max_length=20)
    rule = models.ForeignKey("policy.Rule", models.PROTECT, related_name="+", verbose_name="规则")
    frame = models.TextField("抽样框")
    frame_sha256 = models.CharField("抽样框散列", max_length=64)
    n_frame = models.PositiveIntegerField("总数")
    n_drawn = models.PositiveIntegerField("抽取数")
    seed = models.CharField("种子", max_length=100)
    method = models.CharField("方法版本", max_length=40)
    drawn = models.JSONField("抽中", help_text="按街道（乡镇）列出总数和抽中的编号，按抽取次序")
    inspectors = models.JSONField("检查人员", default=list, help_text="抽取时的区级监督岗人员，按分派次序")
    drawn_at = models.DateTimeField("抽取时间")
    drawn_by = models.ForeignKey(
        USER,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="抽取人",
        help_text="空为系统",
    )

    objects = SamplingRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽查"
        ordering = ["-month", "county__code", "programme", "attempt"]
        constraints = [
            models.UniqueConstraint(
                name="one_draw_a_month", fields=["county", "programme", "month", "attempt"]
            ),
            models.CheckConstraint(
                name="redraw_gives_its_reason",
                condition=Q(attempt=1, redraw_reason="", replaces__isnull=True)
                | (Q(attempt__gt=1, replaces__isnull=False) & ~Q(redraw_reason="")),
            ),
            models.CheckConstraint(name="ratio_is_a_share", condition=Q(ratio__gt=0, ratio__lte=1)),
            models.CheckConstraint(name="sampled_month_is_a_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="sample_lies_in_a_frame", condition=Q(n_drawn__gt=0, n_drawn__lte=F("n_frame"))
            ),
            models.CheckConstraint(
                name="hash_is_that_of_the_frame", condition=Q(frame_sha256=sha256_hex(F("frame")))
            ),
            models.CheckConstraint(
                name="seed_is_younger_than_its_frame", condition=Q(seed__contains=Left(F("frame_sha256"), 16))
            ),
        ]
        indexes = [models.Index(name="run_by_county_month", fields=["county", "-month"])]
        triggers = [run_is_in_order, *append_only_triggers("sampling_run")]

    def __str__(self) -> str:
        return f"{self.county.name} {self.month:%Y-%m} {self.get_programme_display()}抽查"

    @property
    def ratio_label(self) -> str:
        """`0.3000` → `30%`."""
        return f"{(self.ratio * 100).normalize():f}%"


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> ReviewQuerySet:
        return self.filter(scope.filter(*posts, path="application__"))

    def with_case(self) -> ReviewQuerySet:
        """With what a line about the case shows."""
        return self.select_related(
            "run__county", "application__village", "application__township", "assigned_to", "reviewed_by"
        )


class Review(models.Model):
    """One drawn case in front of the auditor, who must not have handled it (service and trigger)."""

    run = models.ForeignKey(SamplingRun, models.PROTECT, related_name="reviews", verbose_name="抽查")
    application = models.ForeignKey(Application, models.PROTECT, related_name="reviews", verbose_name="申请")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    rank = models.PositiveIntegerField("抽取次序")
    assigned_to = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="分派给"
    )
    state = models.CharField("状态", max_length=6, choices=ReviewState.choices, default=ReviewState.OPEN)
    reviewed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="核查人"
    )
    reviewed_at = models.DateTimeField("核查时间", null=True, blank=True)
    summary = models.TextField("核查意见", max_length=2000, blank=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "核查"
        ordering = ["township__code", "rank"]
        constraints = [
            models.UniqueConstraint(name="case_once_a_run", fields=["run", "application"]),
            models.CheckConstraint(
                name="review_done_has_reviewer",
                condition=Q(state=ReviewState.OPEN, reviewed_by__isnull=True, reviewed_at__isnull=True)
                | Q(state=ReviewState.DONE, reviewed_by__isnull=False, reviewed_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="review_open", fields=["run", "id"], condition=Q(state="open"))]
        triggers = [review_is_recorded_once]

    def __str__(self) -> str:
        return f"核查 {self.application_id}"


class ChecklistAnswer(models.Model):
    """One question of the checklist, which cites its clause, and the auditor's answer.

    Question and hint are kept as they stood on the screen: a later wording must not change what was answered.
    """

    append_only = True

    review = models.ForeignKey(Review, models.PROTECT, related_name="answers", verbose_name="核查")
    item = models.CharField("项目", max_length=40)
    question = models.CharField("内容", max_length=200)
    clause = models.CharField("依据", max_length=20)
    hint = models.CharField("系统提示", max_length=500, blank=True)
    answer = models.CharField("结论", max_length=3, choices=Answer.choices)
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "核查项目"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="one_answer_an_item", fields=["review", "item"]),
            models.CheckConstraint(name="answer_no_says_why", condition=~Q(answer=Answer.NO) | ~Q(note="")),
        ]
        triggers = [answers_belong_to_an_open_review, *append_only_triggers("checklist_answer")]

    def __str__(self) -> str:
        return self.item


class FindingQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> FindingQuerySet:
        return self.filter(scope.filter(*posts))

    def with_case(self) -> FindingQuerySet:
        """With what a line about the finding shows."""
        return self.select_related("review__application__village", "county", "township", "village")


class Finding(models.Model):
    """问题: found by the auditor, answered by the township, closed (or returned) by an auditor."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="findings", verbose_name="核查")
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    clause = models.CharField("依据", max_length=20)
    text = models.TextField("问题", max_length=2000)
    due_on = models.DateField("整改期限", null=True, blank=True)
    state = models.CharField("状态", max_length=10, choices=FindingState.choices, default=FindingState.OPEN)
    found_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="提出人")
    found_at = models.DateTimeField("提出时间")
    answer = models.TextField("整改答复", max_length=2000, blank=True)
    answered_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="答复人"
    )
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    closing_note = models.CharField("销号说明", max_length=500, blank=True)
    closed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="销号人"
    )
    closed_at = models.DateTimeField("销号时间", null=True, blank=True)

    objects = FindingQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "问题整改"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="finding_states_in_order",
                condition=Q(state=FindingState.OPEN, answered_at__isnull=True, closed_at__isnull=True)
                | Q(state=FindingState.ANSWERED, answered_at__isnull=False, closed_at__isnull=True)
                | Q(state=FindingState.CLOSED, answered_at__isnull=False, closed_at__isnull=False),
            ),
            models.CheckConstraint(
                name="finding_moves_have_their_people",
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, answer="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(answer="")),
            ),
            models.CheckConstraint(
                name="finding_closed_by_somebody",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="finding_not_closed_by_its_answerer",
                condition=Q(closed_by__isnull=True) | ~Q(closed_by=F("answered_by")),
                violation_error_message="销号人不能是答复人本人。",
            ),
        ]
        indexes = [
            models.Index(name="finding_in_county", fields=["county", "-id"]),
            models.Index(name="finding_in_county_state", fields=["county", "state", "-id"]),
            models.Index(name="finding_in_township", fields=["township", "-id"]),
            models.Index(name="finding_in_township_state", fields=["township", "state", "-id"]),
        ]
        triggers = [finding_goes_its_way]

    def __str__(self) -> str:
        return f"问题 {self.pk}"


class FindingEvent(ChainedRecord):
    """One move of a finding: who, when, in which words; earlier answers stay. Stream: `finding:<id>`."""

    finding = models.ForeignKey(Finding, models.PROTECT, related_name="events", verbose_name="问题")
    move = models.CharField("动作", max_length=10, choices=FindingMove.choices)
    text = models.TextField("内容", max_length=2000, blank=True)
    actor = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="经手人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "整改痕迹"
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(name="finding_event_chain_is_a_line", fields=["stream", "sequence"])
        ]
        triggers = chained_triggers("finding_event")

    def __str__(self) -> str:
        return f"{self.get_move_display()} {self.finding_id}"
