"""Migrate once, then copy: making all tables takes PostgreSQL seconds, copying them a fraction of one."""

import fcntl
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from django.apps import apps

from config import embedded
from config.env import BASE_DIR, LOCAL_DIR

PREFIX = "template_"
BUILDING = "building_template"
# Every test rolls back, so vacuum would note every table as empty, and the planner would believe it: a page
# that joins six of them took half a minute. Of most tables little is rolled back; `tests.ground` tells the
# planner about the others.
KEPT_CLEAN = ("organisations_area", "policy_%")
UNTENDED = """
    DO $$ DECLARE name TEXT; BEGIN
        FOR name IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace
            AND relkind = 'r' AND NOT relname LIKE ANY (ARRAY[{kept}])
        LOOP EXECUTE format('ALTER TABLE %I SET (autovacuum_enabled = off)', name); END LOOP;
    END $$
"""
# A few, so that going back and forth between branches stays quick.
KEPT = 4


def fingerprint() -> str:
    """Changes with every migration, ours or a package's, and with this file: what is in it comes of both."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    for application in apps.get_app_configs():
        for path in sorted(Path(application.path, "migrations").glob("*.py")):
            digest.update(f"{application.label}/{path.name}".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def ensure() -> str:
    """The name of a database with all migrations applied, made if there is none for the present ones."""
    name, server = PREFIX + fingerprint(), embedded.postgres("test")
    with (LOCAL_DIR / "template.lock").open("w") as lock:
        # Parallel test workers: one builds, the others wait and copy.
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s) ORDER BY oid DESC"
            existing = [row[0] for row in connection.execute(query, [PREFIX])]
            if name not in existing:
                connection.execute(f"DROP DATABASE IF EXISTS {BUILDING}")
                connection.execute(f"CREATE DATABASE {BUILDING}")
                _migrate(server.url(BUILDING))
                connection.execute(f"ALTER DATABASE {BUILDING} RENAME TO {name}")
                for old in existing[KEPT:]:
                    connection.execute(f"DROP DATABASE IF EXISTS {old}")
    return name


def _migrate(url: str) -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "DATABASE_URL": url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    result = subprocess.run(
        command, cwd=BASE_DIR, env=environment, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise RuntimeError(f"迁移失败：{result.stderr[-2000:]}")
    kept = ", ".join(f"'{pattern}'" for pattern in KEPT_CLEAN)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(UNTENDED.format(kept=kept).encode())
