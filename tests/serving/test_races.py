"""Two of the staff record the service of one paper at once: the chain is a line, and it is served once."""

import pytest

from approvals.serving.enums import Event
from approvals.serving.models import ServiceAttempt
from approvals.serving.services import record_attempt
from cases.enums import ApplicationState as State
from common.append_only import broken_links
from organisations.enums import Post
from tests.approvals.builders import build_office, case_in
from tests.cases.builders import person_with
from tests.payments.test_races import at_once
from tests.serving.builders import entry_for, refusal_of, scan, walk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def office(clock):
    return build_office()


@pytest.fixture
def paper(office, clock):
    return refusal_of(case_in(State.REFUSED, office=office, clock=clock), office)


@pytest.mark.clause("SY-A1.5b")
@pytest.mark.parametrize(
    ("last", "first", "second", "sentence"),
    [
        ("", Event.HANDED_OVER, Event.HANDED_OVER, "已经送达"),
        (Event.REFUSED, Event.LEFT, Event.NOT_LEFT, "已经送达"),
        (Event.MAILED, Event.HANDED_OVER, Event.MAIL_DELIVERED, "已经送达"),
        (Event.MAIL_RETURNED, Event.ANNOUNCED, Event.MAILED, ""),
    ],
)
def test_two_take_the_next_step_at_once(office, paper, clock, last, first, second, sentence):
    walk(paper, last, office, clock)
    n, colleague = ServiceAttempt.objects.count(), person_with(Post.HANDLER, office.township)

    def record(event, actor):
        return record_attempt(
            document=paper, event=event, entry=entry_for(event, office), actor=actor, proof=scan()
        )

    done, refused = at_once(lambda: record(first, office.handler), lambda: record(second, colleague))
    assert (done.event, done.recorded_by) == (first, office.handler)
    assert sentence in refused.message
    assert ServiceAttempt.objects.count() == n + 1
    assert broken_links(ServiceAttempt) == []


@pytest.mark.clause("SY-A1.5b")
def test_two_steps_that_may_follow_each_other_do(office, paper, clock):
    """Nobody at home for the one, refused for the other: the second names the first as the step before."""
    colleague = person_with(Post.HANDLER, office.township)

    def record(event, actor):
        return record_attempt(document=paper, event=event, entry=entry_for(event, office), actor=actor)

    at_once(lambda: record(Event.NOT_FOUND, office.handler), lambda: record(Event.REFUSED, colleague))
    chain = ServiceAttempt.objects.order_by("sequence").values_list("event", "after")
    assert list(chain) == [(Event.NOT_FOUND, ""), (Event.REFUSED, Event.NOT_FOUND)]
