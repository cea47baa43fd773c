"""The books: double entry, chained, append-only."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from common.append_only import ChainedRecord, append_only_triggers, chained_triggers
from common.money import YuanField
from organisations.models import Area
from payments.enums import EntryKind, LedgerAccount
from payments.models.bank import BankAnswer, BankFile
from payments.models.batch import Batch
from payments.models.fund import Fund

# Runs at commit, when all legs of the entry are there.
_BALANCED = """
    IF (SELECT count(*) < 2 OR sum(amount) <> 0 FROM payments_leg WHERE entry_id = %(entry)s) THEN
        RAISE EXCEPTION 'legs of entry %% do not sum to 0', %(entry)s
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NULL;
"""


class Entry(ChainedRecord):
    """One event of money. Each batch is sealed once, each file sent once, each answer booked once; what fills
    or empties a fund without a batch has none. Stream: `ledger:<area code>`.
    """

    batch = models.ForeignKey(Batch, models.PROTECT, null=True, related_name="entries", verbose_name="批次")
    kind = models.CharField("事项", max_length=10, choices=EntryKind.choices)
    bank_file = models.OneToOneField(
        BankFile, models.PROTECT, null=True, blank=True, related_name="entry", verbose_name="代发文件"
    )
    answer = models.OneToOneField(
        BankAnswer, models.PROTECT, null=True, blank=True, related_name="entry", verbose_name="回盘"
    )
    at = models.DateTimeField("时间")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经手人"
    )

    class Meta:
        verbose_name = verbose_name_plural = "分录"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="entry_chain_is_a_line", fields=["stream", "sequence"]),
            models.UniqueConstraint(
                name="batch_is_booked_once", fields=["batch"], condition=Q(kind=EntryKind.SEALED)
            ),
            models.CheckConstraint(
                name="entry_names_its_cause",
                condition=Q(batch__isnull=False)
                & (
                    Q(kind=EntryKind.SEALED, bank_file__isnull=True, answer__isnull=True)
                    | Q(kind=EntryKind.SENT, bank_file__isnull=False, answer__isnull=True)
                    | Q(kind=EntryKind.ANSWERED, bank_file__isnull=True, answer__isnull=False)
                )
                | Q(kind=EntryKind.FUND, batch__isnull=True, bank_file__isnull=True, answer__isnull=True),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="entry_has_its_legs",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_BALANCED % {"entry": "NEW.id"},
            ),
            *chained_triggers("ledger_entry"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.batch_id or ''}".strip()


class Leg(models.Model):
    """One side of an entry. The legs of an entry sum to 0, which a deferred trigger checks at commit. A leg
    on a fund moves its balance, and has a `FundMove` that says why.
    """

    append_only = True

    entry = models.ForeignKey(Entry, models.PROTECT, related_name="legs", verbose_name="分录")
    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="单位")
    account = models.CharField("科目", max_length=10, choices=LedgerAccount.choices)
    fund = models.ForeignKey(
        Fund, models.PROTECT, null=True, blank=True, related_name="legs", verbose_name="资金"
    )
    amount = YuanField("金额", max_digits=17)

    class Meta:
        verbose_name = verbose_name_plural = "分录明细"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="leg_is_not_zero", condition=~Q(amount=0)),
            models.CheckConstraint(
                name="leg_account_is_known", condition=Q(account__in=LedgerAccount.values)
            ),
            models.CheckConstraint(
                name="leg_on_a_fund_names_it",
                condition=Q(account=LedgerAccount.FUND, fund__isnull=False)
                | (~Q(account=LedgerAccount.FUND) & Q(fund__isnull=True)),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="entry_balances",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func=_BALANCED % {"entry": "NEW.entry_id"},
            ),
            pgtrigger.Trigger(
                name="leg_moves_the_balance",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Condition("NEW.fund_id IS NOT NULL"),
                func="""
                    UPDATE payments_fund SET balance = balance + NEW.amount
                     WHERE id = NEW.fund_id AND area_id = NEW.area_id;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'a leg moves a fund of its own area'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            pgtrigger.Trigger(
                name="leg_on_a_fund_has_its_move",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Condition("NEW.fund_id IS NOT NULL"),
                func="""
                    IF NOT EXISTS (SELECT FROM payments_fundmove WHERE entry_id = NEW.entry_id
                                   AND fund_id = NEW.fund_id AND amount = NEW.amount) THEN
                        RAISE EXCEPTION 'the balance of a fund moves with its cause'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            *append_only_triggers("ledger_leg"),
        ]

    def __str__(self) -> str:
        return f"{self.get_account_display()} {self.amount}"
