"""Tests for cosmic-ray without starting Django anew for each mutant: docs/mutation.md says how to use it.

A pytest session that has collected the tests and waits at a socket instead of running them. Asked by
`ask.py`, it runs the tests of the file that was changed, in a fork that reads the rules package from disk.
"""

from __future__ import annotations

import csv
import gc
import os
import signal
import socket
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from pytest_django.plugin import blocking_manager_key

ROOT = Path(__file__).resolve().parents[2]
LOCAL = ROOT / ".local"
DATABASE = "mutation"
# An endless loop is found out like a wrong answer.
SECONDS = 60
KILLED, BROKEN = 1, 99
_MEANS = tuple(f"policy.test_{name}" for name in ("frozen", "programme_examples", "means", "assess_examples"))
_COUNTING = tuple(f"policy.test_{name}" for name in ("frozen", "due_words", "working_days", "due_examples"))
# What tests a file, or every file of a folder.
TESTS = {
    "policy/means": _MEANS,
    "policy/household.py": _MEANS,
    "policy/lines.py": _MEANS,
    "policy/rules.py": ("policy.test_rules", *_MEANS),
    "policy/deadlines.py": _COUNTING,
    "policy/working_days.py": _COUNTING,
    "common/money.py": ("common.test_money",),
}
# What may not be read twice: Django keeps a register of it.
_KEPT = ("policy", "policy.apps", "policy.models", "policy.enums", "policy.admin")
_OPTIONS = (
    "-q",
    "--tb=no",
    "--assert=plain",
    "--hypothesis-seed=0",
    "-pno:cacheprovider",
    "-ofaulthandler_timeout=0",
)


@pytest.fixture(scope="session")
def django_db_setup() -> None:
    """Every run works in the server's database, where no test leaves anything behind."""


@pytest.fixture
def tmp_path() -> Path:
    """None of these tests writes a file."""
    return LOCAL


class Server:
    """The plugin that answers requests in the place of a run."""

    def pytest_configure(self, config: pytest.Config) -> None:
        """Of two fixtures with one name the later one counts: these come after those of pytest-django."""
        config.pluginmanager.register(sys.modules[__name__])

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        with session.config.stash[blocking_manager_key].unblock():
            known = _fill_database()
        original = _sources()
        gc.freeze()
        path = LOCAL / "mutation.sock"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(str(path))
            server.listen()
            while True:
                client, _ = server.accept()
                now = _sources()
                changed = [name for name in TESTS if now[name] != original[name]]
                status = _fork(session, changed or list(TESTS), known)
                with client:
                    client.sendall(f"{status} {' '.join(changed)}".encode())


def _sources() -> dict[str, list[bytes]]:
    paths = {name: ROOT / name for name in TESTS}
    files = {name: sorted(path.glob("*.py")) if path.is_dir() else [path] for name, path in paths.items()}
    return {name: [path.read_bytes() for path in found] for name, found in files.items()}


def _fill_database() -> dict[tuple[str, date], list]:
    """All packs in a database of its own, and (area, day) of each example -> its rules.

    Reading those takes longer than most tests.
    """
    import psycopg
    from django.db import connection

    from config import embedded
    from organisations.loading import load_areas
    from organisations.models import Area
    from policy.calendar_loading import load_calendar
    from policy.packs import load_packs
    from policy.rules import rules_in_force
    from tests import template_database
    from tests.policy.conftest import LOADED_AT

    template = template_database.ensure()
    with psycopg.connect(embedded.postgres("test").url("postgres"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        admin.execute(f"CREATE DATABASE {DATABASE} TEMPLATE {template}")
    connection.settings_dict["NAME"] = DATABASE
    load_areas(demo_villages=False)
    load_calendar(now=LOADED_AT)
    load_packs(now=LOADED_AT)
    areas = {area.code: area for area in Area.objects.all()}
    places = sorted(set(_places_and_days()))
    known = {(areas[code].prefix, on): rules_in_force(areas[code], on) for code, on in places}
    connection.close()
    return known


def _places_and_days() -> Iterator[tuple[str, date]]:
    for path in (ROOT / "tests" / "policy").glob("*_examples.csv"):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                if "area" in row:
                    yield row["area"], date.fromisoformat((row.get("on") or row["start"])[:10])


def _fork(session: pytest.Session, changed: list[str], known: dict) -> int:
    """0 when all tests of what was changed pass, KILLED when one fails or is too slow."""
    child = os.fork()
    if child:
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        return KILLED if status == -signal.SIGALRM else status
    signal.alarm(SECONDS)
    try:
        tests = dict.fromkeys(f"tests.{name}" for path in changed for name in TESTS[path])
        os._exit(_run(session, tests, {} if "policy/rules.py" in changed else known))
    finally:
        os._exit(BROKEN)


def _run(session: pytest.Session, tests: Iterable[str], known: dict) -> int:
    try:
        _read_anew([*tests, "tests.policy.conftest"], known)
    except Exception as error:
        print(f"cannot be imported: {error!r}", flush=True)
        return KILLED
    items = [item for name in tests for item in session.items if item.module.__name__ == name]
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed:
            print(item.nodeid, flush=True)
            return KILLED
    return 0


def _read_anew(tests: Iterable[str], known: dict) -> None:
    """Forget the rules package and run the modules of the tests again, in the namespaces they have."""
    for name in list(sys.modules):
        if (name.startswith("policy.") and name not in _KEPT) or name == "common.money":
            parent, _, own = name.rpartition(".")
            del sys.modules[name]
            vars(sys.modules.get(parent, sys)).pop(own, None)
    from policy import rules

    if known:
        rules.rules_in_force = partial(_remembered, rules.rules_in_force, known)
    for name in tests:
        module = sys.modules[name]
        module.__spec__.loader.exec_module(module)
    for name in ("load_areas", "load_calendar", "load_packs"):
        # They find everything there.
        setattr(sys.modules["tests.policy.conftest"], name, lambda **_: None)


def _remembered(read: Callable[..., list], known: dict, area, on: date, drafts: Iterable = ()) -> list:
    return known.get((area.prefix, on)) or read(area, on) if not drafts else read(area, on, drafts)


def serve() -> None:
    """Until interrupted."""
    sys.path.insert(0, str(ROOT))
    sys.dont_write_bytecode = True
    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings.test"
    names = dict.fromkeys(name for names in TESTS.values() for name in names)
    paths = [str(ROOT / "tests" / f"{name.replace('.', '/')}.py") for name in names]
    pytest.main([*_OPTIONS, *paths], plugins=[Server()])


if __name__ == "__main__":
    serve()
