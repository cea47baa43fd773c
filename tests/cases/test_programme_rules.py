"""What the rule tables of the districts ask of 特困: papers and the grade of self-care."""

from datetime import UTC, date, datetime

import pytest

from cases.enums import Programme
from cases.queries import self_care_of
from cases.services import prepare_submission, record_care_agreement, record_visit
from organisations.enums import Post
from organisations.loading import load_areas
from policy.packs import load_packs
from tests.cases.builders import (
    build_places,
    care_entry,
    draft_application,
    in_state,
    member_line,
    person_with,
    self_care_entry,
    synthetic_id,
    visit_entry,
)

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture
def places(clock):
    clock.move_to(NOW)
    load_areas(demo_villages=False)
    found = build_places(materials=False)
    load_packs(now=NOW)
    return found


@pytest.fixture
def handler(places):
    return person_with(Post.HANDLER, places.township)


@pytest.fixture
def visiting(places, handler):
    application = draft_application(places, actor=handler, programme=Programme.TEKUN)
    prepare_submission(application=application, actor=handler)
    return in_state(application, "visiting")


@pytest.mark.clause("SY-A2.1a")
def test_the_disability_certificate_is_asked_for_where_disabled(places, handler):
    asked = {}
    for n, disability in ((50, {}), (51, {"disability_kind": "physical", "disability_grade": 1})):
        line = member_line("林小花", id_number=synthetic_id(n), **disability)
        actor = person_with(Post.HANDLER, places.other_county_township)
        application = draft_application(
            places, line, actor=actor, village=places.other_county_village, programme=Programme.TEKUN
        )
        prepare_submission(application=application, actor=actor)
        asked[n] = set(application.materials.values_list("code", flat=True))
    assert "care_agreement" in asked[50]
    assert asked[51] - asked[50] == {"disability_certificate"}


@pytest.mark.clause("DT-2.2")
@pytest.mark.clause("DT-7.3")
@pytest.mark.parametrize(
    ("failed", "grade"),
    [
        ((), "具备生活自理能力"),
        (("can_bathe",), "轻度失能"),
        (("can_bathe", "can_walk"), "轻度失能"),
        (("can_bathe", "can_walk", "can_toilet"), "中度失能"),
        (("can_bathe", "can_walk", "can_toilet", "can_rise"), "完全失能"),
    ],
)
def test_the_grade_follows_from_what_the_person_cannot_do(visiting, handler, failed, grade):
    answers = {"can_bathe": True} | dict.fromkeys(failed, False)
    record_visit(
        application=visiting, entry=visit_entry(visiting, self_care=self_care_entry(**answers)), actor=handler
    )
    found = self_care_of(visiting)
    assert (found["failed"], found["grade"]) == (len(failed), grade)


@pytest.mark.clause("SY-A2.1a")
def test_the_agreement_is_the_paper_that_the_checklist_asks_for(places):
    actor = person_with(Post.HANDLER, places.other_county_township)
    application = draft_application(
        places, actor=actor, village=places.other_county_village, programme=Programme.TEKUN
    )
    prepare_submission(application=application, actor=actor)
    in_state(application, "submitted")
    assert application.materials.get(code="care_agreement").received_on is None
    record_care_agreement(application=application, entry=care_entry(), actor=actor)
    assert application.materials.get(code="care_agreement").received_on == date(2026, 3, 2)
