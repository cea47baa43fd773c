"""特困: what is declared about the person, how well they look after themselves, and who cares for them."""

import pgtrigger
from django.db import models
from django.db.models import Q

from cases.enums import SELF_CARE_INDICATORS, CarerKind, Placement, Supporter
from cases.models.application import Application, Attachment
from cases.models.people import USER
from cases.models.programme import frozen_with_acceptance
from common.append_only import append_only_triggers
from common.fields import EncryptedTextField
from common.masking import mask_account, mask_phone

_MATCHING = Q(placement="institution", kind="institution") | Q(placement="home", kind="carer")


class TekunDeclaration(models.Model):
    """The conditions of 特困 as declared (LY-2.4). A draft may leave answers open; a submission may not."""

    application = models.OneToOneField(
        Application, models.CASCADE, related_name="tekun_declaration", verbose_name="申请"
    )
    no_work_ability = models.BooleanField("无劳动能力", null=True, blank=True)
    no_income = models.BooleanField("无生活来源", null=True, blank=True)
    supporter = models.CharField("法定义务人", max_length=8, choices=Supporter.choices, blank=True)
    supporter_note = models.CharField("义务人情况说明", max_length=500, blank=True)
    placement = models.CharField("供养方式", max_length=12, choices=Placement.choices, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "特困认定情况"
        constraints = [
            models.CheckConstraint(
                name="tekun_supporter_is_known", condition=Q(supporter__in=["", *Supporter.values])
            ),
            models.CheckConstraint(
                name="tekun_placement_is_known", condition=Q(placement__in=["", *Placement.values])
            ),
        ]
        triggers = [frozen_with_acceptance("tekun_declaration")]

    def __str__(self) -> str:
        return f"特困认定情况 {self.application_id}"

    @property
    def is_complete(self) -> bool:
        """Everything that the test of 特困 needs."""
        answered = self.no_work_ability is not None and self.no_income is not None
        return bool(answered and self.supporter and self.placement)


class SelfCareAssessment(models.Model):
    """生活自理能力评估 of one round: six indicators, each yes or no, seen at the home visit (DT-2.2).

    Open until the visit of the round is completed; from then on the database refuses every change.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="self_care_assessments", verbose_name="申请"
    )
    investigation_round = models.PositiveSmallIntegerField("调查轮次", default=1)
    can_eat = models.BooleanField("自主吃饭", null=True, blank=True)
    can_dress = models.BooleanField("自主穿衣", null=True, blank=True)
    can_rise = models.BooleanField("自主上下床", null=True, blank=True)
    can_toilet = models.BooleanField("自主如厕", null=True, blank=True)
    can_walk = models.BooleanField("室内自主行走", null=True, blank=True)
    can_bathe = models.BooleanField("自主洗澡", null=True, blank=True)
    assessed_on = models.DateField("评估日期", null=True, blank=True)
    assessors = models.CharField("评估人", max_length=100, blank=True)
    entrusted_to = models.CharField("受委托第三方", max_length=100, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "生活自理能力评估"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_self_care_assessment_a_round", fields=["application", "investigation_round"]
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="self_care_is_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("row_application", "BIGINT"), ("row_round", "INT")],
                func="""
                    IF TG_OP = 'INSERT' THEN
                        row_application := NEW.application_id;
                        row_round := NEW.investigation_round;
                    ELSE
                        row_application := OLD.application_id;
                        row_round := OLD.investigation_round;
                    END IF;
                    IF EXISTS (SELECT 1 FROM cases_homevisit
                               WHERE application_id = row_application AND investigation_round = row_round
                                 AND completed_at IS NOT NULL) THEN
                        RAISE EXCEPTION 'self-care: no corrections after the visit is completed'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"生活自理能力评估 {self.application_id}"

    @property
    def answers(self) -> list[tuple[str, bool | None]]:
        """Each indicator in words with its answer: True 能自主完成, False 不能, None not yet answered."""
        return [(label, getattr(self, name)) for name, label in SELF_CARE_INDICATORS.items()]

    @property
    def failed(self) -> int:
        """How many of the six the person cannot do without help."""
        return sum(answer is False for _, answer in self.answers)

    @property
    def missing(self) -> list[str]:
        """What is still open, in the words of the screen."""
        gaps = [label for label, answer in self.answers if answer is None]
        gaps += [] if self.assessed_on else ["自理能力评估日期"]
        return gaps + ([] if self.assessors else ["自理能力评估人"])


class CareAgreement(models.Model):
    """特困人员救助供养服务协议: who cares for the person and gets the care fee (SY-A2.1a).

    集中供养: an institution, placed by the district (DT-7.1); 分散供养: a carer, found by the township
    (DT-7.2).
    A later agreement of the same application replaces an earlier one; no row is ever altered.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="care_agreements", verbose_name="申请"
    )
    placement = models.CharField("供养方式", max_length=12, choices=Placement.choices)
    kind = models.CharField("服务方类别", max_length=12, choices=CarerKind.choices)
    name = models.CharField("服务方名称", max_length=100)
    contact = EncryptedTextField("联系电话", null=True, blank=True)
    payee_name = models.CharField("收款户名", max_length=100)
    payee_bank = models.CharField("开户银行", max_length=60)
    payee_account = EncryptedTextField("收款账号")
    signed_on = models.DateField("签订日期")
    signed_by_person = models.BooleanField("本人（或监护人）已签字", default=False)
    scan = models.ForeignKey(
        Attachment, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="协议扫描件"
    )
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间")

    append_only = True

    class Meta:
        verbose_name = verbose_name_plural = "供养服务协议"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="care_agreement_is_signed",
                condition=Q(signed_by_person=True),
                violation_error_message="服务协议须由本人（或监护人）签字。",
            ),
            models.CheckConstraint(
                name="carer_matches_the_placement",
                condition=_MATCHING,
                violation_error_message="集中供养由供养服务机构照料，分散供养由照料服务人照料。",
            ),
            models.CheckConstraint(
                name="care_agreement_names_its_payee",
                condition=~Q(name="") & ~Q(payee_name="") & ~Q(payee_bank=""),
            ),
        ]
        triggers = [
            *append_only_triggers("care_agreement"),
            pgtrigger.Trigger(
                name="care_agreement_before_decision",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (SELECT 1 FROM cases_application
                                   WHERE id = NEW.application_id AND programme = 'tekun'
                                     AND submitted_at IS NOT NULL AND decided_at IS NULL) THEN
                        RAISE EXCEPTION 'care agreement: only for a 特困 application that is under way'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_placement_display()} {self.name}"

    @property
    def masked_account(self) -> str:
        return mask_account(self.payee_account or "")

    @property
    def masked_contact(self) -> str:
        return mask_phone(self.contact or "")

    @property
    def arranged_by(self) -> str:
        """Who places or arranges: the district an institution, the township a carer at home."""
        return (
            "由县（市、区）民政部门安排" if self.placement == Placement.INSTITUTION else "由街道（乡镇）安排"
        )
