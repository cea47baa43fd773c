"""What the database refuses, each broken once by raw SQL."""

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.models import Deadline, Decision, Proposal, Step
from cases.enums import ApplicationState as State
from tests.approvals.builders import case_in
from tests.approvals.test_separation import step_by_sql


def run(sql: str, parameters: list | None = None) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def check_deferred() -> None:
    """What a commit would check."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.mark.clause("LC-5.2")
@pytest.mark.parametrize("table", ["step", "proposal", "decision"])
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE approvals_{table} SET at = now()",
        "DELETE FROM approvals_{table}",
        "TRUNCATE approvals_{table} CASCADE",
    ],
    ids=["update", "delete", "truncate"],
)
def test_traces_are_append_only(office, clock, table, statement) -> None:
    case_in(State.APPROVED, office=office, clock=clock)
    check_deferred()
    with pytest.raises(IntegrityError, match="append-only"):
        run(statement.format(table=table))
    assert Step.objects.count() == 8
    assert Proposal.objects.count() == Decision.objects.count() == 1


@pytest.mark.clause("LC-5.2")
def test_a_state_does_not_move_without_its_step(office, clock) -> None:
    application = case_in(State.SUBMITTED, office=office)
    check_deferred()
    run("UPDATE cases_application SET state = 'awaiting_materials' WHERE id = %s", [application.pk])
    with pytest.raises(IntegrityError, match="state moved without its step"), transaction.atomic():
        check_deferred()
    run("UPDATE cases_application SET state = 'submitted' WHERE id = %s", [application.pk])


@pytest.mark.clause("LC-5.2")
def test_a_step_is_not_left_without_its_move(office, clock) -> None:
    application = case_in(State.ACCEPTED, office=office)
    check_deferred()
    with transaction.atomic():
        step_by_sql(application, office.handler, "handler", "withdraw", "accepted", "withdrawn")
        with pytest.raises(IntegrityError, match="step without its move"), transaction.atomic():
            check_deferred()
        transaction.set_rollback(True)


@pytest.mark.parametrize(
    ("transition", "post", "source", "target"),
    [
        ("approve", "approver", "submitted", "approved"),
        ("accept", "reviewer", "submitted", "accepted"),
        ("accept", "handler", "submitted", "deciding"),
        ("accept", "handler", "draft", "accepted"),
        ("teleport", "handler", "submitted", "accepted"),
        ("extend_deadline", "handler", "submitted", "submitted"),
    ],
)
def test_a_step_outside_the_table_is_refused(office, clock, transition, post, source, target) -> None:
    application = case_in(State.SUBMITTED, office=office)
    person = {"approver": office.approver, "reviewer": office.reviewer}.get(post, office.handler)
    with pytest.raises(IntegrityError, match="step_is_in_the_transition_table|application stands at"):
        step_by_sql(application, person, post, transition, source, target)


def test_a_step_begins_where_the_last_one_ended(office, clock) -> None:
    application = case_in(State.ACCEPTED, office=office)
    with pytest.raises(IntegrityError, match="stands at accepted, not at submitted"):
        step_by_sql(application, office.handler, "handler", "withdraw", "submitted", "withdrawn")
    with pytest.raises(IntegrityError, match="an extension moves nothing"):
        step_by_sql(application, office.approver, "approver", "extend_deadline", "accepted", "approved")


def test_an_actor_acts_in_a_post_and_the_system_in_none(office, clock) -> None:
    application = case_in(State.SUBMITTED, office=office)
    with pytest.raises(IntegrityError):
        step_by_sql(application, office.handler, "", "accept", "submitted", "accepted")


def decide(application, office, outcome: str, monthly: str, starts_on: str, reason: str = "x") -> None:
    """Rests on the opinion of this round, where there is one."""
    run(
        "INSERT INTO approvals_decision (application_id, programme, proposal_id, outcome, monthly, starts_on,"
        " instalments, lines, facts, rule_ids, reason, by_id, at) VALUES (%s, %s, (SELECT max(id) FROM"
        " approvals_proposal WHERE application_id = %s), %s, %s, %s, '[]', '[]', '{}', '[]', %s, %s, now())",
        [
            application.pk,
            application.programme,
            application.pk,
            outcome,
            monthly,
            starts_on,
            reason,
            office.approver.pk,
        ],
    )


@pytest.mark.clause("JZ-12.3")
@pytest.mark.parametrize(
    "state", [State.ACCEPTED, State.CHECKING, State.VISITING, State.REVIEWING, State.PUBLISHED]
)
def test_no_approval_without_check_visit_and_notice(office, clock, state) -> None:
    application = case_in(state, office=office)
    with pytest.raises(IntegrityError, match="no approval without check, visit and full notice"):
        decide(application, office, "approved", "585.00", "2026-04-01")


def test_decisions_are_whole(office, clock) -> None:
    application = case_in(State.DECIDING, office=office, clock=clock)
    for outcome, monthly, starts_on, reason, constraint in (
        ("approved", None, "2026-04-01", "x", "approval_has_amount_and_start"),
        ("approved", "0.00", "2026-04-01", "x", "approval_has_amount_and_start"),
        ("approved", "-1.00", "2026-04-01", "x", "approval_has_amount_and_start"),
        ("approved", "585.00", "2026-04-02", "x", "approval_has_amount_and_start"),
        ("refused", "585.00", None, "x", "approval_has_amount_and_start"),
        ("refused", None, None, "", "decision_gives_its_reason"),
    ):
        with pytest.raises(IntegrityError, match=constraint):
            decide(application, office, outcome, monthly, starts_on, reason)
    decide(application, office, "refused", None, None)
    with pytest.raises(IntegrityError, match="application_id"):
        decide(application, office, "refused", None, None)


def test_one_opinion_a_round(office, clock) -> None:
    application = case_in(State.PUBLISHED, office=office)
    copy = (
        "INSERT INTO approvals_proposal (application_id, programme, authority, investigation_round, outcome,"
        " monthly, instalments, lines, rule_ids, n_covered, reason, by_id, at) SELECT application_id,"
        " programme, authority, investigation_round, outcome, {monthly}, instalments, lines, rule_ids,"
        " n_covered, {reason}, by_id, at"
        " FROM approvals_proposal WHERE application_id = %s"
    )
    for monthly, reason, constraint in (
        ("monthly", "reason", "one_proposal_a_round"),
        ("0", "reason", "proposed_amount_when_favourable"),
        ("NULL", "reason", "proposed_amount_when_favourable"),
        ("monthly", "''", "proposal_gives_its_reason"),
    ):
        with pytest.raises(IntegrityError, match=constraint):
            run(copy.format(monthly=monthly, reason=reason), [application.pk])


def test_deadlines_are_whole(office, clock) -> None:
    application = case_in(State.ACCEPTED, office=office)
    total = Deadline.objects.get(application=application, step="total")
    for change, constraint in (
        ("state = 'met'", "deadline_ended_or_running"),
        ("ended_at = now()", "deadline_ended_or_running"),
        ("original_due_at = due_at", "extension_has_reason_and_approver"),
        ("extension_reason = 'x'", "extension_has_reason_and_approver"),
        ("due_at = started_at - interval '1 day'", "deadline_is_not_before_its_start"),
        ("step = 'entrust_check'", "one_running_deadline_a_step"),
    ):
        with pytest.raises(IntegrityError, match=constraint):
            run(f"UPDATE approvals_deadline SET {change} WHERE id = %s", [total.pk])
