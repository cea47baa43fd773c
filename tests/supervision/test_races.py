"""Two at once: one goes first, the other finds what the first did."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection, connections, transaction

from common.errors import Refused
from organisations.enums import Post
from supervision.models import FindingEvent, Review, SamplingRun
from supervision.services import answer_finding, draw_closed_months, record_review
from tests.approvals.builders import build_office
from tests.cases.builders import person_with
from tests.supervision.builders import all_yes, decided, found, run_of
from tests.supervision.conftest import beijing

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works: Callable[[], object]) -> list[object]:
    """Run each on a connection of its own, started together; answers or errors in order."""
    results: list[object] = [None] * len(works)
    start = threading.Barrier(len(works))

    def work(place: int) -> None:
        try:
            start.wait(timeout=20)
            results[place] = works[place]()
        except Exception as error:
            results[place] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(place,)) for place in range(len(works))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    return results


@pytest.mark.clause("DT-1.3")
def test_a_month_drawn_at_once_is_drawn_once(clock):
    """Ten fires of the job together leave one run and one review a drawn case (goal J1)."""
    office = build_office()
    for _ in range(10):
        decided(office.village, beijing(2026, 2, 10))
    results = at_once(*[lambda: draw_closed_months(at=beijing(2026, 3, 2, 2, 10))] * 10)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert SamplingRun.objects.count() == 1
    assert Review.objects.count() == 3


@pytest.mark.clause("DT-1.3")
def test_the_second_waits_for_a_draw_that_is_not_committed(clock):
    """While the first draw is open the second neither draws nor fails; then it returns the same run."""
    office = build_office()
    decided(office.village, beijing(2026, 2, 10))
    results: list[SamplingRun] = []

    def second() -> None:
        try:
            results.append(run_of(office.places.county))
        finally:
            connections.close_all()

    thread = threading.Thread(target=second)
    with transaction.atomic():
        first = run_of(office.places.county)
        thread.start()
        assert waits_for_lock()
        assert results == []
    thread.join(timeout=30)
    assert results == [first]


def waits_for_lock() -> bool:
    """Has another connection come to an advisory lock that it must wait for? Asked for up to ten seconds."""
    pause = threading.Event()
    for _ in range(200):
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.fetchone()[0]:
                return True
        pause.wait(0.05)
    return False


def test_two_auditors_record_one_review(clock):
    office = build_office()
    decided(office.village, beijing(2026, 2, 10))
    review = run_of(office.places.county).reviews.get()
    auditors = [person_with(Post.AUDITOR, office.places.county) for _ in range(2)]
    answers = all_yes(review)
    results = at_once(
        *(
            lambda auditor=auditor: record_review(review=review, actor=auditor, answers=answers)
            for auditor in auditors
        )
    )
    assert sorted(type(result).__name__ for result in results) == ["Refused", "Review"]
    assert review.answers.count() == len(answers)


def test_two_answers_to_one_finding(clock):
    office = build_office()
    decided(office.village, beijing(2026, 2, 10))
    auditor = person_with(Post.AUDITOR, office.places.county)
    finding = found(run_of(office.places.county).reviews.get(), auditor)
    results = at_once(
        lambda: answer_finding(finding=finding, actor=office.reviewer, text="甲"),
        lambda: answer_finding(finding=finding, actor=office.approver, text="乙"),
    )
    assert sum(isinstance(result, Refused) for result in results) == 1
    assert FindingEvent.objects.filter(move="answered").count() == 1
