"""临时救助: from the decision to dated instalments (DT-3.3, DT-8.4)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from cases.enums import Programme
from cases.models import Application
from common import clock
from common.errors import Refused
from organisations.models import User
from payments.models import Grant, Instalment
from payments.services.shared import refuse_part_of_fen, refuse_without_account
from policy.deadlines import due_for
from policy.rules import NoRuleInForce

_STEP = "payment"


@dataclass(frozen=True, slots=True)
class Advance:
    """What was given before the decision, in yuan, and on which day."""

    on: date
    amount: Decimal


@transaction.atomic
def open_grant(
    *,
    application: Application,
    amount: Decimal,
    instalments: Sequence[tuple[date, Decimal]] = (),
    advanced: Advance | None = None,
    lines: Sequence[dict],
    rule_ids: Sequence[int],
    decided_by: User,
) -> Grant:
    """What the approval of 临时救助 causes: `amount` yuan, at once or in dated instalments (DT-3.3).

    The first instalment is due on its day, but no later than the rules allow after the decision (DT-8.4: 3
    working days), each later one on its day. Without instalments the whole amount is one. `advanced`: what
    the township gave before the decision counts as number 0; what is left of the plan is 跟进救助. Refused
    without an account unless nothing is left, for parts of a fen, when the parts are not the whole, when the
    days do not ascend, when more was advanced than is granted, and when the application already has its
    grant.
    """
    if application.programme != Programme.LINSHI:
        raise Refused("只有临时救助按次发放。")
    refuse_part_of_fen(amount, "救助金额", "amount")
    decided_at = application.decided_at or clock.now()
    plan = list(instalments) or [(None, amount)]
    _refuse_bad_plan(amount, plan, decided_at)
    if advanced is not None:
        plan = _left_of(plan, advanced.amount)
    if plan:
        refuse_without_account(application)
    if Grant.objects.filter(application=application).exists():
        raise Refused("该申请已批准临时救助。")
    grant = Grant.objects.create(
        application=application,
        county_id=application.county_id,
        township_id=application.township_id,
        village_id=application.village_id,
        head_name=application.applicant_name,
        amount=amount,
        lines=list(lines),
        rule_ids=list(rule_ids),
        decided_by=decided_by,
        decided_at=decided_at,
        payee_name=application.payee_name or application.applicant_name,
        payee_bank=application.payee_bank,
        payee_account=application.payee_account,
    )
    Instalment.objects.bulk_create(_instalments(grant, plan, advanced))
    return grant


def _instalments(
    grant: Grant, plan: Sequence[tuple[date | None, Decimal]], advanced: Advance | None
) -> list[Instalment]:
    found = []
    if advanced is not None:
        why = [f"{advanced.on:%Y-%m-%d} 已从备用金先行支付，不再发放（DT-4.3）。"]
        on = advanced.on
        found.append(
            Instalment(grant=grant, number=0, due_on=on, due_why=why, amount=advanced.amount, advanced_on=on)
        )
    for number, (day, part) in enumerate(plan, 1):
        due_on, why = day, [f"审批确定的第 {number} 期发放日期（DT-3.3）。"]
        if number == 1:
            due_on, why = _first_due(grant.application, grant.decided_at, day)
        found.append(Instalment(grant=grant, number=number, due_on=due_on, due_why=why, amount=part))
    return found


def _left_of(
    plan: Sequence[tuple[date | None, Decimal]], advanced: Decimal
) -> list[tuple[date | None, Decimal]]:
    """The plan without what was given in advance, taken off its first parts; Refused when that is more."""
    left = []
    for day, part in plan:
        taken = min(part, advanced)
        advanced -= taken
        if part > taken:
            left.append((day, part - taken))
    if advanced:
        raise Refused("批准金额低于已先行救助的金额。", field="amount", clause="DT-4.3")
    return left


def _refuse_bad_plan(
    amount: Decimal, plan: Sequence[tuple[date | None, Decimal]], decided_at: datetime
) -> None:
    for _, part in plan:
        refuse_part_of_fen(part, "每期金额", "instalments")
    if sum(part for _, part in plan) != amount:
        raise Refused("各期金额之和应等于救助金额。", field="instalments", clause="DT-3.3")
    days = [day for day, _ in plan if day is not None]
    if any(later <= earlier for earlier, later in zip(days, days[1:], strict=False)):
        raise Refused("各期发放日期应依次向后。", field="instalments")
    if days and days[0] < timezone.localdate(decided_at):
        raise Refused("发放日期不能早于批准日期。", field="instalments")


def _first_due(application: Application, decided_at: datetime, wanted: date | None) -> tuple[date, list[str]]:
    """The last day for the first payment. Where no rule sets a limit, the day of the decision's own plan."""
    try:
        due = due_for(area=application.township, programme=Programme.LINSHI, step=_STEP, start=decided_at)
    except NoRuleInForce:
        day = wanted or timezone.localdate(decided_at)
        return day, ["本地规则没有规定临时救助的支付时限，按审批确定的日期及时发放。"]
    last = timezone.localdate(due.due_at)
    if wanted is not None and wanted < last:
        return wanted, ["审批确定的第 1 期发放日期（DT-3.3）。", *due.why()]
    return last, due.why()
