"""What a programme gives, in columns and in words: the same on the screen, in the trace and on paper."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from approvals.models import Decision, Proposal
from common.money import in_capitals, show_yuan
from policy.lines import Assessment

STATUS = "认定身份，不发放资金"


def columns_of(
    assessment: Assessment, amount: Decimal | None, plan: list[tuple[date, Decimal]]
) -> dict[str, object]:
    """The columns of `approvals.models.Given` for a favourable opinion."""
    return {
        "monthly": assessment.monthly,
        "care_fee": assessment.care_fee,
        "pocket_money": assessment.pocket_money,
        "amount": amount,
        "instalments": [{"on": day.isoformat(), "amount": f"{part:.2f}"} for day, part in sorted(plan)],
    }


def same_given(assessment: Assessment, what: Proposal | Decision) -> bool:
    """Does the calculation give what was proposed or decided; of 临时救助, does it allow as much?"""
    now = (assessment.monthly, assessment.care_fee, assessment.pocket_money)
    then = (what.monthly, what.care_fee, what.pocket_money)
    within = what.amount is None or what.amount <= (assessment.one_off_max or 0)
    return now == then and within


def as_given(what: Proposal | Decision | Assessment) -> str:
    """`每月 585.00 元`, `一次性 3,000.00 元`, or that it is a status without money."""
    one_off = getattr(what, "amount", None)
    if one_off is None and isinstance(what, Assessment):
        one_off = what.one_off_max
    if one_off is not None:
        return f"一次性 {show_yuan(one_off)} 元"
    if what.monthly is None:
        return STATUS
    care = f"（含照料护理费 {show_yuan(what.care_fee)} 元）" if what.care_fee else ""
    return f"每月 {show_yuan(what.monthly)} 元{care}"


def plan_words(plan: list[tuple[date, Decimal]]) -> str:
    """`分 2 期：2026-04-01 1,000.00 元；2026-06-01 2,000.00 元`; empty for one payment."""
    parts = "；".join(f"{day:%Y-%m-%d} {show_yuan(part)} 元" for day, part in plan)
    return f"分 {len(plan)} 期：{parts}" if plan else ""


def decided_words(decision: Decision) -> str:
    """What was approved, as the paper says it, the sum in capitals too; empty for a refusal."""
    if decision.outcome != "approved":
        return ""
    if decision.amount is not None:
        plan = plan_words(decision.plan)
        return f"给予一次性临时救助金{_in_words(decision.amount)}。" + (f"{plan}。" if plan else "")
    since = f"自{decision.starts_on.year}年{decision.starts_on.month}月起"
    if decision.monthly is None:
        return f"{since}认定为{decision.get_programme_display()}，按规定享受相应专项救助，不发放保障金。"
    if decision.care_fee is None:
        return f"{since}，每月发放保障金{_in_words(decision.monthly)}。"
    basic = decision.monthly - decision.care_fee
    pocket = (
        f"，基本生活费中零用钱不低于 {show_yuan(decision.pocket_money)} 元" if decision.pocket_money else ""
    )
    return (
        f"{since}，每月发放救助供养金{_in_words(decision.monthly)}，其中基本生活费 {show_yuan(basic)} 元、"
        f"照料护理费 {show_yuan(decision.care_fee)} 元{pocket}。"
    )


def _in_words(amount: Decimal) -> str:
    return f"人民币（大写）{in_capitals(amount)}（小写 {show_yuan(amount)} 元）"


def proposed_words(proposal: Proposal) -> str:
    """What was proposed, for the form; empty for an unfavourable opinion."""
    if proposal.outcome != "approved":
        return ""
    if proposal.amount is not None:
        plan = plan_words(proposal.plan)
        return f"拟一次性救助{show_yuan(proposal.amount)}元。" + (f"{plan}。" if plan else "")
    if proposal.monthly is None:
        return "拟认定，不发放保障金。"
    return f"拟每月保障{show_yuan(proposal.monthly)}元。"
