"""How far a re-check has come, whether it lets the benefit go on, and whether a renewal can be asked for."""

from __future__ import annotations

from datetime import date

from approvals.enums import Outcome
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.settling.enums import Purpose
from approvals.settling.models import Appraisal, CaseByCase
from approvals.settling.services import end_of_benefit
from approvals.settling.validity import RENEWABLE_DAYS, renewable_from
from cases.models import Application
from payments.models import Benefit


def latest_of(benefit: Benefit) -> EconomicRecheck | None:
    """Only the last re-check says how things are."""
    rows = benefit.rechecks.select_related("keeping", "recorded_by", "application")
    return rows.order_by("-pk").first()


def appraisal_for(recheck: EconomicRecheck) -> Appraisal | None:
    """The valid meeting held on it since, the last one."""
    held = Appraisal.objects.filter(
        application=recheck.application_id,
        purpose=Purpose.CHECK,
        valid=True,
        recorded_at__gte=recheck.recorded_at,
    )
    return held.order_by("-pk").first()


def keeping_of(recheck: EconomicRecheck) -> Keeping | None:
    return getattr(recheck, "keeping", None)


def kept_until(benefit: Benefit, today: date) -> Keeping | None:
    """The determination by which the benefit goes on today despite its deposits (LC-3.4)."""
    recheck = latest_of(benefit)
    keeping = keeping_of(recheck) if recheck is not None and recheck.result == Result.BY_CASE else None
    if keeping is None or keeping.outcome != Outcome.APPROVED or recheck.settlement_id is not None:
        return None
    return keeping if keeping.valid_until is None or keeping.valid_until >= today else None


def settlement_behind(application: Application) -> CaseByCase | None:
    """The settlement that the benefit rests on: confirmed, lapsed or not."""
    confirmed = application.settlements.filter(confirmed_on__isnull=False)
    return confirmed.order_by("-investigation_round").first()


def refusal_of(settlement: CaseByCase) -> Keeping | None:
    """The determination against a renewal: the settlement then lapses, and is asked for anew."""
    return Keeping.objects.filter(recheck__settlement=settlement, outcome=Outcome.REFUSED).first()


def why_no_renewal(settlement: CaseByCase, benefit: Benefit, today: date) -> str:
    """What stands against asking for a renewal now, with what to do instead; empty when nothing does."""
    until = settlement.holds_until
    if until is None:
        return "当地规则没有一事一议有效期，待遇没有期满之日，不必续期。"
    if settlement.lapsed_on is not None or today > until:
        return f"有效期至 {until}，已经期满失效，不能续期；继续救助须重新申请（LC-4.4b）。"
    if refusal_of(settlement) is not None:
        return f"续期已认定不同意，{until} 期满失效；继续救助须重新申请（LC-4.4b）。"
    if today < (first := renewable_from(until)):
        return f"有效期至 {until}，自 {first} 起（期满前 {RENEWABLE_DAYS} 天）方可办理续期（LC-4.4b）。"
    if benefit.end_source or benefit.ends_on != end_of_benefit(until):
        return f"待遇已决定自 {benefit.ends_on:%Y-%m} 起停发，不能续期。"
    return ""
