"""The moves of a relief, as a chain, and its two time limits."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from approvals.relief.database import (
    step_follows_the_last,
    steps_lead_to_the_state,
)
from approvals.relief.enums import LimitStep, ReliefState
from approvals.relief.models.relief import EmergencyRelief
from approvals.relief.workflow import allowed_steps
from approvals.steps import MoveRecord, a_person_acts_in_a_post, one_person_one_post
from common.append_only import chained_triggers


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
