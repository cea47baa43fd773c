"""追缴: what is claimed back from whom and why, what the people concerned say, and every step."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from approvals.enums import EvidenceKind
from approvals.hearing import DefenceRecord, answered_once, says_something
from approvals.recovering.database import (
    allowed_moves,
    decided_shape,
    parts_are_their_plan,
    plan_triggers,
    recovery_triggers,
    step_triggers,
    target_shape,
    way_shape,
)
from approvals.recovering.enums import FINAL_STATES, IN_PROCEDURE, Ground, RecoveryState, Way
from approvals.relief.models import EmergencyRelief
from approvals.steps import THREE_POSTS, MoveRecord, a_person_acts_in_a_post, one_person_one_post
from cases.enums import Programme
from cases.models import Application
from common import clock
from common.append_only import append_only_triggers, chained_triggers
from common.masking import mask_name
from common.money import YuanField
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import Scope
from payments.models import Benefit, Debt, Grant
from payments.models.asking import Asked, asked_of_another

USER = settings.AUTH_USER_MODEL
_PROCEDURE = sorted(IN_PROCEDURE)


class RecoveryQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> RecoveryQuerySet:
        return self.filter(scope.filter(*posts))

    def open(self) -> RecoveryQuerySet:
        return self.exclude(state__in=sorted(FINAL_STATES))

    def with_all(self) -> RecoveryQuerySet:
        """With what every page of a recovery shows."""
        return self.select_related(
            "application", "benefit", "grant", "debt__payer", "debt__fund", "village", "township", "county"
        )


class Recovery(models.Model):
    """One proposal to claim overpaid money back from a household: the procedure around a `Debt`.

    `debtor`: who is asked for it, after a death somebody of the family. `way` and `n_parts`: how it shall
    come back, part of what is decided. `round` counts how often it was thought over after a defence.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="recoveries", verbose_name="申请"
    )
    benefit = models.ForeignKey(
        Benefit, models.PROTECT, null=True, blank=True, related_name="recoveries", verbose_name="待遇"
    )
    grant = models.ForeignKey(
        Grant, models.PROTECT, null=True, blank=True, related_name="recoveries", verbose_name="临时救助"
    )
    relief = models.ForeignKey(
        EmergencyRelief,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="recoveries",
        verbose_name="急难先行救助",
    )
    debt = models.OneToOneField(Debt, models.PROTECT, related_name="recovery", verbose_name="应追缴款")
    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    ground = models.CharField("追缴事由", max_length=12, choices=Ground.choices)
    facts = models.TextField("事实和理由", max_length=2000)
    evidence = models.CharField("依据种类", max_length=12, choices=EvidenceKind.choices)
    found_on = models.DateField("核查（出具）日期")
    name = models.CharField("救助对象", max_length=60)
    debtor = models.CharField("缴款人", max_length=60)
    way = models.CharField("追缴方式", max_length=11, choices=Way.choices)
    n_parts = models.PositiveSmallIntegerField("期数", default=1)
    state = models.CharField(
        "状态", max_length=14, choices=RecoveryState.choices, default=RecoveryState.DRAFT
    )
    round = models.PositiveSmallIntegerField("轮次", default=1)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="拟写人")
    created_at = models.DateTimeField("拟写时间")
    prior_served_at = models.DateTimeField("事先告知书送达时间", null=True, blank=True)
    decided_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="决定人"
    )
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision_served_at = models.DateTimeField("决定书送达时间", null=True, blank=True)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)

    objects = RecoveryQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "追缴"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_recovery_in_procedure_a_case",
                fields=["application"],
                condition=Q(state__in=_PROCEDURE),
                violation_error_message="该户已有正在办理的追缴。",
            ),
            models.CheckConstraint(name="recovery_has_one_target", condition=target_shape()),
            models.CheckConstraint(name="recovery_comes_back_in_a_way", condition=way_shape()),
            models.CheckConstraint(
                name="recovery_state_is_known", condition=Q(state__in=RecoveryState.values)
            ),
            models.CheckConstraint(name="recovery_says_why", condition=~Q(facts="") & ~Q(debtor="")),
            models.CheckConstraint(
                name="recovery_rests_on_more_than_data",
                condition=Q(state__in=[RecoveryState.DRAFT, RecoveryState.WITHDRAWN])
                | ~Q(evidence=EvidenceKind.DATA_MATCH),
            ),
            models.CheckConstraint(name="recovery_decided_by_another_person", condition=decided_shape()),
            models.CheckConstraint(
                name="demanded_recovery_was_served",
                condition=~Q(state=RecoveryState.REPAYING) | Q(decision_served_at__isnull=False),
            ),
            models.CheckConstraint(
                name="closed_recovery_has_its_day",
                condition=Q(state__in=sorted(FINAL_STATES), closed_at__isnull=False)
                | (~Q(state__in=sorted(FINAL_STATES)) & Q(closed_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(name="recovery_in_township", fields=["township", "-id"]),
            models.Index(name="recovery_in_county", fields=["county", "-id"]),
            models.Index(name="recovery_in_village", fields=["village", "-id"]),
        ]
        triggers = recovery_triggers()

    def __str__(self) -> str:
        return f"追缴 {self.application_id}"

    @property
    def matter(self) -> str:
        """What its papers are about."""
        return f"recovery:{self.pk}" if self.round == 1 else f"recovery:{self.pk}-{self.round}"

    @property
    def masked_name(self) -> str:
        return mask_name(self.name)

    @property
    def is_over(self) -> bool:
        return self.state in FINAL_STATES

    def has_coming_months(self, today: date) -> bool:
        """Will there be lists from which it could be set off?"""
        benefit = self.benefit
        return benefit is not None and (benefit.ends_on is None or benefit.ends_on > clock.next_month(today))

    @property
    def badge_level(self) -> str:
        """How the state looks: settled, over without effect, or under way."""
        if self.state == RecoveryState.SETTLED:
            return "done"
        return "muted" if self.is_over else "info"

    @property
    def way_words(self) -> str:
        """`分期缴回（6 期）`."""
        parts = f"（{self.n_parts} 期）" if self.way == Way.INSTALMENTS else ""
        return f"{self.get_way_display()}{parts}"


class Defence(DefenceRecord):
    """陈述申辩 about one recovery, in the round in which it was said."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="defences", verbose_name="追缴")

    class Meta:
        verbose_name = verbose_name_plural = "追缴陈述申辩"
        ordering = ["pk"]
        constraints = says_something("recovery_defence_says_something", "recovery_defence_answered_whole")
        triggers = [answered_once()]


class Plan(Asked):
    """Other dates for what is still open, because the household has fallen on harder times: asked for by one,
    agreed to by another. Its parts then take the place of all earlier ones.

    `amount`: what was open when it was agreed to, in yuan; empty until then.
    """

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="plans", verbose_name="追缴")
    n_parts = models.PositiveSmallIntegerField("期数")
    first_due_on = models.DateField("首期应缴日期")
    amount = YuanField("未追回金额", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "缴款计划调整"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="plan_has_parts_and_a_reason", condition=Q(n_parts__gte=1) & ~Q(reason="")
            ),
            models.CheckConstraint(
                name="agreed_plan_has_its_amount",
                condition=Q(granted=True, amount__gt=0) | (~Q(granted=True) & Q(amount__isnull=True)),
            ),
            *asked_of_another("plan", "recovery", "缴款计划调整"),
        ]
        triggers = plan_triggers()

    def __str__(self) -> str:
        return f"{self.n_parts} 期，首期 {self.first_due_on}"


class PartQuerySet(models.QuerySet):
    def in_force(self) -> PartQuerySet:
        """Those that no later plan has taken the place of."""
        after = Plan.objects.filter(recovery=OuterRef("recovery"), granted=True)
        return self.exclude(Exists(after.filter(pk__gt=Coalesce(OuterRef("plan"), 0))))


class Part(models.Model):
    """One date on which money is due, made when the decision is served or a `plan` is agreed to.

    `in_all`: what must have been made good by then, whatever was made good before included.
    """

    append_only = True

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="parts", verbose_name="追缴")
    plan = models.ForeignKey(
        Plan, models.PROTECT, null=True, blank=True, related_name="parts", verbose_name="缴款计划调整"
    )
    number = models.PositiveSmallIntegerField("期次")
    due_on = models.DateField("应缴日期")
    amount = YuanField("应缴金额")
    in_all = YuanField("累计应缴")

    objects = PartQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "缴款期次"
        ordering = ["recovery", "plan", "number"]
        constraints = [
            models.UniqueConstraint(
                name="parts_are_numbered", fields=["recovery", "plan", "number"], nulls_distinct=False
            ),
            models.CheckConstraint(
                name="part_is_positive", condition=Q(amount__gt=0, in_all__gte=models.F("amount"))
            ),
        ]
        indexes = [models.Index(name="part_by_due_day", fields=["due_on"])]
        triggers = [*append_only_triggers("recovery_part"), parts_are_their_plan("recovering_part")]

    def __str__(self) -> str:
        return f"第 {self.number} 期 {self.amount}"


class RecoveryStep(MoveRecord):
    """One move of one recovery. Stream: `recovery:<id>`."""

    recovery = models.ForeignKey(Recovery, models.PROTECT, related_name="steps", verbose_name="追缴")
    from_state = models.CharField("原状态", max_length=14, choices=RecoveryState.choices)
    to_state = models.CharField("新状态", max_length=14, choices=RecoveryState.choices)
    details = models.JSONField("变更内容", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "追缴痕迹"
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(name="recovery_step_chain_is_a_line", fields=["stream", "sequence"]),
            one_person_one_post("one_person_one_post_a_recovery", "recovery", THREE_POSTS),
            a_person_acts_in_a_post("a_person_recovers_in_a_post"),
            models.CheckConstraint(name="recovery_step_is_in_the_table", condition=allowed_moves()),
        ]
        triggers = [*chained_triggers("recovery_step"), *step_triggers()]

    def __str__(self) -> str:
        return f"{self.recovery_id} {self.label}"
