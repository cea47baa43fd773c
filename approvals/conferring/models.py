"""联审联批: the township's joint meeting, and what it decided about each case (JZ-5.1)."""

from __future__ import annotations

import json

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.conferring import database
from approvals.conferring.enums import FINAL, Conclusion
from cases.models import Application
from common.append_only import append_only_triggers
from common.fields import EncryptedTextField
from common.storage import private_files

USER = settings.AUTH_USER_MODEL


class JointMeeting(models.Model):
    """One meeting of a township, which decides many cases.

    `attendance`: JSON `[[name, office], …]`, encrypted; `n_present` repeats how many. `scan`: the signed
    minutes, cleaned like every upload.
    """

    append_only = True

    county = models.ForeignKey(
        "organisations.Area", models.PROTECT, related_name="+", verbose_name="县（市、区）"
    )
    township = models.ForeignKey(
        "organisations.Area", models.PROTECT, related_name="+", verbose_name="街道（乡镇）"
    )
    held_at = models.DateTimeField("会议时间")
    place = models.CharField("会议地点", max_length=100)
    chair = models.CharField("主持人", max_length=60)
    attendance = EncryptedTextField("参加人员")
    n_present = models.PositiveSmallIntegerField("参加人数")
    minutes = EncryptedTextField("会议记录")
    scan = models.FileField("签字纪要", storage=private_files, max_length=200)
    scan_type = models.CharField("签字纪要类型", max_length=20)
    scan_sha256 = models.CharField("签字纪要散列", max_length=64)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "联审联批会议"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="joint_meeting_is_whole",
                condition=~Q(place="") & ~Q(chair="") & ~Q(scan="") & Q(n_present__gt=0),
            ),
            models.CheckConstraint(
                name="joint_meeting_is_recorded_afterwards",
                condition=Q(held_at__lte=models.F("recorded_at")),
            ),
        ]
        triggers = append_only_triggers("joint_meeting")

    def __str__(self) -> str:
        return f"联审联批会议 {self.pk}"

    @property
    def members(self) -> list[tuple[str, str]]:
        """(name, office) of everybody present."""
        return [(name, office) for name, office in json.loads(self.attendance)]


class JointItem(models.Model):
    """What the meeting said to one case: to the signed opinion of one round.

    `recused`: JSON of names, encrypted: relatives of the household, and who handled the case. `min_people`:
    how many must vote by the rules of that day.
    """

    append_only = True

    meeting = models.ForeignKey(
        JointMeeting, models.PROTECT, related_name="items", verbose_name="联审联批会议"
    )
    application = models.ForeignKey(
        Application, models.PROTECT, related_name="joint_items", verbose_name="申请"
    )
    proposal = models.ForeignKey(
        "approvals.Proposal", models.PROTECT, related_name="joint_items", verbose_name="初审"
    )
    conclusion = models.CharField("研究结论", max_length=8, choices=Conclusion.choices)
    n_present = models.PositiveSmallIntegerField("参加人数")
    n_recused = models.PositiveSmallIntegerField("回避人数")
    n_for = models.PositiveSmallIntegerField("同意")
    n_against = models.PositiveSmallIntegerField("不同意")
    n_abstained = models.PositiveSmallIntegerField("弃权")
    min_people = models.PositiveSmallIntegerField("规定最少表决人数")
    recused = EncryptedTextField("回避人员")
    opinion = models.CharField("研究意见", max_length=500)

    class Meta:
        verbose_name = verbose_name_plural = "联审联批事项"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="conferred_once_on_an_opinion",
                fields=["proposal"],
                condition=Q(conclusion__in=FINAL),
                violation_error_message="该件本轮已经联审联批会议研究。",
            ),
            models.UniqueConstraint(name="one_item_a_case_and_meeting", fields=["meeting", "application"]),
            models.CheckConstraint(
                name="joint_votes_are_those_of_the_voters",
                condition=database.votes_are_those_of_the_voters(),
                violation_error_message="票数之和须等于参加表决的人数。",
            ),
            models.CheckConstraint(
                name="joint_conclusion_follows_the_votes",
                condition=database.conclusion_follows_the_votes(),
                violation_error_message="研究结论与表决结果不一致。",
            ),
            models.CheckConstraint(name="joint_item_has_an_opinion", condition=~Q(opinion="")),
        ]
        triggers = [database.item_is_of_its_case(), *append_only_triggers("joint_item")]

    def __str__(self) -> str:
        return f"{self.get_conclusion_display()} {self.application_id}"

    @property
    def n_voters(self) -> int:
        return self.n_present - self.n_recused

    @property
    def stayed_away(self) -> list[str]:
        """Who did not vote on this case."""
        return json.loads(self.recused)
