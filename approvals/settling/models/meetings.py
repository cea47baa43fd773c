"""What appraisal and meeting said on a case: 民主评议, and the determination of the township."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.enums import Outcome
from approvals.settling import database
from approvals.settling.enums import VOTING, Meeting, Purpose
from approvals.settling.models.case import CaseByCase
from cases.models import Application, Attachment
from common.append_only import append_only_triggers
from common.fields import EncryptedTextField
from common.money import YuanField

USER = settings.AUTH_USER_MODEL


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
