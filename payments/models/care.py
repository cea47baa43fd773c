"""分散供养 after the decision: later care agreements, and the visits to the person (JZ-3.1).

The agreement that a decision rests on stays in `cases.CareAgreement`, frozen with it. Neither record here
moves money: the care fee is led elsewhere by a correction of its payee.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.append_only import append_only_triggers
from common.fields import EncryptedTextField
from common.storage import private_files
from payments.enums import CareFinding
from payments.models.benefit import Benefit

USER = settings.AUTH_USER_MODEL
_CONFIRMED = "{confirmed_by_id,confirmed_at}"


def _of_tekun(name: str, *also: str) -> pgtrigger.Trigger:
    """Rows are about people in 特困 only; `also` are further conditions that a new row meets."""
    wanted = " AND ".join(
        ["EXISTS (SELECT FROM payments_benefit b WHERE b.id = NEW.benefit_id AND b.programme = 'tekun')"]
        + list(also)
    )
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        func=f"""
            IF NOT ({wanted}) THEN
                RAISE EXCEPTION 'care: of a person in tekun, an agreement with its scan, confirmed afterwards'
                    USING ERRCODE = 'integrity_constraint_violation';
            END IF;
            RETURN NEW;
        """,
    )


class LaterAgreement(models.Model):
    """A care agreement signed while the benefit runs, and its paper. It counts from when another person has
    confirmed it; a newer one replaces it.
    """

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="later_agreements", verbose_name="待遇")
    carer = models.CharField("照料服务人", max_length=100)
    contact = EncryptedTextField("联系电话", null=True, blank=True)
    visitor = models.CharField("走访人", max_length=60)
    signed_on = models.DateField("签订日期")
    reason = models.CharField("补签或改签原因", max_length=200)
    # Empty only in rows from before there were scans.
    scan = models.FileField("协议扫描件", storage=private_files, max_length=200, blank=True)
    scan_type = models.CharField("扫描件类型", max_length=20, blank=True)
    scan_sha256 = models.CharField("扫描件散列", max_length=64, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间")
    confirmed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "后续照料协议"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="later_agreement_is_confirmed_by_another",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | (
                    Q(confirmed_by__isnull=False, confirmed_at__isnull=False)
                    & ~Q(confirmed_by=F("recorded_by"))
                ),
                violation_error_message="照料协议须由录入人以外的人员确认。",
            ),
            models.CheckConstraint(
                name="later_agreement_is_whole",
                condition=~Q(carer="") & ~Q(visitor="") & ~Q(reason=""),
            ),
        ]
        triggers = [
            _of_tekun("later_agreement_of_tekun", "NEW.confirmed_at IS NULL", "NEW.scan <> ''"),
            pgtrigger.Trigger(
                name="later_agreement_is_only_confirmed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' AND OLD.confirmed_at IS NULL AND NEW.confirmed_at IS NOT NULL
                       AND to_jsonb(NEW) - '{_CONFIRMED}'::text[]
                         = to_jsonb(OLD) - '{_CONFIRMED}'::text[] THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a later care agreement is kept as recorded, and confirmed once'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.signed_on}"


class CareVisit(models.Model):
    """One visit to a person cared for at home: who went, when, what was found."""

    append_only = True

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="care_visits", verbose_name="待遇")
    visited_on = models.DateField("走访日期")
    visitor = models.CharField("走访人", max_length=60)
    finding = models.CharField("照料情况", max_length=8, choices=CareFinding.choices)
    note = models.CharField("情况说明", max_length=500, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "照料走访"
        ordering = ["-visited_on", "-pk"]
        constraints = [
            models.CheckConstraint(name="care_visit_names_its_visitor", condition=~Q(visitor="")),
            models.CheckConstraint(
                name="care_finding_is_known_and_explained",
                condition=Q(finding=CareFinding.GOOD)
                | (Q(finding__in=[CareFinding.LACKING, CareFinding.ENDED]) & ~Q(note="")),
                violation_error_message="照料不到位或已终止的，须写明情况。",
            ),
        ]
        indexes = [models.Index(name="care_visit_latest", fields=["benefit", "-visited_on", "-id"])]
        triggers = [_of_tekun("care_visit_of_tekun"), *append_only_triggers("care_visit")]

    def __str__(self) -> str:
        return f"{self.benefit_id} {self.visited_on}"
