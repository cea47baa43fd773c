"""发放明细: the lines of a list, each the money of one household, person or instalment for one month."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from cases.models import Person
from common.money import YuanField
from payments.enums import (
    CAN_TAKE_BACK,
    CORRECTIONS,
    OF_CARE,
    OF_PRICE,
    ONE_A_HOUSEHOLD,
    UNSIGNED,
    PaymentKind,
)
from payments.models.batch import FIRST_OF_MONTH, Batch
from payments.models.benefit import Benefit, BenefitRevision
from payments.models.debt_rules import set_off_of_a_debt, taken_back_once
from payments.models.grant import HELD_GRANT, Grant, Instalment

_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
IS_UNSIGNED = Q(kind__in=[kind.value for kind in UNSIGNED])
IS_CORRECTION = Q(kind__in=[kind.value for kind in CORRECTIONS])
MAY_TAKE_BACK = Q(kind__in=[kind.value for kind in CAN_TAKE_BACK])
IS_OF_PRICE = Q(kind__in=[kind.value for kind in OF_PRICE])
# For select_related: the places of what a payment pays (`Payment.recipient`).
RECIPIENT_PLACES = (
    "benefit__township",
    "benefit__village",
    "instalment__grant__township",
    "instalment__grant__village",
)


class Payment(models.Model):
    """What a household is due for one month: at most one of a kind, whatever happens around it. Or one
    instalment of 临时救助, at most once. Or the price subsidy of one `person` for the month of the index, at
    most once, whatever groups the person belongs to, and what a corrected figure adds to it; it goes to the
    account of the person's benefit.

    `month` is the month the money is for. It lies before the month of the batch when a household came too
    late for a batch already sealed (补发), and for corrections: signed lines beside a sealed one, for what a
    later revision of the amount adds (+) or takes back (−), or a recovery sets off (`debt`).
    """

    batch = models.ForeignKey(
        Batch, models.PROTECT, related_name="payments", db_index=False, verbose_name="批次"
    )
    benefit = models.ForeignKey(
        Benefit, models.PROTECT, null=True, blank=True, related_name="payments", verbose_name="待遇"
    )
    revision = models.ForeignKey(
        BenefitRevision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="待遇变动",
    )
    instalment = models.ForeignKey(
        Instalment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="payments",
        db_index=False,
        verbose_name="救助期次",
    )
    person = models.ForeignKey(
        Person,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="补贴对象",
    )
    kind = models.CharField("种类", max_length=10, choices=PaymentKind.choices, default=PaymentKind.REGULAR)
    month = models.DateField("所属月份")
    amount = YuanField("金额")
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        verbose_name="更正哪笔",
    )
    debt = models.ForeignKey(
        "payments.Debt",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="set_offs",
        db_index=False,
        verbose_name="抵扣的应追缴款",
    )

    class Meta:
        verbose_name = verbose_name_plural = "发放明细"
        constraints = [
            # Month first: the lines of a month lie together, so that finding what is missing reads one
            # month only.
            models.UniqueConstraint(
                name="one_payment_a_month",
                fields=["month", "kind", "benefit"],
                condition=Q(kind__in=[kind.value for kind in ONE_A_HOUSEHOLD]),
                violation_error_message="该户本月已有一笔发放。",
            ),
            models.UniqueConstraint(
                name="price_subsidy_once_a_person_and_month",
                fields=["month", "person"],
                condition=Q(kind=PaymentKind.PRICE),
                violation_error_message="此人该月的价格补贴已列入名单。",
            ),
            # A month may be corrected again, each time what stands last: the corrections of a month are a
            # chain, and two who correct at once meet here.
            models.UniqueConstraint(
                name="payment_corrected_once", fields=["reverses"], condition=Q(reverses__isnull=False)
            ),
            models.CheckConstraint(name="payment_month_is_a_first_day", condition=FIRST_OF_MONTH),
            models.CheckConstraint(
                name="regular_payment_is_positive",
                condition=Q(amount__gt=0) | (MAY_TAKE_BACK & ~Q(amount=0)),
            ),
            models.CheckConstraint(
                name="correction_names_what_it_corrects",
                condition=(IS_CORRECTION & Q(reverses__isnull=False))
                | (IS_UNSIGNED & Q(reverses__isnull=True)),
            ),
            models.CheckConstraint(
                name="only_what_is_taken_off_names_a_debt",
                condition=Q(debt__isnull=True) | (MAY_TAKE_BACK & Q(amount__lt=0)),
            ),
            models.UniqueConstraint(
                name="instalment_paid_once",
                fields=["instalment"],
                condition=Q(kind=PaymentKind.INSTALMENT),
                violation_error_message="该期救助已列入发放清单。",
            ),
            models.CheckConstraint(
                name="payment_is_of_a_benefit_or_an_instalment",
                condition=(
                    Q(benefit__isnull=False, revision__isnull=False)
                    & Q(instalment__isnull=True, person__isnull=True)
                    & ~Q(kind=PaymentKind.INSTALMENT)
                    & ~IS_OF_PRICE
                )
                | (
                    Q(benefit__isnull=True, revision__isnull=True)
                    & Q(instalment__isnull=False, person__isnull=True)
                    & Q(kind=PaymentKind.INSTALMENT)
                )
                | (
                    Q(benefit__isnull=False, revision__isnull=True)
                    & Q(instalment__isnull=True, person__isnull=False)
                    & IS_OF_PRICE
                ),
            ),
        ]
        indexes = [
            models.Index(name="payment_of_batch", fields=["batch", "id"]),
            models.Index(name="recovery_of_batch", fields=["batch", "benefit"], condition=Q(amount__lt=0)),
            models.Index(name="set_off_of_debt", fields=["debt"], condition=Q(debt__isnull=False)),
            models.Index(name="price_subsidy_of_person", fields=["month", "person"], condition=IS_OF_PRICE),
        ]
        triggers = [
            taken_back_once(),
            *set_off_of_a_debt(),
            pgtrigger.Trigger(
                name="correction_corrects_a_sealed_line_of_its_own",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__kind__in=[kind.value for kind in CORRECTIONS]),
                func=f"""
                    PERFORM FROM payments_payment o JOIN payments_batch b ON b.id = o.batch_id
                        WHERE o.id = NEW.reverses_id AND o.benefit_id = NEW.benefit_id
                          AND o.month = NEW.month AND b.state NOT IN ('prepared', 'checked')
                          AND (o.kind IN ('care', 'care_fix')) = (NEW.kind = 'care_fix')
                          AND (o.kind IN ('price', 'price_fix')) = (NEW.kind = 'price_fix')
                          AND o.person_id IS NOT DISTINCT FROM NEW.person_id;
                    IF NOT FOUND THEN {_REFUSE % "a correction corrects a sealed line of its month"} END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="payment_of_sealed_batch_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                # FOR SHARE waits for whoever is just sealing the batch, and then sees that it is sealed.
                func=f"""
                    PERFORM FROM payments_batch
                        WHERE id = OLD.batch_id AND state IN ('prepared', 'checked') FOR SHARE;
                    IF NOT FOUND THEN {_REFUSE % "payment of a sealed batch is frozen"} END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    IF NEW.batch_id <> OLD.batch_id THEN {_REFUSE % "a payment stays in its batch"} END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="no_payment_joins_a_sealed_batch",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                referencing=pgtrigger.Referencing(new="added"),
                declare=[("target", "RECORD")],
                func=f"""
                    FOR target IN SELECT b.state FROM payments_batch b
                        WHERE b.id IN (SELECT DISTINCT batch_id FROM added) FOR SHARE
                    LOOP
                        IF target.state NOT IN ('prepared', 'checked') THEN
                            {_REFUSE % "a sealed batch takes no further payment"}
                        END IF;
                    END LOOP;
                    RETURN NULL;
                """,  # noqa: S608 - our own text
            ),
            pgtrigger.Trigger(
                name="payment_is_its_instalment",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__kind=PaymentKind.INSTALMENT),
                func=f"""
                    {HELD_GRANT}
                    PERFORM FROM payments_instalment i JOIN payments_grant g ON g.id = i.grant_id
                        JOIN payments_batch b ON b.id = NEW.batch_id AND b.programme = 'linshi'
                        AND b.area_id IN (g.township_id, g.county_id)
                        WHERE i.id = NEW.instalment_id AND i.amount = NEW.amount
                          AND i.advanced_on IS NULL
                          AND NOT EXISTS (SELECT FROM payments_handover h WHERE h.instalment_id = i.id);
                    IF NOT FOUND THEN
                        {_REFUSE % "paid by its area, to the fen, unless advanced or handed over"}
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="price_subsidy_is_what_was_computed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__kind__in=[kind.value for kind in OF_PRICE]),
                declare=[("had", "NUMERIC")],
                func=f"""
                    had := 0;
                    IF NEW.kind = 'price_fix' THEN
                        SELECT sum(amount) INTO had FROM payments_payment
                            WHERE month = NEW.month AND person_id = NEW.person_id AND id <> NEW.id
                              AND kind IN ('price', 'price_fix');
                    END IF;
                    PERFORM FROM payments_pricesubsidy s JOIN payments_batch b ON b.id = s.batch_id
                        JOIN payments_benefitcover c ON c.benefit_id = NEW.benefit_id
                             AND c.person_id = NEW.person_id AND c.starts_on <= NEW.month
                             AND (c.ends_on IS NULL OR c.ends_on > NEW.month)
                        JOIN payments_benefit e ON e.id = NEW.benefit_id
                             AND b.area_id IN (e.township_id, e.county_id)
                        WHERE s.batch_id = NEW.batch_id AND b.month = NEW.month
                          AND jsonb_exists(s.programmes, e.programme)
                          AND (s.amounts ->> e.township_id::text)::numeric = NEW.amount + had;
                    IF NOT FOUND THEN
                        {_REFUSE % "the price subsidy is what was computed, for who was covered"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.amount}"

    @property
    def goes_to_care(self) -> bool:
        """Paid to the institution or carer, not to the person."""
        return self.kind in OF_CARE

    @property
    def correction_words(self) -> str:
        """Where a correction comes from, in the words of the lists; empty for what was simply due."""
        if self.kind not in CORRECTIONS:
            return ""
        if self.debt_id:
            return "追缴抵扣"
        if self.kind == PaymentKind.PRICE_CORRECTION:
            return "指数更正补差"
        return "标准调整补发" if self.amount > 0 else "标准调整抵扣"

    @property
    def recipient(self) -> Benefit | Grant:
        """What is paid: name, place and account stand there under the same names."""
        return self.instalment.grant if self.instalment_id else self.benefit
