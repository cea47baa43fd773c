"""What people did with the drafts: proposed, returned, confirmed; and settled where no machine could."""

from __future__ import annotations

import pgtrigger
from django.db import models
from django.db.models import F, Q

from approvals.adjustments.enums import Outcome
from approvals.adjustments.models.change import Adjustment, AdjustmentItem
from approvals.adjustments.models.run import USER
from common.append_only import ChainedRecord, chained_triggers
from common.money import YuanField
from organisations.models import Area

_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
_RETURNED = """
    EXISTS (SELECT FROM adjustments_adjustmentreturn r
            WHERE r.run_id = NEW.run_id AND r.township_id = NEW.township_id)
"""


class AdjustmentProposal(models.Model):
    """One township's part: proposed by the reviewer, confirmed by the approver, two people."""

    run = models.ForeignKey(
        Adjustment, models.PROTECT, related_name="proposals", db_index=False, verbose_name="标准调整"
    )
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    n_items = models.PositiveIntegerField("户数")
    difference = YuanField("月增减合计")
    proposed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="提出人")
    proposed_at = models.DateTimeField("提出时间")
    confirmed_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="确认人"
    )
    confirmed_at = models.DateTimeField("确认时间", null=True, blank=True)
    n_applied = models.PositiveIntegerField("已调整户数", null=True, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "调整审批"
        constraints = [
            models.UniqueConstraint(
                name="township_proposed_once",
                fields=["run", "township"],
                violation_error_message="该街道（乡镇）已提出。",
            ),
            models.CheckConstraint(
                name="adjustment_confirmed_by_another_person",
                condition=Q(confirmed_by__isnull=True) | ~Q(confirmed_by=F("proposed_by")),
                violation_error_message="确认人不能是提出人本人。",
            ),
            models.CheckConstraint(
                name="confirmed_adjustment_is_whole",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True, n_applied__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False, n_applied__isnull=False),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="proposal_is_confirmed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                func=f"""
                    IF TG_OP <> 'DELETE' THEN
                        IF {_RETURNED} THEN
                            {_REFUSE % "returned drafts are neither proposed nor confirmed"}
                        END IF;
                        IF TG_OP = 'INSERT' THEN RETURN NEW; END IF;
                        IF OLD.confirmed_by_id IS NULL
                           AND to_jsonb(NEW) - '{{confirmed_by_id,confirmed_at,n_applied}}'::text[]
                             = to_jsonb(OLD) - '{{confirmed_by_id,confirmed_at,n_applied}}'::text[] THEN
                            RETURN NEW;
                        END IF;
                    END IF;
                    {_REFUSE % "a proposal is confirmed once and kept"}
                """,  # noqa: S608 - our own text
            )
        ]

    def __str__(self) -> str:
        return f"{self.run_id} {self.township.name}"


class AdjustmentReturn(ChainedRecord):
    """退回 of one township's drafts, with the reason: by the reviewer before they are proposed (`proposal` is
    empty), or by the approver afterwards. They are then computed again. Stream: `adjustment:<run>`.
    """

    run = models.ForeignKey(
        Adjustment, models.PROTECT, related_name="returns", db_index=False, verbose_name="标准调整"
    )
    township = models.ForeignKey(Area, models.PROTECT, related_name="+", verbose_name="街道（乡镇）")
    proposal = models.OneToOneField(
        AdjustmentProposal,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="returned",
        verbose_name="退回的提出",
    )
    reason = models.CharField("退回原因", max_length=200)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="退回人")
    at = models.DateTimeField("退回时间")

    class Meta:
        verbose_name = verbose_name_plural = "调整退回"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(name="adjustment_return_chain_is_a_line", fields=["stream", "sequence"]),
            models.UniqueConstraint(
                name="township_returned_once",
                fields=["run", "township"],
                violation_error_message="该街道（乡镇）的草案已退回。",
            ),
            models.CheckConstraint(name="adjustment_return_says_why", condition=~Q(reason="")),
        ]
        triggers = [
            *chained_triggers("adjustment_return"),
            pgtrigger.Trigger(
                name="what_waits_is_returned_by_another_person",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                declare=[("waiting", "adjustments_adjustmentproposal%ROWTYPE")],
                func=f"""
                    -- FOR UPDATE waits for whoever is just confirming.
                    SELECT * INTO waiting FROM adjustments_adjustmentproposal p
                        WHERE p.run_id = NEW.run_id AND p.township_id = NEW.township_id FOR UPDATE;
                    IF waiting.id IS DISTINCT FROM NEW.proposal_id THEN
                        {_REFUSE % "what was proposed is returned as it was proposed"}
                    END IF;
                    IF waiting.confirmed_at IS NOT NULL OR waiting.proposed_by_id = NEW.by_id THEN
                        {_REFUSE % "a waiting proposal is returned by another person"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.township.name} 退回"


class AdjustmentSettlement(ChainedRecord):
    """人工处理结果 of a draft that could not be automatic: what came of it, by whom, when. Stream:
    `adjustment:<run>`.
    """

    item = models.OneToOneField(
        AdjustmentItem, models.PROTECT, related_name="settlement", verbose_name="调整草案"
    )
    outcome = models.CharField("处理结果", max_length=8, choices=Outcome.choices)
    note = models.CharField("处理说明", max_length=200)
    by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="处理人")
    at = models.DateTimeField("处理时间")

    class Meta:
        verbose_name = verbose_name_plural = "人工处理结果"
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                name="adjustment_settlement_chain_is_a_line", fields=["stream", "sequence"]
            ),
            models.CheckConstraint(
                name="settlement_outcome_is_known", condition=Q(outcome__in=Outcome.values)
            ),
            models.CheckConstraint(name="settlement_says_how", condition=~Q(note="")),
        ]
        triggers = [
            *chained_triggers("adjustment_settlement"),
            pgtrigger.Trigger(
                name="only_a_draft_for_people_is_settled",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    PERFORM FROM adjustments_adjustmentitem i
                        WHERE i.id = NEW.item_id AND i.kind = 'manual';
                    IF NOT FOUND THEN {_REFUSE % "only a draft for people is settled by people"} END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item_id} {self.get_outcome_display()}"
