"""临时救助 in cash or in goods, in special cases: asked for, approved, handed over against a signed receipt
(SY-5.1).
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from common.append_only import append_only_triggers
from common.storage import private_files
from payments.enums import OPEN_REQUESTS, FundPurpose, HandOverKind, HandOverState
from payments.models.fund import FundMove
from payments.models.grant import HELD_GRANT, Instalment

USER = settings.AUTH_USER_MODEL
_REFUSE = "RAISE EXCEPTION '%s' USING ERRCODE = 'integrity_constraint_violation';"
_DECIDED = "'{state,decided_by_id,decided_at,remark}'::text[]"


class HandOverRequest(models.Model):
    """One instalment that is to be handed over: why not by bank, and who agreed.

    `goods`: `[{name, quantity, value}]`, the value of each line in yuan, together the instalment; empty for
    cash. `rule_ids`: the rules of the day by which it was asked.
    """

    instalment = models.ForeignKey(
        Instalment, models.PROTECT, related_name="hand_over_requests", verbose_name="救助期次"
    )
    kind = models.CharField("发放方式", max_length=5, choices=HandOverKind.choices)
    reason = models.CharField("特殊情况", max_length=200)
    goods = models.JSONField("实物清单", default=list, blank=True)
    rule_ids = models.JSONField("所用规则")
    asked_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="登记人")
    asked_at = models.DateTimeField("登记时间")
    state = models.CharField("状态", max_length=8, choices=HandOverState.choices, default=HandOverState.ASKED)
    decided_by = models.ForeignKey(
        USER, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="批准人"
    )
    decided_at = models.DateTimeField("处理时间", null=True, blank=True)
    remark = models.CharField("处理说明", max_length=200, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "现金实物发放申请"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                name="one_open_hand_over_request",
                fields=["instalment"],
                condition=Q(state__in=[state.value for state in OPEN_REQUESTS]),
                violation_error_message="该期已申请现金或实物发放。",
            ),
            models.CheckConstraint(name="hand_over_gives_its_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="hand_over_in_goods_names_them",
                condition=Q(kind=HandOverKind.CASH, goods=[]) | (Q(kind=HandOverKind.GOODS) & ~Q(goods=[])),
            ),
            models.CheckConstraint(
                name="hand_over_approved_by_another_person",
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("asked_by")),
                violation_error_message="登记与批准须由不同的人员办理。",
            ),
            models.CheckConstraint(
                name="hand_over_request_decided_whole",
                condition=Q(
                    state=HandOverState.ASKED, decided_by__isnull=True, decided_at__isnull=True, remark=""
                )
                | Q(state=HandOverState.APPROVED, decided_by__isnull=False, decided_at__isnull=False)
                | (
                    Q(state=HandOverState.REFUSED, decided_by__isnull=False, decided_at__isnull=False)
                    & ~Q(remark="")
                ),
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="hand_over_fits_its_instalment",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    IF EXISTS (SELECT FROM payments_instalment
                               WHERE id = NEW.instalment_id AND advanced_on IS NOT NULL) THEN
                        {_REFUSE % "what was given in advance is not handed over again"}
                    END IF;
                    IF NEW.kind = 'goods' AND (
                        SELECT COALESCE(bool_and((line ->> 'value')::numeric > 0 AND line ->> 'name' <> ''
                                                 AND line ->> 'quantity' <> ''), FALSE)
                               AND sum((line ->> 'value')::numeric) = (
                                   SELECT amount FROM payments_instalment WHERE id = NEW.instalment_id)
                        FROM jsonb_array_elements(NEW.goods) line) IS NOT TRUE THEN
                        {_REFUSE % "goods have name, quantity and value, and are worth the instalment"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
            pgtrigger.Trigger(
                name="hand_over_request_is_kept",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                # Approved may still be taken back, as long as nothing left the house.
                func=f"""
                    IF TG_OP = 'UPDATE' AND OLD.state <> 'refused' AND NEW.state <> OLD.state
                       AND NEW.state <> 'asked'
                       AND to_jsonb(NEW) - {_DECIDED} = to_jsonb(OLD) - {_DECIDED}
                       AND NOT EXISTS (SELECT FROM payments_handover WHERE request_id = OLD.id) THEN
                        RETURN NEW;
                    END IF;
                    {_REFUSE % "a request to hand over is decided and kept"}
                """,  # noqa: S608 - our own text
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}发放申请 {self.pk}"


class HandOver(models.Model):
    """Cash or goods in somebody's hand, before two of the staff, out of the payer's fund: once an instalment.

    `received_by` is the person or, with `proxy_relation`, who stood in. `receipt_due_at`: by when the scan of
    the signed receipt must be there, `receipt_why` how that day comes about.
    """

    append_only = True

    instalment = models.OneToOneField(
        Instalment, models.PROTECT, related_name="hand_over", verbose_name="救助期次"
    )
    request = models.OneToOneField(
        HandOverRequest, models.PROTECT, related_name="hand_over", verbose_name="申请"
    )
    handed_on = models.DateField("发放日期")
    handed_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="发放人")
    second = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="另一名在场工作人员")
    received_by = models.CharField("领取人", max_length=60)
    proxy_relation = models.CharField("代领人与救助对象关系", max_length=60, blank=True)
    fund_move = models.OneToOneField(
        FundMove, models.PROTECT, related_name="hand_over", verbose_name="资金支出"
    )
    receipt_due_at = models.DateTimeField("领取签收补交期限")
    receipt_why = models.JSONField("期限说明", default=list)
    rule_ids = models.JSONField("所用规则")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = verbose_name_plural = "现金实物发放"
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                name="hand_over_before_two_people",
                condition=~Q(second=F("handed_by")),
                violation_error_message="发放须两名工作人员在场。",
            ),
            models.CheckConstraint(name="hand_over_names_who_received", condition=~Q(received_by="")),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="hand_over_is_as_approved",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                # Whoever takes the approval back at this moment waits, or has done so before.
                func=f"""
                    PERFORM FROM payments_handoverrequest r
                        WHERE r.id = NEW.request_id AND r.instalment_id = NEW.instalment_id
                          AND r.state = 'approved'
                          AND NEW.handed_by_id NOT IN (r.asked_by_id, r.decided_by_id)
                          AND NEW.second_id <> r.decided_by_id
                          AND NEW.handed_on >= (r.decided_at AT TIME ZONE 'Asia/Shanghai')::date
                        FOR NO KEY UPDATE;
                    IF NOT FOUND THEN
                        {_REFUSE % "handed over as approved, by others than who asked and approved"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
            pgtrigger.Trigger(
                name="hand_over_of_what_no_list_pays",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    {HELD_GRANT}
                    IF EXISTS (SELECT FROM payments_payment WHERE instalment_id = NEW.instalment_id) THEN
                        {_REFUSE % "an instalment in a list is not handed over"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
            pgtrigger.Trigger(
                name="hand_over_is_what_the_fund_paid",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=f"""
                    PERFORM FROM payments_fundmove m JOIN payments_fund f ON f.id = m.fund_id
                        JOIN payments_instalment i ON i.id = NEW.instalment_id
                        JOIN payments_grant g ON g.id = i.grant_id
                        WHERE m.id = NEW.fund_move_id AND m.kind = 'handed' AND m.amount = -i.amount
                          AND f.purpose = '{FundPurpose.LINSHI}'
                          AND f.area_id IN (g.township_id, g.county_id);
                    IF NOT FOUND THEN
                        {_REFUSE % "handed over is what the fund of its area paid, to the fen"}
                    END IF;
                    RETURN NEW;
                """,  # noqa: S608 - our own text
            ),
            *append_only_triggers("hand_over"),
        ]

    def __str__(self) -> str:
        return f"{self.instalment_id} {self.handed_on:%Y-%m-%d}"


class HandOverReceipt(models.Model):
    """The scan of the receipt that the recipient and two of the staff have signed."""

    append_only = True

    hand_over = models.OneToOneField(
        HandOver, models.PROTECT, related_name="receipt", verbose_name="现金实物发放"
    )
    file = models.FileField("扫描件", storage=private_files, max_length=200)
    content_type = models.CharField("类型", max_length=20)
    sha256 = models.CharField("散列", max_length=64)
    kept_by = models.ForeignKey(USER, models.PROTECT, related_name="+", verbose_name="上传人")
    kept_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = verbose_name_plural = "领取签收"
        triggers = append_only_triggers("hand_over_receipt")

    def __str__(self) -> str:
        return f"领取签收 {self.hand_over_id}"
