"""The word to the district."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from approvals.relief.database import (
    filled_in_once,
    kept_but_for,
)
from approvals.relief.models.relief import USER, EmergencyRelief, columns

_ACKNOWLEDGED = ("acknowledged_by", "acknowledged_at")


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
            kept_but_for("district_notice", columns(*_ACKNOWLEDGED)),
            filled_in_once("district_notice", columns(*_ACKNOWLEDGED)),
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
