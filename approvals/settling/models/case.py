"""The settlement of a case by 一事一议: why it is one and how long it holds, with its renewals."""

from __future__ import annotations

import json
from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from approvals.settling import database
from approvals.settling.enums import Circumstance
from cases.models import Application
from common.append_only import append_only_triggers
from common.fields import EncryptedTextField
from organisations.models import DateRangeOf

USER = settings.AUTH_USER_MODEL


class CaseByCaseQuerySet(models.QuerySet):
    def in_force(self) -> CaseByCaseQuerySet:
        """Confirmed by the township and not lapsed."""
        return self.filter(confirmed_on__isnull=False, lapsed_on__isnull=True)

    def with_end(self) -> CaseByCaseQuerySet:
        """Each with `until`: the last day on which it holds, as renewed; None where it has no end."""
        return self.annotate(until=_UNTIL)


_UNTIL = Coalesce("renewed_until", "valid_until")


class CaseByCase(models.Model):
    """One application of one round under 一事一议.

    `facts`: JSON of what the handler established, encrypted; `checked`: the sentences of what was checked of
    it, without personal data. The three flags are the rules of the place on that day: they do not change
    under a case that has begun. `urgent`: 急难, the appraisal may follow later (LC-4.2c). `renewed_until`:
    the end of its newest renewal, which the database itself keeps.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="settlements", verbose_name="申请"
    )
    investigation_round = models.PositiveSmallIntegerField("调查轮次")
    circumstance = models.CharField("情形", max_length=20, choices=Circumstance.choices)
    label = models.CharField("情形（规则原文）", max_length=200)
    clause = models.CharField("依据", max_length=20, blank=True)
    facts = EncryptedTextField("认定事实")
    checked = models.JSONField("核查结果")
    urgent = models.BooleanField("急难，事后补评议", default=False)
    appraisal_required = models.BooleanField("须民主评议")
    notice_due = models.BooleanField("须公示")
    filing_first = models.BooleanField("须先备案")
    referred_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="启动人")
    referred_at = models.DateTimeField("启动时间")
    confirmed_on = models.DateField("确认日期", null=True, blank=True)
    valid_until = models.DateField("有效期至（含）", null=True, blank=True)
    renewed_until = models.DateField("续期至（含）", null=True, blank=True, editable=False)
    lapsed_on = models.DateField("失效日期", null=True, blank=True)

    objects = CaseByCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一事一议"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_settlement_a_round", fields=["application", "investigation_round"]
            ),
            models.CheckConstraint(
                name="settlement_lapses_after_its_validity",
                condition=Q(lapsed_on__isnull=True) | Q(valid_until__isnull=False, lapsed_on__gt=_UNTIL),
            ),
            models.CheckConstraint(
                name="validity_begins_with_the_confirmation",
                condition=Q(valid_until__isnull=True)
                | Q(confirmed_on__isnull=False, valid_until__gte=F("confirmed_on")),
            ),
        ]
        indexes = [models.Index(_UNTIL, name="settlement_running_out", condition=Q(lapsed_on__isnull=True))]
        triggers = [database.only_late_columns(), database.urgent_is_an_emergency()]

    def __str__(self) -> str:
        return f"一事一议 {self.pk}"

    @property
    def established(self) -> dict[str, str]:
        """The facts by name."""
        return json.loads(self.facts)

    @property
    def holds_until(self) -> date | None:
        """The last day on which it holds, as renewed; None before confirmation and where it has no end."""
        return self.renewed_until or self.valid_until


class Renewal(models.Model):
    """One more term of a settlement, which follows the one before it without gap (LC-4.4b).

    `number`: 1 for the first. Both days are within the term. What it rests on, a determination after a new
    look at the circumstance, points to it (`approvals.rechecking.models.Keeping`).
    """

    append_only = True

    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, related_name="renewals", verbose_name="一事一议"
    )
    number = models.PositiveSmallIntegerField("续期次数")
    valid_from = models.DateField("续期自（含）")
    valid_until = models.DateField("续期至（含）")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "一事一议续期"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="renewals_are_numbered", fields=["settlement", "number"]),
            models.CheckConstraint(
                name="renewal_ends_after_it_begins", condition=Q(valid_until__gte=F("valid_from"))
            ),
            ExclusionConstraint(
                name="renewals_do_not_overlap",
                expressions=[
                    ("settlement", RangeOperators.EQUAL),
                    (
                        DateRangeOf("valid_from", "valid_until", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [
            database.renewal_follows_the_last_term(),
            database.renewal_moves_the_end(),
            database.renewal_rests_on_a_determination(),
            *append_only_triggers("renewal"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 次续期 {self.settlement_id}"
