"""What the database refuses, whoever asks: each rule broken once by raw SQL or past the services."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from cases.enums import ApplicationState as State
from organisations.enums import Post
from supervision.enums import FindingState
from supervision.models import ChecklistAnswer, FindingEvent, Review, SamplingRun
from supervision.services import answer_finding, close_finding, redraw, return_finding
from tests.approvals.builders import case_in
from tests.cases.builders import person_with
from tests.supervision.builders import decided, found, run_of
from tests.supervision.conftest import beijing


def refused(sql: str, *values, name: str) -> None:
    """The statement breaks the named rule."""
    with connection.cursor() as cursor:
        # What is still to be checked of earlier rows would stand in the way of a TRUNCATE.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            cursor.execute(sql, values)


@pytest.fixture
def run(places) -> SamplingRun:
    for _ in range(4):
        decided(places.village, beijing(2026, 2, 10))
    return run_of(places.county)


def copied(run: SamplingRun, **values) -> SamplingRun:
    """The same draw once more, with other values, past the service."""
    fields = {f.attname: getattr(run, f.attname) for f in SamplingRun._meta.concrete_fields if f.name != "id"}
    return SamplingRun(**(fields | values))


def refused_row(row, *, name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        row.save(force_insert=True)


TABLE = "supervision_samplingrun"


@pytest.mark.clause("DT-1.3")
@pytest.mark.parametrize(
    "change", ["seed = seed || 'x'", "frame = ''", "drawn = '{}'", "ratio = 0.1", "redraw_reason = 'x'"]
)
def test_a_run_is_never_edited(run, change):
    refused(f"UPDATE {TABLE} SET {change} WHERE id = %s", run.pk, name="append-only")


def test_a_run_is_never_deleted(run):
    refused(f"DELETE FROM {TABLE} WHERE id = %s", run.pk, name="append-only")
    refused(f"TRUNCATE {TABLE} CASCADE", name="append-only")


@pytest.mark.clause("DT-1.3")
def test_a_month_is_drawn_once(run):
    refused_row(copied(run), name="one_draw_a_month")


def test_a_second_attempt_gives_its_reason(run):
    refused_row(copied(run, attempt=2, replaces_id=run.pk), name="redraw_gives_its_reason")
    refused_row(copied(run, attempt=2, redraw_reason="演练"), name="redraw_gives_its_reason")
    refused_row(copied(run, redraw_reason="演练"), name="redraw_gives_its_reason")


def test_a_redraw_follows_the_draw_it_replaces(run, places, shangyu, auditor):
    said = "a redraw follows the draw it replaces"
    refused_row(copied(run, attempt=3, replaces_id=run.pk, redraw_reason="演练"), name=said)
    other = copied(run, attempt=2, replaces_id=run.pk, redraw_reason="演练", county_id=places.other_county.pk)
    refused_row(other, name=said)
    again = redraw(run=run, reason="演练", actor=auditor, at=beijing(2026, 3, 4))
    refused_row(copied(again, attempt=2), name="one_draw_a_month|replaces_id")


def test_hash_and_frame_belong_together(run):
    longer = run.frame + "DT-2026-999999,北岙街道\n"
    refused_row(copied(run, month=dt.date(2026, 1, 1), frame=longer), name="hash_is_that_of_the_frame")


def test_no_seed_without_the_hash_of_its_frame(run):
    chosen = copied(run, month=dt.date(2026, 1, 1), seed="330305-chosen-beforehand")
    refused_row(chosen, name="seed_is_younger_than_its_frame")


def test_no_draw_before_the_month_has_ended(run):
    early = copied(run, month=dt.date(2026, 1, 1), drawn_at=beijing(2026, 1, 31, 23, 59, 59))
    refused_row(early, name="the month has not ended")
    refused_row(copied(run, month=dt.date(2026, 1, 2)), name="sampled_month_is_a_first_day")


def test_ratio_and_size_are_possible(run):
    january = dt.date(2026, 1, 1)
    refused_row(copied(run, month=january, ratio="0"), name="ratio_is_a_share")
    refused_row(copied(run, month=january, ratio="1.1"), name="ratio_is_a_share")
    refused_row(copied(run, month=january, n_drawn=0), name="sample_lies_in_a_frame")
    refused_row(copied(run, month=january, n_drawn=5), name="sample_lies_in_a_frame")


@pytest.mark.clause("DT-1.3")
def test_a_drawn_case_stays_drawn(run):
    review = run.reviews.first()
    refused("DELETE FROM supervision_review WHERE id = %s", review.pk, name="a drawn case stays drawn")
    other = decided(review.application.village, beijing(2026, 2, 12))
    move = "UPDATE supervision_review SET application_id = %s WHERE id = %s"
    refused(move, other.pk, review.pk, name="recorded once, never altered")
    again = Review(run=run, application=review.application, township=review.township, rank=9)
    refused_row(again, name="case_once_a_run")


RECORD = """
    UPDATE supervision_review SET state = 'done', reviewed_at = now(), reviewed_by_id = %s WHERE id = %s
"""


@pytest.mark.clause("DT-1.1")
def test_no_auditor_reviews_a_case_that_he_handled(office, clock, auditor):
    """Every one of the three posts, the helper who only registered, and a second visitor."""
    application = case_in(State.APPROVED, office=office, clock=clock)
    clock.move_to(beijing(2026, 4, 2))
    review = run_of(office.places.county, month=dt.date(2026, 3, 1)).reviews.get()
    assert review.application == application
    for person in (office.handler, office.reviewer, office.approver):
        refused(RECORD, person.pk, review.pk, name="has handled this case")
    with connection.cursor() as cursor:
        cursor.execute(RECORD, [auditor.pk, review.pk])


def test_a_review_is_done_by_somebody_at_some_time(run):
    review = run.reviews.first()
    for change in ("state = 'done'", "state = 'done', reviewed_at = now()", "reviewed_at = now()"):
        sql = f"UPDATE supervision_review SET {change} WHERE id = %s"
        refused(sql, review.pk, name="review_done_has_reviewer")


def test_a_recorded_review_is_never_altered(run, auditor):
    finding = found(run.reviews.first(), auditor)
    review = finding.review
    table = "supervision_review"
    refused(f"UPDATE {table} SET summary = 'x' WHERE id = %s", review.pk, name="never altered")
    reopen = f"UPDATE {table} SET state = 'open', reviewed_by_id = NULL, reviewed_at = NULL WHERE id = %s"
    refused(reopen, review.pk, name="never altered")
    table = "supervision_checklistanswer"
    refused(f"UPDATE {table} SET answer = 'yes' WHERE review_id = %s", review.pk, name="append-only")
    refused(f"DELETE FROM {table} WHERE review_id = %s", review.pk, name="append-only")
    late = ChecklistAnswer(review=review, item="late", question="?", clause="DT-1.1", answer="yes")
    refused_row(late, name="the review has been recorded")


def test_an_answer_no_says_why(run):
    review = run.reviews.first()
    silent = ChecklistAnswer(review=review, item="posts", question="?", clause="DT-1.1", answer="no")
    refused_row(silent, name="answer_no_says_why")
    ChecklistAnswer(review=review, item="posts", question="?", clause="DT-1.1", answer="yes").save()
    again = ChecklistAnswer(review=review, item="posts", question="?", clause="DT-1.1", answer="yes")
    refused_row(again, name="one_answer_an_item")


CLOSE = """
    UPDATE supervision_finding SET state = 'closed', closed_at = now(), closed_by_id = %s WHERE id = %s
"""


def test_a_finding_is_not_closed_by_who_answered_it(run, auditor, office):
    finding = found(run.reviews.first(), auditor)
    answer_finding(finding=finding, actor=office.reviewer, text="已补拍照片。")
    refused(
        CLOSE, office.reviewer.pk, finding.pk, name="not closed by who answered|not_closed_by_its_answerer"
    )


def test_an_earlier_answer_counts_as_well(run, auditor, office):
    """Returned and answered again by a colleague: the first answerer still may not close."""
    finding = found(run.reviews.first(), auditor)
    answer_finding(finding=finding, actor=office.reviewer, text="已补拍照片。")
    return_finding(finding=finding, actor=auditor, reason="照片仍看不出室内情况。")
    answer_finding(finding=finding, actor=office.approver, text="已补录。")
    refused(CLOSE, office.reviewer.pk, finding.pk, name="not closed by who answered it")
    with connection.cursor() as cursor:
        cursor.execute(CLOSE, [auditor.pk, finding.pk])


def test_a_finding_goes_its_way_and_keeps_its_words(run, auditor, office):
    finding = found(run.reviews.first(), auditor)
    table = "supervision_finding"
    refused(f"DELETE FROM {table} WHERE id = %s", finding.pk, name="never removed")
    refused(f"UPDATE {table} SET text = 'x' WHERE id = %s", finding.pk, name="its words stay")
    refused(f"UPDATE {table} SET due_on = '2030-01-01' WHERE id = %s", finding.pk, name="its words stay")
    refused(CLOSE, auditor.pk, finding.pk, name="answered, then closed")
    answer_finding(finding=finding, actor=office.reviewer, text="已补拍照片。")
    close_finding(finding=finding, actor=auditor)
    reopen = f"UPDATE {table} SET state = 'open', closed_at = NULL, closed_by_id = NULL WHERE id = %s"
    refused(reopen, finding.pk, name="answered, then closed")


def test_moves_of_a_finding_have_their_people(run, auditor):
    finding = found(run.reviews.first(), auditor)
    table = "supervision_finding"
    nobody = f"UPDATE {table} SET state = 'answered', answered_at = now(), answer = 'x' WHERE id = %s"
    refused(nobody, finding.pk, name="finding_moves_have_their_people")
    nothing = f"UPDATE {table} SET state = 'answered', answered_at = now(), answered_by_id = %s WHERE id = %s"
    refused(nothing, auditor.pk, finding.pk, name="finding_moves_have_their_people")
    never = f"UPDATE {table} SET state = 'answered', answered_by_id = %s, answer = 'x' WHERE id = %s"
    refused(never, auditor.pk, finding.pk, name="finding_states_in_order|finding_moves_have_their_people")


@pytest.mark.clause("LC-5.2")
def test_the_record_of_a_finding_is_never_altered(run, auditor, office):
    finding = found(run.reviews.first(), auditor)
    answer_finding(finding=finding, actor=office.reviewer, text="已补拍照片。")
    table = "supervision_findingevent"
    refused(f"UPDATE {table} SET text = 'x' WHERE finding_id = %s", finding.pk, name="append-only")
    refused(f"DELETE FROM {table} WHERE finding_id = %s", finding.pk, name="append-only")
    assert [event.sequence for event in finding.events.all()] == [1, 2]
    assert FindingEvent.objects.exclude(hash="").count() == 2
    finding.refresh_from_db()
    assert finding.state == FindingState.ANSWERED


def test_posts_of_the_fixture_are_what_they_seem(auditor, places):
    """The auditor of these tests holds that one post, so no refusal above is owed to another."""
    assert list(auditor.postings.values_list("post", "area")) == [(Post.AUDITOR, places.county.pk)]
    assert person_with(Post.AUDITOR, places.county) != auditor
