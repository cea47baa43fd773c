"""What the database refuses about changes, whoever writes: each rule broken once by raw SQL."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.changing.enums import ChangeState as State
from approvals.changing.models import BenefitChange
from approvals.enums import DocumentKind
from cases.enums import Programme
from organisations.models import User
from tests.changing.builders import death, entry, raised

STEP = (
    "INSERT INTO changing_changestep"
    " (stream, sequence, hash, change_id, transition, label, from_state, to_state, post, actor_id, opinion,"
    "  details, at)"
    " VALUES ('change:' || %s, 0, '', %s, %s, %s, %s, %s, %s, %s, '', '{}', now())"
)


def run(sql: str, *parameters) -> None:
    """As if committed; what the services did before is looked at first."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute(sql, parameters)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def breaks(name: str, sql: str, *parameters) -> None:
    """The statement meets the rule of that name."""
    with pytest.raises(IntegrityError, match=name):
        run(sql, *parameters)


def step(change: BenefitChange, transition: str, source: str, target: str, post: str, actor: User | None):
    key = actor.pk if actor else None
    return (STEP, change.pk, change.pk, transition, transition, source, target, post, key)


def set_columns(change: BenefitChange, columns: str) -> tuple[str, int]:
    return (f"UPDATE changing_benefitchange SET {columns} WHERE id = %s", change.pk)


@pytest.mark.clause("LC-5.2")
def test_a_state_needs_its_step_and_a_step_its_move(shangyu) -> None:
    change = shangyu.change_in(State.PROPOSED)
    reviewer = shangyu.office.reviewer
    breaks("state moved without its step", *set_columns(change, "state = 'reviewed'"))
    breaks("step without its move", *step(change, "review", "proposed", "reviewed", "reviewer", reviewer))
    breaks("it stands at proposed", *step(change, "review", "reviewed", "reviewed", "reviewer", reviewer))
    breaks(
        "change_step_is_in_the_table", *step(change, "decide", "proposed", "decided", "approver", reviewer)
    )
    breaks("append-only", "UPDATE changing_changestep SET opinion = 'x' WHERE change_id = %s", change.pk)
    breaks("append-only", "DELETE FROM changing_changestep WHERE change_id = %s", change.pk)


@pytest.mark.clause("DT-1.1")
def test_one_person_one_post(shangyu) -> None:
    change = shangyu.change_in(State.REVIEWED)
    office = shangyu.office
    breaks(
        "one_person_one_post_a_change",
        *step(change, "agree", "reviewed", "agreed", "approver", office.reviewer),
    )
    breaks(
        "neither reviews nor agrees", *step(change, "agree", "reviewed", "agreed", "approver", office.handler)
    )
    breaks("a_person_changes_in_a_post", *step(change, "agree", "reviewed", "agreed", "", office.approver))


@pytest.mark.clause("JZ-12.3")
def test_a_data_match_alone_stops_nobody_in_the_database_too(shangyu) -> None:
    change = shangyu.draft()
    shangyu.find(change, "data_match")
    breaks(
        "a data match alone stops nobody",
        *step(change, "propose", "draft", "proposed", "handler", shangyu.office.handler),
    )
    dead = shangyu.draft(death(dt.date(2026, 3, 1)), benefit=shangyu.benefit())
    shangyu.find(dead, "visit")
    breaks(
        "a data match alone stops nobody",
        *step(dead, "propose", "draft", "proposed", "handler", shangyu.office.handler),
    )


@pytest.mark.clause("SY-A1.6")
def test_nobody_goes_round_the_hearing(shangyu) -> None:
    change = shangyu.change_in(State.REVIEWED)
    breaks(
        "told beforehand and heard",
        *step(change, "agree_at_once", "reviewed", "decided", "approver", shangyu.office.approver),
    )


@pytest.mark.clause("SY-A1.6")
def test_nothing_is_in_effect_that_was_not_decided_and_served(shangyu) -> None:
    drafted = shangyu.change_in(State.DRAFT)
    effect = (
        "state = 'in_effect', effective_on = '2026-05-01', decided_at = now(), decision_served_at = now()"
    )
    breaks("no effect without a decision on paper", *set_columns(drafted, effect))
    decided = shangyu.change_in(State.DECIDED)
    breaks("no effect before the decision is served", *set_columns(decided, effect))
    breaks("told beforehand and heard", *set_columns(decided, f"{effect}, prior_served_at = NULL"))
    breaks("in_effect_was_decided_and_served", *set_columns(decided, "effective_on = '2026-05-01'"))
    served = shangyu.serve(decided, DocumentKind.CHANGE_DECISION)
    for columns in ("effective_on = '2026-05-02'", "effective_on = NULL", "decision_served_at = NULL"):
        breaks("in_effect_was_decided_and_served", *set_columns(served, columns))


@pytest.mark.clause("SY-A2.6")
def test_tekun_ends_only_after_its_full_notice(shangyu) -> None:
    change = shangyu.change_in(State.PUBLISHED)
    breaks(
        "ends only after its full notice",
        *set_columns(change, "state = 'in_effect', effective_on = '2026-05-01'"),
    )


def test_what_was_proposed_is_not_altered(shangyu) -> None:
    change = shangyu.change_in(State.PROPOSED, raised())
    for columns in ("monthly = 999", "reason = 'other'", "facts = 'x'", "lines = '[]'", "benefit_id = 0"):
        breaks("what was proposed is not altered", *set_columns(change, columns))
    breaks("what was proposed is not altered", "DELETE FROM changing_benefitchange WHERE id = %s", change.pk)


def test_a_change_is_whole(shangyu) -> None:
    change = shangyu.draft(raised())
    breaks("change_names_its_amount", *set_columns(change, "monthly = was"))
    breaks("change_names_its_amount", *set_columns(change, "monthly = NULL"))
    breaks("change_names_its_amount", *set_columns(change, "monthly = 0"))
    breaks("change_names_its_amount", *set_columns(change, "kind = 'stop'"))
    breaks("death_has_its_day", *set_columns(change, "reason = 'death'"))
    breaks("death_has_its_day", *set_columns(change, "died_on = '2026-03-01'"))
    breaks("change_says_why", *set_columns(change, "facts = ''"))
    breaks("change_state_is_known", *set_columns(change, "state = 'somewhere'"))
    status = shangyu.draft(entry(), benefit=shangyu.benefit(Programme.DIBIAN))
    breaks("change_names_its_amount", *set_columns(status, "kind = 'adjust', was = 1, monthly = 2"))


def copy_of(change: BenefitChange, **values: str) -> str:
    """INSERT … SELECT of the row with other values."""
    names = [field.column for field in BenefitChange._meta.concrete_fields if field.column != "id"]
    columns = ", ".join(names)
    taken = ", ".join(values.get(name, name) for name in names)
    table = "changing_benefitchange"
    return f"INSERT INTO {table} ({columns}) SELECT {taken} FROM {table} WHERE id = {change.pk}"


def test_one_open_change_a_benefit_and_each_begins_as_a_draft(shangyu) -> None:
    change = shangyu.change_in(State.DRAFT)
    breaks("one_open_change_a_benefit", copy_of(change))
    breaks("begins as a draft", copy_of(change, state="'withdrawn'"))


def test_evidence_is_whole_and_kept(shangyu) -> None:
    change = shangyu.draft()
    evidence = shangyu.find(change, "proof")
    columns = (
        "change_id, kind, found_on, finding, second_visitor, file, content_type, sha256, recorded_by_id,"
        " recorded_at"
    )
    sql = (
        f"INSERT INTO changing_evidence ({columns}) SELECT change_id, %s, found_on, %s, %s, %s, content_type,"
        f" sha256, recorded_by_id, recorded_at FROM changing_evidence WHERE id = {evidence.pk}"
    )
    breaks("evidence_says_something", sql, "report", "", "", "")
    breaks("visit_is_made_by_two", sql, "visit", "见过", "", "")
    breaks("papers_are_on_file", sql, "statement", "声明", "", "")
    breaks("append-only", "UPDATE changing_evidence SET finding = 'x' WHERE id = %s", evidence.pk)


@pytest.mark.clause("SY-A1.6")
def test_a_defence_is_kept_as_given_and_answered_once(shangyu) -> None:
    change = shangyu.change_in(State.HEARING)
    said = shangyu.say(change)
    where = "WHERE id = %s"
    breaks("kept as given", f"UPDATE changing_defence SET content = 'x' {where}", said.pk)
    breaks(
        "defence_answered_with_outcome", f"UPDATE changing_defence SET answered_at = now() {where}", said.pk
    )
    shangyu.answer(said)
    breaks("answered once", f"UPDATE changing_defence SET outcome = 'accepted' {where}", said.pk)
    breaks("answered once", f"DELETE FROM changing_defence {where}", said.pk)
    blank = "content, made_by, change_id, round, form, received_at, recorded_by_id, recorded_at"
    copied = "change_id, round, form, received_at, recorded_by_id, recorded_at"
    breaks(
        "defence_says_something",
        f"INSERT INTO changing_defence ({blank}, outcome, answer) SELECT '', 'x', {copied}, '', ''"
        f" FROM changing_defence WHERE id = {said.pk}",
    )


@pytest.mark.clause("SY-7.2")
def test_an_end_and_an_amount_name_the_change_they_come_from(shangyu) -> None:
    ended = shangyu.change_in(State.IN_EFFECT)
    ended.benefit.refresh_from_db()
    assert ended.benefit.end_source == f"change:{ended.pk}"
    change = shangyu.change_in(State.REVIEWED, raised())
    shangyu.move(change, "agree_at_once", "approver")
    newest = change.benefit.revisions.get(valid_to=None)
    assert newest.source == f"change:{change.pk}"
    assert shangyu.paper(change, DocumentKind.CHANGE_DECISION).number
