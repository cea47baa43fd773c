"""How far a re-check has come, and whether it lets the benefit go on."""

from __future__ import annotations

from datetime import date

from approvals.enums import Outcome
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.settling.models import Appraisal
from payments.models import Benefit


def latest_of(benefit: Benefit) -> EconomicRecheck | None:
    """Only the last re-check says how things are."""
    rows = benefit.rechecks.select_related("keeping", "recorded_by", "application")
    return rows.order_by("-pk").first()


def appraisal_for(recheck: EconomicRecheck) -> Appraisal | None:
    """The valid meeting held on it since, the last one."""
    held = Appraisal.objects.filter(
        application=recheck.application_id, valid=True, recorded_at__gte=recheck.recorded_at
    )
    return held.order_by("-pk").first()


def keeping_of(recheck: EconomicRecheck) -> Keeping | None:
    return getattr(recheck, "keeping", None)


def kept_until(benefit: Benefit, today: date) -> Keeping | None:
    """The determination by which the benefit goes on today despite its deposits (LC-3.4)."""
    recheck = latest_of(benefit)
    keeping = keeping_of(recheck) if recheck is not None and recheck.result == Result.BY_CASE else None
    if keeping is None or keeping.outcome != Outcome.APPROVED:
        return None
    return keeping if keeping.valid_until is None or keeping.valid_until >= today else None
