"""The monthly draw: what it is drawn from, once a month, again only in the open."""

import datetime as dt
from decimal import Decimal

import pytest

from cases.enums import Programme
from common.errors import Refused
from organisations.enums import Post
from organisations.models import Area
from policy.models import Rule
from policy.rules import NoRuleInForce
from supervision import sampling, tasks
from supervision.enums import ReviewState
from supervision.models import Review, SamplingRun
from supervision.queries.runs import repeats
from supervision.services import draw_closed_months, draw_month, redraw
from tests.cases.builders import person_with
from tests.policy.conftest import end
from tests.supervision.builders import FEBRUARY, decided, run_of
from tests.supervision.conftest import beijing

MARCH_3 = beijing(2026, 3, 3, 2, 10)


@pytest.mark.clause("DT-1.3")
@pytest.mark.clause("DT-1.1")
def test_each_township_gives_three_tenths_rounded_up(places):
    """41 × 0.30 = 12.3 → 13 in 北岙街道; 10 × 0.30 = 3 and no more in 灵昆街道."""
    for n in range(41):
        decided([places.village, places.other_village][n % 2], beijing(2026, 2, 10))
    for _ in range(10):
        decided(places.other_township_village, beijing(2026, 2, 11))
    run = run_of(places.county)
    counts = {name: (stratum["count"], len(stratum["drawn"])) for name, stratum in run.drawn.items()}
    assert counts == {"北岙街道": (41, 13), "灵昆街道": (10, 3)}
    assert (run.n_frame, run.n_drawn, run.ratio, run.clause) == (51, 16, Decimal("0.30"), "DT-1.3")
    drawn = {number for stratum in run.drawn.values() for number in stratum["drawn"]}
    assert set(run.reviews.values_list("application__number", flat=True)) == drawn
    assert set(run.reviews.values_list("state", flat=True)) == {ReviewState.OPEN}


@pytest.mark.clause("DT-1.3")
def test_a_single_case_is_drawn(places):
    application = decided(places.village, beijing(2026, 2, 10))
    assert run_of(places.county).drawn == {"北岙街道": {"count": 1, "drawn": [application.number]}}


@pytest.mark.clause("SY-4.3")
def test_shangyu_is_drawn_by_its_own_rule_marked_as_assumed(shangyu):
    application = decided(shangyu.village, beijing(2026, 2, 10))
    run = run_of(shangyu.places.other_county)
    assert run.clause == "SY-4.3"
    assert run.rule.certainty == "assumption"
    assert run.drawn["百官街道"]["drawn"] == [application.number]


@pytest.mark.clause("DT-1.3")
def test_the_month_is_that_of_beijing(places):
    """23:59:59 on 28 February belongs to February though it is 15:59 UTC; 00:00 on 1 March does not."""
    decided(places.village, beijing(2026, 1, 31, 23, 59, 59))
    first = decided(places.village, beijing(2026, 2, 1, 0, 0, 0))
    last = decided(places.village, beijing(2026, 2, 28, 23, 59, 59))
    decided(places.village, beijing(2026, 3, 1, 0, 0, 0))
    assert run_of(places.county).frame == f"id,township\n{first.number},北岙街道\n{last.number},北岙街道\n"


@pytest.mark.clause("DT-1.3")
def test_the_frame_holds_newly_approved_cases_of_one_county_and_programme(places, shangyu):
    mine = decided(places.village, beijing(2026, 2, 10))
    decided(places.village, beijing(2026, 2, 10), outcome="refused")
    decided(places.village, beijing(2026, 2, 10), programme=Programme.TEKUN)
    decided(shangyu.village, beijing(2026, 2, 10))
    run = run_of(places.county)
    assert run.frame == f"id,township\n{mine.number},北岙街道\n"
    assert run_of(places.county, programme=Programme.TEKUN).clause == "DT-2.1"


def test_anybody_can_repeat_the_draw_from_what_the_page_shows(places):
    for _ in range(20):
        decided(places.village, beijing(2026, 2, 10))
    run = run_of(places.county)
    content = run.frame.encode()
    assert sampling.frame_sha256(content) == run.frame_sha256
    again = sampling.draw(run.seed, run.ratio, sampling.read_frame(content, "township"))
    assert list(again["北岙街道"].drawn) == run.drawn["北岙街道"]["drawn"]
    assert repeats(run)
    run.drawn["北岙街道"]["drawn"].reverse()
    assert not repeats(run)


def test_the_seed_names_its_frame_and_nobody_can_foresee_it(places):
    decided(places.village, beijing(2026, 2, 10))
    run = run_of(places.county)
    county, programme, month, attempt, digest, token = run.seed.split("-")
    assert (county, programme, month, attempt) == ("330305", "dibao", "202602", "1")
    assert digest == run.frame_sha256[:16]
    assert len(token) == 32
    again = redraw(
        run=run, reason="演练", actor=person_with(Post.AUDITOR, places.county), at=beijing(2026, 3, 4)
    )
    assert again.frame_sha256 == run.frame_sha256
    assert again.seed.split("-")[-1] != token


@pytest.mark.clause("DT-1.3")
def test_drawing_again_changes_nothing(places):
    decided(places.village, beijing(2026, 2, 10))
    first = run_of(places.county)
    assert run_of(places.county) == first
    assert SamplingRun.objects.count() == 1
    assert Review.objects.count() == 1


def test_a_month_without_new_cases_has_no_run(places):
    assert run_of(places.county) is None
    assert not SamplingRun.objects.exists()


def test_a_month_is_not_drawn_before_it_has_ended(places):
    decided(places.village, beijing(2026, 2, 10))
    with pytest.raises(Refused, match="2026 年 2 月尚未结束"):
        draw_month(
            county=places.county, programme="dibao", month=FEBRUARY, at=beijing(2026, 2, 28, 23, 59, 59)
        )
    assert draw_month(county=places.county, programme="dibao", month=FEBRUARY, at=beijing(2026, 3, 1))


def test_no_ratio_is_an_error_never_a_guess(places):
    decided(places.village, beijing(2026, 2, 10))
    decided(places.village, beijing(2021, 8, 10))
    with pytest.raises(NoRuleInForce, match=r"sampling\.dibao\.ratio"):
        run_of(places.county, month=dt.date(2021, 8, 1))  # the 洞头 rule begins on 1 September 2021
    chain = Area.objects.chain_of(places.county)
    ratios = Rule.objects.filter(key="sampling.dibao.ratio", area__in=chain)
    assert not ratios.filter(valid_from__lte=dt.date(2021, 8, 31)).exists()


def test_only_the_auditor_of_the_county_draws(places, office):
    decided(places.village, beijing(2026, 2, 10))
    for actor in (office.approver, person_with(Post.AUDITOR, places.other_county)):
        with pytest.raises(Refused, match="由洞头区的区级监督岗办理"):
            draw_month(county=places.county, programme="dibao", month=FEBRUARY, actor=actor, at=MARCH_3)


@pytest.mark.clause("DT-1.3")
def test_a_redraw_is_a_new_run_with_its_reason(places, auditor):
    for _ in range(10):
        decided(places.village, beijing(2026, 2, 10))
    first = run_of(places.county)
    again = redraw(run=first, reason="  抽取演练误用，按规定重抽 ", actor=auditor, at=beijing(2026, 3, 4))
    assert (again.attempt, again.replaces, again.redraw_reason) == (2, first, "抽取演练误用，按规定重抽")
    assert again.drawn_by == auditor
    first.refresh_from_db()
    assert first.attempt == 1


@pytest.mark.clause("DT-1.3")
def test_a_redraw_takes_no_case_out_of_the_sample(places, auditor):
    """Whatever was drawn stays to be reviewed; a case drawn twice has one review."""
    for _ in range(10):
        decided(places.village, beijing(2026, 2, 10))
    first = run_of(places.county)
    before = set(first.reviews.values_list("application", flat=True))
    again = redraw(run=first, reason="演练", actor=auditor, at=beijing(2026, 3, 4))
    numbers = {
        number for run in (first, again) for stratum in run.drawn.values() for number in stratum["drawn"]
    }
    reviews = Review.objects.values_list("application__number", flat=True)
    assert before <= set(Review.objects.values_list("application", flat=True))
    assert sorted(reviews) == sorted(numbers)


def test_a_redraw_needs_a_reason_and_the_latest_attempt(places, auditor):
    decided(places.village, beijing(2026, 2, 10))
    first = run_of(places.county)
    with pytest.raises(Refused, match="请填写重抽理由"):
        redraw(run=first, reason=" \n", actor=auditor, at=beijing(2026, 3, 4))
    redraw(run=first, reason="演练", actor=auditor, at=beijing(2026, 3, 4))
    with pytest.raises(Refused, match="已由第 2 次抽查替代"):
        redraw(run=first, reason="再来", actor=auditor, at=beijing(2026, 3, 4))
    with pytest.raises(Refused, match="由洞头区的区级监督岗办理"):
        redraw(run=first, reason="演练", actor=person_with(Post.DISCIPLINE, places.county), at=MARCH_3)


@pytest.mark.clause("DT-1.3")
@pytest.mark.clause("SY-4.3")
def test_the_job_draws_every_county_and_programme_that_has_a_ratio(places, shangyu):
    decided(places.village, beijing(2026, 2, 10))
    decided(places.village, beijing(2026, 2, 10), programme=Programme.TEKUN)
    decided(shangyu.village, beijing(2026, 2, 10))
    decided(shangyu.village, beijing(2026, 2, 10), programme=Programme.LINSHI)  # 上虞 names no ratio for it
    runs = draw_closed_months(at=MARCH_3)
    assert sorted((run.county.name, run.programme) for run in runs) == [
        ("上虞区", "dibao"),
        ("洞头区", "dibao"),
        ("洞头区", "tekun"),
    ]
    assert draw_closed_months(at=MARCH_3) == []


def test_days_without_a_worker_heal_by_themselves(places, clock):
    """Nobody fired the job in January, February and March: the first fire in April draws all three months."""
    for month in (1, 2, 3):
        decided(places.village, beijing(2026, month, 10))
    clock.move_to(beijing(2026, 4, 20, 2, 10))
    for _ in range(3):
        tasks.draw_last_month()
    assert sorted(SamplingRun.objects.values_list("month", flat=True)) == [
        dt.date(2026, month, 1) for month in (1, 2, 3)
    ]


def test_one_county_in_trouble_leaves_the_others_their_samples(places, shangyu, caplog):
    """A ratio that is no number is logged as an error; 上虞 is drawn all the same."""
    decided(places.village, beijing(2026, 2, 10))
    decided(shangyu.village, beijing(2026, 2, 10))
    end(Rule.objects.get(key="sampling.dibao.ratio", area=places.county), dt.date(2026, 1, 1))
    Rule.objects.create(
        area=places.county,
        key="sampling.dibao.ratio",
        value="三成",
        valid_from=dt.date(2026, 1, 1),
        document=Rule.objects.filter(key="sampling.dibao.ratio").first().document,
        loaded_from="tests",
        published_at=MARCH_3,
    )
    assert [run.county.name for run in draw_closed_months(at=MARCH_3)] == ["上虞区"]
    assert "draw failed: 330305 dibao 2026-02-01" in caplog.text


@pytest.mark.clause("LY-7.1")
def test_cases_are_dealt_to_the_countys_auditors_in_a_random_order_anybody_can_repeat(places, auditor):
    """双随机: five cases between two auditors are three and two, in the order of their tickets."""
    second = person_with(Post.AUDITOR, places.county)
    person_with(Post.AUDITOR, places.other_county)
    gone = person_with(Post.AUDITOR, places.county)
    gone.is_active = False
    gone.save()
    for _ in range(16):
        decided(places.village, beijing(2026, 2, 10))
    run = run_of(places.county)
    names = [auditor.username, second.username]
    assert run.inspectors == sorted(names, key=lambda name: sampling.ticket(run.seed, f"inspector:{name}"))
    dealt = list(run.reviews.order_by("rank").values_list("assigned_to__username", flat=True))
    first, other = run.inspectors
    assert dealt == [first, other, first, other, first]


def test_without_auditors_the_draw_is_made_and_dealt_to_nobody(places):
    decided(places.village, beijing(2026, 2, 10))
    run = run_of(places.county)
    assert run.inspectors == []
    assert run.reviews.get().assigned_to is None
