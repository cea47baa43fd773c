"""The demo's hard cases, told by the real services: each waits where its district's rules let it wait."""

from datetime import datetime

import pytest

from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.relief.models import EmergencyRelief
from approvals.serving.models import ServiceAttempt
from approvals.settling.enums import Circumstance
from cases.models import Application
from policy.calendars import working_calendar
from policy.deadlines import SHANGHAI
from publicity.models import StandingNotice
from workbench.demo import settled
from workbench.demo.funds import fill_funds
from workbench.demo.hard import Desk, give_relief, hang_board, morning, serve_refusals
from workbench.demo.hours import Clock
from workbench.demo.staff import make_staff, town
from workbench.demo.story import Story
from workbench.demo.world import load_ground

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=SHANGHAI)


@pytest.fixture
def staff(clock, settings):
    settings.DEMO = True
    clock.move_to(NOW)
    load_ground()
    return make_staff()


@pytest.mark.clause("LC-2.1")
def test_a_hard_case_waits_in_each_of_the_three_variants(staff, monkeypatch):
    plan = (
        ("lc", Circumstance.LEFT, "determined"),
        ("dt", Circumstance.SEVERE, "published"),
        ("sy", Circumstance.URGENT, "referred"),
    )
    monkeypatch.setattr(settled, "_PLAN", plan)
    towns = {key: town(key, staff) for key in ("lc", "dt", "sy")}
    settled.settle_cases(towns, staff, NOW, working_calendar())
    found = {case.county.code: case.state for case in Application.objects.select_related("county")}
    assert found == {"330302": "deciding", "330305": "published", "330604": "settling"}


@pytest.mark.clause("SY-A1.5b")
@pytest.mark.clause("SY-A1.7a")
def test_nobody_takes_the_refusal_and_the_board_waits_for_its_photo(staff):
    calendar, place = working_calendar(), town("sy", staff)
    for index in (4900, 4901):
        Story(index, place, morning(NOW, calendar, 28), "refused", NOW).tell()
    serve_refusals(place, staff, NOW, calendar)
    papers = Document.objects.filter(kind=DocumentKind.REFUSAL_NOTICE).order_by("pk")
    last = [ServiceAttempt.objects.filter(document=paper).order_by("-pk").first().event for paper in papers]
    assert last == ["left", "announced"]
    hang_board(Desk(place, staff, Clock(calendar, datetime(2026, 3, 20, 9, 5, tzinfo=SHANGHAI))))
    [notice] = StandingNotice.objects.all()
    assert not notice.photos.exists()


@pytest.mark.clause("SY-A1.5b")
def test_a_refusal_of_long_ago_was_handed_over(staff):
    start = Clock(working_calendar(), datetime(2026, 1, 5, 9, 5, tzinfo=SHANGHAI))
    Story(4902, town("sy", staff), start, "refused", NOW).tell()
    attempt = ServiceAttempt.objects.get()
    assert (attempt.event, attempt.document.kind) == ("handed_over", DocumentKind.REFUSAL_NOTICE)


@pytest.mark.clause("DT-8.2")
def test_relief_is_paid_before_its_papers_are_there(staff):
    calendar = working_calendar()
    fill_funds(today=NOW.date(), staff=staff, calendar=calendar)
    give_relief(Desk(town("dt", staff), staff, morning(NOW, calendar, 4)), staff["dt-town-payments"])
    assert sorted(EmergencyRelief.objects.values_list("state", flat=True)) == ["paid", "registered"]
