"""What the database itself refuses about emergency reliefs, whoever writes: each rule broken by raw SQL."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from approvals.relief.enums import ReliefState as State
from approvals.relief.models import ReliefStep
from common.append_only import broken_links
from organisations.enums import Post
from payments.models import Instalment
from payments.services import pay_from_reserve, prepare_payout
from tests.cases.builders import person_with
from tests.relief.builders import agreed, completed, in_state, paid, registered

RELIEF, STEP, NOTICE, LIMIT = (
    f"relief_{name}" for name in ("emergencyrelief", "reliefstep", "districtnotice", "relieflimit")
)


def refused(sql: str, *values: object, by: str) -> None:
    """The statement, or the end of its transaction, is refused by the rule of that name or words."""
    with pytest.raises(IntegrityError, match=by):
        run((sql, values))


def run(*statements: tuple[str, object]) -> None:
    """Statements as one transaction, to its end; each touches one row."""
    with transaction.atomic(), connection.cursor() as cursor:
        for sql, values in statements:
            cursor.execute(sql, values)
            assert cursor.rowcount == 1
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def copied(table: str, pk: int, **values: object) -> tuple[str, list]:
    """An INSERT that repeats a row but for some columns; past BEFORE triggers it meets the constraints."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} WHERE id = %s", [pk])
        names = [column.name for column in cursor.description if column.name != "id"]
    columns = ", ".join(names)
    chosen = ", ".join("%s" if name in values else name for name in names)
    parameters = [values[name] for name in names if name in values]
    return f"INSERT INTO {table} ({columns}) SELECT {chosen} FROM {table} WHERE id = %s", [*parameters, pk]


def insert_refused(table: str, pk: int, by: str, **values: object) -> None:
    sql, parameters = copied(table, pk, **values)
    refused(sql, *parameters, by=by)


NEW = {"number": "DT-JN-2026-900000"}


@pytest.mark.parametrize(
    ("by", "values"),
    [
        ("relief_has_number_or_why_not", {"id_number": None, "id_digest": ""}),
        ("relief_has_number_or_why_not", {"id_missing_reason": "烧毁"}),
        ("relief_is_within_the_limit", {"amount": Decimal("5000.01")}),
        ("relief_is_within_the_limit", {"amount": Decimal("0.00")}),
        ("relief_in_kind_names_the_goods", {"paid_in": "in_kind"}),
        ("relief_decided_when_past_registration", {"state": "agreed"}),
        ("state and steps part", {}),
    ],
)
def test_a_new_row_is_whole(ground, by, values):
    insert_refused(RELIEF, registered(ground).pk, by, **NEW | values)


def test_only_known_states(ground):
    insert_refused(RELIEF, agreed(ground).pk, "relief_state_is_known", **NEW, state="lost")


def test_agreed_by_another_person(ground):
    relief = agreed(ground)
    insert_refused(
        RELIEF,
        relief.pk,
        "relief_agreed_by_another_person",
        **NEW,
        decided_by_id=relief.registered_by_id,
    )


@pytest.mark.parametrize(
    "values",
    [
        {"second_name": ""},
        {"received_by": None},
        {"receipt_signed": False},
        {"receipt_signed": None},
        {"paid_at": None},
        {"fund_move_id": None},
        {"state": "agreed"},
    ],
)
def test_paid_with_a_receipt_and_two_people(ground, values):
    relief = paid(ground)
    insert_refused(RELIEF, relief.pk, "paid_relief_has_receipt_and_two_people", **NEW | values)


def test_whoever_agreed_has_not_paid(ground):
    relief = paid(ground)
    insert_refused(
        RELIEF,
        relief.pk,
        "paid_relief_has_receipt_and_two_people",
        **NEW,
        paid_by_id=relief.decided_by_id,
    )


@pytest.mark.parametrize("values", [{"finding": None}, {"closed_at": None}, {"state": "paid"}])
def test_closed_with_its_finding(ground, values):
    relief = in_state(ground, State.CLOSED)
    insert_refused(RELIEF, relief.pk, "closed_relief_has_its_finding", **NEW | values)


@pytest.mark.parametrize("column", ["amount = 4000", "name = '别人'", "most = 9000", "registered_at = now()"])
def test_what_was_registered_is_kept(ground, column):
    relief = registered(ground)
    refused(f"UPDATE {RELIEF} SET {column} WHERE id = %s", relief.pk, by="what was registered is kept")


def test_no_relief_is_deleted(ground):
    relief = registered(ground)
    refused(f"DELETE FROM {RELIEF} WHERE id = %s", relief.pk, by="what was registered is kept")


@pytest.mark.parametrize("column", ["received_by = '别人'", "paid_at = now()", "fund_move_id = NULL"])
def test_a_signature_is_not_altered(ground, column):
    relief = paid(ground)
    refused(f"UPDATE {RELIEF} SET {column} WHERE id = %s", relief.pk, by="signed is not altered")


def test_a_state_needs_its_step(ground):
    relief = agreed(ground)
    refused(f"UPDATE {RELIEF} SET state = 'declined' WHERE id = %s", relief.pk, by="state and steps part")


def step_by_sql(relief, **values):
    """The last step again, as another one."""
    last = relief.steps.last()
    return copied(STEP, last.pk, **values)


def test_a_step_needs_its_state(ground):
    relief, leader = registered(ground), ground.office.approver
    sql, parameters = step_by_sql(
        relief,
        transition="agree",
        from_state="registered",
        to_state="agreed",
        post="approver",
        actor_id=leader.pk,
    )
    refused(sql, *parameters, by="state and steps part")


def test_a_step_begins_where_the_last_ended(ground):
    relief = paid(ground)
    sql, parameters = step_by_sql(relief)
    refused(sql, *parameters, by="stands elsewhere")


@pytest.mark.parametrize(
    ("transition", "to_state", "post"),
    [
        ("pay", "paid", "handler"),
        ("agree", "agreed", "handler"),
        ("agree", "paid", "approver"),
        ("complete", "completed", ""),
    ],
)
def test_only_moves_of_the_table(ground, transition, to_state, post):
    relief = registered(ground)
    actor = person_with(Post.APPROVER, ground.office.township)
    sql, parameters = step_by_sql(
        relief,
        transition=transition,
        from_state="registered",
        to_state=to_state,
        post=post,
        actor_id=actor.pk if post else None,
    )
    refused(sql, *parameters, by="relief_step_is_in_the_table")


@pytest.mark.clause("DT-1.1")
def test_one_person_in_one_post(ground):
    relief = registered(ground)
    sql, parameters = step_by_sql(
        relief,
        transition="agree",
        from_state="registered",
        to_state="agreed",
        post="approver",
        actor_id=relief.registered_by_id,
    )
    refused(sql, *parameters, by="one_person_one_post_a_relief")


def test_a_person_acts_in_a_post(ground):
    relief = paid(ground)
    sql, parameters = step_by_sql(
        relief, transition="complete", from_state="paid", to_state="completed", post=""
    )
    refused(sql, *parameters, by="a_person_acts_in_a_post_on_a_relief")


def test_the_trace_is_append_only_and_whole(ground):
    step = completed(ground).steps.first()
    refused(f"UPDATE {STEP} SET opinion = 'x' WHERE id = %s", step.pk, by="append-only")
    assert broken_links(ReliefStep) == []


@pytest.mark.clause("SY-4.4b")
def test_nothing_is_paid_without_telling_the_district(ground):
    relief = paid(ground)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"DELETE FROM {NOTICE}")
        cursor.execute("SET session_replication_role = DEFAULT")
    refused(
        f"UPDATE {RELIEF} SET application_id = NULL WHERE id = %s",
        relief.pk,
        by="without telling the district",
    )


@pytest.mark.clause("DT-8.3")
def test_what_is_paid_came_out_of_the_reserve(ground):
    """Another withdrawal of another amount does not do."""
    relief = paid(ground)
    other = pay_from_reserve(
        township=ground.office.township, amount=Decimal("1000.00"), actor=ground.payer, note="别的支出"
    )
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"UPDATE {RELIEF} SET fund_move_id = %s WHERE id = %s", [other.pk, relief.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    refused(
        f"UPDATE {RELIEF} SET application_id = NULL WHERE id = %s", relief.pk, by="not what the reserve paid"
    )


def test_the_district_is_told_of_what_was_paid_once(ground):
    relief, notice = registered(ground), paid(ground).district_notice
    insert_refused(NOTICE, notice.pk, "only what was paid is reported", relief_id=relief.pk)
    insert_refused(NOTICE, notice.pk, "relief_districtnotice_relief_id_key")
    insert_refused(
        NOTICE, notice.pk, "acknowledged_by_somebody", relief_id=relief.pk, acknowledged_at=notice.told_at
    )
    refused(f"UPDATE {NOTICE} SET told_at = now() WHERE id = %s", notice.pk, by="is kept")
    refused(f"DELETE FROM {NOTICE} WHERE id = %s", notice.pk, by="is kept")


def test_completed_by_nothing_less_than_an_approval(ground):
    relief = paid(ground)
    sql, parameters = step_by_sql(
        relief, transition="complete", from_state="paid", to_state="completed", post="", actor_id=None
    )
    moved = (f"UPDATE {RELIEF} SET state = 'completed' WHERE id = %s", [relief.pk])
    with pytest.raises(IntegrityError, match="without an approval that counts it"):
        run((sql, parameters), moved)


def test_the_whole_way_passes_the_checks_of_the_end(ground):
    completed(ground)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize(
    ("column", "by"),
    [
        ("kept = true", "relief_limit_runs_or_has_ended"),
        ("due_at = started_at - interval '1 hour'", "relief_limit_is_after_its_start"),
    ],
)
def test_a_limit_is_whole(ground, column, by):
    limit = registered(ground).limits.get()
    refused(f"UPDATE {LIMIT} SET {column} WHERE id = %s", limit.pk, by=by)
    insert_refused(LIMIT, limit.pk, "relief_limit_once_a_step")


def test_an_advance_is_number_zero_and_paid_by_no_list(ground):
    completed(ground)
    advance, rest = Instalment.objects.order_by("number")
    table = "payments_instalment"
    insert_refused(table, rest.pk, "advance_is_number_zero", number=2, advanced_on="2026-03-02")
    insert_refused(table, advance.pk, "advance_is_number_zero", number=0, advanced_on=None)
    line = prepare_payout(instalments=[rest.pk], actor=ground.payer).payments.get()
    insert_refused(
        "payments_payment", line.pk, "unless advanced", instalment_id=advance.pk, amount=advance.amount
    )
