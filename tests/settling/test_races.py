"""Two at once over 一事一议: one effect, and nothing is filed of what was not determined."""

import datetime as dt
from dataclasses import replace

import pytest

from approvals.settling.enums import Body
from approvals.settling.models import Appraisal, CaseByCase, Determination, Entry, Filing, Recheck
from approvals.settling.services import file, recheck
from cases.enums import ApplicationState as State
from common.append_only import broken_links
from common.errors import Refused
from organisations.enums import Post
from tests.cases.builders import person_with
from tests.payments.test_races import at_once
from tests.settling import builders

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(clock):
    return builders.in_lucheng()


@pytest.fixture
def appraised(place) -> CaseByCase:
    settlement = builders.referred(place)
    builders.appraise(place, settlement)
    return settlement


def test_filing_waits_for_the_determination_under_way(place, appraised):
    first, second = at_once(
        lambda: builders.determine(place, appraised),
        lambda: builders.filed(place, appraised, Body.DISTRICT),
    )
    assert first.state == State.DECIDING
    assert second.filed_at >= Determination.objects.get().at


@pytest.mark.clause("LC-4.3a")
def test_two_determine_at_once(place, appraised):
    colleague = person_with(Post.REVIEWER, place.office.township)
    other = replace(place, office=replace(place.office, reviewer=colleague))
    first, second = at_once(
        lambda: builders.determine(place, appraised), lambda: builders.determine(other, appraised)
    )
    assert first.state == State.DECIDING
    assert "不能办理" in second.message
    assert Determination.objects.count() == 1


@pytest.mark.clause("LC-4.3b")
def test_two_file_with_the_same_body_at_once(place, appraised):
    builders.determine(place, appraised)
    colleague = person_with(Post.HANDLER, place.office.township)

    def send(actor):
        return file(settlement=appraised, body=Body.DISCIPLINE, remark="", actor=actor)

    first, second = at_once(lambda: send(place.office.handler), lambda: send(colleague))
    assert first.filed_by == place.office.handler
    assert second.message == "已向街镇纪（工）委备案。"
    assert Filing.objects.count() == 1
    assert broken_links(Entry) == []


@pytest.mark.clause("LC-4.2b")
def test_two_record_a_valid_appraisal_at_once(place):
    settlement = builders.referred(place)
    first, second = at_once(
        lambda: builders.appraise(place, settlement), lambda: builders.appraise(place, settlement)
    )
    assert first.valid
    assert isinstance(second, Refused)
    assert Appraisal.objects.count() == 1


@pytest.mark.clause("DT-4.4")
def test_two_record_the_visit_of_a_day_at_once(place):
    settlement = builders.in_force(place)
    colleague = person_with(Post.HANDLER, place.office.township)

    def visit(actor):
        today = dt.date(2026, 3, 2)
        return recheck(
            settlement=settlement, checked_on=today, finding="无变化。", still_applies=True, actor=actor
        )

    first, second = at_once(lambda: visit(place.office.handler), lambda: visit(colleague))
    assert first.by == place.office.handler
    assert second.message == "当天已登记过复核走访。"
    assert Recheck.objects.count() == 1
