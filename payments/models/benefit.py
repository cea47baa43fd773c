"""What an approval opens: a benefit, whom it covers, and its monthly amount over time."""

from __future__ import annotations

from decimal import Decimal

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import F, Q

from cases.enums import EXCLUSIVE_PROGRAMMES, CarerKind, Programme
from cases.models import Application, Person
from common.fields import EncryptedTextField, LookupDigestField
from common.masking import mask_account
from common.money import YuanField
from organisations.enums import Post
from organisations.models import Area, DateRangeOf
from organisations.scope import Scope
from payments.accounts import ACCOUNT_PURPOSE
from payments.enums import PayeeRelation


def _found_again(prefix: str) -> Q:
    """An account is there exactly with the code it is found by."""
    account, digest = f"{prefix}_account__isnull", f"{prefix}_digest"
    return Q(**{account: True, digest: ""}) | (Q(**{account: False}) & ~Q(**{digest: ""}))


class BenefitQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> BenefitQuerySet:
        return self.filter(scope.filter(*posts))


class Benefit(models.Model):
    """待遇 in force for a household. Months are first days, half-open: `[starts_on, ends_on)`.

    `payee_*` gets the monthly amount, for 特困 the basic living allowance; `care_*` gets its care fee:
    the institution or the carer of the service agreement (DT-7.1, DT-7.2). 低边 is a status without money.
    `payee_relation` empty: nobody has established whose account it is. `end_source`: what ended it, such as
    `change:12`.
    """

    application = models.OneToOneField(
        Application, models.PROTECT, related_name="benefit", verbose_name="申请"
    )
    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    head_name = models.CharField("户主", max_length=60)
    starts_on = models.DateField("起发月")
    ends_on = models.DateField("停发月", null=True, blank=True)
    end_reason = models.CharField("停发原因", max_length=200, blank=True, default="", db_default="")
    end_source = models.CharField("停发依据", max_length=30, blank=True, default="", db_default="")
    first_approved_at = models.DateTimeField("首次批准时间", editable=False)
    payee_name = models.CharField("收款人", max_length=60, blank=True)
    payee_bank = models.CharField("开户银行", max_length=60, blank=True)
    payee_account = EncryptedTextField("收款账号", null=True, blank=True)
    payee_digest = LookupDigestField("收款账号检索码", of="payee_account", purpose=ACCOUNT_PURPOSE)
    payee_relation = models.CharField(
        "收款人与救助对象关系",
        max_length=12,
        choices=PayeeRelation.choices,
        blank=True,
        default="",
        db_default="",
    )
    care_kind = models.CharField(
        "照料服务方类别", max_length=12, choices=CarerKind.choices, blank=True, default="", db_default=""
    )
    care_name = models.CharField("照料护理费收款人", max_length=100, blank=True, default="", db_default="")
    care_bank = models.CharField("照料护理费开户银行", max_length=60, blank=True, default="", db_default="")
    care_account = EncryptedTextField("照料护理费收款账号", null=True, blank=True)
    care_digest = LookupDigestField("照料护理费账号检索码", of="care_account", purpose=ACCOUNT_PURPOSE)

    objects = BenefitQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待遇"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="benefit_starts_on_a_first_day", condition=Q(starts_on__day=1)),
            models.CheckConstraint(
                name="benefit_ends_on_a_first_day_after_it_starts",
                condition=Q(ends_on__isnull=True) | Q(ends_on__day=1, ends_on__gte=F("starts_on")),
            ),
            models.CheckConstraint(
                name="only_a_status_has_no_account",
                condition=Q(programme=Programme.DIBIAN)
                | (Q(payee_account__isnull=False) & ~Q(payee_name="")),
                violation_error_message="待遇须有收款人和收款账号。",
            ),
            models.CheckConstraint(
                name="benefit_account_can_be_found",
                condition=_found_again("payee") & _found_again("care"),
            ),
            models.CheckConstraint(
                name="benefit_payee_relation_is_known",
                condition=Q(payee_relation__in=["", *PayeeRelation.values]),
            ),
            models.CheckConstraint(
                name="care_payee_is_whole",
                condition=Q(care_kind="", care_name="", care_account__isnull=True)
                | (
                    Q(programme=Programme.TEKUN, care_kind__in=CarerKind.values, care_account__isnull=False)
                    & ~Q(care_name="")
                ),
            ),
            models.CheckConstraint(
                name="benefit_is_of_a_standing_programme",
                condition=Q(programme__in=[code.value for code in EXCLUSIVE_PROGRAMMES]),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="what_was_ended_is_not_prolonged",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__ends_on__isnull=False),
                func="""
                    IF NEW.ends_on IS NULL OR NEW.ends_on > OLD.ends_on AND OLD.end_source <> '' THEN
                        RAISE EXCEPTION 'a benefit that was ended is not prolonged'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="cover_ends_with_its_benefit",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("starts_on", "ends_on"),
                func="""
                    UPDATE payments_benefitcover SET starts_on = NEW.starts_on, ends_on = NEW.ends_on
                    WHERE benefit_id = NEW.id;
                    RETURN NULL;
                """,
            ),
        ]
        indexes = [
            models.Index(name="benefit_in_township", fields=["township", "-id"]),
            models.Index(name="benefit_in_county", fields=["county", "-id"]),
            models.Index(name="benefit_in_village", fields=["village", "-id"]),
            models.Index(name="benefit_by_account", fields=["payee_digest"], condition=~Q(payee_digest="")),
            models.Index(
                name="benefit_by_care_account", fields=["care_digest"], condition=~Q(care_digest="")
            ),
            # The few whose money goes to another name: each list is asked for them before its seal.
            models.Index(
                name="benefit_led_elsewhere",
                fields=["id"],
                condition=~Q(payee_name="") & ~Q(payee_name=F("head_name")),
            ),
        ]

    def __str__(self) -> str:
        return f"待遇 {self.pk}"

    @property
    def masked_account(self) -> str:
        return mask_account(self.payee_account or "")

    @property
    def masked_care_account(self) -> str:
        return mask_account(self.care_account or "")

    @property
    def is_status_only(self) -> bool:
        """低边: in force, shown and found, never paid."""
        return self.programme == Programme.DIBIAN


class BenefitCover(models.Model):
    """One person whom a benefit covers, as long as it is in force. The database admits no person to two
    benefits of exclusive programmes (低保, 低边, 特困) in the same month, so nobody is paid under two.

    The period follows the benefit's by trigger, whoever ends it.
    """

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="covers", verbose_name="待遇")
    person = models.ForeignKey(
        Person, models.PROTECT, related_name="covers", db_index=False, verbose_name="人员"
    )
    starts_on = models.DateField("起月")
    ends_on = models.DateField("止月（不含）", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "待遇保障人员"
        constraints = [
            models.UniqueConstraint(name="person_covered_once_by_a_benefit", fields=["benefit", "person"]),
            ExclusionConstraint(
                name="nobody_in_two_exclusive_programmes",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    (DateRangeOf("starts_on", "ends_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message="低保、低边、特困不能同时享受。",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="cover_lasts_as_long_as_its_benefit",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP <> 'DELETE' THEN
                        PERFORM FROM payments_benefit b WHERE b.id = NEW.benefit_id
                            AND b.starts_on = NEW.starts_on AND b.ends_on IS NOT DISTINCT FROM NEW.ends_on;
                        IF FOUND AND (TG_OP = 'INSERT' OR (OLD.benefit_id, OLD.person_id)
                                      = (NEW.benefit_id, NEW.person_id)) THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'a cover lasts exactly as long as its benefit'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.benefit_id}/{self.person_id}"


class BenefitRevision(models.Model):
    """The monthly amount of a benefit for a period of months; succeeded by the next, never edited but to be
    closed. `monthly` is all of it, in yuan; `care_fee` the part of 特困 that goes to institution or carer.
    `source`: what caused it, such as `change:12`; empty for the approval and for changes of a standard.
    """

    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="revisions", verbose_name="待遇")
    monthly = YuanField("月保障金额")
    care_fee = YuanField("其中照料护理费", default=0, db_default=0)
    valid_from = models.DateField("起月")
    valid_to = models.DateField("止月（不含）", null=True, blank=True)
    lines = models.JSONField("测算明细")
    rule_ids = models.JSONField("所用规则")
    reason = models.CharField("原因", max_length=200)
    source = models.CharField("依据", max_length=30, blank=True, default="", db_default="")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审批人"
    )
    created_at = models.DateTimeField("建立时间")

    class Meta:
        verbose_name = verbose_name_plural = "待遇变动"
        ordering = ["valid_from"]
        constraints = [
            ExclusionConstraint(
                name="benefit_revisions_do_not_overlap",
                expressions=[
                    ("benefit", RangeOperators.EQUAL),
                    (DateRangeOf("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                violation_error_message="同一待遇的两次变动期间重叠。",
            ),
            models.CheckConstraint(name="revision_amount_is_positive", condition=Q(monthly__gt=0)),
            models.CheckConstraint(
                name="care_fee_is_a_part_of_the_amount",
                condition=Q(care_fee=0) | Q(care_fee__gt=0, care_fee__lt=F("monthly")),
            ),
            models.CheckConstraint(name="revision_starts_on_a_first_day", condition=Q(valid_from__day=1)),
            models.CheckConstraint(
                name="revision_ends_on_a_first_day_after_it_starts",
                condition=Q(valid_to__isnull=True) | Q(valid_to__day=1, valid_to__gte=F("valid_from")),
            ),
        ]
        # Rows come in order of time, so a few pages tell which are new; the arrears of a month ask for that.
        indexes = [BrinIndex(name="revision_by_creation", fields=["created_at"], autosummarize=True)]
        triggers = [
            pgtrigger.Trigger(
                name="revision_is_only_ever_closed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' THEN
                        IF OLD.valid_to IS NULL
                           AND to_jsonb(NEW) - 'valid_to' = to_jsonb(OLD) - 'valid_to' THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'a benefit revision is only ever closed'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            ),
            pgtrigger.Trigger(
                name="a_status_has_no_amount",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    PERFORM FROM payments_benefit b WHERE b.id = NEW.benefit_id AND (b.programme = 'dibian'
                        OR (NEW.care_fee > 0 AND b.care_account IS NULL));
                    IF FOUND THEN
                        RAISE EXCEPTION 'a status has no amount, and a care fee needs its payee'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.valid_from:%Y-%m} 起 {self.monthly}"

    @property
    def basic(self) -> Decimal:
        """The part that goes to the person: all but the care fee."""
        return self.monthly - self.care_fee
