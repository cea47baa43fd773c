"""Three posts, three people: by the services, and by raw SQL."""

import pytest
from django.db import IntegrityError, connection, transaction

from approvals import perms
from approvals.models import Decision, Proposal, Step
from approvals.services import move
from cases.enums import ApplicationState as State
from cases.models import HomeVisit
from common.errors import Refused
from organisations.enums import Post
from organisations.models import Posting
from tests.approvals.builders import REASON, case_in, collect, draft, record_visit, submit, take
from tests.cases.builders import person_with

FLOW = (Post.VILLAGE_HELPER, Post.HANDLER, Post.REVIEWER, Post.APPROVER)


def all_posts(office):
    """One person who holds every post of the township: allowed by the postings, not by the law."""
    person = person_with(Post.HANDLER, office.township, name="全能")
    for post in (Post.REVIEWER, Post.APPROVER):
        Posting.objects.create(user=person, post=post, area=office.township, valid_from="2015-01-01")
    Posting.objects.create(
        user=person, post=Post.VILLAGE_HELPER, area=office.village, valid_from="2015-01-01"
    )
    return person


def step_by_sql(
    application, actor, post: str, transition: str, source: str, target: str, sequence: int = 0
) -> None:
    """A step as an intruder would write it; the chain fills in the sequence unless triggers are off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO approvals_step (stream, sequence, hash, application_id, transition, label,"
            " from_state, to_state, post, actor_id, opinion, details, at)"
            " VALUES (%s, %s, '', %s, %s, 'x', %s, %s, %s, %s, '', '{}', now())",
            [
                f"application:{application.pk}",
                sequence,
                application.pk,
                transition,
                source,
                target,
                post,
                actor.pk,
            ],
        )


@pytest.mark.clause("DT-1.1")
@pytest.mark.clause("SY-4.2a")
@pytest.mark.parametrize("county", ["office", "shangyu"])
def test_one_person_cannot_hold_a_second_post_on_an_application(request, clock, county) -> None:
    office = request.getfixturevalue(county)
    everything = all_posts(office)
    application = case_in(State.SUBMITTED, office=office)
    collect(application, office)
    move(application_id=application.pk, transition="accept", actor=everything)
    with pytest.raises(Refused, match="您已作为经办岗经办此申请；经办、审核、审批须由三名不同的人员办理"):
        move(application_id=application.pk, transition="entrust_check", actor=everything)
    take(application, "entrust_check", office, "reviewer")
    take(application, "record_report", office, "handler")
    take(application, "finish_visit", office, "handler")
    with pytest.raises(Refused, match="您已作为经办岗经办此申请"):
        move(application_id=application.pk, transition="agree", actor=everything, opinion=REASON)
    take(application, "agree", office, "reviewer")
    take(application, "close_notice", office, "", clock)
    for actor in (everything, office.reviewer, office.handler):
        Posting.objects.get_or_create(
            user=actor, post=Post.APPROVER, area=office.township, defaults={"valid_from": "2015-01-01"}
        )
        actor.__dict__.pop("_scope", None)
        with pytest.raises(Refused, match="您已作为.*经办此申请"):
            move(application_id=application.pk, transition="approve", actor=actor, opinion=REASON)
    assert not Decision.objects.exists()
    assert take(application, "approve", office, "approver").state == State.APPROVED


@pytest.mark.clause("DT-1.1")
def test_whoever_registered_or_visited_does_not_review(office, clock) -> None:
    everything = all_posts(office)
    registered = draft(office, actor=everything)
    submit(registered, office)
    take(registered, "accept", office, "handler")
    with pytest.raises(Refused, match="您登记或调查过此申请"):
        move(application_id=registered.pk, transition="entrust_check", actor=everything)

    visited = case_in(State.VISITING, office=office, members=())
    record_visit(visited, office, second_visitor_id=everything.pk, second_visitor_name="")
    take(visited, "finish_visit", office, "handler")
    with pytest.raises(Refused, match="您登记或调查过此申请"):
        move(application_id=visited.pk, transition="agree", actor=everything, opinion=REASON)


def test_a_recusal_of_another_room_is_heard(office, clock, monkeypatch) -> None:
    application = case_in(State.ACCEPTED, office=office)
    reason = "申请人是您申报的近亲属，须回避。"
    monkeypatch.setattr(perms, "RECUSALS", [lambda a, u: reason if u == office.reviewer else None])
    with pytest.raises(Refused, match=reason):
        take(application, "entrust_check", office, "reviewer")
    colleague = person_with(Post.REVIEWER, office.township)
    assert move(application_id=application.pk, transition="entrust_check", actor=colleague)


def test_a_person_goes_on_in_the_post_already_acted_in(office, clock) -> None:
    """The helper who is also a handler handed in as a helper, so the acceptance needs somebody else."""
    both = person_with(Post.HANDLER, office.township)
    Posting.objects.create(user=both, post=Post.VILLAGE_HELPER, area=office.village, valid_from="2015-01-01")
    application = draft(office)
    submit(application, office, actor=both)
    assert application.steps.get().post == Post.HANDLER
    collect(application, office)
    move(application_id=application.pk, transition="accept", actor=both)
    assert set(application.steps.values_list("post", flat=True)) == {Post.HANDLER}


# (post of the person's first step, post of the second): every forbidden pair of the procedure.
PAIRS = [(first, second) for first in FLOW for second in FLOW if first != second]
MOVES = {
    Post.VILLAGE_HELPER: ("submit", "draft", "submitted"),
    Post.HANDLER: ("submit", "draft", "submitted"),
    Post.REVIEWER: ("entrust_check", "accepted", "checking"),
    Post.APPROVER: ("approve", "deciding", "approved"),
}


@pytest.mark.clause("DT-1.1")
@pytest.mark.parametrize(("first", "second"), PAIRS, ids=[f"{a}-{b}" for a, b in PAIRS])
def test_the_database_refuses_a_second_post_by_raw_sql(office, first, second) -> None:
    application = draft(office)
    person = person_with(first, office.village)
    with transaction.atomic(), connection.cursor() as cursor:
        # Without triggers the order of states does not matter: each pair meets the exclusion itself.
        cursor.execute("SET LOCAL session_replication_role = replica")
        step_by_sql(application, person, first, *MOVES[first], sequence=1)
        with pytest.raises(IntegrityError, match="one_person_one_post_an_application"):
            step_by_sql(application, person, second, *MOVES[second], sequence=2)
        assert Step.objects.filter(application=application).count() == 1
        transaction.set_rollback(True)


@pytest.mark.clause("DT-1.1")
def test_the_database_keeps_investigators_from_reviewing(office, clock) -> None:
    accepted = case_in(State.ACCEPTED, office=office)
    with pytest.raises(IntegrityError, match="whoever investigated neither reviews nor approves"):
        step_by_sql(accepted, office.handler, "reviewer", "entrust_check", "accepted", "checking")

    reviewing = case_in(State.REVIEWING, office=office)
    visitor = HomeVisit.objects.get(application=reviewing).first_visitor
    colleague = person_with(Post.REVIEWER, office.township)
    assert visitor == office.handler
    for person in (visitor, office.handler):
        with pytest.raises(IntegrityError, match="neither reviews nor approves"):
            step_by_sql(reviewing, person, "reviewer", "agree", "reviewing", "published")
    with transaction.atomic():
        step_by_sql(reviewing, colleague, "reviewer", "agree", "reviewing", "published")
        transaction.set_rollback(True)


@pytest.mark.clause("DT-1.1")
def test_the_database_keeps_signatures_apart(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    blank = {
        "application": application,
        "programme": application.programme,
        "lines": [],
        "rule_ids": [],
        "reason": "x",
        "at": application.accepted_at,
    }
    for signer in (office.reviewer, office.handler):
        with pytest.raises(IntegrityError, match="acted in another post"), transaction.atomic():
            Decision.objects.create(outcome="refused", facts={}, by=signer, **blank)
    with pytest.raises(IntegrityError, match="acted in another post"), transaction.atomic():
        Proposal.objects.create(outcome="refused", investigation_round=2, by=office.handler, **blank)
    Decision.objects.create(outcome="refused", facts={}, by=office.approver, **blank)
