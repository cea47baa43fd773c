"""What was settled by 一事一议 hangs for the long term where the rules say so, while it holds (LC-4.4a)."""

from __future__ import annotations

import datetime as dt

import pytest

from approvals.settling.tasks import lapse_settlements
from approvals.standing import refresh_standing
from approvals.tasks import refresh_standing_notices
from policy.models import Document, Rule
from publicity.models import StandingNotice
from tests.settling.builders import Settling, in_force


def settled_lines(notice: StandingNotice) -> list[tuple]:
    lines = notice.lines.filter(kind="case_by_case")
    return list(lines.values_list("published_name", "n_covered", "monthly"))


def board(place: Settling) -> StandingNotice:
    return refresh_standing(area=place.office.village, actor=place.office.handler)


@pytest.mark.clause("LC-4.4a")
def test_settled_cases_hang_with_name_and_amount(lucheng):
    """From the day of confirmation, with what was decided; it is paid from April."""
    settlement = in_force(lucheng)
    decision, application = settlement.application.decision, settlement.application
    assert settled_lines(board(lucheng)) == [
        (application.applicant_name, application.benefit.covers.count(), decision.monthly)
    ]


@pytest.mark.clause("LC-4.4a")
def test_the_monthly_job_hangs_them_too(lucheng):
    in_force(lucheng)
    refresh_standing_notices()
    notice = StandingNotice.objects.get(area=lucheng.office.village)
    assert len(settled_lines(notice)) == 1


def test_what_has_lapsed_comes_off(lucheng, clock):
    settlement = in_force(lucheng)
    clock.move_to(dt.datetime.combine(settlement.valid_until + dt.timedelta(days=40), dt.time(4), dt.UTC))
    lapse_settlements()
    assert settled_lines(board(lucheng)) == []


def test_nothing_hangs_where_the_rules_say_no(lucheng):
    in_force(lucheng)
    Rule.objects.create(
        area=lucheng.office.township,
        key="notice.case_by_case.standing",
        value="false",
        valid_from=dt.date(2026, 1, 1),
        document=Document.objects.create(code="T-NO", title="测试", status="in_force"),
        loaded_from="tests",
        published_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    )
    assert settled_lines(board(lucheng)) == []
