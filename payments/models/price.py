"""价格补贴联动: the price figures of a city, and what a month's subsidy was computed from (JZ-9.1, PL-T1)."""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from organisations.models import Area
from payments.models.batch import Batch
from policy.price import Figures

_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
LOWEST, HIGHEST = -50, 100


class PriceIndexQuerySet(models.QuerySet):
    def in_force(self) -> PriceIndexQuerySet:
        """Of each city and month the confirmed figure that was entered last."""
        confirmed = self.filter(confirmed_at__isnull=False)
        return confirmed.order_by("area_id", "month", "-pk").distinct("area_id", "month")


class PriceIndex(models.Model):
    """价格指数 of a city for a month: year-on-year changes in percent, as published (`3.20` is 3.2 %).

    Entered by one person, confirmed by another; it counts from then on. A figure is never edited: a new one
    `replaces` it, with a reason, and counts once it is confirmed itself. What has been replaced can no longer
    be confirmed, so the last that is confirmed is the one in force.
    """

    area = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="设区市")
    month = models.DateField("指数月份")
    cpi = models.DecimalField("居民消费价格同比涨幅（%）", max_digits=5, decimal_places=2)
    food = models.DecimalField("食品价格同比涨幅（%）", max_digits=5, decimal_places=2)
    scpi = models.DecimalField(
        "低收入居民基本生活费用价格同比涨幅（%）", max_digits=5, decimal_places=2, null=True, blank=True
    )
    published_on = models.DateField("指数发布日期")
    source = models.CharField("发布单位及文件", max_length=200)
    replaces = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="replaced_by", verbose_name="更正哪条"
    )
    reason = models.CharField("更正理由", max_length=200, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="录入人"
    )
    entered_at = models.DateTimeField("录入时间")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="复核人",
    )
    confirmed_at = models.DateTimeField("复核时间", null=True, blank=True)

    objects = PriceIndexQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "价格指数"
        ordering = ["-month", "area__code", "-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_first_figure_a_city_and_month",
                fields=["area", "month"],
                condition=Q(replaces__isnull=True),
                violation_error_message="该市该月的指数已经录入，请用更正。",
            ),
            models.CheckConstraint(name="price_index_month_is_a_first_day", condition=Q(month__day=1)),
            models.CheckConstraint(
                name="price_index_is_plausible",
                condition=Q(cpi__gte=LOWEST, cpi__lte=HIGHEST, food__gte=LOWEST, food__lte=HIGHEST)
                & (Q(scpi__isnull=True) | Q(scpi__gte=LOWEST, scpi__lte=HIGHEST)),
                violation_error_message="同比涨幅应在 -50 与 100 之间。",
            ),
            models.CheckConstraint(
                name="price_index_corrected_with_a_reason",
                condition=Q(replaces__isnull=True, reason="") | (Q(replaces__isnull=False) & ~Q(reason="")),
            ),
            models.CheckConstraint(name="price_index_names_its_source", condition=~Q(source="")),
            models.CheckConstraint(
                name="price_index_confirmed_by_another_person",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("entered_by")),
                violation_error_message="录入与复核须由不同的人员办理。",
            ),
            models.CheckConstraint(
                name="price_index_confirmed_whole",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="price_index_is_of_a_city_and_published",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    IF NEW.confirmed_at IS NOT NULL THEN
                        {_REFUSE % "a price index is confirmed after it was entered"}
                    END IF;
                    PERFORM FROM organisations_area WHERE id = NEW.area_id AND level = 'city';
                    IF NOT FOUND OR NEW.published_on < NEW.month + interval '1 month' THEN
                        {_REFUSE % "a price index is that of a city, published after its month"}
                    END IF;
                    IF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM payments_priceindex o WHERE o.id = NEW.replaces_id
                        AND o.area_id = NEW.area_id AND o.month = NEW.month) THEN
                        {_REFUSE % "a price index replaces one of its own city and month"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
            pgtrigger.Trigger(
                name="price_index_is_only_ever_confirmed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP = 'UPDATE' THEN
                        IF OLD.confirmed_at IS NULL
                           AND NOT EXISTS (SELECT FROM payments_priceindex n WHERE n.replaces_id = OLD.id)
                           AND to_jsonb(NEW) - '{{confirmed_by_id,confirmed_at}}'::text[]
                             = to_jsonb(OLD) - '{{confirmed_by_id,confirmed_at}}'::text[] THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    {_REFUSE % "a price index is confirmed once, unless replaced, and kept"}
                """,  # noqa: S608 - our own text
            ),
        ]

    def __str__(self) -> str:
        return f"{self.area_id} {self.month:%Y-%m}"

    @property
    def figures(self) -> Figures:
        """What the rules judge."""
        return Figures(self.cpi, self.food, self.scpi)


class PriceSubsidy(models.Model):
    """What a list of price subsidy was computed from: the figure, the rules, and each township's amount.

    `amounts` is the yuan a person by the key of the township, `programmes` whose people get it; the lines of
    the list are held to both by the database. Brought up to date with the list, frozen when it is checked.
    """

    batch = models.OneToOneField(Batch, models.PROTECT, related_name="price_subsidy", verbose_name="发放批次")
    index = models.ForeignKey(PriceIndex, models.PROTECT, related_name="subsidies", verbose_name="价格指数")
    amounts = models.JSONField("各街道（乡镇）每人补贴（元）")
    programmes = models.JSONField("发放对象")
    lines = models.JSONField("测算明细")
    rule_ids = models.JSONField("所用规则")

    class Meta:
        verbose_name = verbose_name_plural = "价格补贴测算"
        ordering = ["-pk"]
        triggers = [
            pgtrigger.Trigger(
                name="price_subsidy_follows_a_confirmed_index",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP <> 'INSERT' THEN
                        PERFORM FROM payments_batch
                            WHERE id = OLD.batch_id AND state = 'prepared' FOR SHARE;
                        IF NOT FOUND OR TG_OP = 'DELETE' OR NEW.batch_id <> OLD.batch_id THEN
                            {_REFUSE % "the calculation of a checked list is frozen"}
                        END IF;
                    END IF;
                    PERFORM FROM payments_batch b JOIN payments_priceindex i ON i.month = b.month
                        JOIN organisations_area c ON c.id = i.area_id
                        JOIN organisations_area a ON a.id = b.area_id AND starts_with(a.prefix, c.prefix)
                        WHERE b.id = NEW.batch_id AND b.programme = 'price_subsidy'
                          AND i.id = NEW.index_id AND i.confirmed_at IS NOT NULL;
                    IF NOT FOUND THEN
                        {_REFUSE % "a price subsidy follows a confirmed index of its month and city"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            )
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}"
