"""经济复核 of a benefit in force: what was found, what the means test says, and what is kept by 一事一议."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.enums import Outcome
from approvals.rechecking import database
from approvals.rechecking.enums import Result
from approvals.settling.models import Appraisal, CaseByCase, Renewal
from cases.models import Application
from common.append_only import append_only_triggers
from common.fields import EncryptedTextField
from common.money import YuanField
from payments.models import Benefit

USER = settings.AUTH_USER_MODEL


class EconomicRecheck(models.Model):
    """One check of the means of a household in benefit, with the calculation as it stood (LC-3.4).

    `deposits`: what the check found in the household, in yuan. One that asks for the `renewal`-th renewal of
    a `settlement` confirms its circumstance again (LC-4.4b): `facts` is JSON of what was established,
    `checked` the sentences of what was checked of it, `monthly_max` the most that may go on, in yuan. The two
    flags are the rules of the place on that day.
    """

    append_only = True

    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="申请")
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="rechecks", verbose_name="待遇")
    county = models.ForeignKey(
        "organisations.Area", models.PROTECT, related_name="+", verbose_name="县（市、区）"
    )
    township = models.ForeignKey(
        "organisations.Area", models.PROTECT, related_name="+", verbose_name="街道（乡镇）"
    )
    village = models.ForeignKey(
        "organisations.Area", models.PROTECT, related_name="+", verbose_name="村（社区）"
    )
    checked_on = models.DateField("核对日期")
    report_number = models.CharField("核对报告编号", max_length=60)
    deposits = YuanField("货币财产")
    finding = EncryptedTextField("复核情况")
    settlement = models.ForeignKey(
        CaseByCase,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="renewal_checks",
        verbose_name="申请续期的一事一议",
    )
    renewal = models.PositiveSmallIntegerField("续期次数", default=0, db_default=0)
    facts = EncryptedTextField("认定事实", null=True, blank=True)
    checked = models.JSONField("核查结果", default=list)
    monthly_max = YuanField("月金额上限", null=True)
    appraisal_required = models.BooleanField("须民主评议", default=True, db_default=True)
    filing_first = models.BooleanField("须先备案", default=False, db_default=False)
    result = models.CharField("复核结果", max_length=14, choices=Result.choices)
    lines = models.JSONField("测算明细")
    rule_ids = models.JSONField("所用规则")
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "经济复核"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="recheck_names_its_report", condition=~Q(report_number="")),
            models.CheckConstraint(name="recheck_result_is_known", condition=Q(result__in=Result.values)),
            models.CheckConstraint(
                name="recheck_for_a_renewal_is_whole",
                condition=Q(settlement__isnull=True, renewal=0, facts__isnull=True)
                | Q(settlement__isnull=False, renewal__gt=0, facts__isnull=False),
            ),
        ]
        triggers = [database.renewal_is_asked_for_in_time(), *append_only_triggers("economic_recheck")]

    def __str__(self) -> str:
        return f"经济复核 {self.benefit_id} {self.checked_on}"

    @property
    def established(self) -> dict[str, str]:
        """The facts by name; none where no renewal is asked for."""
        return json.loads(self.facts) if self.facts else {}


class Keeping(models.Model):
    """What the township determined on a re-check that only 一事一议 lets pass (LC-3.4, LC-4.3a).

    `valid_until`: the last day on which it holds, where the place sets an end (LC-4.4b). `renewal`: the term
    that it gives, where the re-check asked for one. No meeting and no appraisal where the rules want none.
    """

    append_only = True

    recheck = models.OneToOneField(
        EconomicRecheck, models.PROTECT, related_name="keeping", verbose_name="经济复核"
    )
    appraisal = models.ForeignKey(
        Appraisal, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="民主评议"
    )
    renewal = models.OneToOneField(
        Renewal, models.PROTECT, null=True, blank=True, related_name="keeping", verbose_name="续期"
    )
    outcome = models.CharField("认定结果", max_length=8, choices=Outcome.choices)
    held_at = models.DateTimeField("会议时间", null=True, blank=True)
    place = models.CharField("会议地点", max_length=100, blank=True)
    chair = models.CharField("主持人", max_length=60, blank=True)
    attendees = EncryptedTextField("参加人员", null=True, blank=True)
    minutes = EncryptedTextField("会议记录", null=True, blank=True)
    opinion = EncryptedTextField("认定意见", null=True, blank=True)
    valid_until = models.DateField("有效期至（含）", null=True, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "继续保障认定"
        constraints = [
            models.CheckConstraint(
                name="refused_keeping_has_no_validity",
                condition=Q(outcome=Outcome.APPROVED) | Q(valid_until__isnull=True),
            ),
            models.CheckConstraint(
                name="keeping_meeting_is_whole",
                condition=Q(
                    held_at__isnull=True, attendees__isnull=True, minutes__isnull=True, place="", chair=""
                )
                | Q(held_at__isnull=False, attendees__isnull=False, minutes__isnull=False)
                & ~Q(place="")
                & ~Q(chair=""),
            ),
        ]
        triggers = [database.keeping_rests_on_records(), *append_only_triggers("keeping")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.recheck_id}"
