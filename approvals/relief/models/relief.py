"""急难先行救助: money given at once."""

from __future__ import annotations

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
    told_to_the_district,
)
from approvals.relief.enums import Finding, PaidIn, ReliefState
from cases.enums import LinshiCause
from cases.models import Application
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
KEYS = {"application", "decided_by", "paid_by", "closed_by", "acknowledged_by", "fund_move"}
_GIVEN = [ReliefState.PAID, ReliefState.COMPLETED, ReliefState.CLOSED]


def columns(*names: str) -> list[str]:
    """The fields as the database calls them."""
    return [f"{name}_id" if name in KEYS else name for name in names]


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
            kept_but_for("relief", columns(*LATE)),
            relatives_keep_away(),
            filled_in_once("relief", columns(*_PAID, *_CLOSED)),
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
