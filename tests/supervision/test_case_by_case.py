"""一事一议 is a frame of its own: the district looks at all of it (DT-4.5); 临时救助 at a fifth (DT-3.4)."""

from decimal import Decimal

import pytest

from approvals.services import move
from cases.enums import Programme
from supervision.checklist import questions_for
from supervision.enums import Frame
from supervision.models import Review
from supervision.services import draw_closed_months, draw_month
from tests.approvals.builders import pass_notice
from tests.settling import builders
from tests.supervision.builders import FEBRUARY, decided, run_of
from tests.supervision.conftest import beijing


def confirmed(place, clock):
    """洞头: appraised, determined, published and confirmed in March."""
    settlement = builders.referred(place)
    builders.appraise(place, settlement)
    application = builders.determine(place, settlement, transition="settle", monthly="500.00")
    pass_notice(application, clock)
    move(application_id=application.pk, transition="close_notice", actor=None)
    return builders.approve(place, application)


@pytest.fixture
def dongtou(db, clock):
    """北岙街道 in 洞头区, at 09:00 on Monday 2 March 2026."""
    return builders.in_dongtou()


@pytest.mark.clause("DT-4.5")
def test_every_case_by_case_of_the_month_is_drawn_and_asked_about(dongtou, clock):
    settled = [confirmed(dongtou, clock), confirmed(dongtou, clock)]
    for _ in range(3):
        decided(dongtou.office.village, beijing(2026, 3, 12))
    at = beijing(2026, 4, 1, 2, 10)
    clock.move_to(at)
    runs = {run.programme: run for run in draw_closed_months(at=at)}
    run = runs[Frame.CASE_BY_CASE]
    assert (run.n_frame, run.n_drawn, run.ratio, run.clause) == (2, 2, Decimal("1.00"), "DT-4.5")
    assert set(run.reviews.values_list("application", flat=True)) == {case.pk for case in settled}
    # They are new 低保 cases as well: two and three of five.
    assert runs[Programme.DIBAO].n_frame == 5
    review = Review.objects.with_case().filter(run=run).first()
    asked = {question.code: question for question in questions_for(review)}
    assert asked["settled"].clause == "DT-4.5"
    assert (asked["settled"].hint.level, asked["settled"].hint.text) == (
        "done",
        "评议同意 11 票、参加表决 12 人；认定、备案和反馈均有记录。",
    )
    assert "还没有复核走访" in asked["circumstance"].hint.text
    ordinary = Review.objects.with_case().filter(run=runs[Programme.DIBAO]).first()
    assert not {"settled", "circumstance"} & {question.code for question in questions_for(ordinary)}


@pytest.mark.clause("DT-4.5")
def test_a_month_without_any_draws_nothing(dongtou, clock):
    decided(dongtou.office.village, beijing(2026, 2, 12))
    county = dongtou.office.township.parent
    at = beijing(2026, 3, 3)
    assert draw_month(county=county, programme=Frame.CASE_BY_CASE, month=FEBRUARY, at=at) is None


@pytest.mark.clause("DT-3.4")
def test_a_fifth_of_linshi_is_drawn_in_each_township(places):
    """11 × 0.20 = 2.2 → 3."""
    for _ in range(11):
        decided(places.village, beijing(2026, 2, 10), programme=Programme.LINSHI)
    run = run_of(places.county, programme=Programme.LINSHI)
    assert (run.n_frame, run.n_drawn, run.ratio, run.clause) == (11, 3, Decimal("0.20"), "DT-3.4")
