"""Traces cannot be altered, and when someone with more power did, the check finds it."""

import json
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction

from common.append_only import broken_links
from organisations import services
from organisations.models import PersonalDataRead
from tests.organisations.people import person

pytestmark = [pytest.mark.django_db, pytest.mark.clause("LC-5.2")]
TABLE = "organisations_personaldataread"


def run(sql: str, *values) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def as_superuser(*statements: str) -> None:
    """What only the owner of the server can do: switch the triggers off, tamper, switch them on."""
    # ALTER TABLE waits for no deferred foreign-key check.
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run(f"ALTER TABLE {TABLE} DISABLE TRIGGER USER")
    for statement in statements:
        run(statement)
    run(f"ALTER TABLE {TABLE} ENABLE TRIGGER USER")


@pytest.fixture
def reads():
    user = person("lin", ("handler", "330305001"))
    other = person("wang", ("handler", "330604001"))
    for number in range(6):
        services.log_personal_data_read(
            user=user if number % 3 else other,
            subject=f"person:{number}",
            fields="电话",
            reason="核对",
            ip="::1",
        )
    return PersonalDataRead.objects.order_by("id")


def check() -> tuple[int, dict]:
    out = StringIO()
    try:
        call_command("verify_traces", "--json", stdout=out)
    except SystemExit as end:
        return end.code, json.loads(out.getvalue())
    return 0, json.loads(out.getvalue())


def test_an_untouched_chain_is_whole_in_every_stream(reads) -> None:
    assert set(reads.values_list("stream", flat=True)) == {"county:330305", "county:330604"}
    status, answer = check()
    assert (status, answer["ok"], answer["broken"]) == (0, True, [])
    assert {"table": TABLE, "label": "个人信息查看记录", "rows": 6} in answer["tables"]
    assert "organisations_accountevent" in {table["table"] for table in answer["tables"]}


@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {TABLE} SET reason = 'x'",
        f"UPDATE {TABLE} SET hash = ''",
        f"DELETE FROM {TABLE}",
        f"TRUNCATE {TABLE}",
        "UPDATE organisations_accountevent SET detail = 'x'",
        "DELETE FROM organisations_accountevent",
        "TRUNCATE organisations_accountevent",
    ],
)
def test_change_deletion_and_truncation_are_refused_by_the_database(reads, sql) -> None:
    services.create_user(username="new", name="新", actor=None)
    run("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(Error, match="append-only"):
        run(sql)
    assert check()[0] == 0


def test_rows_written_by_hand_are_chained_as_well(reads) -> None:
    run(
        f"INSERT INTO {TABLE} (stream, sequence, hash, user_id, subject, fields, reason, at)"
        " SELECT stream, 77, 'forged', user_id, 'person:9', fields, reason, at FROM "
        f"{TABLE} ORDER BY id DESC LIMIT 1"
    )
    added = reads.last()
    assert (added.sequence, added.hash != "forged") == (5, True)
    assert check()[0] == 0


FIRST = f"(SELECT min(id) FROM {TABLE} WHERE stream = 'county:330305')"


@pytest.mark.parametrize(
    ("sql", "found"),
    [
        (f"UPDATE {TABLE} SET reason = 'x' WHERE id = {FIRST}", [1]),
        (f"UPDATE {TABLE} SET at = at + interval '1 microsecond' WHERE id = {FIRST}", [1]),
        (f"UPDATE {TABLE} SET hash = md5('x') WHERE id = {FIRST}", [1, 2]),
        (f"UPDATE {TABLE} SET ip = NULL WHERE id = {FIRST}", [1]),
        (f"DELETE FROM {TABLE} WHERE id = {FIRST}", [2, 3, 4]),
        (f"UPDATE {TABLE} SET stream = 'system' WHERE id = {FIRST}", [2, 3, 4]),
    ],
)
def test_tampering_with_triggers_switched_off_is_found(reads, sql, found) -> None:
    as_superuser(sql)
    status, answer = check()
    assert status == 1
    links = [link["sequence"] for link in answer["broken"] if link["stream"] == "county:330305"]
    assert links == found
    assert all(link["table"] == TABLE for link in answer["broken"])


def test_swapped_rows_are_found(reads) -> None:
    as_superuser(
        f"UPDATE {TABLE} SET sequence = 99 - sequence WHERE stream = 'county:330305' AND sequence IN (2, 3)",
        f"UPDATE {TABLE} SET sequence = sequence - 94 WHERE sequence IN (96, 97)",
    )
    assert check()[0] == 1


def test_the_plain_answer_names_the_broken_link(reads) -> None:
    as_superuser(f"UPDATE {TABLE} SET reason = 'x' WHERE id = {FIRST}")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("verify_traces", stdout=out)
    assert end.value.code == 1
    assert f"断链：{TABLE} 链 county:330305 第 1 条" in out.getvalue()


def test_the_chain_does_not_depend_on_the_time_zone_of_the_reader(reads) -> None:
    run("SET LOCAL TimeZone = 'America/New_York'")
    assert broken_links(PersonalDataRead) == []


def test_one_thousand_rows_in_one_statement_are_chained_one_by_one() -> None:
    user = person("lin", ("handler", "330305001"))
    at = datetime(2026, 3, 2, tzinfo=UTC)
    PersonalDataRead.objects.bulk_create(
        PersonalDataRead(stream="s", user=user, subject=f"p:{n}", fields="电话", reason="批", at=at)
        for n in range(1000)
    )
    assert list(PersonalDataRead.objects.order_by("id").values_list("sequence", flat=True)) == [
        *range(1, 1001)
    ]
    assert broken_links(PersonalDataRead) == []
