"""一事一议: why a case is one, what appraisal and meeting said, with whom it is filed, how long it holds.

The application itself is moved by the one transition table of the room; these are the records that its moves
`refer`, `settle`, `settle_at_once` and `settle_against` rest on.
"""

from __future__ import annotations

import json
from datetime import date

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from approvals.enums import Outcome
from approvals.settling import database
from approvals.settling.enums import (
    VOTING,
    Action,
    Body,
    Circumstance,
    Meeting,
    Purpose,
    Way,
)
from cases.models import Application, Attachment
from common.append_only import ChainedRecord, append_only_triggers, chained_triggers
from common.fields import EncryptedTextField
from common.money import YuanField
from organisations.enums import Post
from organisations.models import DateRangeOf

USER = settings.AUTH_USER_MODEL


class CaseByCaseQuerySet(models.QuerySet):
    def in_force(self) -> CaseByCaseQuerySet:
        """Confirmed by the township and not lapsed."""
        return self.filter(confirmed_on__isnull=False, lapsed_on__isnull=True)

    def with_end(self) -> CaseByCaseQuerySet:
        """Each with `until`: the last day on which it holds, as renewed; None where it has no end."""
        return self.annotate(until=_UNTIL)


_UNTIL = Coalesce("renewed_until", "valid_until")


class CaseByCase(models.Model):
    """One application of one round under 一事一议.

    `facts`: JSON of what the handler established, encrypted; `checked`: the sentences of what was checked of
    it, without personal data. The three flags are the rules of the place on that day: they do not change
    under a case that has begun. `urgent`: 急难, the appraisal may follow later (LC-4.2c). `renewed_until`:
    the end of its newest renewal, which the database itself keeps.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="settlements", verbose_name="申请"
    )
    investigation_round = models.PositiveSmallIntegerField("调查轮次")
    circumstance = models.CharField("情形", max_length=20, choices=Circumstance.choices)
    label = models.CharField("情形（规则原文）", max_length=200)
    clause = models.CharField("依据", max_length=20, blank=True)
    facts = EncryptedTextField("认定事实")
    checked = models.JSONField("核查结果")
    urgent = models.BooleanField("急难，事后补评议", default=False)
    appraisal_required = models.BooleanField("须民主评议")
    notice_due = models.BooleanField("须公示")
    filing_first = models.BooleanField("须先备案")
    referred_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="启动人")
    referred_at = models.DateTimeField("启动时间")
    confirmed_on = models.DateField("确认日期", null=True, blank=True)
    valid_until = models.DateField("有效期至（含）", null=True, blank=True)
    renewed_until = models.DateField("续期至（含）", null=True, blank=True, editable=False)
    lapsed_on = models.DateField("失效日期", null=True, blank=True)

    objects = CaseByCaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "一事一议"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_settlement_a_round", fields=["application", "investigation_round"]
            ),
            models.CheckConstraint(
                name="settlement_lapses_after_its_validity",
                condition=Q(lapsed_on__isnull=True) | Q(valid_until__isnull=False, lapsed_on__gt=_UNTIL),
            ),
            models.CheckConstraint(
                name="validity_begins_with_the_confirmation",
                condition=Q(valid_until__isnull=True)
                | Q(confirmed_on__isnull=False, valid_until__gte=F("confirmed_on")),
            ),
        ]
        indexes = [models.Index(_UNTIL, name="settlement_running_out", condition=Q(lapsed_on__isnull=True))]
        triggers = [database.only_late_columns(), database.urgent_is_an_emergency()]

    def __str__(self) -> str:
        return f"一事一议 {self.pk}"

    @property
    def established(self) -> dict[str, str]:
        """The facts by name."""
        return json.loads(self.facts)

    @property
    def holds_until(self) -> date | None:
        """The last day on which it holds, as renewed; None before confirmation and where it has no end."""
        return self.renewed_until or self.valid_until


class Renewal(models.Model):
    """One more term of a settlement, which follows the one before it without gap (LC-4.4b).

    `number`: 1 for the first. Both days are within the term. What it rests on, a determination after a new
    look at the circumstance, points to it (`approvals.rechecking.models.Keeping`).
    """

    append_only = True

    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, related_name="renewals", verbose_name="一事一议"
    )
    number = models.PositiveSmallIntegerField("续期次数")
    valid_from = models.DateField("续期自（含）")
    valid_until = models.DateField("续期至（含）")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "一事一议续期"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(name="renewals_are_numbered", fields=["settlement", "number"]),
            models.CheckConstraint(
                name="renewal_ends_after_it_begins", condition=Q(valid_until__gte=F("valid_from"))
            ),
            ExclusionConstraint(
                name="renewals_do_not_overlap",
                expressions=[
                    ("settlement", RangeOperators.EQUAL),
                    (
                        DateRangeOf("valid_from", "valid_until", RangeBoundary(inclusive_upper=True)),
                        RangeOperators.OVERLAPS,
                    ),
                ],
            ),
        ]
        triggers = [
            database.renewal_follows_the_last_term(),
            database.renewal_moves_the_end(),
            database.renewal_rests_on_a_determination(),
            *append_only_triggers("renewal"),
        ]

    def __str__(self) -> str:
        return f"第 {self.number} 次续期 {self.settlement_id}"


class Appraisal(models.Model):
    """民主评议: who was there in which capacity, what was said, how they voted.

    `attendance`: JSON `{capacity: [names], "recused": [names]}`, encrypted. The numbers repeat it, so that
    the database can hold what makes a meeting valid (LC-4.2b); an invalid one stays on record with `defects`.
    `min_people`, `observer_needed`: the rules on that day.
    """

    append_only = True

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="appraisals", verbose_name="申请"
    )
    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, null=True, blank=True, related_name="appraisals", verbose_name="一事一议"
    )
    purpose = models.CharField("评议事由", max_length=12, choices=Purpose.choices)
    held_at = models.DateTimeField("时间")
    place = models.CharField("地点", max_length=100)
    chair = models.CharField("主持人", max_length=60)
    attendance = EncryptedTextField("到会人员")
    n_staff = models.PositiveSmallIntegerField("街镇工作人员人数")
    n_committee = models.PositiveSmallIntegerField("村（居）委会成员人数")
    n_cadre = models.PositiveSmallIntegerField("驻村（社区）干部人数")
    n_resident = models.PositiveSmallIntegerField("居民代表人数")
    n_observer = models.PositiveSmallIntegerField("纪（工）委代表人数")
    n_recused = models.PositiveSmallIntegerField("回避人数")
    min_people = models.PositiveSmallIntegerField("规定最少人数")
    observer_needed = models.BooleanField("须纪（工）委代表到场")
    n_for = models.PositiveSmallIntegerField("同意票")
    n_against = models.PositiveSmallIntegerField("不同意票")
    n_abstained = models.PositiveSmallIntegerField("弃权票")
    opinions = models.TextField("评议意见", max_length=2000)
    minutes = models.TextField("会议记录", max_length=4000)
    evidence = models.CharField("佐证材料", max_length=500, blank=True)
    sheet = models.ForeignKey(Attachment, models.PROTECT, related_name="+", verbose_name="签到和签字表")
    valid = models.BooleanField("有效")
    defects = models.JSONField("无效原因", default=list)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "民主评议"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="valid_appraisal_is_whole", condition=database.valid_appraisal()),
            models.CheckConstraint(
                name="appraisal_votes_are_those_of_the_voters",
                condition=Q(
                    n_staff=F("n_for")
                    + F("n_against")
                    + F("n_abstained")
                    + F("n_recused")
                    - F("n_committee")
                    - F("n_cadre")
                    - F("n_resident")
                ),
                violation_error_message="票数之和须等于参加表决的人数。",
            ),
            models.CheckConstraint(
                name="appraisal_of_a_settlement_names_it",
                condition=Q(purpose=Purpose.CASE_BY_CASE, settlement__isnull=False)
                | (~Q(purpose=Purpose.CASE_BY_CASE) & Q(settlement__isnull=True)),
            ),
            models.UniqueConstraint(
                name="one_valid_appraisal_a_settlement",
                fields=["settlement"],
                condition=Q(valid=True),
                violation_error_message="已有有效的民主评议。",
            ),
        ]
        triggers = append_only_triggers("appraisal")

    def __str__(self) -> str:
        return f"民主评议 {self.pk}"

    @property
    def people(self) -> dict[str, list[str]]:
        """Names by capacity, and `recused`."""
        return json.loads(self.attendance)

    @property
    def n_present(self) -> int:
        """How many of the four capacities were there, the recused included."""
        return sum(getattr(self, f"n_{capacity.value}") for capacity in VOTING)

    @property
    def n_voters(self) -> int:
        return self.n_present - self.n_recused

    @property
    def passed(self) -> bool:
        """Valid, and more than half of the voters agreed."""
        return self.valid and 2 * self.n_for > self.n_voters


class Determination(models.Model):
    """What the township determined: the meeting where its rules want one, and what is given to whom.

    `covered`: keys of the members; `standard` of one head and `monthly_max` or `one_off_max`, in yuan, are
    the limit that held. `proposal` is the opinion that it became, for approval or refusal.
    """

    append_only = True

    settlement = models.OneToOneField(
        CaseByCase, models.PROTECT, related_name="determination", verbose_name="一事一议"
    )
    proposal = models.OneToOneField(
        "approvals.Proposal", models.PROTECT, related_name="determination", verbose_name="初审"
    )
    outcome = models.CharField("认定结果", max_length=8, choices=Outcome.choices)
    meeting = models.CharField("会议", max_length=12, choices=Meeting.choices, blank=True)
    held_at = models.DateTimeField("会议时间", null=True, blank=True)
    place = models.CharField("会议地点", max_length=100, blank=True)
    chair = models.CharField("主持人", max_length=60, blank=True)
    attendees = EncryptedTextField("参加人员", null=True, blank=True)
    minutes = models.TextField("会议记录", max_length=4000, blank=True)
    covered = models.JSONField("保障人员", default=list)
    n_covered = models.PositiveSmallIntegerField("保障人数", default=0)
    standard = YuanField("每人月标准", null=True)
    monthly = YuanField("月金额", null=True)
    monthly_max = YuanField("月金额上限", null=True)
    care_fee = YuanField("其中照料护理费", null=True)
    amount = YuanField("一次性金额", null=True)
    one_off_max = YuanField("一次性金额上限", null=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "一事一议认定"
        constraints = [
            models.CheckConstraint(
                name="determined_amount_is_within_its_limit",
                condition=database.within_the_limit(),
                violation_error_message="金额超过一事一议的上限。",
            ),
            models.CheckConstraint(
                name="determining_meeting_is_whole",
                condition=Q(meeting="", held_at__isnull=True)
                | (~Q(meeting="") & ~Q(chair="") & ~Q(minutes="") & Q(held_at__isnull=False)),
            ),
        ]
        triggers = [database.proposal_says_the_same(), *append_only_triggers("determination")]

    def __str__(self) -> str:
        return f"认定 {self.settlement_id}"


class Filing(models.Model):
    """备案 of a determination with one body, which acknowledges it: a person of another post.

    `renewal`: 0 of the settlement itself, n of its n-th renewal.
    """

    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, related_name="filings", verbose_name="一事一议"
    )
    renewal = models.PositiveSmallIntegerField("续期次数", default=0, db_default=0)
    body = models.CharField("备案机关", max_length=12, choices=Body.choices)
    filed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="报送人")
    filed_at = models.DateTimeField("报送时间")
    remark = models.CharField("备案说明", max_length=500, blank=True)
    acknowledged_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="接收人"
    )
    acknowledged_at = models.DateTimeField("接收时间", null=True, blank=True)
    answer = models.CharField("备案意见", max_length=500, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "一事一议备案"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="filed_once_with_each_body",
                fields=["settlement", "renewal", "body"],
                violation_error_message="已向该机关备案。",
            ),
            models.CheckConstraint(
                name="filing_is_acknowledged_by_another_person",
                condition=Q(acknowledged_by__isnull=True, acknowledged_at__isnull=True, answer="")
                | (
                    Q(acknowledged_by__isnull=False, acknowledged_at__gte=F("filed_at"))
                    & ~Q(acknowledged_by=F("filed_by"))
                    & ~Q(answer="")
                ),
            ),
        ]
        triggers = [database.acknowledged_once()]

    def __str__(self) -> str:
        return f"{self.get_body_display()}备案 {self.settlement_id}"

    @property
    def label(self) -> str:
        """`区民政局`, `第 1 次续期区民政局`."""
        return (
            f"第 {self.renewal} 次续期{self.get_body_display()}" if self.renewal else self.get_body_display()
        )


class Feedback(models.Model):
    """The applicant was told the result (LC-4.3b); `renewal` as of a filing."""

    append_only = True

    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, related_name="feedbacks", verbose_name="一事一议"
    )
    renewal = models.PositiveSmallIntegerField("续期次数", default=0, db_default=0)
    told_on = models.DateField("告知日期")
    way = models.CharField("告知方式", max_length=10, choices=Way.choices)
    note = models.CharField("申请人意见", max_length=500, blank=True)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="告知人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "结果反馈"
        constraints = [
            models.UniqueConstraint(
                name="told_once_a_determination",
                fields=["settlement", "renewal"],
                violation_error_message="已反馈申请人。",
            )
        ]
        triggers = append_only_triggers("settlement_feedback")

    def __str__(self) -> str:
        return f"反馈 {self.settlement_id}"


class Recheck(models.Model):
    """复核走访 of a household in benefit by 一事一议 (DT-4.4)."""

    append_only = True

    settlement = models.ForeignKey(
        CaseByCase, models.PROTECT, related_name="rechecks", verbose_name="一事一议"
    )
    checked_on = models.DateField("走访日期")
    finding = models.TextField("走访情况", max_length=2000)
    still_applies = models.BooleanField("情形仍然存在")
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="走访人")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "一事一议复核"
        ordering = ["checked_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_recheck_a_day",
                fields=["settlement", "checked_on"],
                violation_error_message="当天已登记过复核走访。",
            )
        ]
        triggers = append_only_triggers("recheck")

    def __str__(self) -> str:
        return f"复核 {self.settlement_id} {self.checked_on}"


class Entry(ChainedRecord):
    """Who did what on a settlement or an appraisal, in which post, when (LC-5.2).

    Stream: `settling:<application>`.
    """

    application = models.ForeignKey(Application, models.PROTECT, related_name="+", verbose_name="申请")
    action = models.CharField("动作", max_length=12, choices=Action.choices)
    post = models.CharField("岗位", max_length=20, choices=Post.choices, blank=True)
    actor = models.ForeignKey(
        USER,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="经手人",
        help_text="空为系统",
    )
    details = models.CharField("内容", max_length=500)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = verbose_name_plural = "一事一议痕迹"
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(name="settling_chain_is_a_line", fields=["stream", "sequence"]),
            ExclusionConstraint(
                name="one_person_one_post_a_settlement",
                expressions=[
                    ("application", RangeOperators.EQUAL),
                    ("actor", RangeOperators.EQUAL),
                    ("post", RangeOperators.NOT_EQUAL),
                ],
                violation_error_message="同一人不能以两个岗位办理同一件一事一议。",
            ),
            models.CheckConstraint(
                name="a_person_settles_in_a_post",
                condition=Q(actor__isnull=True, post="", action=Action.LAPSE)
                | (Q(actor__isnull=False) & ~Q(post="")),
            ),
        ]
        triggers = [*chained_triggers("settling_entry"), database.one_post_in_both_traces()]

    def __str__(self) -> str:
        return f"{self.application_id} {self.get_action_display()}"
