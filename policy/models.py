"""The law as data: documents, their clauses, dated rules, and the working-day calendar."""

from __future__ import annotations

from datetime import date

import pgtrigger
from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear

from common.append_only import ChainedRecord, chained_triggers
from organisations.models import Area, DateRangeOf
from policy.enums import Certainty, DocumentStatus

# Codes stand in addresses.
_CODE = RegexValidator(r"^[0-9A-Za-z.-]+\Z", "只能用字母、数字、点和连字符。")


class Document(models.Model):
    """A document that rules come from."""

    code = models.CharField("代码", max_length=20, primary_key=True, validators=[_CODE])
    title = models.CharField("名称", max_length=200)
    number = models.CharField("文号", max_length=60, blank=True)
    issued_on = models.DateField("发布日期", null=True, blank=True)
    in_force_from = models.DateField("施行日期", null=True, blank=True)
    status = models.CharField("状态", max_length=10, choices=DocumentStatus.choices)
    note = models.CharField("说明", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "文件"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.number or self.title


class Clause(models.Model):
    """One rule of a document; its id (`DT-1.2`) names it everywhere."""

    id = models.CharField("编号", max_length=20, primary_key=True, validators=[_CODE])
    document = models.ForeignKey(Document, models.PROTECT, related_name="clauses", verbose_name="文件")
    text = models.TextField("内容", max_length=2000)
    binding = models.BooleanField("须由系统落实", default=True)

    class Meta:
        verbose_name = verbose_name_plural = "条款"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.id


class RuleQuerySet(models.QuerySet):
    def published(self) -> RuleQuerySet:
        return self.filter(published_at__isnull=False)

    def in_force(self, on: date) -> RuleQuerySet:
        """Published and in force on `on`."""
        return self.published().filter(Q(valid_to__isnull=True) | Q(valid_to__gt=on), valid_from__lte=on)


class Rule(models.Model):
    """One value in one area for a half-open period. Published values are only closed and succeeded."""

    area = models.ForeignKey(Area, models.PROTECT, related_name="rules", verbose_name="区域")
    key = models.CharField("规则", max_length=80)
    value = models.TextField("值", max_length=4000)
    unit = models.CharField("单位", max_length=20, blank=True)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期（不含）", null=True, blank=True)
    clause = models.ForeignKey(
        Clause, models.PROTECT, null=True, blank=True, related_name="rules", verbose_name="依据条款"
    )
    document = models.ForeignKey(Document, models.PROTECT, related_name="rules", verbose_name="依据文件")
    certainty = models.CharField("性质", max_length=10, choices=Certainty.choices, default=Certainty.LAW)
    note = models.CharField("说明", max_length=500, blank=True)
    loaded_from = models.CharField("规则包", max_length=40, blank=True, editable=False)
    drafted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="起草人",
    )
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="发布人",
    )
    published_at = models.DateTimeField("发布时间", null=True, blank=True, editable=False)

    objects = RuleQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "规则"
        ordering = ["area__code", "key", "valid_from"]
        constraints = [
            ExclusionConstraint(
                name="rule_periods_do_not_overlap",
                expressions=[
                    ("area", RangeOperators.EQUAL),
                    ("key", RangeOperators.EQUAL),
                    (DateRangeOf("valid_from", "valid_to", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
                condition=Q(published_at__isnull=False),
                violation_error_message="同一区域同一规则的生效期间重叠。",
            ),
            models.CheckConstraint(
                name="rule_ends_after_it_starts",
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                violation_error_message="失效日期应晚于生效日期。",
            ),
            models.CheckConstraint(
                name="rule_published_by_another_person",
                condition=Q(drafted_by__isnull=True)
                | Q(published_by__isnull=True)
                | ~Q(drafted_by=F("published_by")),
                violation_error_message="规则的发布人不能是起草人。",
            ),
            models.CheckConstraint(
                name="published_rule_has_publisher_or_pack",
                condition=Q(published_at__isnull=True) | Q(published_by__isnull=False) | ~Q(loaded_from=""),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_rule_is_only_closed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__published_at__isnull=False),
                func="""
                    IF TG_OP = 'DELETE' OR OLD.valid_to IS NOT NULL
                       OR (to_jsonb(NEW) - 'valid_to') <> (to_jsonb(OLD) - 'valid_to') THEN
                        RAISE EXCEPTION 'a published rule is only closed and succeeded'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="ended_rule_says_why",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("valid_to"),
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(
                    old__published_at__isnull=False, old__valid_to__isnull=True, new__valid_to__isnull=False
                ),
                func="""
                    IF NOT EXISTS (SELECT FROM policy_ruleclosure c
                                   WHERE c.rule_id = NEW.id AND c.closes_on = NEW.valid_to) THEN
                        RAISE EXCEPTION 'a published rule ends only with who ended it and why'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.valid_from:%Y-%m-%d}"


class RuleClosure(ChainedRecord):
    """Why a published rule ends: succeeded by another, or retired with a reason; never altered."""

    rule = models.OneToOneField(Rule, models.PROTECT, related_name="closure", verbose_name="规则")
    successor = models.ForeignKey(
        Rule, models.PROTECT, null=True, related_name="+", verbose_name="接替的规则", help_text="空为停用"
    )
    closes_on = models.DateField("失效日期（不含）")
    reason = models.CharField("停用理由", max_length=500, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="办理人"
    )
    closed_at = models.DateTimeField("办理时间")

    class Meta:
        verbose_name = verbose_name_plural = "规则失效记录"
        constraints = [
            models.UniqueConstraint(name="rule_closure_chain_is_a_line", fields=["stream", "sequence"]),
            models.CheckConstraint(
                name="retired_rule_has_a_reason",
                condition=Q(successor__isnull=False) | ~Q(reason=""),
                violation_error_message="停用规则须写明理由。",
            ),
        ]
        triggers = chained_triggers("rule_closure")

    def __str__(self) -> str:
        return f"{self.rule_id} {self.closes_on:%Y-%m-%d}"


class CalendarYear(models.Model):
    """A year whose days off the State Council has announced."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    source = models.CharField("来源", max_length=100)
    loaded_at = models.DateTimeField("导入时间")

    class Meta:
        verbose_name = verbose_name_plural = "工作日历（年）"
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """One day that departs from the plain week: a holiday, or a weekend day that is worked (调休)."""

    day = models.DateField("日期", primary_key=True)
    year = models.ForeignKey(CalendarYear, models.CASCADE, related_name="days", verbose_name="年份")
    is_workday = models.BooleanField("是否上班")
    name = models.CharField("名称", max_length=20)

    class Meta:
        verbose_name = verbose_name_plural = "工作日历（日）"
        ordering = ["day"]
        constraints = [
            models.CheckConstraint(
                name="calendar_day_lies_in_its_year",
                condition=Q(year=ExtractYear("day")),
                violation_error_message="日期不在所选年份内。",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
