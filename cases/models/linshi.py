"""What somebody who asks for 临时救助 declares: for what, how much, and in which stages."""

import pgtrigger
from django.db import models
from django.db.models import Q

from cases.enums import LinshiCause, LinshiKind
from cases.models.application import Application
from cases.models.programme import frozen_with_acceptance
from common.money import YuanField


class LinshiRequest(models.Model):
    """One request, in yuan. A draft may lack kind, cause and amount; nothing is handed in without them."""

    application = models.OneToOneField(
        Application, models.CASCADE, related_name="linshi_request", verbose_name="申请"
    )
    kind = models.CharField("救助类型", max_length=12, choices=LinshiKind.choices, blank=True)
    cause = models.CharField("救助事由", max_length=10, choices=LinshiCause.choices, blank=True)
    requested = YuanField("申请金额", null=True, blank=True)
    advanced = YuanField("已先行救助金额", null=True, blank=True)
    residual_medical = YuanField("报销后自负医疗费用", default=0)
    repeat_same_cause = models.BooleanField("同一事由再次申请", default=False)
    happened_on = models.DateField("事件发生日期", null=True, blank=True)
    note = models.CharField("事由说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "临时救助申请情况"
        constraints = [
            models.CheckConstraint(
                name="linshi_kind_is_known", condition=Q(kind__in=["", *LinshiKind.values])
            ),
            models.CheckConstraint(
                name="linshi_cause_is_known", condition=Q(cause__in=["", *LinshiCause.values])
            ),
            models.CheckConstraint(
                name="linshi_request_is_positive",
                condition=Q(requested__isnull=True) | Q(requested__gt=0),
                violation_error_message="申请金额须大于 0。",
            ),
            models.CheckConstraint(
                name="residual_medical_is_not_negative",
                condition=Q(residual_medical__gte=0),
                violation_error_message="自负医疗费用不能为负。",
            ),
        ]
        triggers = [frozen_with_acceptance("linshi_request")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.requested}"

    @property
    def is_given(self) -> bool:
        """All that is asked for was given in the emergency: no account is needed any more (DT-4.3)."""
        return bool(self.advanced and self.requested and self.requested <= self.advanced)

    @property
    def is_complete(self) -> bool:
        """Everything that the means test needs."""
        return bool(self.kind and self.cause and self.requested)


# The plan is written line by line, so that its sum is looked at when the transaction ends.
_PLAN_SUM = """
    row_request := CASE WHEN TG_OP = 'DELETE' THEN OLD.request_id ELSE NEW.request_id END;
    SELECT sum(amount) INTO planned FROM cases_linshiinstalment WHERE request_id = row_request;
    SELECT requested INTO asked FROM cases_linshirequest WHERE id = row_request;
    IF planned IS NOT NULL AND planned IS DISTINCT FROM asked THEN
        RAISE EXCEPTION 'linshi_instalments: the plan does not sum to the request'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""


class LinshiInstalment(models.Model):
    """One stage of 一次审批、分阶段救助: so much from that day on (DT-3.3)."""

    request = models.ForeignKey(
        LinshiRequest, models.CASCADE, related_name="instalments", verbose_name="临时救助申请情况"
    )
    due_on = models.DateField("计划发放日期")
    amount = YuanField("金额")

    class Meta:
        verbose_name = verbose_name_plural = "分阶段救助计划"
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(name="one_instalment_a_day", fields=["request", "due_on"]),
            models.CheckConstraint(
                name="instalment_is_positive",
                condition=Q(amount__gt=0),
                violation_error_message="每期金额须大于 0。",
            ),
        ]
        triggers = [
            frozen_with_acceptance(
                "linshi_instalment",
                "SELECT application_id FROM cases_linshirequest WHERE id = {row}.request_id",
            ),
            pgtrigger.Trigger(
                name="linshi_plan_sums_to_request",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                timing=pgtrigger.Deferred,
                declare=[("row_request", "BIGINT"), ("planned", "NUMERIC"), ("asked", "NUMERIC")],
                func=_PLAN_SUM,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount}"
