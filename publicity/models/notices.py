"""What is shown to the public, as copies: a page of these tables never reads live personal data."""

from __future__ import annotations

import secrets
from datetime import datetime

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from cases.models import Application
from common.fields import EncryptedTextField
from common.masking import mask_name, mask_phone
from common.money import YuanField, show_yuan
from organisations.models import Area
from organisations.scope import Scope
from publicity.enums import ClosingReason, NoticePurpose, ObjectionOutcome, ObjectionSource


def new_token() -> str:
    """An address nobody guesses and that names nobody."""
    return secrets.token_urlsafe(12)


def only_once(table: str, open_column: str, late_columns: tuple[str, ...]) -> str:
    """Trigger body: the late columns are filled in once, everything else stays as it was, and rows stay."""
    stripped = "".join(f" - '{column}'" for column in late_columns)
    return f"""
        IF TG_OP = 'UPDATE' AND OLD.{open_column} IS NULL AND NEW.{open_column} IS NOT NULL
           AND to_jsonb(NEW){stripped} = to_jsonb(OLD){stripped} THEN
            RETURN NEW;
        END IF;
        RAISE EXCEPTION '{table}: what was published or received is not altered'
            USING ERRCODE = 'integrity_constraint_violation';
    """


class NoticeQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope) -> NoticeQuerySet:
        """Those in the areas of the person's postings."""
        return self.filter(scope.filter())

    def running(self, at: datetime) -> NoticeQuerySet:
        """On public view at that instant: taken down by nobody and not past its time."""
        return self.filter(closed_at__isnull=True, posted_at__lte=at, ends_at__gt=at)

    def of_grants(self) -> NoticeQuerySet:
        """Those before a decision, not those of an end."""
        return self.filter(purpose=NoticePurpose.GRANT)

    def with_place(self) -> NoticeQuerySet:
        """With the areas that every row shows."""
        return self.select_related("village", "township", "county")


class Notice(models.Model):
    """公示 of one preliminary review, or of the end of 特困 (`purpose`). The published words are columns of
    their own, frozen by trigger.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="notices", verbose_name="申请")
    investigation_round = models.PositiveSmallIntegerField("调查轮次")
    purpose = models.CharField(
        "公示事项",
        max_length=6,
        choices=NoticePurpose.choices,
        default=NoticePurpose.GRANT,
        db_default=NoticePurpose.GRANT,
    )
    token = models.CharField("公开地址", max_length=24, unique=True, default=new_token, editable=False)
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    programme_label = models.CharField("救助类型", max_length=30)
    published_name = models.CharField("公示姓名", max_length=60)
    n_members = models.PositiveSmallIntegerField("家庭人数")
    n_covered = models.PositiveSmallIntegerField("保障人数")
    monthly = YuanField("拟保障金额（元/月）", null=True)
    amount = YuanField("拟一次性救助金额（元）", null=True)
    board = models.CharField("公示地点", max_length=130, blank=True)
    hotlines = ArrayField(models.CharField(max_length=60), verbose_name="监督电话", default=list)
    posted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="发布人"
    )
    posted_at = models.DateTimeField("发布时间")
    ends_at = models.DateTimeField("公示期满时间")
    closed_at = models.DateTimeField("撤下时间", null=True, blank=True)
    closed_because = models.CharField("撤下原因", max_length=12, choices=ClosingReason.choices, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "公示"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_running_notice_an_application",
                fields=["application"],
                condition=Q(closed_at__isnull=True),
                violation_error_message="该申请已在公示中。",
            ),
            models.CheckConstraint(
                name="notice_ends_after_it_starts", condition=Q(ends_at__gt=F("posted_at"))
            ),
            models.CheckConstraint(
                name="notice_runs_its_full_time",
                condition=~Q(closed_because=ClosingReason.EXPIRED) | Q(closed_at__gte=F("ends_at")),
            ),
            models.CheckConstraint(
                name="closed_notice_has_its_reason",
                condition=Q(closed_at__isnull=True, closed_because="")
                | (Q(closed_at__isnull=False) & ~Q(closed_because="")),
            ),
            # Whoever pastes an identity number or an account into a name does not get it on a public page.
            models.CheckConstraint(
                name="published_name_holds_no_number",
                condition=~Q(published_name__regex=r"[0-9０-９]{6}"),
                violation_error_message="公示姓名中不能有证件号码、账号或电话。",
            ),
            models.CheckConstraint(
                name="notice_gives_monthly_or_once",
                condition=Q(amount__isnull=True) | Q(monthly__isnull=True, amount__gt=0),
            ),
            models.CheckConstraint(
                name="no_more_covered_than_members", condition=Q(n_covered__lte=F("n_members"))
            ),
        ]
        indexes = [
            models.Index(name="notice_running", fields=["ends_at"], condition=Q(closed_at__isnull=True)),
            models.Index(name="notice_on_view", fields=["-id"], condition=Q(closed_at__isnull=True)),
            models.Index(name="notice_of_village", fields=["village", "-id"]),
            models.Index(name="notice_of_township", fields=["township", "-id"]),
            models.Index(name="notice_of_county", fields=["county", "-id"]),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="published_words_are_frozen",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=only_once("notice", "closed_at", ("closed_at", "closed_because")),
            ),
            # SY-A1.4b: an objection leads to a new investigation before the case can go on.
            pgtrigger.Trigger(
                name="notice_with_objection_does_not_expire",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__closed_because=ClosingReason.EXPIRED.value),
                func="""
                    IF EXISTS (SELECT 1 FROM publicity_objection WHERE notice_id = NEW.id
                               AND outcome <> 'not_about_case') THEN
                        RAISE EXCEPTION 'notice: an objection asks for a new investigation'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"公示 {self.pk}"

    @property
    def masked_name(self) -> str:
        """For lists; the full published name stands on the notice itself."""
        return mask_name(self.published_name)

    @property
    def is_ending(self) -> bool:
        """Does it say that help shall end?"""
        return self.purpose == NoticePurpose.ENDING

    @property
    def given(self) -> str:
        """What is proposed: a sum a month, a sum once, a status that brings no money, or that it ends."""
        if self.is_ending:
            return "拟终止"
        if self.amount is not None:
            return f"{show_yuan(self.amount)} 元（一次性）"
        return "不发放资金" if self.monthly is None else f"{show_yuan(self.monthly)} 元/月"

    @property
    def place(self) -> str:
        """Where it hangs: the village, for somebody in an institution that too."""
        return self.board or self.village.name

    def is_running(self, at: datetime) -> bool:
        """On public view at that instant."""
        return self.closed_at is None and self.posted_at <= at < self.ends_at


class Objection(models.Model):
    """异议 against a notice, from the public page or taken down by the township."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections", verbose_name="公示")
    source = models.CharField("来源", max_length=10, choices=ObjectionSource.choices)
    name = models.CharField("提出人", max_length=60, blank=True)
    phone = EncryptedTextField("联系电话", null=True, blank=True)
    content = models.TextField("异议内容", max_length=2000)
    received_at = models.DateTimeField("收到时间")
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="登记人",
    )
    outcome = models.CharField("处理结果", max_length=14, choices=ObjectionOutcome.choices, blank=True)
    handling = models.CharField("处理说明", max_length=1000, blank=True)
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="处理人",
    )
    handled_at = models.DateTimeField("处理时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "异议"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                name="objection_handled_with_outcome",
                condition=Q(outcome="", handled_at__isnull=True, handled_by__isnull=True)
                | (~Q(outcome="") & ~Q(handling="") & Q(handled_at__isnull=False, handled_by__isnull=False)),
            ),
            models.CheckConstraint(name="objection_says_something", condition=~Q(content="")),
            models.CheckConstraint(
                name="township_objection_names_its_clerk",
                condition=Q(source=ObjectionSource.PUBLIC, recorded_by__isnull=True)
                | Q(source=ObjectionSource.TOWNSHIP, recorded_by__isnull=False),
            ),
        ]
        indexes = [models.Index(name="objection_open", fields=["notice"], condition=Q(outcome=""))]
        triggers = [
            pgtrigger.Trigger(
                name="objection_is_kept_as_received",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=only_once(
                    "objection", "handled_at", ("outcome", "handling", "handled_by_id", "handled_at")
                ),
            ),
            pgtrigger.Trigger(
                name="objection_meets_an_open_notice",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    PERFORM 1 FROM publicity_notice
                      WHERE id = NEW.notice_id AND closed_at IS NULL
                        AND NEW.received_at BETWEEN posted_at AND ends_at
                      FOR SHARE;
                    IF NOT FOUND THEN
                        RAISE EXCEPTION 'objection: the notice is closed or was not on view then'
                            USING ERRCODE = 'integrity_constraint_violation';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"异议 {self.pk}"

    @property
    def masked_person(self) -> str:
        """Who raised it, for lists."""
        return mask_name(self.name) or "未留姓名"

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone or "")
