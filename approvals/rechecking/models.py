"""经济复核 of a benefit in force: what was found, what the means test says, and what is kept by 一事一议."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.enums import Outcome
from approvals.rechecking.database import keeping_rests_on_records
from approvals.rechecking.enums import Result
from approvals.settling.models import Appraisal
from cases.models import Application
from common.append_only import append_only_triggers
from common.fields import EncryptedTextField
from common.money import YuanField
from payments.models import Benefit

USER = settings.AUTH_USER_MODEL


class EconomicRecheck(models.Model):
    """One check of the means of a household in benefit, with the calculation as it stood (LC-3.4).

    `deposits`: what the check found in the household, in yuan.
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
        ]
        triggers = append_only_triggers("economic_recheck")

    def __str__(self) -> str:
        return f"经济复核 {self.benefit_id} {self.checked_on}"


class Keeping(models.Model):
    """What the township determined on a re-check that only 一事一议 lets pass (LC-3.4, LC-4.3a).

    `valid_until`: the last day on which it holds, where the place sets an end (LC-4.4b).
    """

    append_only = True

    recheck = models.OneToOneField(
        EconomicRecheck, models.PROTECT, related_name="keeping", verbose_name="经济复核"
    )
    appraisal = models.ForeignKey(Appraisal, models.PROTECT, related_name="+", verbose_name="民主评议")
    outcome = models.CharField("认定结果", max_length=8, choices=Outcome.choices)
    held_at = models.DateTimeField("会议时间")
    place = models.CharField("会议地点", max_length=100)
    chair = models.CharField("主持人", max_length=60)
    attendees = EncryptedTextField("参加人员")
    minutes = EncryptedTextField("会议记录")
    valid_until = models.DateField("有效期至（含）", null=True, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "继续保障认定"
        constraints = [
            models.CheckConstraint(
                name="refused_keeping_has_no_validity",
                condition=Q(outcome=Outcome.APPROVED) | Q(valid_until__isnull=True),
            )
        ]
        triggers = [keeping_rests_on_records(), *append_only_triggers("keeping")]

    def __str__(self) -> str:
        return f"{self.get_outcome_display()} {self.recheck_id}"
