"""The application, its papers, and its number."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Q

from cases.enums import (
    OPEN_STATES,
    READING_POSTS,
    ApplicationState,
    AttachmentKind,
    Cause,
    Channel,
    Programme,
)
from cases.models.people import USER, Household, Member
from common.append_only import append_only_triggers
from common.fields import EncryptedTextField
from common.masking import mask_account, mask_name
from common.storage import private_files
from organisations.models import Area
from organisations.scope import Scope


class ApplicationQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> ApplicationQuerySet:
        """Those in the areas where the person holds a post that reads cases."""
        return self.filter(scope.filter(*READING_POSTS))

    def open(self) -> ApplicationQuerySet:
        return self.filter(state__in=OPEN_STATES)

    def with_place(self) -> ApplicationQuerySet:
        """With the areas that every row shows."""
        return self.select_related("village", "township", "county")


# Sorted, so that the migration is the same on every machine.
_OPEN = sorted(OPEN_STATES)


def _indexes_within(place: str) -> list[models.Index]:
    """What lists and searches of one place walk along: newest, by state, programme, day, name; open ones."""
    return [
        models.Index(name=f"application_{place}", fields=[place, "-id"]),
        models.Index(name=f"application_{place}_state", fields=[place, "state", "-id"]),
        models.Index(name=f"application_{place}_prog", fields=[place, "programme", "-id"]),
        models.Index(name=f"application_{place}_open", fields=[place, "-id"], condition=Q(state__in=_OPEN)),
        models.Index(name=f"application_{place}_accepted", fields=[place, "accepted_at"]),
        models.Index(name=f"application_{place}_name", fields=[place, "applicant_name", "-id"]),
    ]


_BADGES = {
    ApplicationState.APPROVED: "done",
    ApplicationState.REFUSED: "muted",
    ApplicationState.WITHDRAWN: "muted",
    ApplicationState.DRAFT: "soon",
    ApplicationState.AWAITING_MATERIALS: "soon",
}


class Application(models.Model):
    """One request of one household for one programme.

    Township and county repeat what the village implies, so that scope and lists use one index.
    `applicant_name` and `n_members` repeat the household for lists.
    """

    number = models.CharField("申请编号", max_length=30, unique=True)
    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    channel = models.CharField("申请渠道", max_length=10, choices=Channel.choices)
    state = models.CharField(
        "状态", max_length=20, choices=ApplicationState.choices, default=ApplicationState.DRAFT
    )
    investigation_round = models.PositiveSmallIntegerField("调查轮次", default=1)
    village = models.ForeignKey(
        Area, models.PROTECT, related_name="+", db_index=False, verbose_name="村（社区）"
    )
    township = models.ForeignKey(
        Area, models.PROTECT, related_name="+", db_index=False, verbose_name="街道（乡镇）"
    )
    county = models.ForeignKey(
        Area, models.PROTECT, related_name="+", db_index=False, verbose_name="县（市、区）"
    )
    household = models.OneToOneField(
        Household, models.PROTECT, related_name="application", verbose_name="家庭"
    )
    applicant_name = models.CharField("申请人", max_length=60, db_collation="C")
    n_members = models.PositiveSmallIntegerField("家庭人数", default=1)
    # With a default in the database too: a bulk load of an older register need not know the columns.
    hukou_in_county = models.BooleanField("户籍在本县（市、区）", default=True, db_default=True)
    lives_in_county = models.BooleanField("居住在本县（市、区）", default=True, db_default=True)
    cause = models.CharField("致困原因", max_length=12, choices=Cause.choices, blank=True)
    statement = models.TextField("申请理由", max_length=2000, blank=True)
    payee_name = models.CharField("收款人", max_length=60, blank=True)
    payee_bank = models.CharField("开户银行", max_length=60, blank=True)
    payee_account = EncryptedTextField("收款账号", null=True, blank=True)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    created_at = models.DateTimeField("登记时间")
    received_at = models.DateTimeField(
        "收到申请时间", null=True, blank=True, help_text="村社代办时为村社收到的时间"
    )
    submitted_at = models.DateTimeField("提交时间", null=True, blank=True)
    accepted_at = models.DateTimeField("受理时间", null=True, blank=True)
    decided_at = models.DateTimeField("办结时间", null=True, blank=True)
    benefit_ended_on = models.DateField("待遇终止日期", null=True, blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "申请"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="application_state_is_known", condition=Q(state__in=ApplicationState.values)
            ),
            models.CheckConstraint(
                name="decided_when_final",
                condition=Q(decided_at__isnull=False, state__in=["approved", "refused", "withdrawn"])
                | (Q(decided_at__isnull=True) & ~Q(state__in=["approved", "refused", "withdrawn"])),
            ),
            models.CheckConstraint(
                name="accepted_before_check",
                condition=Q(accepted_at__isnull=False)
                | Q(state__in=["draft", "submitted", "awaiting_materials", "withdrawn"]),
            ),
        ]
        indexes = [
            models.Index(name="application_village", fields=["village", "-id"]),
            *_indexes_within("township"),
            *_indexes_within("county"),
            models.Index(name="application_open", fields=["-id"], condition=Q(state__in=_OPEN)),
            models.Index(name="application_by_acceptance", fields=["accepted_at"]),
            models.Index(name="application_by_name", fields=["applicant_name", "-id"]),
            models.Index(
                name="application_draft_of", fields=["created_by", "-id"], condition=Q(state="draft")
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def masked_name(self) -> str:
        return mask_name(self.applicant_name)

    @property
    def badge_level(self) -> str:
        """How the state looks in a list: finished well, over, waiting for us to complete it, or under way."""
        return _BADGES.get(self.state, "info")

    @property
    def masked_account(self) -> str:
        return mask_account(self.payee_account or "")

    @property
    def applicant(self) -> Member:
        """The member who is 本人."""
        return next(m for m in self.household.members.all() if m.relation == "self")


class NumberSequence(models.Model):
    """The last number given out in a series, e.g. `DT-2026`. No gaps: the row is locked until commit."""

    series = models.CharField("序列", max_length=40, unique=True)
    last = models.PositiveIntegerField("已用到", default=0)

    class Meta:
        verbose_name = verbose_name_plural = "编号序列"

    def __str__(self) -> str:
        return f"{self.series} {self.last}"


class DiscardedNumber(models.Model):
    """The account of a number whose draft was thrown away: the data is gone, the series still has no gap."""

    append_only = True

    number = models.CharField("申请编号", max_length=30, unique=True)
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    reason = models.CharField("原因", max_length=200)
    discarded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="作废人")
    discarded_at = models.DateTimeField("作废时间")

    class Meta:
        verbose_name = verbose_name_plural = "作废编号"
        triggers = append_only_triggers("discarded_number")

    def __str__(self) -> str:
        return self.number


class Material(models.Model):
    """One paper on the checklist of an application; the rules say which (`materials.<programme>`)."""

    application = models.ForeignKey(
        Application, models.CASCADE, related_name="materials", verbose_name="申请"
    )
    code = models.CharField("代码", max_length=40)
    label = models.CharField("材料", max_length=200)
    clause = models.CharField("依据", max_length=20, blank=True)
    required = models.BooleanField("必交", default=True)
    received_on = models.DateField("收到日期", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "申请材料"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="material_once_an_application", fields=["application", "code"])
        ]

    def __str__(self) -> str:
        return self.label


class Attachment(models.Model):
    """A scan or photo: under a random name in private storage, served only after a permission check."""

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="attachments", verbose_name="申请"
    )
    kind = models.CharField("类别", max_length=12, choices=AttachmentKind.choices)
    material = models.ForeignKey(
        Material, models.PROTECT, null=True, blank=True, related_name="attachments", verbose_name="对应材料"
    )
    investigation_round = models.PositiveSmallIntegerField("调查轮次", default=1)
    title = models.CharField("说明", max_length=100, blank=True)
    file = models.FileField("文件", storage=private_files, max_length=200)
    content_type = models.CharField("类型", max_length=20)
    size = models.PositiveIntegerField("大小（字节）")
    sha256 = models.CharField("散列", max_length=64)
    uploaded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="上传人")
    uploaded_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "附件"
        ordering = ["pk"]
        indexes = [
            models.Index(name="attachment_by_kind", fields=["application", "kind", "investigation_round"])
        ]
        triggers = [
            pgtrigger.Trigger(
                name="attachment_is_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'DELETE' AND EXISTS (
                        SELECT 1 FROM cases_application
                        WHERE id = OLD.application_id AND state = 'draft') THEN
                        RETURN OLD;
                    END IF;
                    RAISE EXCEPTION 'attachment: kept as it was uploaded'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"


class MaterialsNotice(models.Model):
    """一次性告知: everything that is missing, told once (SY-A2.1b). The one-to-one key refuses a second."""

    application = models.OneToOneField(
        Application, models.PROTECT, related_name="materials_notice", verbose_name="申请"
    )
    items = models.JSONField("缺少的材料")
    note = models.CharField("说明", max_length=500, blank=True)
    issued_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="告知人")
    issued_at = models.DateTimeField("告知时间")
    completed_at = models.DateTimeField("补齐时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一次性告知"
        triggers = [
            pgtrigger.Trigger(
                name="materials_notice_is_final",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func="""
                    IF TG_OP = 'UPDATE' AND OLD.completed_at IS NULL
                       AND to_jsonb(NEW) - 'completed_at' = to_jsonb(OLD) - 'completed_at' THEN
                        RETURN NEW;
                    END IF;
                    RAISE EXCEPTION 'materials notice: told once, never altered'
                        USING ERRCODE = 'integrity_constraint_violation';
                """,
            )
        ]

    def __str__(self) -> str:
        return f"一次性告知 {self.application_id}"
