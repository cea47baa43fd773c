"""Re-checks of benefits in 鹿城, where 一事一议 may keep them (LC-3.4)."""

from __future__ import annotations

from decimal import Decimal

from approvals.enums import Outcome
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.rechecking.services import RecheckEntry, determine_keeping, recheck_benefit
from approvals.settling.enums import Purpose
from approvals.settling.models import Appraisal
from approvals.settling.services import record_appraisal
from common import clock
from payments.models import Benefit
from tests.approvals.builders import Office
from tests.settling.builders import appraisal_entry, meeting


def rechecked(office: Office, benefit: Benefit, deposits: str, **changes) -> EconomicRecheck:
    facts = {
        "checked_on": clock.today(),
        "report_number": "HD-2026-FH-1",
        "deposits": Decimal(deposits),
        "finding": "历年救助金积存，本人长期住院。",
    }
    return recheck_benefit(benefit=benefit, entry=RecheckEntry(**facts | changes), actor=office.handler)


def appraised(office: Office, recheck: EconomicRecheck, **changes) -> Appraisal:
    entry = appraisal_entry(purpose=Purpose.CHECK, **changes)
    return record_appraisal(application=recheck.application, entry=entry, actor=office.handler)


def determined(
    office: Office, recheck: EconomicRecheck, outcome: Outcome = Outcome.APPROVED, **changes
) -> Keeping:
    return determine_keeping(
        recheck=recheck, outcome=outcome, meeting=meeting(**changes), actor=office.reviewer
    )
