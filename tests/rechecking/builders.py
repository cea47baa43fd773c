"""Re-checks of benefits that 一事一议 may keep (LC-3.4), and renewals of 一事一议 (LC-4.4b)."""

from __future__ import annotations

from decimal import Decimal

from approvals.enums import Outcome
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.rechecking.renewing import ask_for_renewal, determine_renewal, file_renewal
from approvals.rechecking.services import RecheckEntry, determine_keeping, recheck_benefit
from approvals.settling.enums import Body, Purpose
from approvals.settling.models import Appraisal, CaseByCase, Filing
from approvals.settling.services import acknowledge, record_appraisal
from common import clock
from payments.models import Benefit
from tests.approvals.builders import Office
from tests.settling.builders import Settling, appraisal_entry, meeting


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


def asked(place: Settling, settlement: CaseByCase, **changes) -> EconomicRecheck:
    """The new report and the facts as they were, unless told otherwise."""
    given = {
        "checked_on": clock.today(),
        "report_number": "HD-2027-XQ-1",
        "deposits": Decimal("0.00"),
        "finding": "情况与认定时相同。",
    }
    facts = place.facts | changes.pop("facts", {})
    actor = changes.pop("actor", place.office.handler)
    entry = RecheckEntry(**given | changes)
    return ask_for_renewal(settlement=settlement, entry=entry, facts=facts, actor=actor)


def answered(
    place: Settling, recheck: EconomicRecheck, outcome: Outcome = Outcome.APPROVED, **changes
) -> Keeping:
    given = {"meeting": meeting(), "opinion": "经研究，情形仍然存在。", "actor": place.office.reviewer}
    return determine_renewal(recheck=recheck, outcome=outcome, **given | changes)


def renewed(place: Settling, settlement: CaseByCase) -> Keeping:
    """Asked for, appraised by the vote of the first time, and given."""
    recheck = asked(place, settlement)
    appraised(place.office, recheck)
    return answered(place, recheck)


def filed(place: Settling, recheck: EconomicRecheck, body: Body = Body.DISTRICT) -> Filing:
    return file_renewal(recheck=recheck, body=body, remark="附复核情况。", actor=place.office.handler)


def received(place: Settling, filing: Filing) -> Filing:
    actor = place.discipline if filing.body == Body.DISCIPLINE else place.district
    return acknowledge(filing=filing, answer="同意备案。", actor=actor)
