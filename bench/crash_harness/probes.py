"""Raw SQL that breaks one rule each: refused by it while it is there, accepted once it is taken away.

For constraints the statement is found by trying: a row of the finished month is changed column by column
until exactly this rule refuses. What triggers hold is told by hand, in `trigger_probes`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction

from bench.crash_harness import audit
from bench.crash_harness.guards import Guard
from bench.crash_harness.trigger_probes import probe_of

ROWS_TRIED = 40
_NOWHERE = 2**40
_OWN = "PL/pgSQL function "


@dataclass(frozen=True, slots=True)
class Finding:
    """`by`: what notices that the guard is gone, empty when nothing does; `also`: what still held."""

    by: str = ""
    also: str = ""
    statement: str = ""


class _Undo(Exception):
    """Rolls a trial back."""


def _refused(statements: list[str], *, audited: bool = False) -> str | None:
    """Who refuses the statements (constraint, column or trigger function); None when they pass. Rolled back.

    `audited`: what passes is held against the audit as well.
    """
    verdict: str | None = None
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            if audited and (broken := audit.broken_now()):
                verdict = "审计：" + "、".join(broken)
            raise _Undo
    except _Undo:
        return verdict
    except DatabaseError as error:
        return _culprit(error)


def _culprit(error: DatabaseError) -> str:
    told = error.__cause__.diag
    if told.constraint_name:
        return told.constraint_name
    if told.context and _OWN in told.context:
        return told.context.split(_OWN)[1].split("(")[0]
    return told.column_name or told.message_primary or str(error)


def look(guard: Guard) -> Finding:
    """Take a guard away, in a transaction that is rolled back, and see what notices."""
    if guard.kind == "g":
        return _look_at_trigger(guard)
    held = Finding()
    for statements in _attempts(guard):
        refused = _refused(statements)
        if refused not in _names(guard):
            held = held if held.by else _behind(guard, refused, statements)
            continue
        without = _refused([guard.removal, *statements])
        held = Finding("SQL 探针", without or "", statements[-1])
        if not without:
            break
    return held


def _behind(guard: Guard, first: str | None, statements: list[str]) -> Finding:
    """PostgreSQL names the first rule that is broken; a check behind it shows when that one goes too."""
    if guard.kind != "c" or not first or " " in first or first.startswith("pgtrigger"):
        return Finding()
    gone = f'ALTER TABLE {guard.table} DROP CONSTRAINT IF EXISTS "{first}"'
    if _refused([gone, *statements]) != guard.name:
        return Finding()
    return Finding("SQL 探针", first, statements[-1])


def _names(guard: Guard) -> tuple[str, ...]:
    return (guard.name, *guard.columns) if guard.kind == "n" else (guard.name,)


def _look_at_trigger(guard: Guard) -> Finding:
    probe = probe_of(guard)
    if probe is None:
        return Finding()
    before = _refused(list(probe.statements), audited=True)
    without = _refused([guard.removal, *probe.statements], audited=True)
    if probe.is_audited:
        return Finding(by=without, statement=probe.statements[-1]) if without and not before else Finding()
    if before != guard.name.lower():
        return Finding(also=before or "无人拒绝", statement=probe.statements[-1])
    also = without if without and not without.startswith("审计") else ""
    return Finding(by="SQL 探针", also=also, statement=probe.statements[-1])


def _attempts(guard: Guard) -> Iterator[list[str]]:
    """Statements that may break a constraint, the table's own triggers being off."""
    calm = f"ALTER TABLE {guard.table} DISABLE TRIGGER USER"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {guard.table} ORDER BY id DESC LIMIT {ROWS_TRIED}")  # noqa: S608
        keys = [key for (key,) in cursor.fetchall()]
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s",
            [guard.table],
        )
        types = dict(cursor.fetchall())
    for key in keys:
        if guard.kind in "uixp":
            copy = _copy(guard, key)
            yield [calm, *_other_uniques(guard), copy]
            continue
        for column in guard.columns:
            for value in _values(guard, column, types):
                yield [calm, f"UPDATE {guard.table} SET {column} = {value} WHERE id = {key}"]  # noqa: S608


def _values(guard: Guard, column: str, types: dict[str, str]) -> Iterator[str]:
    """What to put into a column so that the rule may break."""
    if guard.kind == "n":
        yield "NULL"
        return
    if guard.kind == "f":
        yield str(_NOWHERE)
        return
    yield "NULL"
    kind = types[column]
    if kind in ("bigint", "integer", "smallint", "numeric"):
        yield from ("0", "-1", f"-{column}", f"{column} + 1", "500", "99999")
    elif kind == "date":
        yield from (f"{column} + 1", f"{column} - 400", "DATE '2020-02-01'", "DATE '2020-02-02'")
    elif kind.startswith("timestamp"):
        yield "now()"
    elif kind in ("character varying", "text"):
        yield from ("''", "'x'")
        # The words that the rule itself knows.
        yield from {f"'{word}'" for word in guard.definition.split("'")[1::2] if word.isidentifier()}
    yield from (other for other in guard.columns if other != column and types[other] == kind)


def _copy(guard: Guard, key: int) -> str:
    """The same row once more, under another key unless the key is what must not repeat."""
    fresh = key if guard.kind == "p" else _NOWHERE
    row = f"jsonb_populate_record(r, jsonb_build_object('id', {fresh}))"
    return f"INSERT INTO {guard.table} SELECT ({row}).* FROM {guard.table} r WHERE id = {key}"  # noqa: S608


def _other_uniques(guard: Guard) -> list[str]:
    """A copied row breaks all unique rules of its table at once; only the one in question stays."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT i.relname, c.conname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            LEFT JOIN pg_constraint c ON c.conindid = i.oid AND c.contype IN ('p', 'u', 'x')
            WHERE x.indrelid = %s::regclass AND (x.indisunique OR x.indisexclusion) AND i.relname <> %s
            """,
            [guard.table, guard.name],
        )
        return [
            f'ALTER TABLE {guard.table} DROP CONSTRAINT "{constraint}" CASCADE'
            if constraint
            else f'DROP INDEX "{index}"'
            for index, constraint in cursor.fetchall()
        ]
