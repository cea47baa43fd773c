"""代领协议: who may hold the account that money goes to in the place of the person helped, and until when."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from cases.models import Application
from common.fields import EncryptedTextField
from common.masking import mask_id_number, mask_name
from common.storage import private_files
from organisations.scope import Scope
from payments.enums import RECORDED_OUTSIDERS

USER = settings.AUTH_USER_MODEL
_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
_RELATIONS = [(relation.value, relation.label) for relation in RECORDED_OUTSIDERS]
_CONSENT, _END = "consented_by_id,consented_at", "ended_by_id,ended_at,end_reason"

# Lines of batch NEW that are paid to somebody who is neither in the household nor a proxy in force.
_LED_ELSEWHERE = """
    SELECT FROM payments_payment p
    LEFT JOIN payments_benefit b ON b.id = p.benefit_id
    LEFT JOIN payments_instalment i ON i.id = p.instalment_id
    LEFT JOIN payments_grant g ON g.id = i.grant_id
    JOIN cases_application a ON a.id = COALESCE(b.application_id, g.application_id)
    WHERE p.batch_id = NEW.id AND p.amount > 0 AND p.kind NOT IN ('care', 'care_fix')
      AND COALESCE(b.payee_name, g.payee_name) NOT IN ('', COALESCE(b.head_name, g.head_name))
      AND NOT (COALESCE(b.care_kind, '') = 'institution' AND b.payee_name = b.care_name)
      AND NOT EXISTS (SELECT FROM cases_member m JOIN cases_person who ON who.id = m.person_id
                      WHERE m.household_id = a.household_id AND m.co_living AND m.excluded = ''
                        AND who.name = COALESCE(b.payee_name, g.payee_name))
      AND NOT EXISTS (SELECT FROM payments_proxyagreement x
                      WHERE x.application_id = a.id AND x.consented_at IS NOT NULL AND x.ended_at IS NULL
                        AND x.holder_name = COALESCE(b.payee_name, g.payee_name)
                        AND x.valid_from <= paid_on AND x.valid_until >= paid_on)
"""


class ProxyAgreementQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: str) -> ProxyAgreementQuerySet:
        return self.filter(scope.filter(*posts, path="application__"))

    def consented(self) -> ProxyAgreementQuerySet:
        return self.filter(consented_at__isnull=False, ended_at__isnull=True)

    def in_force(self, day: date) -> ProxyAgreementQuerySet:
        """Those that let somebody receive money on a day."""
        return self.consented().filter(valid_from__lte=day, valid_until__gte=day)


class ProxyAgreement(models.Model):
    """One written agreement by which another receives the money of a case; `valid_until` is its last day.

    Filed by one person with a scan, and in force once another has consented. Kept as filed: it is consented
    to once and ended once, and a new one takes its place.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="proxy_agreements", verbose_name="申请"
    )
    holder_name = models.CharField("代领人", max_length=60)
    holder_id_number = EncryptedTextField("代领人身份证号")
    relation = models.CharField("与救助对象关系", max_length=12, choices=_RELATIONS)
    reason = models.CharField("代领原因", max_length=200)
    valid_from = models.DateField("生效日期")
    valid_until = models.DateField("有效期至")
    file = models.FileField("协议扫描件", storage=private_files, max_length=200)
    content_type = models.CharField("类型", max_length=20)
    sha256 = models.CharField("散列", max_length=64)
    filed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    filed_at = models.DateTimeField("登记时间")
    consented_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="同意人"
    )
    consented_at = models.DateTimeField("同意时间", null=True, blank=True)
    ended_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="终止人"
    )
    ended_at = models.DateTimeField("终止时间", null=True, blank=True)
    end_reason = models.CharField("终止原因", max_length=200, blank=True, default="", db_default="")

    objects = ProxyAgreementQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "代领协议"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="proxy_is_consented_to_by_another",
                condition=Q(consented_by__isnull=True, consented_at__isnull=True)
                | (
                    Q(consented_by__isnull=False, consented_at__isnull=False) & ~Q(consented_by=F("filed_by"))
                ),
                violation_error_message="代领协议须由登记人以外的人员同意。",
            ),
            models.CheckConstraint(
                name="proxy_end_says_who_and_why",
                condition=Q(ended_by__isnull=True, ended_at__isnull=True, end_reason="")
                | (Q(ended_by__isnull=False, ended_at__isnull=False) & ~Q(end_reason="")),
            ),
            models.CheckConstraint(
                name="proxy_agreement_is_whole",
                condition=~Q(holder_name="")
                & ~Q(reason="")
                & ~Q(file="")
                & ~Q(sha256="")
                & Q(relation__in=[value for value, _ in _RELATIONS]),
            ),
            models.CheckConstraint(
                name="proxy_ends_after_it_begins", condition=Q(valid_until__gte=F("valid_from"))
            ),
        ]
        indexes = [models.Index(name="proxy_by_last_day", fields=["valid_until"])]
        triggers = [
            pgtrigger.Trigger(
                name="proxy_agreement_begins_as_filed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__consented_at__isnull=False)
                | pgtrigger.Q(new__ended_at__isnull=False),
                func=_REFUSE % "a proxy agreement is filed first, then consented to",
            ),
            pgtrigger.Trigger(
                name="proxy_agreement_is_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' AND OLD.ended_at IS NULL AND (
                        (OLD.consented_at IS NULL AND NEW.consented_at IS NOT NULL
                         AND to_jsonb(NEW) - '{{{_CONSENT}}}'::text[]
                           = to_jsonb(OLD) - '{{{_CONSENT}}}'::text[])
                        OR (NEW.ended_at IS NOT NULL
                            AND to_jsonb(NEW) - '{{{_END}}}'::text[]
                              = to_jsonb(OLD) - '{{{_END}}}'::text[])) THEN
                        RETURN NEW;
                    END IF;
                    {_REFUSE % "a proxy agreement is kept as filed, consented to once and ended once"}
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"代领协议 {self.pk}"

    @property
    def masked_holder(self) -> str:
        return mask_name(self.holder_name)

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.holder_id_number)


def sealed_money_reaches_its_holder() -> pgtrigger.Trigger:
    """For the table of batches: nothing is sealed that would be paid to a stranger."""
    return pgtrigger.Trigger(
        name="sealed_money_reaches_its_holder",
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf("state"),
        condition=pgtrigger.Q(old__state="checked", new__state="sealed"),
        declare=[("paid_on", "DATE")],
        func=f"""
            paid_on := GREATEST(NEW.due_on, (NEW.sealed_at AT TIME ZONE 'Asia/Shanghai')::date);
            IF EXISTS ({_LED_ELSEWHERE}) THEN
                {_REFUSE % "money is paid to the person helped, the household, or a proxy in force"}
            END IF;
            RETURN NEW;
        """,  # noqa: S608 - our own text
    )
