"""补办手续: the formal application behind a relief, and the approval that counts what was given (DT-3.3)."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from approvals.relief.enums import LimitStep, ReliefState
from approvals.relief.models import EmergencyRelief
from approvals.relief.services.limits import end_limit
from approvals.relief.services.moving import locked, move
from cases import services as cases
from cases.declarations import Declaration, LinshiEntry, MemberLine
from cases.enums import Channel, LinshiKind, Programme, Relation
from cases.models import Application
from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import User
from payments.services import Advance


@transaction.atomic
def begin_papers(*, relief: EmergencyRelief, actor: User, id_number: str = "") -> EmergencyRelief:
    """Register a draft of 临时救助 (急难型) with what is known, linked to the relief.

    `id_number`: where it was missing in the emergency. Refused as any registration would be.
    """

    def sign(found: EmergencyRelief) -> list[str]:
        number = found.id_number or id_number
        if not number:
            raise Refused("补办手续须有身份证号，请先查明后填写。", field="id_number")
        found.application = cases.register_application(declaration=_declared(found, number), actor=actor)
        return [f"登记补办的申请 {found.application.number}"]

    return move(locked(relief.pk), "begin_papers", actor, "", sign)


def _declared(relief: EmergencyRelief, id_number: str) -> Declaration:
    """The short form as a registration. What it does not know stays open in the draft."""
    applicant = MemberLine(
        name=relief.name, id_number=id_number, relation=Relation.SELF, phone=relief.phone or ""
    )
    day = timezone.localdate(relief.reported_at)
    return Declaration(
        programme=Programme.LINSHI,
        channel=Channel.WINDOW,
        village=relief.village,
        members=(applicant,),
        address=relief.place,
        statement=relief.happened,
        payee_name=relief.name,
        hukou_in_county=relief.local,
        lives_in_county=relief.local,
        linshi=LinshiEntry(
            kind=LinshiKind.EMERGENCY,
            cause=relief.cause,
            requested=relief.amount,
            happened_on=day,
            advanced=relief.amount,
            note=f"已先行救助 {show_yuan(relief.amount)} 元（{relief.number}）。",
        ),
    )


def relief_behind(application: Application) -> EmergencyRelief | None:
    """The relief whose papers the application is, as long as they are open."""
    return EmergencyRelief.objects.filter(application=application, state=ReliefState.PAID).first()


def advance_of(relief: EmergencyRelief | None, amount) -> Advance | None:
    """What was given counts towards the amount; Refused when less than that would be approved."""
    if relief is None:
        return None
    if amount < relief.amount:
        raise Refused(
            f"拟批准 {show_yuan(amount)} 元，低于已先行救助的 {show_yuan(relief.amount)} 元。"
            "请退回补充调查，按不低于先行救助的金额重新初审；"
            "确不符合条件的，不予批准后由审批岗在“急难先行救助”中作出“认定不符合”。",
            field="amount",
            clause="DT-4.3",
        )
    return Advance(timezone.localdate(relief.paid_at), relief.amount)


@transaction.atomic
def complete(*, relief: EmergencyRelief) -> EmergencyRelief:
    """The application was approved: the task of the papers ends."""

    def sign(found: EmergencyRelief) -> list[str]:
        end_limit(found, LimitStep.COMPLETION, clock.now())
        return [f"申请 {found.application.number} 已批准，先行救助计入"]

    return move(locked(relief.pk), "complete", None, "", sign)
