"""鹿城: appraisal within 5 working days → leadership meeting → feedback and two filings → one year."""

import datetime as dt
from decimal import Decimal

import pytest

from approvals.models import Deadline, Decision
from approvals.settling import services
from approvals.settling.enums import Action, Body
from approvals.settling.models import Entry
from approvals.settling.records import settlement_of
from cases.enums import ApplicationState as State
from common.append_only import broken_links
from payments.models import Benefit
from tests.conftest import BEIJING
from tests.settling import builders
from workbench.queries import stepper


def due(application, step: str) -> tuple[str, str]:
    limit = Deadline.objects.get(application=application, step=step)
    return limit.state, limit.due_at.astimezone(BEIJING).strftime("%Y-%m-%d")


@pytest.mark.clause("LC-4.1")
@pytest.mark.clause("LC-4.2a")
@pytest.mark.clause("LC-4.3a")
@pytest.mark.clause("LC-4.3b")
@pytest.mark.clause("LC-4.4b")
def test_the_whole_way_in_lucheng(lucheng, clock) -> None:
    # The wife has been gone since 1 May 2020; without her the household of one with 500 yuan is poor.
    application = builders.visited(lucheng)
    settlement = builders.refer(lucheng, application)
    assert (application.state, settlement.clause) == (State.SETTLING, "LC-3.1")
    assert settlement.checked == ["自 2020-05-01 起已满 5 年"]
    # Begun on Monday 2 March: five working days end on Monday the 9th.
    assert due(application, "appraisal") == ("running", "2026-03-09")

    clock.move_to(dt.datetime(2026, 3, 6, 10, tzinfo=BEIJING))
    assert builders.appraise(lucheng, settlement).valid
    assert due(application, "appraisal")[0] == "met"
    assert not Deadline.objects.filter(step="collective_review").exists()

    clock.move_to(dt.datetime(2026, 3, 9, 15, tzinfo=BEIJING))
    application = builders.determine(lucheng, settlement)
    assert application.state == State.DECIDING
    # No notice is due here, so none shows as done.
    assert [step["label"] for step in stepper(application)][-3:] == ["初审", "审批", "次月发放"]
    # Determined on Monday the 9th: five working days end on Monday the 16th.
    assert due(application, "feedback") == due(application, "filing") == ("running", "2026-03-16")

    for body in (Body.DISCIPLINE, Body.DISTRICT):
        builders.acknowledged(lucheng, settlement, body)
    services.feed_back(settlement=settlement, told=builders.told(), actor=lucheng.office.handler)
    assert due(application, "filing")[0] == due(application, "feedback")[0] == "met"

    clock.move_to(dt.datetime(2026, 3, 10, 9, tzinfo=BEIJING))
    application = builders.approve(lucheng, application)
    settlement.refresh_from_db()
    assert application.state == State.APPROVED
    assert (settlement.confirmed_on, settlement.valid_until) == (dt.date(2026, 3, 10), dt.date(2027, 3, 9))
    benefit = Benefit.objects.get()
    # From the month after the decision until the month after the validity.
    assert (benefit.starts_on, benefit.ends_on) == (dt.date(2026, 4, 1), dt.date(2027, 4, 1))
    assert benefit.revisions.get().monthly == Decimal("585.00")
    assert [cover.person_id for cover in benefit.covers.all()] == [application.applicant.person_id]
    assert builders.actions_of(application) == [
        Action.REFER,
        Action.APPRAISE,
        Action.DETERMINE,
        Action.FILE,
        Action.ACKNOWLEDGE,
        Action.FILE,
        Action.ACKNOWLEDGE,
        Action.FEED_BACK,
        Action.CONFIRM,
    ]
    assert broken_links(Entry) == []


@pytest.mark.clause("LC-4.3a")
def test_the_township_decides_it_although_the_county_decides_the_ordinary_case(lucheng, clock) -> None:
    settlement = builders.referred(lucheng)
    builders.appraise(lucheng, settlement)
    application = builders.determine(lucheng, settlement)
    assert application.proposals.get().authority == "township"
    assert builders.approve(lucheng, application).state == State.APPROVED
    decision = Decision.objects.get()
    assert {line["code"] for line in decision.lines} >= {"circumstance", "case_monthly_max"}
    assert settlement_of(application).determination.monthly_max == Decimal("1085.00")
