"""The servers that a fresh clone brings along: found or started, once, closed to others, and durable."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config.embedded import Postgres, Valkey
from config.embedded.home import Home
from config.embedded.server import answers, free_port, wait_until
from tests.conftest import ROOT

START = "from config.embedded import Home, Postgres; s = Postgres(Home('{name}')); s.ensure(); print(s.pid())"


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """An instance of its own, beside the one that this test run stands on."""
    instance = Home(f"scratch-{os.getpid()}")
    yield instance
    for server in (Postgres(instance), Valkey(instance)):
        server.stop()
    instance.remove()


@pytest.fixture
def postgres(home: Home) -> Postgres:
    server = Postgres(home)
    server.ensure()
    return server


@pytest.fixture
def valkey(home: Home) -> Valkey:
    server = Valkey(home)
    server.ensure()
    return server


def show(postgres: Postgres, *names: str) -> list[str]:
    with psycopg.connect(postgres.url()) as connection:
        return [connection.execute(f"SHOW {name}").fetchone()[0] for name in names]


def test_two_commands_at_once_start_one_server(home: Home):
    command = [sys.executable, "-c", START.format(name=home.instance)]
    started = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    pids = {process.communicate(timeout=60)[0].strip() for process in started}
    assert len(pids) == 1
    assert pids != {"0"}


def test_a_running_server_is_found(postgres: Postgres, valkey: Valkey):
    for server in (postgres, valkey):
        again = type(server)(server.home)
        again.ensure()
        assert again.pid() == server.pid()
        assert again.state == server.state


def test_nothing_committed_is_lost(postgres: Postgres):
    """trust: kill -9 is survived anyway; these are for the power cut that no test can make."""
    settings = show(postgres, "fsync", "full_page_writes", "synchronous_commit", "data_checksums")
    assert settings == ["on", "on", "on", "on"]


def test_it_sorts_alike_everywhere_and_speaks_chinese(postgres: Postgres):
    with psycopg.connect(postgres.url()) as connection:
        query = "SELECT datlocprovider, datlocale, pg_encoding_to_char(encoding) FROM pg_database"
        assert set(connection.execute(query)) == {("b", "C.UTF-8", "UTF8")}


def test_the_extensions_can_be_made(postgres: Postgres):
    with psycopg.connect(postgres.url()) as connection:
        for extension in ("btree_gist", "pg_trgm"):
            connection.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")


def test_only_this_machine_and_only_with_the_password(postgres: Postgres, valkey: Valkey):
    assert show(postgres, "listen_addresses", "unix_socket_directories") == ["127.0.0.1", ""]
    wrong = postgres.url().replace(postgres.state["password"], "guessed")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(wrong)
    import redis

    with pytest.raises(redis.AuthenticationError), redis.Redis(port=valkey.state["port"]) as client:
        client.ping()
    with redis.Redis.from_url(valkey.url()) as client:
        assert client.config_get("bind") == {"bind": "127.0.0.1"}


def test_the_data_is_closed_to_other_accounts(postgres: Postgres, valkey: Valkey):
    for path in (postgres.home.data, postgres.folder, valkey.folder):
        assert path.stat().st_mode & 0o077 == 0
    for path in postgres.home.folder.glob(f"{postgres.home.instance}-*.json"):
        assert path.stat().st_mode & 0o077 == 0
    assert (postgres.home.data / "valkey.conf").stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="只有 root 才会降权运行")
def test_as_root_the_servers_run_as_somebody_else(postgres: Postgres, valkey: Valkey):
    for server in (postgres, valkey):
        status = Path(f"/proc/{server.pid()}/status").read_text()
        assert "Uid:\t0\t" not in status


def test_the_password_stands_in_no_process_list(postgres: Postgres, valkey: Valkey):
    for server in (postgres, valkey):
        command = Path(f"/proc/{server.pid()}/cmdline").read_text()
        assert server.state["password"] not in command


def test_killed_servers_come_back_with_what_was_committed(postgres: Postgres, valkey: Valkey):
    with psycopg.connect(postgres.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (value int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    for server in (postgres, valkey):
        pid, port = server.pid(), server.state["port"]
        os.kill(pid, signal.SIGKILL)
        assert wait_until(lambda server=server: not server.pid(), 10)
        server.ensure()
        assert server.pid() not in (0, pid)
        assert server.state["port"] == port
    with psycopg.connect(postgres.url()) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone()[0] >= 1


def test_a_stale_pid_file_misleads_nobody(postgres: Postgres):
    postgres.stop()
    # Our own process id: alive, but no PostgreSQL.
    (postgres.folder / postgres.pid_file).write_text(f"{os.getpid()}\n{postgres.folder}\n")
    assert not postgres.running()
    postgres.ensure()
    assert postgres.ready()


def test_a_port_taken_meanwhile_is_left_alone(postgres: Postgres):
    import socket

    postgres.stop()
    taken = free_port()
    with socket.create_server(("127.0.0.1", taken)):
        postgres.home.save("postgres", postgres.state | {"port": taken})
        postgres.ensure()
        assert postgres.state["port"] != taken
        assert answers(postgres.state["port"])
