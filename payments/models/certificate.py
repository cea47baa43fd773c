"""救助证, where a district still has them: numbered, reviewed each year, destroyed at the end (SY-A1.7b).

It lies in this room because a certificate is a paper about a benefit in force, and ends with it.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.append_only import append_only_triggers
from organisations.enums import Post
from organisations.scope import Scope
from payments.models.benefit import Benefit

USER = settings.AUTH_USER_MODEL
_DESTROYED = "{destroyed_on,destroyed_by_id,destroyed_because}"


class CertificateQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> CertificateQuerySet:
        return self.filter(scope.filter(*posts, path="benefit__"))

    def live(self) -> CertificateQuerySet:
        """Those in people's hands."""
        return self.filter(destroyed_on__isnull=True)


class Certificate(models.Model):
    """One paper: given out on a day, and destroyed on another with the reason."""

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="certificates", verbose_name="待遇")
    number = models.CharField("证号", max_length=30, unique=True)
    issued_on = models.DateField("发证日期")
    issued_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="发证人")
    destroyed_on = models.DateField("销毁日期", null=True, blank=True)
    destroyed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="销毁人"
    )
    destroyed_because = models.CharField("销毁原因", max_length=200, blank=True)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "救助证"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_live_certificate_a_benefit",
                fields=["benefit"],
                condition=Q(destroyed_on__isnull=True),
                violation_error_message="该户已有救助证。",
            ),
            models.CheckConstraint(
                name="destroyed_certificate_is_whole",
                condition=Q(destroyed_on__isnull=True, destroyed_by__isnull=True, destroyed_because="")
                | (
                    Q(destroyed_on__gte=F("issued_on"), destroyed_by__isnull=False) & ~Q(destroyed_because="")
                ),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="certificate_is_destroyed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' AND OLD.destroyed_on IS NULL AND NEW.destroyed_on IS NOT NULL
                       AND to_jsonb(NEW) - '{_DESTROYED}'::text[]
                         = to_jsonb(OLD) - '{_DESTROYED}'::text[] THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a certificate is kept as it was given out, and destroyed once'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return self.number


class CertificateReview(models.Model):
    """年审: looked at once a year, while the benefit goes on."""

    append_only = True

    certificate = models.ForeignKey(
        Certificate, models.PROTECT, related_name="reviews", db_index=False, verbose_name="救助证"
    )
    year = models.PositiveSmallIntegerField("年度")
    reviewed_on = models.DateField("年审日期")
    reviewed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="年审人")

    class Meta:
        verbose_name = verbose_name_plural = "救助证年审"
        ordering = ["-year"]
        constraints = [
            models.UniqueConstraint(
                name="certificate_reviewed_once_a_year",
                fields=["certificate", "year"],
                violation_error_message="该证本年度已年审。",
            ),
            models.CheckConstraint(name="review_is_of_its_year", condition=Q(reviewed_on__year=F("year"))),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="only_a_live_certificate_is_reviewed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    PERFORM FROM payments_certificate c JOIN payments_benefit b ON b.id = c.benefit_id
                        WHERE c.id = NEW.certificate_id AND c.destroyed_on IS NULL
                          AND (b.ends_on IS NULL OR b.ends_on > NEW.reviewed_on) FOR SHARE OF c;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'only the certificate of a benefit in force is reviewed'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            *append_only_triggers("certificate_review"),
        ]

    def __str__(self) -> str:
        return f"{self.certificate_id} {self.year}"
