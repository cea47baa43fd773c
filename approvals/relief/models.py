"""急难先行救助: money given at once, with its moves, its two time limits and the word to the district."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from approvals.relief.database import (
    completed_by_an_approval,
    filled_in_once,
    kept_but_for,
    relatives_keep_away,
    state_follows_the_steps,
    step_follows_the_last,
    steps_lead_to_the_state,
    told_to_the_district,
)
from approvals.relief.enums import Finding, LimitStep, PaidIn, ReliefState
from approvals.relief.workflow import allowed_steps
from approvals.steps import MoveRecord, a_person_acts_in_a_post, one_person_one_post
from cases.enums import LinshiCause
from cases.models import Application
from common.append_only import chained_triggers
from common.fields import EncryptedTextField
from common.masking import mask_id_number, mask_name, mask_phone
from common.money import YuanField
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import Scope
from payments.models import FundMove

USER = settings.AUTH_USER_MODEL
# Who reads them, in the areas where the post is held.
READING = (
    Post.HANDLER,
    Post.REVIEWER,
    Post.APPROVER,
    Post.DISCIPLINE,
    Post.TOWN_PAYMENTS,
    Post.DISTRICT_FINANCE,
    Post.AUDITOR,
)
_DECIDED = ("decided_by", "decided_at")
_PAID = ("paid_by", "paid_at", "second_name", "received_by", "receipt_signed", "fund_move")
_CLOSED = ("closed_by", "closed_at", "finding")
# What the moves fill in; everything else stays as it was registered.
LATE = ("state", "application", *_DECIDED, *_PAID, *_CLOSED)
_ACKNOWLEDGED = ("acknowledged_by", "acknowledged_at")
_KEYS = {"application", "decided_by", "paid_by", "closed_by", "acknowledged_by", "fund_move"}
_GIVEN = [ReliefState.PAID, ReliefState.COMPLETED, ReliefState.CLOSED]


def _columns(*names: str) -> list[str]:
    """The fields as the database calls them."""
    return [f"{name}_id" if name in _KEYS else name for name in names]


class ReliefQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> ReliefQuerySet:
        """Those in the areas where the person holds a post that reads them."""
        return self.filter(scope.filter(*READING))

    def with_place(self) -> ReliefQuerySet:
        return self.select_related("village", "township", "county")


class EmergencyRelief(models.Model):
    """One emergency: who, what happened, how much is given at once. `village`: where it happened.

    `most` is what the rules of the day allowed, `most_words` how that comes about. `local`: register or
    residence lies in the county; without it the rule `linshi.residence_waived` was in force (JZ-4.1).
    `recused`: keys of the staff who are relatives, and keep away from it (JZ-12.1).
    """

    number = models.CharField("编号", max_length=30, unique=True)
    state = models.CharField("状态", max_length=12, choices=ReliefState.choices)
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    place = models.CharField("发生地", max_length=200, blank=True)
    local = models.BooleanField("户籍或居住地在本县（市、区）", default=True)
    name = models.CharField("姓名", max_length=60)
    id_number = EncryptedTextField("身份证号", null=True, blank=True)
    id_digest = models.CharField("身份证号检索码", max_length=64, blank=True, editable=False)
    id_missing_reason = models.CharField("身份证号暂缺原因", max_length=200, blank=True)
    phone = EncryptedTextField("联系电话", null=True, blank=True)
    cause = models.CharField("救助事由", max_length=10, choices=LinshiCause.choices)
    happened = models.TextField("急难情形", max_length=1000)
    n_people = models.PositiveSmallIntegerField("受困人数")
    amount = YuanField("先行救助金额")
    paid_in = models.CharField("支付方式", max_length=10, choices=PaidIn.choices)
    goods = models.CharField("实物名称和数量", max_length=200, blank=True)
    most = YuanField("最高可先行救助金额")
    most_words = models.CharField("上限说明", max_length=200)
    most_clause = models.CharField("上限依据", max_length=20, blank=True)
    rule_ids = models.JSONField("所用规则")
    reported_at = models.DateTimeField("发现时间")
    registered_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    registered_at = models.DateTimeField("登记时间")
    recused = ArrayField(models.BigIntegerField(), default=list, verbose_name="回避人员")
    decided_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("审批时间", null=True, blank=True)
    paid_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="支付经办人"
    )
    paid_at = models.DateTimeField("支付时间", null=True, blank=True)
    second_name = models.CharField("另一名在场工作人员", max_length=60, null=True, blank=True)  # noqa: DJ001
    received_by = models.CharField("领取人", max_length=60, null=True, blank=True)  # noqa: DJ001
    receipt_signed = models.BooleanField("收据已由领取人和两名工作人员签字", null=True)
    fund_move = models.OneToOneField(
        FundMove, models.PROTECT, null=True, blank=True, related_name="relief", verbose_name="备用金支出"
    )
    application = models.OneToOneField(
        Application,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="emergency_relief",
        verbose_name="补办的申请",
    )
    closed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="认定人"
    )
    closed_at = models.DateTimeField("认定时间", null=True, blank=True)
    finding = models.CharField("认定结果", max_length=8, choices=Finding.choices, null=True, blank=True)  # noqa: DJ001

    objects = ReliefQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "急难先行救助"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="relief_state_is_known", condition=Q(state__in=ReliefState.values)),
            models.CheckConstraint(
                name="relief_has_number_or_why_not",
                condition=Q(id_number__isnull=False, id_missing_reason="") & ~Q(id_digest="")
                | Q(id_number__isnull=True, id_digest="") & ~Q(id_missing_reason=""),
                violation_error_message="请填写身份证号，暂缺的写明原因。",
            ),
            models.CheckConstraint(
                name="relief_is_within_the_limit",
                condition=Q(amount__gt=0, amount__lte=F("most"), n_people__gt=0),
                violation_error_message="先行救助金额须大于 0 且不超过上限。",
            ),
            models.CheckConstraint(
                name="relief_in_kind_names_the_goods",
                condition=~Q(paid_in=PaidIn.IN_KIND) | ~Q(goods=""),
            ),
            models.CheckConstraint(
                name="relief_agreed_by_another_person",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("registered_by")),
                violation_error_message="同意人不能是登记人本人。",
            ),
            models.CheckConstraint(
                name="relief_decided_when_past_registration",
                condition=Q(state=ReliefState.REGISTERED, decided_by__isnull=True, decided_at__isnull=True)
                | (~Q(state=ReliefState.REGISTERED) & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="paid_relief_has_receipt_and_two_people",
                condition=Q(
                    state__in=_GIVEN,
                    paid_by__isnull=False,
                    paid_at__isnull=False,
                    second_name__isnull=False,
                    received_by__isnull=False,
                    receipt_signed__isnull=False,
                    receipt_signed=True,
                    fund_move__isnull=False,
                )
                & ~Q(second_name="")
                & ~Q(received_by="")
                & ~Q(paid_by=F("decided_by"))
                | ~Q(state__in=_GIVEN)
                & Q(paid_by__isnull=True, paid_at__isnull=True, fund_move__isnull=True),
            ),
            models.CheckConstraint(
                name="closed_relief_has_its_finding",
                condition=Q(
                    state=ReliefState.CLOSED,
                    closed_by__isnull=False,
                    closed_at__isnull=False,
                    finding__isnull=False,
                    finding__in=Finding.values,
                )
                | ~Q(state=ReliefState.CLOSED)
                & Q(closed_by__isnull=True, closed_at__isnull=True, finding__isnull=True),
            ),
        ]
        indexes = [
            models.Index(name="relief_in_county", fields=["county", "-id"]),
            models.Index(name="relief_in_township", fields=["township", "-id"]),
            models.Index(name="relief_in_village", fields=["village", "-id"]),
            models.Index(name="relief_by_person", fields=["id_digest"], condition=~Q(id_digest="")),
        ]
        triggers = [
            kept_but_for("relief", _columns(*LATE)),
            relatives_keep_away(),
            filled_in_once("relief", _columns(*_PAID, *_CLOSED)),
            state_follows_the_steps(),
            told_to_the_district(),
            completed_by_an_approval(),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def masked_id_number(self) -> str:
        """Masked, or why there is none."""
        return mask_id_number(self.id_number) if self.id_number else f"暂缺：{self.id_missing_reason}"

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone or "")


class ReliefStep(MoveRecord):
    """One move of one relief: who, in which post, when, and why. Stream: `relief:<id>`.

    `changes` holds the sentences of what came of it, without personal data.
    """

    relief = models.ForeignKey(
        EmergencyRelief, models.PROTECT, related_name="steps", verbose_name="急难先行救助"
    )
    from_state = models.CharField("原状态", max_length=12, blank=True)
    to_state = models.CharField("新状态", max_length=12, choices=ReliefState.choices)
    changes = models.JSONField("变更内容", default=list)

    class Meta:
        verbose_name = verbose_name_plural = "急难先行救助痕迹"
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(name="relief_chain_is_a_line", fields=["stream", "sequence"]),
            one_person_one_post("one_person_one_post_a_relief", "relief", "登记、同意、支付须分岗办理。"),
            a_person_acts_in_a_post("a_person_acts_in_a_post_on_a_relief"),
            models.CheckConstraint(name="relief_step_is_in_the_table", condition=allowed_steps()),
        ]
        triggers = [
            step_follows_the_last(),
            steps_lead_to_the_state(),
            *chained_triggers("relief_step"),
        ]

    def __str__(self) -> str:
        return f"{self.relief_id} {self.label}"


class ReliefLimit(models.Model):
    """A time limit of a relief: 24 hours to give it, and the days in which the papers must follow."""

    relief = models.ForeignKey(
        EmergencyRelief, models.PROTECT, related_name="limits", verbose_name="急难先行救助"
    )
    step = models.CharField("环节", max_length=20, choices=LimitStep.choices)
    rule = models.ForeignKey("policy.Rule", models.PROTECT, related_name="+", verbose_name="规则")
    clause = models.CharField("依据", max_length=20, blank=True)
    started_at = models.DateTimeField("起算时间")
    due_at = models.DateTimeField("期限")
    why = models.JSONField("计算说明", help_text="逐句说明")
    provisional = models.BooleanField("待复算", default=False)
    ended_at = models.DateTimeField("结束时间", null=True, blank=True)
    kept = models.BooleanField("按期", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "急难先行救助时限"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="relief_limit_once_a_step", fields=["relief", "step"]),
            models.CheckConstraint(
                name="relief_limit_runs_or_has_ended",
                condition=Q(ended_at__isnull=True, kept__isnull=True)
                | Q(ended_at__isnull=False, kept__isnull=False),
            ),
            models.CheckConstraint(
                name="relief_limit_is_after_its_start", condition=Q(due_at__gte=F("started_at"))
            ),
        ]
        indexes = [
            models.Index(name="relief_limit_running", fields=["due_at"], condition=Q(ended_at__isnull=True))
        ]

    def __str__(self) -> str:
        return f"{self.get_step_display()} {self.due_at:%Y-%m-%d %H:%M}"


class DistrictNotice(models.Model):
    """The district is told by the act of paying itself, and says that it knows (DT-4.3, SY-4.4b)."""

    relief = models.OneToOneField(
        EmergencyRelief, models.PROTECT, related_name="district_notice", verbose_name="急难先行救助"
    )
    told_at = models.DateTimeField("报告时间")
    acknowledged_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="签收人"
    )
    acknowledged_at = models.DateTimeField("签收时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "急难先行救助报告"
        constraints = [
            models.CheckConstraint(
                name="acknowledged_by_somebody",
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True)
                | Q(acknowledged_by__isnull=False, acknowledged_at__isnull=False),
            )
        ]
        triggers = [
            kept_but_for("district_notice", _columns(*_ACKNOWLEDGED)),
            filled_in_once("district_notice", _columns(*_ACKNOWLEDGED)),
            pgtrigger.Trigger(
                name="paid_relief_is_reported",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    PERFORM FROM relief_emergencyrelief WHERE id = NEW.relief_id AND paid_at IS NOT NULL;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'district_notice: only what was paid is reported'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"报告 {self.relief_id}"
