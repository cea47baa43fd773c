"""Paid out of the township's reserve at once, with a receipt; the district is told by the same act."""

from __future__ import annotations

from django.db import transaction

from approvals.relief import perms
from approvals.relief.entries import PaymentEntry
from approvals.relief.enums import LimitStep
from approvals.relief.models import DistrictNotice, EmergencyRelief
from approvals.relief.services.limits import end_limit, start_limit
from approvals.relief.services.moving import locked, move
from cases.naming import clean_name
from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import User
from payments.services import pay_from_reserve


@transaction.atomic
def pay(*, relief: EmergencyRelief, entry: PaymentEntry, actor: User) -> EmergencyRelief:
    """Hand it over: out of the reserve, signed by the receiver and two people; the papers are due from now.

    Refused without the signatures, for one person twice, and below the minimum of the reserve without reason.
    """
    second = clean_name(entry.second_name)
    if not entry.received_by.strip():
        raise Refused("请填写领取人。", field="received_by")
    if not second or second == clean_name(actor.display_name):
        raise Refused("支付须两名工作人员在场，请填写另一名工作人员。", field="second_name")
    if not entry.receipt_signed:
        raise Refused("收据须由领取人和两名工作人员签字后才能支付。", field="receipt_signed")

    def sign(found: EmergencyRelief) -> list[str]:
        _refuse_relative(found, second)
        now = clock.now()
        found.paid_by, found.paid_at, found.second_name = actor, now, second
        found.received_by, found.receipt_signed = clean_name(entry.received_by), True
        found.fund_move = pay_from_reserve(
            township=found.township,
            amount=found.amount,
            actor=actor,
            note=f"急难先行救助 {found.number}",
            reason=entry.reason,
        )
        end_limit(found, LimitStep.RELIEF, now)
        limit = start_limit(found, LimitStep.COMPLETION, now)
        DistrictNotice.objects.create(relief=found, told_at=now)
        return [
            f"从备用金支付 {show_yuan(found.amount)} 元（{found.get_paid_in_display()}），收据已签字，"
            f"备用金余额 {show_yuan(found.fund_move.balance_after)} 元",
            f"已报告{found.county.name}",
            f"{limit.get_step_display()}期限至 {limit.due_at:%Y-%m-%d}",
        ]

    return move(locked(relief.pk), "pay", actor, "", sign)


def _refuse_relative(relief: EmergencyRelief, second: str) -> None:
    """The second person is told by name; namesakes are told apart by what is written behind it."""
    relatives = User.objects.filter(pk__in=relief.recused).values_list("name", flat=True)
    if second == clean_name(relief.name) or second in {clean_name(name) for name in relatives}:
        raise Refused(
            "救助对象本人和登记为近亲属的人员不能在场经办，请另选一名工作人员；同名的请加注。",
            field="second_name",
            clause="JZ-12.1",
        )


@transaction.atomic
def acknowledge(*, notice: DistrictNotice, actor: User) -> DistrictNotice:
    """The district has read it."""
    rows = DistrictNotice.objects.select_for_update(of=("self",)).select_related("relief__county")
    notice = rows.get(pk=notice.pk)
    if not (verdict := perms.can_acknowledge(actor, notice)):
        raise Refused(verdict.reason)
    notice.acknowledged_by, notice.acknowledged_at = actor, clock.now()
    notice.save(update_fields=["acknowledged_by", "acknowledged_at"])
    return notice
