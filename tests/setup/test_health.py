"""/healthz says which part fails, and needs none of them to say so."""

import os
import subprocess
import sys
import time

import pytest
from django.db import OperationalError, connection
from django.test import Client

from config import broker, embedded, health, tasks
from config.embedded.server import wait_until
from tests.conftest import ROOT


@pytest.fixture(autouse=True)
def own_heartbeat(monkeypatch):
    """Parallel tests share the broker."""
    key = f"test-heartbeat-{os.getpid()}"
    # Taken now: a test may make the broker unreachable.
    client = broker.client()
    for module in (broker, health, tasks):
        monkeypatch.setattr(module, "HEARTBEAT_KEY", key)
    yield key
    client.delete(key)


@pytest.fixture
def unreachable_broker(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    broker.client.cache_clear()
    yield
    broker.client.cache_clear()


@pytest.mark.django_db
def test_everything_works(client: Client):
    tasks.heartbeat()
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json()["status"] == "ok"
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_a_silent_worker_is_noticed(client: Client, own_heartbeat: str):
    assert client.get("/healthz").json()["failing"] == ["worker"]
    broker.client().set(own_heartbeat, int(time.time()) - health.STALE_AFTER_SECONDS - 1)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["failing"] == ["worker"]


@pytest.mark.django_db
@pytest.mark.usefixtures("unreachable_broker")
def test_a_missing_broker_takes_the_worker_with_it(client: Client):
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["failing"] == ["broker", "worker"]


@pytest.mark.django_db
def test_a_missing_database_is_named_and_nothing_more(client: Client):
    def broken(*_: object) -> None:
        raise OperationalError("host=10.0.0.1 user=secret")

    tasks.heartbeat()
    client.cookies["sessionid"] = "somebody"
    with connection.execute_wrapper(broken):
        response = client.get("/healthz")
    assert response.status_code == 503
    assert response.json()["failing"] == ["database"]
    assert "secret" not in response.content.decode()


@pytest.mark.django_db
def test_clocks_that_disagree_count_as_failing(client: Client, clock):
    tasks.heartbeat()
    assert client.get("/healthz").json()["failing"] == ["database"]


def test_only_reading_is_answered(client: Client):
    assert client.post("/healthz").status_code == 405


def test_a_real_worker_beats(tmp_path):
    """Beat, broker and worker as processes: the same command lines as in the demo."""
    server = embedded.valkey("test")
    # A numbered database of its own, so that no other test's task gets in here.
    url = server.url(database=9)
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "config.settings.test", "REDIS_URL": url}
    celery = [sys.executable, "-m", "celery", "-A", "config"]
    schedule = ["--schedule", str(tmp_path / "beat"), "--pidfile="]
    import redis

    with redis.Redis.from_url(url) as client:
        client.flushdb()
        # With nothing remembered the first beat comes after its 30 seconds.
        worker = ["worker", "--pool", "solo", "--without-mingle", "--without-gossip"]
        processes = [
            subprocess.Popen([*celery, *command], cwd=ROOT, env=environment, stderr=subprocess.DEVNULL)
            for command in (worker, ["beat", *schedule])
        ]
        try:
            assert wait_until(lambda: bool(client.get("assistance:worker-heartbeat")), 60)
        finally:
            for process in processes:
                process.terminate()
            for process in processes:
                process.wait(timeout=20)
