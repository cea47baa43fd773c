"""The economic check and the home visit: no decision comes without both (JZ-12.3)."""

import pgtrigger
from django.db import models
from django.db.models import F, Q

from cases.enums import Dimension
from cases.models.application import Application
from cases.models.people import USER
from common.append_only import append_only_triggers
from common.money import YuanField


class EconomicCheck(models.Model):
    """The check of a household's means, entrusted to the county's checking office (委托确认)."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="checks", verbose_name="申请")
    investigation_round = models.PositiveSmallIntegerField("调查轮次", default=1)
    entrusted_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="委托确认人")
    entrusted_at = models.DateTimeField("委托时间")

    class Meta:
        verbose_name = verbose_name_plural = "经济状况核对"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="one_check_a_round", fields=["application", "investigation_round"])
        ]

    def __str__(self) -> str:
        return f"核对 {self.application_id}"


class CheckReport(models.Model):
    """家庭经济状况核对报告: what the systems know of the household. Income found is kept as `income`."""

    check_entrusted = models.OneToOneField(
        EconomicCheck, models.PROTECT, related_name="report", verbose_name="核对委托"
    )
    number = models.CharField("报告编号", max_length=60)
    issued_on = models.DateField("出具日期")
    data_as_of = models.DateField("数据截止日期")
    deposits = YuanField("存款、证券等货币财产", default=0)
    vehicles = models.PositiveSmallIntegerField("机动车辆数", default=0)
    houses = models.PositiveSmallIntegerField("住房套数", default=0)
    non_residential_houses = models.PositiveSmallIntegerField("非居住用房套数", default=0)
    registered_capital = YuanField("工商登记认缴出资额", default=0)
    conclusion = models.CharField("核对结论", max_length=500)
    source = models.CharField("录入方式", max_length=6, choices=[("hand", "手工录入"), ("xlsx", "表格导入")])
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间")

    append_only = True

    class Meta:
        verbose_name = verbose_name_plural = "核对报告"
        triggers = append_only_triggers("check_report")
        constraints = [
            models.CheckConstraint(
                name="report_amounts_are_not_negative",
                condition=Q(deposits__gte=0, registered_capital__gte=0),
            ),
            models.CheckConstraint(
                name="report_data_is_not_later_than_the_report",
                condition=Q(data_as_of__lte=F("issued_on")),
                violation_error_message="数据截止日期不能晚于出具日期。",
            ),
        ]

    def __str__(self) -> str:
        return self.number


_NAMED = Q(second_visitor__isnull=False)
_NO_NAME_GIVEN = Q(second_visitor_name="")


class HomeVisit(models.Model):
    """入户调查 by two people; the second is an account or a named colleague without one.

    A draft until `completed_at`; after that the database refuses every change (SY-A1.3).
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="visits", verbose_name="申请")
    investigation_round = models.PositiveSmallIntegerField("调查轮次", default=1)
    visited_at = models.DateTimeField("入户时间")
    first_visitor = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="调查人一")
    second_visitor = models.ForeignKey(
        USER,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="调查人二",
    )
    second_visitor_name = models.CharField("调查人二（无账号）", max_length=60, blank=True)
    present_member = models.ForeignKey(
        "cases.Member", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="在场成员"
    )
    signed = models.BooleanField("调查人与在场成员均已签字", default=False)
    neighbours = models.CharField("邻里走访", max_length=500, blank=True)
    conclusion = models.TextField("调查结论", max_length=2000, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间")
    completed_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "入户调查"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="one_visit_a_round", fields=["application", "investigation_round"]),
            models.CheckConstraint(
                name="visit_by_two_people",
                condition=(_NAMED & _NO_NAME_GIVEN & ~Q(second_visitor=F("first_visitor")))
                | (~_NAMED & ~_NO_NAME_GIVEN)
                | Q(completed_at__isnull=True, second_visitor__isnull=True, second_visitor_name=""),
                violation_error_message="入户调查须由两名不同的调查人进行。",
            ),
            models.CheckConstraint(
                name="completed_visit_is_signed",
                condition=Q(completed_at__isnull=True)
                | (Q(signed=True, present_member__isnull=False) & ~Q(conclusion="")),
                violation_error_message="完成入户调查须有在场成员、签字和调查结论。",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="completed_visit_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__completed_at__isnull=False),
                func="RAISE EXCEPTION 'home visit: no corrections after completion'"
                " USING ERRCODE = 'integrity_constraint_violation';",
            )
        ]

    def __str__(self) -> str:
        return f"入户调查 {self.application_id}"


class VisitFinding(models.Model):
    """What was found on one of the six dimensions (LC-2.1)."""

    visit = models.ForeignKey(HomeVisit, models.CASCADE, related_name="findings", verbose_name="入户调查")
    dimension = models.CharField("维度", max_length=10, choices=Dimension.choices)
    choice = models.CharField("情况", max_length=20, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "调查情况"
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(name="one_finding_a_dimension", fields=["visit", "dimension"])]
        triggers = [
            pgtrigger.Trigger(
                name="finding_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("row_visit", "BIGINT")],
                func="""
                    row_visit := CASE WHEN TG_OP = 'INSERT' THEN NEW.visit_id ELSE OLD.visit_id END;
                    IF EXISTS (SELECT 1 FROM cases_homevisit
                               WHERE id = row_visit AND completed_at IS NOT NULL) THEN
                        RAISE EXCEPTION 'home visit: no corrections after completion'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return self.get_dimension_display()
