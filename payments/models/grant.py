"""临时救助: one decision, paid at once or in dated instalments (DT-3.3)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.models import Application
from common.append_only import append_only_triggers
from common.fields import EncryptedTextField, LookupDigestField
from common.masking import mask_account
from common.money import YuanField
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import Scope
from payments.accounts import ACCOUNT_PURPOSE
from payments.enums import PayeeRelation

# Runs at commit, when all instalments of the grant are there.
_WHOLE = """
    IF (SELECT COALESCE(sum(amount), 0) FROM payments_instalment WHERE grant_id = %(grant)s)
       <> (SELECT amount FROM payments_grant WHERE id = %(grant)s) THEN
        RAISE EXCEPTION 'instalments of grant %% do not sum to its amount', %(grant)s
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""

# Whoever lists an instalment and whoever hands it over come one after the other, and the second sees the
# work of the first. It is the grant that is held: instalments are append-only, so that the application's role
# has not the right that a lock on them asks for.
HELD_GRANT = """
    PERFORM FROM payments_grant g JOIN payments_instalment i ON i.grant_id = g.id
        WHERE i.id = NEW.instalment_id FOR NO KEY UPDATE OF g;
"""

# Where the money goes: the only columns that are ever corrected.
_PAYEE = "'{payee_name,payee_bank,payee_account,payee_digest,payee_relation}'::text[]"


class GrantQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> GrantQuerySet:
        return self.filter(scope.filter(*posts))


class Grant(models.Model):
    """临时救助 as decided: one for each application. Only the account it goes to can be corrected."""

    application = models.OneToOneField(Application, models.PROTECT, related_name="grant", verbose_name="申请")
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    head_name = models.CharField("申请人", max_length=60)
    amount = YuanField("救助金额")
    lines = models.JSONField("测算明细")
    rule_ids = models.JSONField("所用规则")
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="审批人"
    )
    decided_at = models.DateTimeField("批准时间")
    payee_name = models.CharField("收款人", max_length=60)
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

    objects = GrantQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "临时救助"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="grant_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="grant_names_its_payee", condition=~Q(payee_name="")),
            models.CheckConstraint(
                name="grant_account_can_be_found",
                condition=~Q(payee_digest="") | Q(payee_account__isnull=True),
            ),
            models.CheckConstraint(
                name="grant_payee_relation_is_known",
                condition=Q(payee_relation__in=["", *PayeeRelation.values]),
            ),
        ]
        indexes = [models.Index(name="grant_by_account", fields=["payee_digest"])]
        triggers = [
            pgtrigger.Trigger(
                name="grant_has_its_instalments",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_WHOLE % {"grant": "NEW.id"},
            ),
            pgtrigger.Trigger(
                name="only_what_was_advanced_needs_no_account",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__payee_account__isnull=True),
                func="""
                    IF EXISTS (SELECT FROM payments_instalment WHERE grant_id = NEW.id AND number > 0) THEN
                        RAISE EXCEPTION 'a grant that is still to be paid has an account'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="grant_is_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' THEN
                        IF to_jsonb(NEW) - {_PAYEE} = to_jsonb(OLD) - {_PAYEE} THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    RAISE EXCEPTION 'a grant is kept; only its account can be corrected'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"临时救助 {self.pk}"

    @property
    def masked_account(self) -> str:
        return mask_account(self.payee_account or "")


class Instalment(models.Model):
    """One dated part of a grant; a one-off grant has one. `due_on` is the last day on which to pay it.

    Number 0 is what was given before the decision, out of the township's reserve (急难先行救助, DT-4.3): it
    counts towards the grant and is paid by no list.
    """

    append_only = True

    grant = models.ForeignKey(
        Grant, models.PROTECT, related_name="instalments", db_index=False, verbose_name="临时救助"
    )
    number = models.PositiveSmallIntegerField("期次")
    due_on = models.DateField("应发放日期")
    due_why = models.JSONField("期限说明", default=list)
    amount = YuanField("金额")
    advanced_on = models.DateField("先行支付日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "救助期次"
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(name="instalments_are_numbered", fields=["grant", "number"]),
            models.CheckConstraint(name="granted_instalment_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(
                name="advance_is_number_zero",
                condition=Q(number=0, advanced_on__isnull=False) | Q(number__gt=0, advanced_on__isnull=True),
            ),
        ]
        indexes = [models.Index(name="instalment_by_due_day", fields=["due_on", "id"])]
        triggers = [
            pgtrigger.Trigger(
                name="instalments_sum_to_the_grant",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_WHOLE % {"grant": "NEW.grant_id"},
            ),
            *append_only_triggers("instalment"),
        ]

    def __str__(self) -> str:
        return f"{self.grant_id} {self.label}"

    @property
    def label(self) -> str:
        """`第 1 期`, or that it was given in advance."""
        return f"第 {self.number} 期" if self.number else "先行救助"
