"""What the database refuses about service by raw SQL, whoever writes."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.serving.chain import ATTEMPTS, NOTHING
from approvals.serving.enums import Event
from common import clock as house_clock
from tests.serving.builders import WAYS, hand_over, walk

_EMPTY = {
    "place": "",
    "receiver_relation": "",
    "receiver_name": "",
    "reason": "",
    "witness_1": "",
    "witness_2": "",
    "mail_number": "",
    "proof": "",
    "proof_type": "",
    "proof_sha256": "",
    "first_server_id": None,
    "second_server_id": None,
    "ends_at": None,
}
_PROVED = {"proof": "x.jpg", "proof_type": "image/jpeg", "proof_sha256": "0" * 64}


def write(paper, office, event: str, after: str, **values) -> None:
    """A row as an intruder would write it: whole, unless told otherwise."""
    now = house_clock.now()
    row = _EMPTY | {name: "x" for name in ATTEMPTS[event].needs if name != "proof"}
    row |= _PROVED if "proof" in ATTEMPTS[event].needs else {}
    if ATTEMPTS[event].by_two:
        row |= {"first_server_id": office.handler.pk, "second_server_id": office.reviewer.pk}
    if event == Event.LEFT:
        row["witness_1"] = "林主任"
    if event == Event.ANNOUNCED:
        row["ends_at"] = now + dt.timedelta(days=30)
    row |= {"stream": f"service:{paper.pk}", "sequence": 0, "hash": "", "document_id": paper.pk}
    row |= {"event": event, "after": after, "happened_at": now, "recorded_at": now}
    row |= {"recorded_by_id": office.handler.pk} | values
    columns = ", ".join(row)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO serving_serviceattempt ({columns}) VALUES ({', '.join(['%s'] * len(row))})",
            list(row.values()),
        )


def test_a_whole_row_is_taken(paper, office):
    """Otherwise the refusals below would prove nothing."""
    write(paper, office, Event.REFUSED, NOTHING)
    write(paper, office, Event.LEFT, Event.REFUSED)


@pytest.mark.clause("SY-A1.5b")
@pytest.mark.parametrize("last", [NOTHING, Event.REFUSED, Event.NOT_FOUND, Event.MAILED, Event.MAIL_RETURNED])
def test_no_later_way_without_the_failed_earlier_one(paper, office, clock, last):
    walk(paper, last, office, clock)
    for event, attempt in ATTEMPTS.items():
        if last not in attempt.after:
            with pytest.raises(IntegrityError):
                write(paper, office, event, last)


@pytest.mark.clause("SY-A1.5b")
def test_nor_by_naming_another_attempt_than_the_last(paper, office, clock):
    walk(paper, Event.NOT_FOUND, office, clock)
    with pytest.raises(IntegrityError, match="the last attempt was not_found"):
        write(paper, office, Event.LEFT, Event.REFUSED)


@pytest.mark.clause("SY-A1.5b")
@pytest.mark.parametrize(
    ("event", "column"), [(event, column) for event, a in ATTEMPTS.items() for column in sorted(a.needs)]
)
def test_nothing_without_what_proves_it(paper, office, clock, event, column):
    before = WAYS[event][:-1]
    last = before[-1] if before else NOTHING
    walk(paper, last, office, clock)
    lacking = {column: ""} | (dict.fromkeys(_PROVED, "") if column == "proof" else {})
    with pytest.raises(IntegrityError, match="attempt_is_in_the_table_of_service"):
        write(paper, office, event, last, **lacking)


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"second_server_id": None}, "attempt_is_in_the_table_of_service"),
        ({"proof_sha256": ""}, "proof_is_whole"),
        ({"ends_at": dt.datetime(2026, 5, 1, tzinfo=dt.UTC)}, "attempt_is_in_the_table_of_service"),
        ({"happened_at": dt.datetime(2026, 5, 1, tzinfo=dt.UTC)}, "attempt_is_recorded_afterwards"),
        ({"happened_at": dt.datetime(2026, 1, 1, tzinfo=dt.UTC)}, "nor before the paper"),
        ({"stream": "service:0"}, "chain of its own paper"),
    ],
)
def test_a_row_that_is_not_whole(paper, office, values, rule):
    with pytest.raises(IntegrityError, match=rule):
        write(paper, office, Event.HANDED_OVER, NOTHING, **values)


@pytest.mark.clause("SY-A1.5b")
def test_two_people(paper, office):
    with pytest.raises(IntegrityError, match="served_by_two_different_people"):
        write(paper, office, Event.HANDED_OVER, NOTHING, second_server_id=office.handler.pk)


@pytest.mark.clause("SY-A1.5b")
def test_what_is_left_behind_is_seen(paper, office, clock):
    walk(paper, Event.REFUSED, office, clock)
    with pytest.raises(IntegrityError, match="left_behind_is_proved"):
        write(paper, office, Event.LEFT, Event.REFUSED, witness_1="")


@pytest.mark.clause("SY-A1.5b")
def test_an_announcement_serves_at_its_end_and_nowhere_else(paper, office, clock):
    announced = walk(paper, Event.ANNOUNCED, office, clock)
    with pytest.raises(IntegrityError, match="when its period has run out"):
        write(paper, office, Event.ANNOUNCEMENT_OVER, Event.ANNOUNCED)
    with pytest.raises(IntegrityError, match="attempt_is_recorded_afterwards"):
        write(paper, office, Event.ANNOUNCEMENT_OVER, Event.ANNOUNCED, happened_at=announced.ends_at)


def test_an_announcement_has_a_period(paper, office, clock):
    walk(paper, Event.MAIL_RETURNED, office, clock)
    with pytest.raises(IntegrityError, match="announcement_ends_later"):
        write(paper, office, Event.ANNOUNCED, Event.MAIL_RETURNED, ends_at=house_clock.now())


def test_a_paper_is_served_once(paper, office):
    hand_over(paper, office)
    with pytest.raises(IntegrityError):
        write(paper, office, Event.HANDED_OVER, Event.HANDED_OVER)
    with (
        pytest.raises(IntegrityError, match="document_is_served_once"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            "SET LOCAL session_replication_role = replica;"
            "INSERT INTO serving_serviceattempt SELECT (jsonb_populate_record(a, jsonb_build_object("
            "'id', a.id + 1000, 'sequence', 9))).* FROM serving_serviceattempt a"
        )


@pytest.mark.clause("LC-5.2")
@pytest.mark.parametrize("change", ["reason = 'y'", "happened_at = now()", "proof = 'y'"])
def test_an_attempt_on_record_is_not_altered(paper, office, change):
    hand_over(paper, office)
    with (
        pytest.raises(IntegrityError, match="append-only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"UPDATE serving_serviceattempt SET {change}")
