"""People, the household that applies together, and what it declares."""

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import Q

from cases.enums import (
    EXCLUSIVE_PROGRAMMES,
    DisabilityKind,
    Exclusion,
    ExemptKind,
    IncomeKind,
    Origin,
    Programme,
    Relation,
    Sex,
)
from common.append_only import ChainedRecord, chained_triggers
from common.fields import EncryptedTextField
from common.masking import mask_id_number, mask_name, mask_phone
from common.money import YuanField

USER = settings.AUTH_USER_MODEL


class Person(models.Model):
    """One human being, known by the identity number. Written by cases.services.remember_person only."""

    name = models.CharField("姓名", max_length=60, db_collation="C")
    id_number = EncryptedTextField("身份证号")
    id_digest = models.CharField("身份证号检索码", max_length=64, unique=True, editable=False)
    birth_date = models.DateField("出生日期")
    sex = models.CharField("性别", max_length=6, choices=Sex.choices)
    phone = EncryptedTextField("联系电话", null=True, blank=True)
    died_on = models.DateField("死亡日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "人员"
        constraints = [
            models.CheckConstraint(name="person_sex_is_known", condition=Q(sex__in=Sex.values)),
        ]
        indexes = [models.Index(name="person_by_name", fields=["name"])]

    def __str__(self) -> str:
        return mask_name(self.name)

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number)

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone or "")


class PersonCorrection(ChainedRecord):
    """A later correction of what identifies a person: who, what, when. Phones are not repeated here."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="corrections", verbose_name="人员")
    field = models.CharField("项目", max_length=10, choices=[("name", "姓名"), ("phone", "联系电话")])
    before = models.CharField("原值", max_length=60, blank=True)
    after = models.CharField("新值", max_length=60, blank=True)
    corrected_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="更正人")
    corrected_at = models.DateTimeField("更正时间")

    class Meta:
        verbose_name = verbose_name_plural = "人员信息更正"
        constraints = [
            models.UniqueConstraint(name="correction_chain_is_a_line", fields=["stream", "sequence"])
        ]
        triggers = chained_triggers("person_correction")

    def __str__(self) -> str:
        return f"{self.get_field_display()}更正 {self.person_id}"


class Household(models.Model):
    """The household of one application as it was declared: where it lives, what it owns.

    A new application has a new one. It is frozen once the application is accepted: decisions refer to it.
    """

    address = models.CharField("居住地址", max_length=200, blank=True)
    deposits = YuanField("存款、证券等货币财产", default=0)
    vehicles = models.PositiveSmallIntegerField("机动车辆数", default=0)
    houses = models.PositiveSmallIntegerField("住房套数", default=1)
    non_residential_houses = models.PositiveSmallIntegerField("非居住用房套数", default=0)
    registered_capital = YuanField("工商登记认缴出资额", default=0)
    rigid_expenditure_monthly = YuanField("刚性支出（月）", default=0)
    rigid_expenditure_note = models.CharField("刚性支出说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "家庭"
        constraints = [
            models.CheckConstraint(
                name="household_amounts_are_not_negative",
                condition=Q(deposits__gte=0, registered_capital__gte=0, rigid_expenditure_monthly__gte=0),
                violation_error_message="财产和支出金额不能为负。",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="declared_household_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF EXISTS (SELECT 1 FROM cases_application
                               WHERE household_id = OLD.id AND accepted_at IS NOT NULL) THEN
                        RAISE EXCEPTION 'household: declared facts are frozen after acceptance'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"家庭 {self.pk}"


class Member(models.Model):
    """One person in one household.

    `occupies` is true from submission until refusal, withdrawal or the end of the benefit; while it is, the
    person can be in no second household of the same programme (the database holds it).
    """

    household = models.ForeignKey(Household, models.CASCADE, related_name="members", verbose_name="家庭")
    person = models.ForeignKey(Person, models.PROTECT, related_name="memberships", verbose_name="人员")
    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    relation = models.CharField("与申请人关系", max_length=24, choices=Relation.choices)
    co_living = models.BooleanField("共同生活", default=True)
    excluded = models.CharField("不计入原因", max_length=20, choices=Exclusion.choices, blank=True)
    disability_kind = models.CharField("残疾类别", max_length=14, choices=DisabilityKind.choices, blank=True)
    disability_grade = models.PositiveSmallIntegerField("残疾等级", null=True, blank=True)
    severe_illness = models.BooleanField("重特大疾病", default=False)
    employment_cost = YuanField("必要就业成本（月）", default=0)
    occupies = models.BooleanField("占用资格", default=False, editable=False)
    authorised_on = models.DateField("核对授权签署日期", null=True, blank=True)
    authorised_by_guardian = models.CharField("代签监护人", max_length=60, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "家庭成员"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="person_once_in_a_household",
                fields=["household", "person"],
                violation_error_message="同一人在家庭中重复登记。",
            ),
            models.UniqueConstraint(
                name="person_in_one_case_of_a_programme",
                fields=["person", "programme"],
                condition=Q(occupies=True),
                violation_error_message="此人已在另一件在办申请或在册家庭中。",
            ),
            models.UniqueConstraint(
                name="person_in_one_standing_programme",
                fields=["person"],
                condition=Q(occupies=True, programme__in=[code.value for code in EXCLUSIVE_PROGRAMMES]),
                violation_error_message="低保、低边、特困不能同时享受。",
            ),
            models.UniqueConstraint(
                name="one_applicant_in_a_household",
                fields=["household"],
                condition=Q(relation=Relation.SELF),
                violation_error_message="一个家庭只能有一名申请人（本人）。",
            ),
            models.CheckConstraint(
                name="disability_has_kind_and_grade",
                condition=Q(disability_kind="", disability_grade__isnull=True)
                | (
                    ~Q(disability_kind="") & Q(disability_grade__isnull=False, disability_grade__range=[1, 4])
                ),
                violation_error_message="残疾类别与等级（1–4 级）须同时填写。",
            ),
            models.CheckConstraint(
                name="employment_cost_is_not_negative",
                condition=Q(employment_cost__gte=0),
                violation_error_message="就业成本不能为负。",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="declared_member_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF (TG_OP = 'DELETE' OR to_jsonb(NEW) - 'occupies' <> to_jsonb(OLD) - 'occupies')
                       AND EXISTS (SELECT 1 FROM cases_application
                                   WHERE household_id = OLD.household_id AND accepted_at IS NOT NULL) THEN
                        RAISE EXCEPTION 'member: declared facts are frozen after acceptance'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.person}（{self.get_relation_display()}）"


class IncomeItem(models.Model):
    """One stream of income of a member by month: declared by the household, or found by the check.

    What a report found is never altered; what was declared is frozen with the household.
    """

    member = models.ForeignKey(Member, models.CASCADE, related_name="income", verbose_name="成员")
    origin = models.CharField("来源", max_length=10, choices=Origin.choices, default=Origin.DECLARED)
    report = models.ForeignKey(
        "cases.CheckReport",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="income",
        verbose_name="核对报告",
    )
    kind = models.CharField("收入类别", max_length=10, choices=IncomeKind.choices)
    exempt = models.CharField("不计入收入的项目", max_length=20, choices=ExemptKind.choices, blank=True)
    monthly = YuanField("月金额")
    note = models.CharField("说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "收入"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="income_is_not_negative",
                condition=Q(monthly__gte=0),
                violation_error_message="收入不能为负；经营亏损按 0 填写。",
            ),
            models.CheckConstraint(
                name="checked_income_has_its_report",
                condition=Q(origin=Origin.DECLARED, report__isnull=True)
                | Q(origin=Origin.CHECKED, report__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="income_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF OLD.report_id IS NOT NULL OR EXISTS (
                        SELECT 1 FROM cases_application a
                        JOIN cases_member m ON m.household_id = a.household_id
                        WHERE m.id = OLD.member_id AND a.accepted_at IS NOT NULL) THEN
                        RAISE EXCEPTION 'income: declared and checked facts are frozen'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.monthly}"
