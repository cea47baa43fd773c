"""The conductor's record: steps, deadlines, proposals, decisions and the papers that were handed out."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.conferring.database import decision_follows_the_meeting
from approvals.database import (
    allowed_moves,
    approval_rests_on_investigation,
    signed_in_one_post,
    state_follows_the_steps,
    step_triggers,
)
from approvals.documents.models import CaseFile, DocumentBatch  # noqa: F401 - their tables are of this room
from approvals.enums import DeadlineState, DocumentKind, Level, Outcome
from approvals.settling.database import settled_approval_rests_on_records
from approvals.shapes import (
    approved_as_proposed,
    decision_shape,
    instalments_sum_up,
    programme_is_the_applications,
    proposal_shape,
    tekun_rests_on_agreement,
)
from approvals.steps import THREE_POSTS, MoveRecord, a_person_acts_in_a_post, one_person_one_post
from cases.enums import ApplicationState, Programme
from cases.models import Application
from common.append_only import append_only_triggers, chained_triggers
from common.fields import EncryptedTextField
from common.money import YuanField
from organisations.enums import Post


class TracedApplication(Application):
    """The application as this room guards it: a proxy, so that the trigger on it belongs here."""

    class Meta:
        proxy = True
        verbose_name = verbose_name_plural = "申请（留痕）"
        triggers = [state_follows_the_steps()]


class Step(MoveRecord):
    """One move of one application: who, in which post, when, from where to where, and why.

    Stream: `application:<id>`. `details.changes` holds the sentences of what changed, without personal data.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="steps", verbose_name="申请")
    from_state = models.CharField("原状态", max_length=20, choices=ApplicationState.choices)
    to_state = models.CharField("新状态", max_length=20, choices=ApplicationState.choices)
    details = models.JSONField("变更内容", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "痕迹"
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(name="step_chain_is_a_line", fields=["stream", "sequence"]),
            one_person_one_post("one_person_one_post_an_application", "application", THREE_POSTS),
            a_person_acts_in_a_post("a_person_acts_in_a_post"),
            models.CheckConstraint(name="step_is_in_the_transition_table", condition=allowed_moves()),
        ]
        indexes = [models.Index(name="step_by_actor", fields=["actor", "-id"])]
        triggers = [*chained_triggers("approval_step"), *step_triggers()]

    def __str__(self) -> str:
        return f"{self.application_id} {self.label}"


class Deadline(models.Model):
    """A time limit that runs on an application: which rule, from which event, due when, and why then."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="deadlines", verbose_name="申请"
    )
    county = models.ForeignKey(
        "organisations.Area", models.PROTECT, related_name="+", verbose_name="县（市、区）"
    )
    township = models.ForeignKey(
        "organisations.Area", models.PROTECT, related_name="+", verbose_name="街道（乡镇）"
    )
    village = models.ForeignKey(
        "organisations.Area", models.PROTECT, related_name="+", verbose_name="村（社区）"
    )
    step = models.CharField("环节", max_length=30)
    label = models.CharField("名称", max_length=40)
    investigation_round = models.PositiveSmallIntegerField("调查轮次", default=1)
    rule = models.ForeignKey("policy.Rule", models.PROTECT, related_name="+", verbose_name="规则")
    clause = models.CharField("依据", max_length=20)
    started_at = models.DateTimeField("起算时间")
    first_day = models.DateField("第一天")
    due_at = models.DateTimeField("期限")
    why = models.JSONField("计算说明", help_text="逐句说明")
    skipped = models.JSONField("跳过的日期")
    provisional = models.BooleanField("待复算", default=False)
    minimum = models.BooleanField("最短期限", default=False, help_text="公示等不得提前结束的期间")
    state = models.CharField(
        "状态", max_length=10, choices=DeadlineState.choices, default=DeadlineState.RUNNING
    )
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    original_due_at = models.DateTimeField("原期限", null=True, blank=True)
    extension_reason = models.CharField("延长理由", max_length=500, blank=True)
    extended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="批准延长人",
    )
    reminded_at = models.DateTimeField("提醒时间", null=True, blank=True)
    overdue_at = models.DateTimeField("标记逾期时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "时限"
        ordering = ["due_at"]
        constraints = [
            models.UniqueConstraint(
                name="one_running_deadline_a_step",
                fields=["application", "step"],
                condition=Q(state=DeadlineState.RUNNING),
            ),
            models.CheckConstraint(
                name="deadline_ended_or_running",
                condition=Q(state=DeadlineState.RUNNING, ended_at__isnull=True)
                | (~Q(state=DeadlineState.RUNNING) & Q(ended_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="extension_has_reason_and_approver",
                condition=Q(original_due_at__isnull=True, extended_by__isnull=True, extension_reason="")
                | (Q(original_due_at__isnull=False, extended_by__isnull=False) & ~Q(extension_reason="")),
            ),
            models.CheckConstraint(
                name="deadline_is_not_before_its_start", condition=Q(due_at__gte=F("started_at"))
            ),
        ]
        indexes = [
            models.Index(name="deadline_running", fields=["due_at"], condition=Q(state="running")),
            models.Index(
                name="deadline_in_township", fields=["township", "due_at"], condition=Q(state="running")
            ),
            models.Index(
                name="deadline_in_county", fields=["county", "due_at"], condition=Q(state="running")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} {self.due_at:%Y-%m-%d}"


class Given(models.Model):
    """What a programme gives; `approvals.shapes` says which of the columns each programme fills.

    `monthly` is all that is paid a month, `care_fee` the part of it that follows the care, `pocket_money` the
    least that an institution hands over (DT-7.1); `amount` is paid once, `instalments` `[{on, amount}]` say
    on which days, empty for one payment on approval (DT-3.3). All in yuan.
    """

    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    monthly = YuanField("月保障金额", null=True)
    care_fee = YuanField("其中照料护理费", null=True)
    pocket_money = YuanField("其中零用钱", null=True)
    amount = YuanField("一次性救助金额", null=True)
    instalments = models.JSONField("分阶段发放", default=list, blank=True)

    class Meta:
        abstract = True

    @property
    def plan(self) -> list[tuple[date, Decimal]]:
        """The instalments as days and yuan."""
        return [(date.fromisoformat(part["on"]), Decimal(part["amount"])) for part in self.instalments]


class Proposal(Given):
    """初审意见 of one round, with the calculation that was on screen when it was signed.

    `authority`: the office that decides about what is proposed (SY-2.1: it depends on the amount).
    `meeting_due`: by the rules of the place, the township's joint meeting decides first (JZ-5.1).
    """

    append_only = True

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="proposals", verbose_name="申请"
    )
    investigation_round = models.PositiveSmallIntegerField("调查轮次")
    outcome = models.CharField("初审意见", max_length=8, choices=Outcome.choices)
    one_off_max = YuanField("最高可救助金额", null=True)
    authority = models.CharField("审批机关", max_length=8, choices=Level.choices, default=Level.TOWNSHIP)
    lines = models.JSONField("测算明细")
    rule_ids = models.JSONField("所用规则")
    n_covered = models.PositiveSmallIntegerField("保障人数", default=0)
    meeting_due = models.BooleanField("须联审联批", default=False, db_default=False)
    reason = models.TextField("理由", max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="初审人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "初审"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="proposed_amount_when_favourable",
                condition=proposal_shape(),
            ),
            models.CheckConstraint(name="proposal_gives_its_reason", condition=~Q(reason="")),
            models.UniqueConstraint(
                name="one_proposal_a_round",
                fields=["application", "investigation_round"],
                violation_error_message="本轮调查已有初审意见。",
            ),
        ]
        triggers = [
            signed_in_one_post(Post.REVIEWER),
            programme_is_the_applications("proposal"),
            instalments_sum_up("proposal"),
            *append_only_triggers("proposal"),
        ]

    def __str__(self) -> str:
        return f"初审 {self.application_id}"


class Decision(Given):
    """审批: final for the application, and explained. With the rules and figures it used, to be replayed."""

    append_only = True

    application = models.OneToOneField(
        Application, models.PROTECT, related_name="decision", verbose_name="申请"
    )
    proposal = models.OneToOneField(
        Proposal, models.PROTECT, null=True, related_name="+", verbose_name="初审"
    )
    outcome = models.CharField("审批结果", max_length=8, choices=Outcome.choices)
    starts_on = models.DateField("起发月", null=True)
    lines = models.JSONField("测算明细")
    facts = models.JSONField("测算所用情况")
    rule_ids = models.JSONField("所用规则")
    reason = models.TextField("理由", max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审批人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "审批决定"
        constraints = [
            models.CheckConstraint(
                name="approval_has_amount_and_start",
                condition=decision_shape(),
            ),
            models.CheckConstraint(name="decision_gives_its_reason", condition=~Q(reason="")),
        ]
        # The monthly sample asks for the decisions of a month.
        indexes = [models.Index(name="decision_by_time", fields=["at"])]
        triggers = [
            signed_in_one_post(Post.APPROVER),
            approval_rests_on_investigation(),
            programme_is_the_applications("decision"),
            instalments_sum_up("decision"),
            approved_as_proposed(),
            tekun_rests_on_agreement(),
            settled_approval_rests_on_records(),
            decision_follows_the_meeting(),
            *append_only_triggers("decision"),
        ]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.application_id}"


class Document(models.Model):
    """文书: rendered once, kept with the data it was made of, handed out again byte for byte."""

    append_only = True

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="documents", verbose_name="申请"
    )
    kind = models.CharField("文书", max_length=20, choices=DocumentKind.choices)
    # What the paper is about where a case has several such: `change:12`.
    matter = models.CharField("事项", max_length=30, blank=True, default="", db_default="")
    number = models.CharField("文号", max_length=60, unique=True)
    token = models.CharField("核验码", max_length=24, null=True, blank=True, unique=True, editable=False)  # noqa: DJ001 - unique where there is one
    investigation_round = models.PositiveSmallIntegerField("调查轮次", default=1)
    data = EncryptedTextField("数据", help_text="制作时所用数据的 JSON，加密保存")
    file = models.FileField("文件", max_length=200)
    sha256 = models.CharField("散列", max_length=64)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="制作人"
    )
    made_at = models.DateTimeField("制作时间")

    class Meta:
        verbose_name = verbose_name_plural = "文书"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_document_of_a_kind_a_round",
                fields=["application", "kind", "investigation_round"],
                condition=Q(matter=""),
            ),
            models.UniqueConstraint(
                name="one_document_of_a_kind_a_matter",
                fields=["application", "kind", "matter"],
                condition=~Q(matter=""),
            ),
        ]
        triggers = append_only_triggers("document")

    def __str__(self) -> str:
        return self.number
