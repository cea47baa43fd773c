"""The money that an area has in hand for one purpose: requests for it, and each change of its balance."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.append_only import append_only_triggers
from common.money import YuanField
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import Scope
from payments.enums import FundMoveKind, FundPurpose, FundRequestKind, FundRequestState
from payments.models.batch import Batch


class FundQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> FundQuerySet:
        """Those of areas at or below one where the post is held."""
        condition = Q(pk__in=())
        for prefix in scope.areas(*posts):
            condition |= Q(area__prefix__startswith=prefix)
        return self.filter(condition)


class Fund(models.Model):
    """资金 of an area for a purpose, opened by its first allocation.

    `balance` is the sum of its legs in the ledger; the ledger alone moves it, by trigger, and never below 0.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="funds", verbose_name="单位")
    purpose = models.CharField("用途", max_length=14, choices=FundPurpose.choices)
    balance = YuanField("余额", default=0, max_digits=17)

    objects = FundQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "资金"
        ordering = ["area__code", "purpose"]
        constraints = [
            models.UniqueConstraint(name="one_fund_an_area_and_purpose", fields=["area", "purpose"]),
            models.CheckConstraint(name="fund_is_never_below_zero", condition=Q(balance__gte=0)),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="only_the_ledger_moves_a_balance",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'INSERT' AND NEW.balance = 0 THEN
                        RETURN NEW;
                    END IF;
                    IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1
                       AND to_jsonb(NEW) - 'balance' = to_jsonb(OLD) - 'balance' THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'only the ledger moves the balance of a fund'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.get_purpose_display()}"


class FundRequest(models.Model):
    """Money asked for and allocated, or not: amounts by civil affairs, money by finance (DT-8.1, JZ-6.1).

    `quarter` is the first day of the quarter that is advanced, `batch` the month's list that is to be paid;
    both empty for what is asked for in between. A list that goes back takes its request with it (withdrawn).
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="单位")
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    purpose = models.CharField("用途", max_length=14, choices=FundPurpose.choices)
    kind = models.CharField("类别", max_length=8, choices=FundRequestKind.choices)
    quarter = models.DateField("预拨季度", null=True, blank=True)
    batch = models.ForeignKey(
        Batch, models.PROTECT, null=True, blank=True, related_name="fund_requests", verbose_name="批次"
    )
    amount = YuanField("申请金额", max_digits=17)
    reason = models.CharField("申请理由", max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="申请人"
    )
    asked_at = models.DateTimeField("申请时间")
    state = models.CharField(
        "状态", max_length=9, choices=FundRequestState.choices, default=FundRequestState.ASKED
    )
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="财政经办人",
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    remark = models.CharField("处理说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "用款申请"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="fund_request_is_positive", condition=Q(amount__gt=0)),
            models.CheckConstraint(name="fund_request_gives_its_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="fund_request_is_for_what_its_kind_says",
                condition=Q(
                    kind=FundRequestKind.ADVANCE,
                    batch__isnull=True,
                    quarter__isnull=False,
                    quarter__day=1,
                    quarter__month__in=[1, 4, 7, 10],
                )
                | Q(kind=FundRequestKind.MONTH, batch__isnull=False, quarter__isnull=True)
                | Q(kind=FundRequestKind.TOP_UP, batch__isnull=True, quarter__isnull=True),
            ),
            models.UniqueConstraint(
                name="one_waiting_request_a_batch",
                fields=["batch"],
                condition=Q(state=FundRequestState.ASKED),
                violation_error_message="该批次已报送用款申请。",
            ),
            models.UniqueConstraint(
                name="one_advance_a_quarter",
                fields=["area", "purpose", "quarter"],
                condition=~Q(state=FundRequestState.REFUSED) & Q(quarter__isnull=False),
                violation_error_message="该季度的预拨已经申请。",
            ),
            models.CheckConstraint(
                name="fund_request_decided_by_another_person",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                violation_error_message="申请与拨付须由不同的人员办理（JZ-6.1）。",
            ),
            models.CheckConstraint(
                name="fund_request_decided_whole",
                condition=Q(
                    state=FundRequestState.ASKED, decided_by__isnull=True, decided_at__isnull=True, remark=""
                )
                | Q(state=FundRequestState.ALLOCATED, decided_by__isnull=False, decided_at__isnull=False)
                | (
                    Q(state=FundRequestState.REFUSED, decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(remark="")
                )
                | Q(
                    state=FundRequestState.WITHDRAWN,
                    kind=FundRequestKind.MONTH,
                    decided_by__isnull=True,
                    decided_at__isnull=False,
                ),
            ),
        ]
        indexes = [
            models.Index(name="fund_request_waiting", fields=["county"], condition=Q(state="asked")),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="fund_request_is_decided_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.state = 'asked' AND NEW.state <> 'asked'
                       AND to_jsonb(NEW) - '{state,decided_by_id,decided_at,remark}'::text[]
                         = to_jsonb(OLD) - '{state,decided_by_id,decided_at,remark}'::text[] THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'a fund request is decided once and kept'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return f"用款申请 {self.pk}"


class FundMove(models.Model):
    """One change of a balance, with its cause. `amount` is signed; `balance_after` is filled by the database.

    `minimum` is the reserve that the rules ask for at that time (DT-8.3, SY-4.4c), empty where they ask for
    none; whoever goes below it gives a reason.
    """

    append_only = True

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="moves", verbose_name="资金")
    kind = models.CharField("事项", max_length=9, choices=FundMoveKind.choices)
    amount = YuanField("金额", max_digits=17)
    balance_after = YuanField("变动后余额", max_digits=17, default=0)
    minimum = YuanField("最低留存", null=True, blank=True)
    reason = models.CharField("低于最低留存的理由", max_length=200, blank=True)
    note = models.CharField("说明", max_length=200, blank=True)
    request = models.OneToOneField(
        FundRequest, models.PROTECT, null=True, blank=True, related_name="move", verbose_name="用款申请"
    )
    entry = models.OneToOneField(
        "payments.Entry", models.PROTECT, related_name="fund_move", verbose_name="分录"
    )
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="经手人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "资金变动"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="fund_move_has_its_cause",
                condition=Q(kind=FundMoveKind.ALLOCATED, amount__gt=0, request__isnull=False)
                | Q(kind=FundMoveKind.RECOVERED, amount__gt=0, request__isnull=True)
                | Q(
                    kind__in=[FundMoveKind.PAID, FundMoveKind.RELIEF, FundMoveKind.HANDED],
                    amount__lt=0,
                    request__isnull=True,
                ),
            ),
            models.CheckConstraint(
                name="below_the_reserve_only_with_a_reason",
                condition=Q(amount__gt=0)
                | Q(minimum__isnull=True)
                | Q(balance_after__gte=F("minimum"))
                | ~Q(reason=""),
            ),
        ]
        indexes = [models.Index(name="fund_move_of_fund", fields=["fund", "-id"])]
        triggers = [
            pgtrigger.Trigger(
                name="a_move_is_what_the_ledger_says",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (SELECT FROM payments_leg WHERE entry_id = NEW.entry_id
                                   AND fund_id = NEW.fund_id AND amount = NEW.amount) THEN
                        RAISE EXCEPTION 'a move of a fund stands in the ledger'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    SELECT balance INTO NEW.balance_after FROM payments_fund WHERE id = NEW.fund_id;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="handed_money_has_its_hand_over",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__kind=FundMoveKind.HANDED),
                func="""
                    IF NOT EXISTS (SELECT FROM payments_handover WHERE fund_move_id = NEW.id) THEN
                        RAISE EXCEPTION 'money leaves a fund by hand only with its hand-over'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
            *append_only_triggers("fund_move"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.amount}"
