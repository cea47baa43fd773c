"""标准调整: the benefits of an area computed again, and the drafts of what changes."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import Exists, F, OuterRef, Q

from approvals.adjustments.enums import ItemKind
from approvals.adjustments.models.run import Run, Slice
from cases.enums import Programme
from common.money import YuanField
from organisations.models import Area
from payments.models import Benefit, BenefitRevision

_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
# A draft of run `NEW` on which somebody still has to act: not carried out, not settled by people, and not of
# a township whose drafts were returned and computed again.
_OPEN_DRAFT = """
    SELECT FROM adjustments_adjustmentitem i
    WHERE i.run_id = NEW.id
      AND CASE i.kind WHEN 'change' THEN i.applied_id IS NULL ELSE NOT EXISTS (
              SELECT FROM adjustments_adjustmentsettlement s WHERE s.item_id = i.id) END
      AND NOT EXISTS (
              SELECT FROM adjustments_adjustmentreturn r
              JOIN adjustments_adjustment again ON again.again_for_id = r.id
              WHERE r.run_id = i.run_id AND r.township_id = i.township_id)
"""


class Adjustment(Run):
    """标准调整: the benefits of an area computed again from a month on, because rules were published.

    `rules` keeps id, key, value and the value before of those that caused it. `again_for`: the return after
    which a township's drafts were computed again. Closed once every draft is carried out or settled.
    """

    programme = models.CharField("救助项目", max_length=10, choices=Programme.choices)
    effective_on = models.DateField("调整起始月")
    rules = models.JSONField("新标准")
    n_equal = models.PositiveIntegerField("不变户数", default=0)
    again_for = models.OneToOneField(
        "adjustments.AdjustmentReturn",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="again",
        verbose_name="因何次退回重新测算",
    )
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "标准调整"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(name="adjustment_starts_on_a_first_day", condition=Q(effective_on__day=1)),
            models.CheckConstraint(
                name="closed_adjustment_was_computed",
                condition=Q(closed_at__isnull=True) | Q(finished_at__isnull=False),
            ),
        ]
        indexes = [models.Index(name="adjustment_open", fields=["id"], condition=Q(closed_at__isnull=True))]
        triggers = [
            pgtrigger.Trigger(
                name="adjustment_closes_when_all_is_settled",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("closed_at"),
                func=f"""
                    IF OLD.closed_at IS DISTINCT FROM NEW.closed_at THEN
                        IF OLD.closed_at IS NOT NULL THEN
                            {_REFUSE % "a closed adjustment stays closed"}
                        END IF;
                        IF EXISTS ({_OPEN_DRAFT}) THEN
                            {_REFUSE % "an adjustment closes when every draft is settled"}
                        END IF;
                    END IF;
                    RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.area.name} {self.effective_on:%Y-%m} {self.get_programme_display()}标准调整"

    @property
    def badge(self) -> dict[str, str]:
        """Once computed, people come: it is done when all is settled."""
        if self.closed_at is not None:
            return {"text": "已办结", "level": "done"}
        return super().badge if self.finished_at is None else {"text": "待办理", "level": "soon"}


class AdjustmentSlice(Slice):
    """Benefits of an adjustment."""

    run = models.ForeignKey(Adjustment, models.CASCADE, related_name="slices", verbose_name="标准调整")

    class Meta:
        verbose_name = verbose_name_plural = "调整分段"
        indexes = [
            models.Index(
                name="adjustment_slice_open", fields=["run", "id"], condition=Q(done_at__isnull=True)
            )
        ]


class AdjustmentItemQuerySet(models.QuerySet):
    def open(self) -> AdjustmentItemQuerySet:
        """Somebody still has to act: as the trigger that keeps a change from closing sees it."""
        done = Q(kind=ItemKind.CHANGE, applied__isnull=False) | Q(
            kind=ItemKind.MANUAL, settlement__isnull=False
        )
        anew = Adjustment.objects.filter(
            again_for__run=OuterRef("run"), again_for__township=OuterRef("township")
        )
        return self.exclude(done).exclude(Exists(anew))


class AdjustmentItem(models.Model):
    """A draft: was, is, why; yuan a month, `care_…` the part that goes to institution or carer (特困).

    `revision` is the one it takes the place of; `applied` the one it became.
    """

    run = models.ForeignKey(
        Adjustment, models.PROTECT, related_name="items", db_index=False, verbose_name="标准调整"
    )
    benefit = models.ForeignKey(Benefit, models.PROTECT, related_name="+", verbose_name="待遇")
    township = models.ForeignKey(
        Area, models.PROTECT, related_name="+", db_index=False, verbose_name="街道（乡镇）"
    )
    revision = models.ForeignKey(
        BenefitRevision, models.PROTECT, related_name="+", null=True, db_index=False, verbose_name="原金额"
    )
    kind = models.CharField("处理方式", max_length=8, choices=ItemKind.choices)
    valid_from = models.DateField("自何月起", null=True)
    was = YuanField("原月金额", null=True)
    amount = YuanField("新月金额", null=True)
    care_was = YuanField("原照料护理费", default=0, db_default=0)
    care_fee = YuanField("新照料护理费", default=0, db_default=0)
    reason = models.CharField("原因", max_length=200)
    lines = models.JSONField("测算明细", default=list)
    rule_ids = models.JSONField("所用规则", default=list)
    applied = models.OneToOneField(
        BenefitRevision,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="adjusted_by",
        verbose_name="新金额",
    )

    objects = AdjustmentItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "调整草案"
        ordering = ["township__code", "pk"]
        constraints = [
            models.UniqueConstraint(name="benefit_once_an_adjustment", fields=["run", "benefit"]),
            models.CheckConstraint(
                name="automatic_change_is_whole",
                condition=Q(kind=ItemKind.MANUAL, applied__isnull=True)
                | (
                    Q(
                        kind=ItemKind.CHANGE,
                        revision__isnull=False,
                        valid_from__day=1,
                        was__isnull=False,
                        amount__gt=0,
                    )
                    & ~Q(was=F("amount"), care_was=F("care_fee"))
                ),
            ),
        ]
        indexes = [models.Index(name="item_by_township", fields=["run", "township", "kind", "id"])]
        triggers = [
            pgtrigger.Trigger(
                name="draft_is_kept_as_computed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    -- It is carried out once, or handed to people with the reason.
                    IF TG_OP = 'UPDATE' THEN
                        IF OLD.applied_id IS NULL
                           AND to_jsonb(NEW) - '{{kind,reason,applied_id}}'::text[]
                             = to_jsonb(OLD) - '{{kind,reason,applied_id}}'::text[]
                           AND ((NEW.kind, NEW.reason) = (OLD.kind, OLD.reason)
                                OR (OLD.kind = 'change' AND NEW.kind = 'manual')) THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    {_REFUSE % "a draft is kept as it was computed"}
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.benefit_id}"

    @property
    def difference(self):
        """Yuan a month, + more, − less; None where there is no new amount."""
        return None if self.was is None or self.amount is None else self.amount - self.was

    @property
    def settled(self):
        """What came of it where people had to look; None as long as nobody said."""
        return getattr(self, "settlement", None)
