"""发放批次: the month's lists of a payer, their states and their trace."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.append_only import ChainedRecord, chained_triggers
from common.money import YuanField
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import Scope
from payments.enums import SEVERAL_LISTS, BatchAction, BatchState, PaidProgramme
from payments.models.proxy import sealed_money_reaches_its_holder

_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
FIRST_OF_MONTH = Q(month__day=1)


class BatchQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> BatchQuerySet:
        """Those paid by an area at or below one where the post is held: a township never sees the
        district's list.
        """
        condition = Q(pk__in=())
        for prefix in scope.areas(*posts):
            condition |= Q(area__prefix__startswith=prefix)
        return self.filter(condition)


class Batch(models.Model):
    """发放批次: one month, one payer, one programme. `area` pays: the township (DT-8.2) or the district
    (SY-5.1). 临时救助 is paid when it is due: as many pay-out lists a month as needed, told apart by `run`;
    so are those who were missing from the sealed list of a month's price subsidy.

    `bearer` says who bears the cost where the rules say so (特困, DT-7.1).
    `n_payments`, `total` and `breakdown` (by township) are counted when the list is prepared and checked, and
    counted again by the database itself when it is sealed; from then on they are frozen.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="发放单位")
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    programme = models.CharField("救助项目", max_length=14, choices=PaidProgramme.choices)
    month = models.DateField("发放月份")
    run = models.PositiveSmallIntegerField("当月第几次", default=1, db_default=1)
    state = models.CharField("状态", max_length=10, choices=BatchState.choices, default=BatchState.PREPARED)
    due_on = models.DateField("应发放日期")
    due_why = models.JSONField("期限说明", default=list)
    clause = models.CharField("依据", max_length=20)
    bearer = models.CharField("费用承担", max_length=200, blank=True, default="", db_default="")
    prepared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="编制人",
        help_text="空为系统",
    )
    prepared_at = models.DateTimeField("编制时间")
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="复核人",
    )
    checked_at = models.DateTimeField("复核时间", null=True, blank=True)
    sealed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="封账人",
    )
    sealed_at = models.DateTimeField("封账时间", null=True, blank=True)
    n_payments = models.PositiveIntegerField("笔数", default=0)
    total = YuanField("合计金额", default=0, max_digits=17)
    breakdown = models.JSONField("分街道（乡镇）合计", default=list)
    settled_at = models.DateTimeField("对账完成时间", null=True, blank=True)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "发放批次"
        ordering = ["-month", "area__code"]
        constraints = [
            models.UniqueConstraint(
                name="one_batch_a_month",
                fields=["area", "programme", "month", "run"],
                violation_error_message="该单位本月批次已存在。",
            ),
            models.CheckConstraint(
                name="only_linshi_and_price_subsidy_have_several_batches",
                condition=Q(run=1) | Q(programme__in=[each.value for each in SEVERAL_LISTS], run__gt=0),
            ),
            models.CheckConstraint(name="batch_month_is_a_first_day", condition=FIRST_OF_MONTH),
            models.CheckConstraint(name="batch_state_is_known", condition=Q(state__in=BatchState.values)),
            models.CheckConstraint(
                name="batch_checked_by_another_person",
                condition=Q(checked_by__isnull=True)
                | Q(prepared_by__isnull=True)
                | ~Q(checked_by=F("prepared_by")),
                violation_error_message="复核人不能是编制人本人。",
            ),
            models.CheckConstraint(
                name="checked_batch_has_its_checker",
                condition=Q(state="prepared", checked_by__isnull=True, checked_at__isnull=True)
                | (~Q(state="prepared") & Q(checked_by__isnull=False, checked_at__isnull=False)),
            ),
            models.CheckConstraint(
                name="sealed_batch_has_its_sealer",
                condition=Q(state__in=["prepared", "checked"], sealed_by__isnull=True, sealed_at__isnull=True)
                | Q(
                    state__in=["sealed", "sent", "settled"],
                    sealed_by__isnull=False,
                    sealed_at__isnull=False,
                    n_payments__gt=0,
                    total__gt=0,
                ),
            ),
            models.CheckConstraint(
                name="settled_batch_has_its_day",
                condition=Q(state="settled", settled_at__isnull=False)
                | (~Q(state="settled") & Q(settled_at__isnull=True)),
            ),
        ]
        indexes = [
            models.Index(name="batch_unfinished", fields=["due_on"], condition=~Q(state="settled")),
            models.Index(name="batch_of_month", fields=["month", "county"]),
        ]
        triggers = [
            sealed_money_reaches_its_holder(),
            pgtrigger.Trigger(
                name="batch_moves_forward_and_stays_sealed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("counted", "RECORD")],
                func=f"""
                    IF TG_OP = 'INSERT' THEN
                        IF NEW.state <> 'prepared' THEN {_REFUSE % "a batch begins as prepared"} END IF;
                        RETURN NEW;
                    END IF;
                    IF OLD.state IN ('sealed', 'sent', 'settled') THEN
                        IF TG_OP = 'DELETE' THEN {_REFUSE % "a sealed batch stays"} END IF;
                        IF to_jsonb(NEW) - 'state' - 'settled_at'
                           <> to_jsonb(OLD) - 'state' - 'settled_at' THEN
                            {_REFUSE % "a sealed batch is frozen"}
                        END IF;
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    IF OLD.state = 'settled' AND OLD.settled_at IS DISTINCT FROM NEW.settled_at THEN
                        {_REFUSE % "a settled batch is frozen"}
                    END IF;
                    -- The one way back, from checked to prepared, ends where the batch is sealed.
                    IF NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (
                        ('prepared', 'checked'), ('checked', 'prepared'), ('checked', 'sealed'),
                        ('sealed', 'sent'), ('sent', 'settled')) THEN
                        {_REFUSE % "a batch moves forward one state at a time"}
                    END IF;
                    IF NEW.state = 'sealed' AND OLD.state = 'checked' THEN
                        SELECT count(*) AS n, COALESCE(sum(amount), 0) AS total INTO counted
                        FROM payments_payment WHERE batch_id = NEW.id;
                        IF (counted.n, counted.total) IS DISTINCT FROM
                           (NEW.n_payments::bigint, NEW.total) THEN
                            {_REFUSE % "the totals of a sealed batch are those of its payments"}
                        END IF;
                    END IF;
                    IF NEW.state = 'settled' AND OLD.state = 'sent' AND EXISTS (
                        SELECT FROM payments_payment p WHERE p.batch_id = NEW.id AND p.amount > 0
                        AND NOT EXISTS (SELECT FROM payments_transfer t WHERE t.payment_id = p.id
                                        AND t.result = 'paid')) THEN
                        {_REFUSE % "a batch is settled when the bank has paid every line"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area.name} {self.month:%Y-%m} {self.get_programme_display()}"

    @property
    def is_open(self) -> bool:
        """Can its lines still change?"""
        return self.state in (BatchState.PREPARED, BatchState.CHECKED)

    @property
    def title(self) -> str:
        """`北岙街道 2026 年 4 月最低生活保障`, `北岙街道 2026 年 4 月临时救助（第 2 次）`."""
        run = f"（第 {self.run} 次）" if self.programme in SEVERAL_LISTS else ""
        month = f"{self.month.year} 年 {self.month.month} 月"
        return f"{self.area.name} {month}{self.get_programme_display()}{run}"


class BatchEvent(ChainedRecord):
    """What was done with a batch, by whom (empty: the system), when. Stream: `batch:<id>`."""

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="events", verbose_name="批次")
    action = models.CharField("动作", max_length=10, choices=BatchAction.choices)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="经手人"
    )
    at = models.DateTimeField("时间")
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "批次痕迹"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="batch_event_chain_is_a_line", fields=["stream", "sequence"])
        ]
        triggers = chained_triggers("batch_event")

    def __str__(self) -> str:
        return f"{self.get_action_display()} {self.batch_id}"
