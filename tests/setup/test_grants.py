"""What the application's database role may do, asked of the database itself."""

import os

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction

from payments.enums import BatchState
from payments.models import Batch
from payments.services import claim_relief, prepare_payout
from tests.ground import lay_ground
from tests.payments import builders
from tests.payments.hand_over_builders import desk_in, fill, handed, instalment
from tests.relief.builders import relief_office, with_papers

pytestmark = pytest.mark.django_db

# Roles belong to the whole server: parallel test runs need names of their own.
ROLE = f"app_{os.getpid()}"


@pytest.fixture
def role(db) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {ROLE} LOGIN NOSUPERUSER")
    call_command("grant_app_role", ROLE, verbosity=0)
    return ROLE


def may(role: str, table: str, right: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT has_table_privilege(%s, %s, %s)", [role, table, right])
        return cursor.fetchone()[0]


def tables(*, append_only: bool) -> list[str]:
    models = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
    return [
        model._meta.db_table
        for model in models
        if not model._meta.proxy and getattr(model, "append_only", False) is append_only
    ]


def refused_as(role: str, statement: str) -> bool:
    """Whether the database itself says "permission denied" to this role."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
        try:
            with transaction.atomic():
                cursor.execute(statement)
        except ProgrammingError as error:
            return error.__cause__.sqlstate == "42501"
        finally:
            cursor.execute("RESET ROLE")
    return False


def test_ordinary_tables_can_be_written(role: str):
    assert tables(append_only=False)
    for table in tables(append_only=False):
        assert all(may(role, table, right) for right in ("SELECT", "INSERT", "UPDATE", "DELETE")), table


def test_append_only_tables_can_only_grow(role: str):
    assert tables(append_only=True)
    for table in tables(append_only=True):
        assert may(role, table, "SELECT")
        assert may(role, table, "INSERT")
        assert not may(role, table, "UPDATE")
        assert not may(role, table, "DELETE")
        quoted = connection.ops.quote_name(table)
        assert refused_as(role, f"DELETE FROM {quoted}"), table
        assert refused_as(role, f"UPDATE {quoted} SET id = id"), table


def test_nothing_can_be_emptied_or_rebuilt(role: str):
    every = [*tables(append_only=False), *tables(append_only=True)]
    for table in every:
        assert not may(role, table, "TRUNCATE")
        assert not may(role, table, "TRIGGER")
    quoted = connection.ops.quote_name(every[-1])
    assert refused_as(role, f"TRUNCATE {quoted}")
    assert refused_as(role, f"ALTER TABLE {quoted} DISABLE TRIGGER ALL")
    assert refused_as(role, f"DROP TABLE {quoted}")
    assert refused_as(role, "CREATE TABLE extra (id int)")
    assert refused_as(role, "SET session_replication_role = replica")
    assert refused_as(role, "DELETE FROM django_migrations")


def test_granting_again_takes_back_what_was_added_by_hand(role: str):
    table = tables(append_only=True)[0]
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT ALL ON {connection.ops.quote_name(table)} TO {role}")
    assert may(role, table, "UPDATE")
    call_command("grant_app_role", role, verbosity=0)
    assert not may(role, table, "UPDATE")


def test_an_unknown_or_powerful_role_is_refused(role: str):
    with pytest.raises(CommandError, match="不存在"):
        call_command("grant_app_role", "nobody_of_this_name")
    with pytest.raises(CommandError, match="权限过大"):
        call_command("grant_app_role", connection.settings_dict["USER"])
    with connection.cursor() as cursor:
        cursor.execute(f"GRANT {connection.settings_dict['USER']} TO {role}")
    with pytest.raises(CommandError, match="权限过大"):
        call_command("grant_app_role", role)


def test_aid_is_listed_and_handed_over_by_the_application(role: str, clock):
    """What triggers lock and read on the way is within the rights of the application."""
    desk = desk_in(lay_ground().other_county_village)
    fill(desk)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
    given, waiting = handed(desk), instalment(desk, "10.00")
    listed = prepare_payout(instalments=[waiting.pk], actor=desk.clerk)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
    assert (given.fund_move.amount, listed.n_payments) == (-given.instalment.amount, 1)


def test_a_month_is_paid_by_the_application(role: str, clock):
    """From the list to the bank's answer, where nobody makes temporary tables unless it was granted."""
    payer = builders.town()
    builders.benefits(payer, "585.00", "700.00")
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(connection.settings_dict["NAME"])
        cursor.execute(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC")
        cursor.execute(f"SET LOCAL ROLE {role}")
    file = builders.sent(payer)
    builders.answered(payer, file)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("RESET ROLE")
    assert Batch.objects.get().state == BatchState.SETTLED


def test_a_relief_is_claimed_back_by_the_application(role: str, clock):
    """It waits for others at the fund, which it may lock, and not at the move, which only grows."""
    relief = with_papers(relief_office())
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {role}")
    debt = claim_relief(application=relief.application, fund_move=relief.fund_move)
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")
    assert debt.owed == relief.amount
