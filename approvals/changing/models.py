"""待遇变更: what changes and why, on what it rests, what the people concerned say, and every step."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q

from approvals.changing.database import (
    allowed_moves,
    change_shape,
    change_triggers,
    in_effect_shape,
    step_triggers,
)
from approvals.changing.enums import FINAL_STATES, OPEN_STATES, ChangeKind, ChangeState, Reason
from approvals.enums import EvidenceKind
from approvals.hearing import DefenceRecord, answered_once, says_something
from approvals.steps import THREE_POSTS, MoveRecord, a_person_acts_in_a_post, one_person_one_post
from cases.enums import IncomeKind, Programme
from cases.models import Application, Member
from common.append_only import append_only_triggers, chained_triggers
from common.masking import mask_name
from common.money import YuanField
from common.storage import private_files
from organisations.enums import Post
from organisations.models import Area
from organisations.scope import Scope
from payments.models import Benefit

USER = settings.AUTH_USER_MODEL
_OPEN = sorted(OPEN_STATES)


class ChangeQuerySet(models.QuerySet):
    def visible_to(self, scope: Scope, *posts: Post) -> ChangeQuerySet:
        return self.filter(scope.filter(*posts))

    def open(self) -> ChangeQuerySet:
        return self.filter(state__in=_OPEN)

    def with_all(self) -> ChangeQuerySet:
        """With what every page of a change shows."""
        return self.select_related(
            "application", "benefit", "village", "township", "county", "member__person"
        )


class BenefitChange(models.Model):
    """One proposal to change a benefit (SY-7.2).

    Amounts are yuan a month: `was` before, `monthly` after; both None for 低边, `monthly` None for an end.
    `member`, `member_gone`, `income_kind`, `income` and `deposits` are what the inquiry found to be otherwise
    than on record: the means test is done on them. `phase_out_months`: 渐退期 (JZ-2.2). `round` counts how
    often it was thought over after a defence; papers of each round are their own.
    """

    application = models.ForeignKey(
        Application, models.PROTECT, related_name="benefit_changes", verbose_name="申请"
    )
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="changes", verbose_name="待遇")
    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    county = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="县（市、区）")
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    village = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="村（社区）")
    kind = models.CharField("变更方式", max_length=10, choices=ChangeKind.choices)
    reason = models.CharField("变更原因", max_length=16, choices=Reason.choices)
    facts = models.TextField("事实和理由", max_length=2000)
    died_on = models.DateField("死亡日期", null=True, blank=True)
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="涉及成员"
    )
    member_gone = models.BooleanField("该成员不再计入", default=False)
    income_kind = models.CharField("收入类别", max_length=10, choices=IncomeKind.choices, blank=True)
    income = YuanField("核实后月收入", null=True, blank=True)
    deposits = YuanField("核实后货币财产", null=True, blank=True)
    was = YuanField("原月金额", null=True)
    was_care = YuanField("原照料护理费", null=True)
    monthly = YuanField("新月金额", null=True)
    care_fee = YuanField("新照料护理费", null=True)
    phase_out_months = models.PositiveSmallIntegerField("渐退期（月）", default=0)
    screening = models.CharField("其他救助筛查情况", max_length=500, blank=True)
    lines = models.JSONField("测算明细", default=list)
    rule_ids = models.JSONField("所用规则", default=list)
    state = models.CharField("状态", max_length=14, choices=ChangeState.choices, default=ChangeState.DRAFT)
    round = models.PositiveSmallIntegerField("轮次", default=1)
    created_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="拟写人")
    created_at = models.DateTimeField("拟写时间")
    prior_served_at = models.DateTimeField("事先告知书送达时间", null=True, blank=True)
    decided_at = models.DateTimeField("决定时间", null=True, blank=True)
    decision_served_at = models.DateTimeField("决定书送达时间", null=True, blank=True)
    effective_on = models.DateField("生效月", null=True, blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "待遇变更"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_change_a_benefit",
                fields=["benefit"],
                condition=Q(state__in=_OPEN),
                violation_error_message="该待遇已有正在办理的变更。",
            ),
            models.CheckConstraint(name="change_names_its_amount", condition=change_shape()),
            models.CheckConstraint(
                name="death_has_its_day",
                condition=Q(reason=Reason.DEATH, died_on__isnull=False)
                | (~Q(reason=Reason.DEATH) & Q(died_on__isnull=True)),
            ),
            models.CheckConstraint(name="change_state_is_known", condition=Q(state__in=ChangeState.values)),
            models.CheckConstraint(name="change_says_why", condition=~Q(facts="")),
            models.CheckConstraint(
                name="change_in_effect_was_decided_and_served", condition=in_effect_shape()
            ),
        ]
        indexes = [
            models.Index(name="change_in_township", fields=["township", "-id"]),
            models.Index(name="change_in_county", fields=["county", "-id"]),
            models.Index(name="change_in_village", fields=["village", "-id"]),
            models.Index(name="change_open", fields=["township", "state"], condition=Q(state__in=_OPEN)),
        ]
        triggers = change_triggers()

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.application_id}"

    @property
    def matter(self) -> str:
        """What its papers are about."""
        return f"change:{self.pk}" if self.round == 1 else f"change:{self.pk}-{self.round}"

    @property
    def masked_name(self) -> str:
        return mask_name(self.benefit.head_name)

    @property
    def is_over(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def badge_level(self) -> str:
        """How the state looks: done, over without effect, or under way."""
        if self.state == ChangeState.IN_EFFECT:
            return "done"
        return "muted" if self.is_over else "info"

    @property
    def ends(self) -> bool:
        """Does the benefit come to its end, rather than go on with another amount?"""
        return self.kind != ChangeKind.ADJUST

    @property
    def is_favourable(self) -> bool:
        return not self.ends and self.monthly > self.was

    @property
    def nobody_is_left(self) -> bool:
        """The person has died and nobody of the household goes on: there is nobody to hear or to reach."""
        return self.reason == Reason.DEATH and self.kind == ChangeKind.TERMINATE

    @property
    def is_heard(self) -> bool:
        """SY-A1.6: whoever gets less is told beforehand and heard, but for the own wish."""
        return not (self.is_favourable or self.nobody_is_left or self.reason == Reason.VOLUNTARY)

    @property
    def is_published(self) -> bool:
        """SY-A2.6: the end of 特困 is published before it takes effect; a death is not up for objection."""
        return self.programme == Programme.TEKUN and self.ends and self.reason != Reason.DEATH

    @property
    def difference(self) -> Decimal | None:
        return None if self.was is None or self.monthly is None else self.monthly - self.was


class Evidence(models.Model):
    """One thing on which a change rests: what, found when and by whom. Kept as it was entered."""

    append_only = True

    change = models.ForeignKey(BenefitChange, models.PROTECT, related_name="evidence", verbose_name="变更")
    kind = models.CharField("种类", max_length=12, choices=EvidenceKind.choices)
    found_on = models.DateField("核查（出具）日期")
    finding = models.TextField("核查情况", max_length=1000)
    second_visitor = models.CharField("核查人二", max_length=60, blank=True)
    file = models.FileField("扫描件", storage=private_files, max_length=200, blank=True)
    content_type = models.CharField("类型", max_length=20, blank=True)
    sha256 = models.CharField("散列", max_length=64, blank=True)
    recorded_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="录入人")
    recorded_at = models.DateTimeField("录入时间")

    class Meta:
        verbose_name = verbose_name_plural = "变更依据"
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="evidence_says_something", condition=~Q(finding="")),
            models.CheckConstraint(
                name="visit_is_made_by_two",
                condition=~Q(kind=EvidenceKind.VISIT) | ~Q(second_visitor=""),
                violation_error_message="入户核查须由两人进行。",
            ),
            models.CheckConstraint(
                name="papers_are_on_file",
                condition=~Q(kind__in=[EvidenceKind.STATEMENT, EvidenceKind.PROOF])
                | (~Q(file="") & ~Q(sha256="")),
                violation_error_message="书面声明和证明材料须上传扫描件。",
            ),
        ]
        triggers = append_only_triggers("change_evidence")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.change_id}"


class Defence(DefenceRecord):
    """陈述申辩 about one change, in the round in which it was said."""

    change = models.ForeignKey(BenefitChange, models.PROTECT, related_name="defences", verbose_name="变更")

    class Meta:
        verbose_name = verbose_name_plural = "陈述申辩"
        ordering = ["pk"]
        constraints = says_something("defence_says_something", "defence_answered_with_outcome")
        triggers = [answered_once()]


class ChangeStep(MoveRecord):
    """One move of one change. Stream: `change:<id>`."""

    change = models.ForeignKey(BenefitChange, models.PROTECT, related_name="steps", verbose_name="变更")
    from_state = models.CharField("原状态", max_length=14, choices=ChangeState.choices)
    to_state = models.CharField("新状态", max_length=14, choices=ChangeState.choices)
    details = models.JSONField("变更内容", default=dict)

    class Meta:
        verbose_name = verbose_name_plural = "变更痕迹"
        ordering = ["sequence"]
        constraints = [
            models.UniqueConstraint(name="change_step_chain_is_a_line", fields=["stream", "sequence"]),
            one_person_one_post("one_person_one_post_a_change", "change", THREE_POSTS),
            a_person_acts_in_a_post("a_person_changes_in_a_post"),
            models.CheckConstraint(name="change_step_is_in_the_table", condition=allowed_moves()),
        ]
        triggers = [*chained_triggers("change_step"), *step_triggers()]

    def __str__(self) -> str:
        return f"{self.change_id} {self.label}"
