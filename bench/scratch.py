"""A database of its own for a measurement, on the embedded PostgreSQL, dropped again afterwards."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@contextmanager
def scratch_database(name: str) -> Iterator[None]:
    """Django set up on an empty, migrated database `bench_<name>`; call it before importing any model."""
    sys.path.insert(0, str(ROOT))
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.dev"
    os.environ["DEBUG"] = "off"

    import psycopg

    from config import embedded

    server, database = embedded.postgres("demo"), f"bench_{name}"
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        connection.execute(f'CREATE DATABASE "{database}"')
    os.environ["DATABASE_URL"] = server.url(database)

    begin()
    from django.core.management import call_command
    from django.db import connections

    call_command("migrate", verbosity=0)
    try:
        yield
    finally:
        connections.close_all()
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')


def begin() -> None:
    """Django, in the database that the environment names; call it before importing any model."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def peak() -> int:
    """The most memory that this process had resident, in megabytes. `ru_maxrss` would be at least what the
    process that started it had at that moment.
    """
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) // 1024


def verdict(rows: list[tuple[str, str, bool]]) -> None:
    """Print (what, figure against its bound, kept) and leave with status 1 when a bound was missed."""
    for what, figure, kept in rows:
        print(f"{'达标' if kept else '未达标'}  {what}：{figure}")
    sys.exit(0 if all(kept for _, _, kept in rows) else 1)
