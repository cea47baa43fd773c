"""What is called append-only is so in the database, and every chain is one line: no model forgets it."""

import pytest
from django.apps import apps
from django.db import connection, models

from common.append_only import ChainedRecord

APPEND_ONLY = [model for model in apps.get_models() if getattr(model, "append_only", False)]
CHAINED = [model for model in apps.get_models() if issubclass(model, ChainedRecord)]
# Bits of pg_trigger.tgtype.
_DELETE, _UPDATE, _TRUNCATE, _INSERT = 8, 16, 32, 4


def triggers_of(model: type[models.Model]) -> list[tuple[int, str]]:
    """(kind, body of the function) of each enabled trigger on the table."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT t.tgtype, p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid"
            " WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal AND t.tgenabled <> 'D'",
            [model._meta.db_table],
        )
        return cursor.fetchall()


def test_there_are_such_models():
    assert len(APPEND_ONLY) >= 8
    assert len(CHAINED) >= 3


@pytest.mark.django_db
@pytest.mark.parametrize("model", APPEND_ONLY, ids=lambda model: model._meta.label)
def test_no_row_is_changed_deleted_or_truncated(model):
    refusing = [kind for kind, body in triggers_of(model) if "append-only" in body]
    for operation in (_UPDATE, _DELETE, _TRUNCATE):
        assert any(kind & operation for kind in refusing)


@pytest.mark.django_db
@pytest.mark.parametrize("model", CHAINED, ids=lambda model: model._meta.label)
def test_a_chain_is_one_line(model):
    unique = [tuple(c.fields) for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    assert ("stream", "sequence") in unique
    with connection.cursor() as cursor:
        existing = connection.introspection.get_constraints(cursor, model._meta.db_table).values()
    assert any(c["unique"] and c["columns"] == ["stream", "sequence"] for c in existing)
    assert any(kind & _INSERT and "sha256" in body for kind, body in triggers_of(model))


def test_traces_are_found_by_their_base():
    assert all(model in APPEND_ONLY for model in CHAINED)
