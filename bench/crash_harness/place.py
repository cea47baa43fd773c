"""Where the harness runs: databases of its own, copied from the migrated template of the tests, and files of
its own; all of it is removed at the end.

The server is that of the tests, without fsync: signal 9 loses no committed data either way, and a power cut
is not what is tried here.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

_NAME = f"bench_crash_{os.getpid()}"


def prepare_environment() -> None:
    """Before any model is imported."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    os.environ.pop("DATABASE_URL", None)
    import django

    django.setup()


@contextmanager
def scratch() -> Iterator[None]:
    """Django on an empty, migrated database and an empty folder for files."""
    from django.conf import settings
    from django.db import connection

    from tests import template_database

    media = tempfile.mkdtemp(prefix="bench-crash-")
    settings.MEDIA_ROOT = media
    _copy(template_database.ensure(), _NAME)
    _use(_NAME)
    try:
        yield
    finally:
        connection.close()
        for name in (_NAME, _kept()):
            _admin(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        shutil.rmtree(media, ignore_errors=True)


def _kept() -> str:
    return f"{_NAME}_kept"


def keep() -> None:
    """Remember the database as it is now; nobody else may be connected to it."""
    from django.db import connection

    connection.close()
    _admin(f'DROP DATABASE IF EXISTS "{_kept()}"')
    _copy(_NAME, _kept())


def go_back() -> None:
    """The database as it was kept: far quicker than building it again."""
    from django.db import connection

    connection.close()
    _admin(f'DROP DATABASE "{_NAME}" WITH (FORCE)')
    _copy(_kept(), _NAME)


def _use(name: str) -> None:
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


def _copy(source: str, target: str) -> None:
    _admin(f'CREATE DATABASE "{target}" TEMPLATE "{source}"')


def _admin(statement: str) -> None:
    from config import embedded

    with psycopg.connect(embedded.postgres("test").url("postgres"), autocommit=True) as admin:
        admin.execute(statement)
