"""What every test stands on: real servers, no outside network, and nothing passed over in silence."""

import csv
import datetime as dt
import gc
import os
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
import pytest
import time_machine
from django.conf import settings
from hypothesis import settings as hypothesis_settings

from config import embedded
from tests import template_database

ROOT = Path(__file__).resolve().parent.parent
BEIJING = ZoneInfo("Asia/Shanghai")
CLAUSES = ROOT / "policy" / "data" / "clauses.csv"
TEST_DATABASES = "test_assistance_"

# A shared machine is sometimes slow; that is no failure of the property under test.
hypothesis_settings.register_profile("house", deadline=None, print_blob=True)
hypothesis_settings.load_profile("house")


def pytest_sessionstart(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput") and not settings.DATABASE_URL:
        _drop_databases_of_dead_runs()


def _drop_databases_of_dead_runs() -> None:
    """A killed run leaves its database; the process id in its name says whether it is still at work."""
    with psycopg.connect(embedded.postgres("test").url("postgres"), autocommit=True) as connection:
        every = connection.execute("SELECT datname FROM pg_database").fetchall()
        for name in (name for (name,) in every if name.startswith(TEST_DATABASES)):
            owner = name.removeprefix(TEST_DATABASES).split("_")[0]
            if owner.isdigit() and not Path(f"/proc/{owner}").exists():
                connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A test that claims a clause must name one that exists, or the claim proves nothing."""
    claims = [(item, mark) for item in items for mark in item.iter_markers("clause")]
    if not claims:
        return
    with CLAUSES.open(encoding="utf-8-sig", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    for item, mark in claims:
        if len(mark.args) != 1 or mark.args[0] not in known:
            raise pytest.UsageError(f"{item.nodeid}: clause{mark.args} 不在 policy/data/clauses.csv 中")


def pytest_collection_finish() -> None:
    """What is there now stays to the end: nobody need look through it for garbage again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Copy the tables instead of making them anew in every run and every parallel worker."""
    from django.db import connection

    options, test = request.config.option, connection.settings_dict["TEST"]
    if options.reuse_db:
        # This asks for the database of last time, so its name must not change from run to run.
        test["NAME"] = test["NAME"].replace(f"{TEST_DATABASES}{os.getpid()}", "test_reused")
    elif not settings.DATABASE_URL and not options.nomigrations:
        test["TEMPLATE"] = template_database.ensure()


@pytest.fixture(autouse=True, scope="session")
def end_left_sessions(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Only a database with nobody in it is dropped; a browser's last request must not fail the last test."""
    from django.db import connection

    yield
    if not connection.settings_dict["NAME"].startswith("test_"):
        # No test of this run asked for the database.
        return
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(autouse=True, scope="session")
def flush_append_only_tables() -> Iterator[None]:
    """Between tests with real commits Django truncates every table; ours refuse that, as they should.

    Only the emptying itself runs with triggers off: the tests see them working. Deleting a few rows takes a
    fraction of the time of truncating two hundred tables.
    """
    from django.db import connection

    operations = type(connection.ops)
    original = operations.sql_flush

    def sql_flush(self: object, style: object, tables: list[str], **kwargs: object) -> list[str]:
        emptied = [f"DELETE FROM {self.quote_name(table)}" for table in tables]
        return ["SET LOCAL session_replication_role = replica", *emptied]

    operations.sql_flush = sql_flush
    yield
    operations.sql_flush = original


@pytest.fixture(autouse=True, scope="session")
def only_loopback() -> Iterator[None]:
    """No test may depend on, or leak to, another machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def check(sock: socket.socket, address: object) -> None:
        host = address[0] if isinstance(address, tuple) else ""
        if sock.family != socket.AF_UNIX and host not in {"127.0.0.1", "::1", "localhost"}:
            raise RuntimeError(f"测试不得连接外部网络：{host}")

    def guarded(original):
        def call(self: socket.socket, address: object):
            check(self, address)
            return original(self, address)

        return call

    socket.socket.connect, socket.socket.connect_ex = guarded(connect), guarded(connect_ex)
    yield
    socket.socket.connect, socket.socket.connect_ex = connect, connect_ex


@pytest.fixture(autouse=True)
def private_media(settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """Time stands still at 09:00 on an ordinary Monday in Beijing until `clock.move_to()` or `.shift()`."""
    start = dt.datetime(2026, 3, 2, 9, 0, tzinfo=BEIJING)
    with time_machine.travel(start, tick=False) as traveller:
        yield traveller


@pytest.fixture
def drawn_once(monkeypatch) -> None:
    """WeasyPrint draws one paper, and all get its bytes: where hundreds are made and nobody looks at them."""
    from weasyprint import HTML

    draw, drawn = HTML.write_pdf, []

    def write_pdf(html: HTML) -> bytes:
        if not drawn:
            drawn.append(draw(html))
        return drawn[0]

    monkeypatch.setattr(HTML, "write_pdf", write_pdf)


CHROMIUM_ARGUMENTS = [
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    # A page that wants something from another host must fail here, as it would in an office without internet.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]


@pytest.fixture
def browse(client):
    """`browse(user)` is Django's client with that user logged in."""

    def log_in(user):
        client.force_login(user)
        return client

    return log_in


@pytest.fixture(scope="session")
def browser():
    """The system's Chromium: Playwright's own download is out of reach of an office machine."""
    from playwright.sync_api import sync_playwright

    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not executable:
        pytest.fail("没有找到 Chromium；make test 会安装，或执行 apt-get install chromium")
    arguments = [*CHROMIUM_ARGUMENTS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    # Playwright's event loop lives in this thread, which Django takes for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield chromium
        chromium.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def page(browser, live_server):
    """A fresh browser window on the live server: `page.goto("/")`. Errors in the console fail the test."""
    screen = {"width": 1366, "height": 768}
    context = browser.new_context(base_url=live_server.url, locale="zh-CN", viewport=screen)
    window = context.new_page()
    errors: list[str] = []
    window.on("pageerror", lambda error: errors.append(str(error)))
    window.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield window
    context.close()
    # Refused and missing pages are announced there too, and tests provoke them on purpose.
    assert [text for text in errors if "the server responded with a status of" not in text] == []
