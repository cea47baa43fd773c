"""The trace of 一事一议."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Q

from approvals.settling import database
from approvals.settling.enums import Action
from cases.models import Application
from common.append_only import ChainedRecord, chained_triggers
from organisations.enums import Post

USER = settings.AUTH_USER_MODEL


class Entry(ChainedRecord):
    """Who did what on a settlement or an appraisal, in which post, when (LC-5.2).

    Stream: `settling:<application>`.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="申请")
    action = models.CharField("动作", max_length=12, choices=Action.choices)
    post = models.CharField("岗位", max_length=20, choices=Post.choices, blank=True)
    actor = models.ForeignKey(
        USER,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="经手人",
        help_text="空为系统",
    )
    details = models.CharField("内容", max_length=500)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "一事一议痕迹"
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(name="settling_chain_is_a_line", fields=["stream", "sequence"]),
            ExclusionConstraint(
                name="one_person_one_post_a_settlement",
                expressions=[
                    ("application", RangeOperators.EQUAL),
                    ("actor", RangeOperators.EQUAL),
                    ("post", RangeOperators.NOT_EQUAL),
                ],
                violation_error_message="同一人不能以两个岗位办理同一件一事一议。",
            ),
            models.CheckConstraint(
                name="a_person_settles_in_a_post",
                condition=Q(actor__isnull=True, post="", action=Action.LAPSE)
                | (Q(actor__isnull=False) & ~Q(post="")),
            ),
        ]
        triggers = [*chained_triggers("settling_entry"), database.one_post_in_both_traces()]

    def __str__(self) -> str:
        return f"{self.application_id} {self.get_action_display()}"
