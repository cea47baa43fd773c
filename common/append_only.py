"""Tables whose rows nobody alters: triggers refuse it, and a hash chain shows it when someone with power did.

`h(n) = sha256( h(n-1) ‖ jsonb text of the row without its hash and its empty columns )`, one chain for each
`stream`; leaving empty columns out lets a later release add a column without breaking the chain.
The database computes the chain on insert, so rows written by raw SQL are chained as well.
"""

import pgtrigger
from django.db import connection, models

_CHAIN = """
    PERFORM set_config('TimeZone', 'UTC', true);
    PERFORM pg_advisory_xact_lock(hashtextextended(TG_TABLE_NAME || ':' || NEW.stream, 0));
    EXECUTE format('SELECT sequence, hash FROM %I WHERE stream = $1 ORDER BY sequence DESC LIMIT 1',
                   TG_TABLE_NAME)
       INTO last_sequence, last_hash USING NEW.stream;
    NEW.sequence := COALESCE(last_sequence, 0) + 1;
    NEW.hash := encode(sha256(convert_to(
        COALESCE(last_hash, '') || jsonb_strip_nulls(to_jsonb(NEW) - 'hash')::text, 'UTF8')), 'hex');
    RETURN NEW;
"""


def append_only_triggers(name: str) -> list[pgtrigger.Trigger]:
    """Refuse UPDATE, DELETE and TRUNCATE on the table."""
    refuse = (
        f"RAISE EXCEPTION '{name}: rows are append-only' USING ERRCODE = 'integrity_constraint_violation';"
    )
    return [
        pgtrigger.Trigger(
            name=f"{name}_no_change",
            when=pgtrigger.Before,
            operation=pgtrigger.Update | pgtrigger.Delete,
            func=refuse,
        ),
        pgtrigger.Trigger(
            name=f"{name}_no_truncate",
            level=pgtrigger.Statement,
            when=pgtrigger.Before,
            operation=pgtrigger.Truncate,
            func=refuse,
        ),
    ]


def chained_triggers(name: str) -> list[pgtrigger.Trigger]:
    """Append-only, and each row chained to the one before it in its stream."""
    chain = pgtrigger.Trigger(
        name=f"{name}_chain",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        declare=[("last_sequence", "BIGINT"), ("last_hash", "TEXT")],
        func=_CHAIN,
    )
    return [chain, *append_only_triggers(name)]


class ChainedRecord(models.Model):
    """Base of the trace tables. `stream`, `sequence`, `hash` are the chain; the database sets two."""

    append_only = True

    stream = models.CharField("链", max_length=60, editable=False)
    sequence = models.BigIntegerField("序号", default=0, editable=False)
    hash = models.CharField("散列", max_length=64, default="", editable=False)

    class Meta:
        abstract = True


def broken_links(model: type[ChainedRecord]) -> list[tuple[str, int]]:
    """(stream, sequence) of each row whose hash does not follow from its content and the row before it."""
    table = connection.ops.quote_name(model._meta.db_table)
    sql = f"""
        SELECT stream, sequence FROM (
            SELECT stream, sequence, hash, jsonb_strip_nulls(to_jsonb(t) - 'hash') AS content,
                   lag(hash) OVER chain AS before, row_number() OVER chain AS place
            FROM {table} t WINDOW chain AS (PARTITION BY stream ORDER BY sequence)
        ) links
        WHERE place <> sequence
           OR hash <> encode(sha256(convert_to(COALESCE(before, '') || content::text, 'UTF8')), 'hex')
        ORDER BY stream, sequence
    """  # noqa: S608 - the only name in it is our own table's, quoted
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TimeZone = 'UTC'")
        cursor.execute(sql)
        return cursor.fetchall()
