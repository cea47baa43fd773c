"""The chain of service: each way only after the one before failed, each with its proof (SY-A1.5b)."""

import datetime as dt
from collections.abc import Iterator

import pytest

from approvals.enums import DeadlineState
from approvals.models import Deadline
from approvals.serving import SERVED
from approvals.serving.chain import ATTEMPTS, SERVING
from approvals.serving.enums import Event
from approvals.serving.models import ServiceAttempt
from approvals.serving.queries import served_at
from common import clock as house_clock
from common.append_only import broken_links
from common.errors import Refused
from organisations.enums import Post
from tests.cases.builders import person_with
from tests.conftest import BEIJING
from tests.serving.builders import WAYS, attempt, hand_over, walk


@pytest.mark.clause("SY-A1.5b")
def test_two_members_of_staff_bring_it_and_it_counts_from_that_minute(paper, office):
    assert served_at(paper) is None
    at = house_clock.now()
    done = hand_over(paper, office)
    assert served_at(paper) == done.happened_at == at
    assert (done.receiver_name, done.get_receiver_relation_display()) == (
        paper.application.applicant_name,
        "本人",
    )
    assert done.proof_type == "image/jpeg"


@pytest.mark.clause("SY-A1.5b")
def test_the_whole_way_from_nobody_at_home_to_the_announcement(paper, office, clock):
    attempt(paper, Event.NOT_FOUND, office, reason="邻居说外出打工。")
    attempt(paper, Event.MAILED, office)
    attempt(paper, Event.MAIL_RETURNED, office, reason="查无此人。")
    announced = attempt(paper, Event.ANNOUNCED, office)
    # Thirty days: 10 March not counted, so 9 April, a Thursday, to its last second.
    assert announced.ends_at == dt.datetime(2026, 4, 9, 23, 59, 59, tzinfo=BEIJING)
    with pytest.raises(Refused, match="公告至 2026-04-09 23:59 方满"):
        attempt(paper, Event.ANNOUNCEMENT_OVER, office)
    clock.move_to(dt.datetime(2026, 4, 20, 10, 0, tzinfo=BEIJING))
    attempt(paper, Event.ANNOUNCEMENT_OVER, office)
    assert served_at(paper) == announced.ends_at
    assert broken_links(ServiceAttempt) == []


@pytest.mark.clause("SY-A1.5b")
@pytest.mark.parametrize(
    "values", [{}, {"witness_1": "林主任", "with_proof": False}], ids=["photo", "witness"]
)
def test_whoever_refuses_to_sign_has_it_left_behind(paper, office, values):
    attempt(paper, Event.REFUSED, office)
    done = attempt(paper, Event.LEFT, office, **values)
    assert served_at(paper) == done.happened_at


@pytest.mark.clause("SY-A1.5b")
def test_leaving_it_behind_without_picture_or_witness_proves_nothing(paper, office):
    attempt(paper, Event.REFUSED, office)
    with pytest.raises(Refused, match="须有照片或视频，或者有见证人"):
        attempt(paper, Event.LEFT, office, with_proof=False)
    assert served_at(paper) is None


@pytest.mark.clause("SY-A1.5b")
@pytest.mark.parametrize("event", Event.values)
@pytest.mark.parametrize("last", WAYS)
def test_every_pair_of_attempts(paper, office, clock, last, event):
    walk(paper, last, office, clock)
    if event == Event.ANNOUNCEMENT_OVER and last == Event.ANNOUNCED:
        clock.shift(dt.timedelta(days=40))
    n = ServiceAttempt.objects.count()
    if last in ATTEMPTS[event].after:
        assert attempt(paper, event, office).after == last
        assert (served_at(paper) is not None) == (event in SERVING)
    else:
        with pytest.raises(Refused, match="SY-A1.5b|已经送达"):
            attempt(paper, event, office)
        assert ServiceAttempt.objects.count() == n


@pytest.mark.parametrize(
    ("event", "missing", "told"),
    [
        (Event.HANDED_OVER, {"with_proof": False}, "凭据"),
        (Event.HANDED_OVER, {"place": " "}, "地点"),
        (Event.HANDED_OVER, {"receiver_relation": "family"}, "收件人"),
        (Event.HANDED_OVER, {"second_server_id": None}, "送达人二"),
        (Event.REFUSED, {"reason": ""}, "事由"),
        (Event.NOT_FOUND, {"reason": ""}, "事由"),
    ],
)
@pytest.mark.clause("SY-A1.5b")
def test_nothing_is_recorded_without_what_proves_it(paper, office, event, missing, told):
    with pytest.raises(Refused, match=told):
        attempt(paper, event, office, **missing)
    assert not ServiceAttempt.objects.exists()


@pytest.mark.clause("SY-A1.5b")
def test_one_person_twice_is_not_two(paper, office):
    with pytest.raises(Refused, match="两名不同的工作人员") as refused:
        attempt(paper, Event.HANDED_OVER, office, second_server_id=office.handler.pk)
    assert refused.value.field == "second_server"


def test_who_does_not_work_here_does_not_serve(paper, office):
    stranger = person_with(Post.HANDLER, office.places.other_township)
    with pytest.raises(Refused, match="送达人二"):
        attempt(paper, Event.HANDED_OVER, office, second_server_id=stranger.pk)


@pytest.mark.parametrize("days", [-1, 1])
def test_it_happened_neither_before_the_paper_nor_tomorrow(paper, office, days):
    with pytest.raises(Refused, match="不能早于文书制作|不能晚于现在"):
        hand_over(paper, office, at=house_clock.now() + dt.timedelta(days=days))


@pytest.mark.clause("SY-A1.5b")
def test_written_notice_is_given_in_time_when_it_is_served(paper, office):
    limit = Deadline.objects.get(application=paper.application, step="refusal_notice")
    assert limit.state == DeadlineState.RUNNING
    done = hand_over(paper, office)
    limit.refresh_from_db()
    assert (limit.state, limit.ended_at) == (DeadlineState.MET, done.happened_at)


@pytest.mark.clause("SY-A1.5b")
def test_written_notice_that_had_to_be_announced_is_judged_by_when_the_office_set_out(paper, office, clock):
    announced = walk(paper, Event.ANNOUNCED, office, clock)
    limit = Deadline.objects.get(application=paper.application, step="refusal_notice")
    # It ends with the announcement, not a month later, and shows in no list of what is late meanwhile.
    assert limit.state == DeadlineState.MET
    clock.move_to(announced.ends_at + dt.timedelta(seconds=1))
    attempt(paper, Event.ANNOUNCEMENT_OVER, office)
    steps = dict(Deadline.objects.filter(application=paper.application).values_list("step", "state"))
    assert (steps["refusal_notice"], steps["announcement"]) == (DeadlineState.MET, DeadlineState.MET)


@pytest.mark.clause("SY-A1.5b")
def test_written_notice_is_late_when_the_office_set_out_late(paper, office, clock):
    limit = Deadline.objects.get(application=paper.application, step="refusal_notice")
    clock.move_to(limit.due_at + dt.timedelta(hours=10))
    walk(paper, Event.ANNOUNCED, office, clock)
    limit.refresh_from_db()
    assert limit.state == DeadlineState.MISSED


@pytest.mark.clause("SY-A1.5b")
def test_whoever_comes_for_it_during_the_announcement_has_been_served(paper, office, clock):
    announced = walk(paper, Event.ANNOUNCED, office, clock)
    clock.shift(dt.timedelta(days=3))
    done = hand_over(paper, office)
    assert served_at(paper) == done.happened_at < announced.ends_at
    limit = Deadline.objects.get(application=paper.application, step="announcement")
    assert limit.state == DeadlineState.CANCELLED


def test_the_running_announcement_says_why_it_ends_then(paper, office, clock):
    walk(paper, Event.ANNOUNCED, office, clock)
    limit = Deadline.objects.get(application=paper.application, step="announcement")
    assert limit.minimum
    assert (
        "3 月 10 日发布公告，当日不计，3 月 11 日为第 1 天；30 天（自然日）满于 4 月 9 日 24:00"
        in limit.why[0]
    )


@pytest.fixture
def told() -> Iterator[list]:
    found: list = []
    SERVED.append(lambda document, at: found.append((document.pk, at)))
    yield found
    SERVED.pop()


def test_others_are_told_in_the_same_transaction_and_only_once(paper, office, told):
    attempt(paper, Event.REFUSED, office)
    assert told == []
    done = attempt(paper, Event.LEFT, office)
    assert told == [(paper.pk, done.happened_at)]


def test_when_one_who_is_told_fails_nothing_was_served(paper, office):
    def fail(document, at):
        raise Refused("不行。")

    SERVED.append(fail)
    try:
        with pytest.raises(Refused, match="不行"):
            hand_over(paper, office)
    finally:
        SERVED.pop()
    assert served_at(paper) is None
