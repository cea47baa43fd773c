"""What the database refuses about 一事一议, by raw SQL past every service."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.settling.enums import Body
from approvals.settling.models import Appraisal, CaseByCase, Determination, Entry, Feedback, Filing, Recheck
from approvals.settling.services import feed_back, recheck
from common.append_only import broken_links
from tests.approvals.test_separation import step_by_sql
from tests.settling import builders


def refused(sql: str, params: list, because: str) -> None:
    """The statement fails with an integrity error that says why, and leaves nothing."""
    with pytest.raises(IntegrityError, match=because), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, params)


def copied(table: str, row, because: str, **changes) -> None:
    """The same row once more with other values is refused."""
    with connection.cursor() as cursor:
        names = [c.name for c in connection.introspection.get_table_description(cursor, table)]
    names = [name for name in names if name not in {"id", "hash", "sequence"}]
    values = ", ".join("%s" if name in changes else name for name in names)
    refused(
        f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} WHERE id = %s",
        [*(changes[name] for name in names if name in changes), row.pk],
        because,
    )


@pytest.fixture
def settled(lucheng):
    """鹿城: determined, filed with both bodies, told, confirmed and visited once."""
    settlement = builders.referred(lucheng)
    builders.appraise(lucheng, settlement)
    application = builders.determine(lucheng, settlement)
    builders.acknowledged(lucheng, settlement, Body.DISCIPLINE)
    builders.filed(lucheng, settlement, Body.DISTRICT)
    feed_back(settlement=settlement, told=builders.told(), actor=lucheng.office.handler)
    builders.approve(lucheng, application)
    settlement.refresh_from_db()
    recheck(
        settlement=settlement,
        checked_on=dt.date(2026, 3, 2),
        finding="无变化。",
        still_applies=True,
        actor=lucheng.office.handler,
    )
    return settlement


@pytest.mark.clause("LC-5.2")
def test_nothing_on_record_is_altered_or_deleted(settled) -> None:
    for model in (Appraisal, Determination, Feedback, Recheck, Entry):
        table, row = model._meta.db_table, model.objects.first()
        refused(f"DELETE FROM {table} WHERE id = %s", [row.pk], "append-only")
        refused(f"UPDATE {table} SET id = id WHERE id = %s", [row.pk], "append-only")
    refused("DELETE FROM settling_casebycase WHERE id = %s", [settled.pk], "kept as it was begun")
    for column, value in (
        ("circumstance", "severe"),
        ("urgent", True),
        ("appraisal_required", False),
        ("filing_first", True),
        ("valid_until", "2028-01-01"),
        ("confirmed_on", "2026-03-03"),
    ):
        refused(
            f"UPDATE settling_casebycase SET {column} = %s WHERE id = %s",
            [value, settled.pk],
            "kept as it was begun|validity_begins",
        )
    received, sent = Filing.objects.get(body="discipline"), Filing.objects.get(body="district")
    for filing in (received, sent):
        refused("DELETE FROM settling_filing WHERE id = %s", [filing.pk], "kept as it was sent")
        refused("UPDATE settling_filing SET remark = 'x' WHERE id = %s", [filing.pk], "kept as it was sent")
    refused("UPDATE settling_filing SET answer = 'x' WHERE id = %s", [received.pk], "kept as it was sent")
    refused(
        "UPDATE settling_filing SET answer = 'x', acknowledged_at = now(), acknowledged_by_id = filed_by_id"
        " WHERE id = %s",
        [sent.pk],
        "filing_is_acknowledged_by_another_person",
    )
    assert broken_links(Entry) == []


@pytest.mark.clause("LC-4.3b")
@pytest.mark.clause("DT-4.4")
def test_one_filing_a_body_and_one_visit_a_day(settled) -> None:
    sent, visit = Filing.objects.get(body="district"), Recheck.objects.get()
    copied("settling_filing", sent, "filed_once_with_each_body")
    copied("settling_recheck", visit, "one_recheck_a_day")
    # Told once, too.
    copied("settling_feedback", Feedback.objects.get(), "settlement_id")


@pytest.mark.clause("LC-4.4b")
def test_a_settlement_lapses_once_and_after_its_validity(settled) -> None:
    assert settled.valid_until == dt.date(2027, 3, 1)
    sql = "UPDATE settling_casebycase SET lapsed_on = %s WHERE id = %s"
    refused(sql, ["2027-03-01", settled.pk], "settlement_lapses_after_its_validity")
    CaseByCase.objects.filter(pk=settled.pk).update(lapsed_on=dt.date(2027, 3, 2))
    refused(sql, ["2027-03-03", settled.pk], "kept as it was begun")
    refused(sql, [None, settled.pk], "kept as it was begun")


@pytest.mark.clause("LC-4.2b")
def test_a_valid_appraisal_is_whole(lucheng) -> None:
    settlement = builders.referred(lucheng)
    held = builders.appraise(lucheng, settlement, present=builders.PRESENT | {"observer": []})
    assert not held.valid
    table, whole = "settling_appraisal", {"valid": True, "defects": "[]"}
    copied(table, held, "valid_appraisal_is_whole", **whole)
    copied(table, held, "valid_appraisal_is_whole", valid=False, defects="[]")
    copied(table, held, "valid_appraisal_is_whole", n_observer=1, n_cadre=0, n_staff=4, **whole)
    copied(table, held, "valid_appraisal_is_whole", n_observer=1, n_resident=4, n_for=10, **whole)
    copied(table, held, "valid_appraisal_is_whole", n_observer=1, n_recused=1, n_for=10, **whole)
    copied(table, held, "appraisal_votes_are_those_of_the_voters", n_for=12)
    copied(table, held, "appraisal_of_a_settlement_names_it", purpose="check")
    builders.appraise(lucheng, settlement)
    copied(table, held, "one_valid_appraisal_a_settlement", n_observer=1, **whole)


@pytest.mark.clause("LC-4.2c")
def test_only_an_emergency_is_urgent(lucheng) -> None:
    settlement = builders.referred(lucheng)
    other = builders.visited(lucheng)
    copied("settling_casebycase", settlement, "only 急难 is urgent", urgent=True, application_id=other.pk)
    copied("settling_casebycase", settlement, "one_settlement_a_round")


@pytest.mark.clause("LC-3.5")
def test_a_determination_stays_within_its_limit_and_is_what_is_proposed(lucheng, settled) -> None:
    made = Determination.objects.get()
    other = builders.referred(lucheng)
    table = "settling_determination"
    copied(table, made, "not what is proposed", settlement_id=other.pk)
    copied(table, made, "not what is proposed", monthly="585.01")
    with connection.cursor() as cursor:
        # Past the triggers: the table itself refuses too.
        cursor.execute("SET LOCAL session_replication_role = replica")
    elsewhere = {"settlement_id": other.pk, "proposal_id": 999_999}
    for changes in (
        {"monthly": "1085.01"},
        {"monthly": "2000.00", "monthly_max": "2170.00"},
        {"monthly": None},
        {"outcome": "refused"},
        {"n_covered": 0, "monthly_max": "0.00"},
    ):
        copied(table, made, "determined_amount_is_within_its_limit", **elsewhere | changes)
    copied(table, made, "determining_meeting_is_whole", minutes="", **elsewhere)


@pytest.mark.clause("LC-4.3a")
@pytest.mark.clause("DT-4.2")
def test_no_move_of_a_settlement_without_its_record(lucheng) -> None:
    office = lucheng.office
    visited = builders.visited(lucheng)
    step_refused(visited, office.handler, "handler", "refer", "visiting", "settling")
    settlement = builders.referred(lucheng)
    application = settlement.application
    for transition, target in (
        ("settle", "published"),
        ("settle_at_once", "deciding"),
        ("settle_against", "deciding"),
    ):
        step_refused(application, office.reviewer, "reviewer", transition, "settling", target)


def step_refused(application, actor, *names: str) -> None:
    post, transition, source, target = names
    with pytest.raises(IntegrityError, match="without its record"):
        step_by_sql(application, actor, post, transition, source, target)


@pytest.mark.clause("SY-4.4a")
@pytest.mark.clause("LC-4.2a")
@pytest.mark.parametrize("district", ["lucheng", "shangyu"])
def test_no_approval_without_appraisal_and_first_filing(district, request) -> None:
    place = request.getfixturevalue(district)
    settlement = builders.referred(place)
    if settlement.appraisal_required:
        builders.appraise(place, settlement)
    application = builders.determine(place, settlement)
    proposal = application.proposals.get()
    insert = (
        "INSERT INTO approvals_decision (application_id, programme, proposal_id, outcome, monthly,"
        " instalments, starts_on, lines, facts, rule_ids, reason, by_id, at)"
        " VALUES (%s, 'dibao', %s, 'approved', %s, '[]',"
        " '2026-04-01', '[]', '{}', '[]', 'x', %s, now())"
    )
    values = [application.pk, proposal.pk, proposal.monthly, place.office.approver.pk]
    if settlement.appraisal_required:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL session_replication_role = replica")
            cursor.execute("UPDATE settling_appraisal SET n_for = 6, n_against = 6, n_abstained = 0")
            cursor.execute("SET LOCAL session_replication_role = DEFAULT")
    refused(insert, values, "without determination, appraisal or filing")
    # And nothing else than the opinion that it became.
    if settlement.filing_first:
        builders.acknowledged(place, settlement, Body.DISTRICT)
        refused(insert, [application.pk, None, *values[2:]], "without determination, appraisal or filing")


@pytest.mark.clause("DT-1.1")
def test_nobody_acts_on_a_settlement_in_a_second_post(lucheng) -> None:
    settlement = builders.referred(lucheng)
    application, handler = settlement.application, lucheng.office.handler
    entry = Entry.objects.get()
    copied("settling_entry", entry, "one_person_one_post_a_settlement|another post", post="approver")
    copied("settling_entry", entry, "another post", post="discipline", actor_id=lucheng.office.reviewer.pk)
    nowhere = {"post": "", "actor_id": lucheng.discipline.pk}
    copied("settling_entry", entry, "a_person_settles_in_a_post", **nowhere)
    copied("settling_entry", entry, "a_person_settles_in_a_post", actor_id=None)
    builders.appraise(lucheng, settlement)
    with pytest.raises(IntegrityError, match="another post|one_person_one_post|investigated"):
        step_by_sql(application, handler, "reviewer", "send_back", "settling", "visiting")
