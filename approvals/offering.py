"""What the reviewer may propose: the calculation, and for 临时救助 the most that may be given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from approvals.assessing import assess_application
from cases.enums import Programme
from cases.models import Application
from cases.queries import linshi_request, rule_day
from common.errors import Refused
from common.money import FEN, show_yuan
from policy.lines import Assessment
from policy.rules import RuleBook


def offer_of(application: Application) -> Assessment:
    """The calculation on which a favourable opinion could rest.

    Whoever asks for more than the most of 临时救助 may still be given the most: then the answer is that of
    the least amount, with its `one_off_max`.
    """
    assessment = assess_application(application)
    if assessment.eligible or application.programme != Programme.LINSHI:
        return assessment
    smaller = assess_application(application, FEN)
    return smaller if smaller.eligible else assessment


def suggested(application: Application, offer: Assessment) -> tuple[Decimal, list[tuple[date, Decimal]]]:
    """The amount to start from: what was asked for, at most the most; with the plan asked for, if it fits."""
    asked = linshi_request(application)
    if asked.requested > offer.one_off_max:
        return offer.one_off_max, []
    return asked.requested, list(asked.instalments.values_list("due_on", "amount"))


def may_instal(application: Application) -> bool:
    """一次审批、分阶段救助 is a rule of the place (DT-3.3)."""
    book = RuleBook(application.township, rule_day(application))
    return book.has("linshi.instalments") and book.flag("linshi.instalments")


def assess_proposed(
    application: Application, amount: Decimal | None, plan: list[tuple[date, Decimal]], today: date
) -> Assessment:
    """The calculation for the amount that the reviewer proposes, in yuan, to be paid on the days of `plan`.

    Refused, beside the field, for no amount, for more than the most, and for a plan that is not the amount.
    """
    if amount is None:
        raise Refused("请填写拟救助金额。", field="amount")
    if not amount.is_finite() or amount <= 0 or amount != amount.quantize(FEN):
        raise Refused("拟救助金额须大于 0、精确到分。", field="amount")
    most = offer_of(application).one_off_max
    if most is not None and amount > most:
        raise Refused(
            f"拟救助金额 {show_yuan(amount)} 元超过最高可救助金额 {show_yuan(most)} 元。", field="amount"
        )
    _check_plan(application, amount, plan, today)
    return assess_application(application, amount)


def _check_plan(
    application: Application, amount: Decimal, plan: list[tuple[date, Decimal]], today: date
) -> None:
    """DT-3.3: where the place allows it, on different days to come, and together the amount."""
    if not plan:
        return
    if not may_instal(application):
        raise Refused("当地没有“一次审批、分阶段救助”的规则，不能分期。", field="plan", clause="DT-3.3")
    days = [day for day, _ in plan]
    if len(set(days)) != len(days):
        raise Refused("分阶段发放的日期不能重复。", field="plan")
    if min(days) < today:
        raise Refused("分阶段发放的日期不能早于今天。", field="plan")
    if any(part <= 0 for _, part in plan):
        raise Refused("分阶段发放每期金额须大于 0。", field="plan")
    total = sum((part for _, part in plan), Decimal("0.00"))
    if total != amount:
        raise Refused(
            f"分阶段发放各期合计 {show_yuan(total)} 元，与拟救助金额 {show_yuan(amount)} 元不一致。",
            field="plan",
            clause="DT-3.3",
        )
