"""The demo's stories of 低边, 特困 and 临时救助, told by the real services in each of the five districts."""

from datetime import datetime

import pytest

from cases.enums import Placement, Programme
from cases.models import Application, CareAgreement, SelfCareAssessment
from payments.models import Benefit
from policy.calendars import working_calendar
from policy.deadlines import SHANGHAI
from workbench.demo.hours import Clock
from workbench.demo.programmes import Wish
from workbench.demo.staff import DISTRICTS, make_staff, town
from workbench.demo.story import Story
from workbench.demo.world import load_ground

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 3, 31, 12, 0, tzinfo=SHANGHAI)


@pytest.fixture
def tell(clock, settings):
    settings.DEMO = True
    clock.move_to(NOW)
    load_ground()
    staff, calendar = make_staff(), working_calendar()

    def story(key: str, programme: Programme, index: int, ending: str = "reviewing") -> Application:
        start = datetime(2026, 3, 2, 9, 5, tzinfo=SHANGHAI)
        return Story(index, town(key, staff), Clock(calendar, start), ending, NOW, programme).tell()

    return story


@pytest.mark.clause("DT-2.2")
def test_every_programme_reaches_the_review_in_every_district(tell) -> None:
    index = 1000
    for key in DISTRICTS:
        for programme in (Programme.DIBIAN, Programme.TEKUN, Programme.LINSHI):
            index += 1
            application = tell(key, programme, index)
            assert (application.programme, application.state) == (programme, "reviewing")
            assert application.township.code[:6] == DISTRICTS[key]
    assert SelfCareAssessment.objects.count() == CareAgreement.objects.count() == len(DISTRICTS)


@pytest.mark.clause("DT-3.3")
def test_every_programme_is_decided_in_every_district(tell) -> None:
    index = 2000
    for key in DISTRICTS:
        for programme in (Programme.DIBIAN, Programme.TEKUN, Programme.LINSHI):
            index += 1
            application = tell(key, programme, index, "approved")
            assert (application.programme, application.state) == (programme, "approved"), key
    held = Benefit.objects.values_list("programme", flat=True)
    assert sorted(held) == ["dibian"] * len(DISTRICTS) + ["tekun"] * len(DISTRICTS)
    assert Benefit.objects.filter(programme="dibian", revisions__isnull=False).count() == 0


def test_the_placement_follows_the_self_care(tell) -> None:
    wishes = [Wish(Programme.TEKUN, n, None) for n in range(7)]
    assert [wish.failed for wish in wishes] == list(range(7))
    assert [wish.placement for wish in wishes] == [Placement.HOME] * 4 + [Placement.INSTITUTION] * 3
    answers = wishes[2].self_care(NOW.date()).answers.values()
    assert list(answers).count(False) == 2
