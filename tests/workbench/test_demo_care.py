"""The demo's people in 分散供养: visited, due, with a gap, with another agreement that waits or counts."""

from datetime import datetime

import pytest

from organisations.models import Area
from payments.models import Benefit
from payments.queries import tasks_for
from payments.queries.care import people_at_home
from policy.calendars import working_calendar
from policy.deadlines import SHANGHAI
from tests.payments.builders import tekun
from workbench.demo.care import tend_people
from workbench.demo.staff import make_staff
from workbench.demo.world import load_ground

pytestmark = pytest.mark.django_db


@pytest.mark.clause("JZ-3.1")
def test_care_in_all_its_states(clock, settings) -> None:
    settings.DEMO = True
    now = datetime(2026, 6, 3, 12, 0, tzinfo=SHANGHAI)
    clock.move_to(datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI))
    load_ground()
    staff, village = make_staff(), Area.objects.get(code="410802001001")
    for n in range(5):
        tekun(village, "1000.00", number=f"JZ-2026-90000{n}")
    clock.move_to(now)
    tend_people(now, staff, working_calendar())
    people = people_at_home(Benefit.objects.all()).order_by("pk")
    assert [person.care_state for person in people] == ["signed", "signed", "signed", "ended", "ended"]
    assert [person.newest_confirmed is None for person in people if person.newest_id] == [False, True]
    todo = {task.action for task in tasks_for(staff["jz-handler"])}
    assert {"补签照料协议", "走访并登记"} <= todo
    assert "确认照料协议" in {task.action for task in tasks_for(staff["jz-reviewer"])}
