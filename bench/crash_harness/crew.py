"""A real worker and a real broker of one's own, to be killed: nothing else on the machine is touched."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import connection

from config.celery import app
from config.embedded import Valkey
from config.embedded.home import Home

ROOT = Path(__file__).resolve().parents[2]
# As scripts/run_demo.py starts it: without mingle and gossip a worker hears again after its broker came back.
WORKER = ("worker", "--concurrency", "2", "--without-mingle", "--without-gossip", "--loglevel", "ERROR")


class Forgetful(Home):
    """A broker without a log: what waits in it dies with it."""

    durable = False


class Crew:
    """`faults` are what can be done to it, by name."""

    def __init__(self) -> None:
        self.home = Forgetful(f"crash-{os.getpid()}")
        self.broker = Valkey(self.home)
        self.broker.ensure()
        self.worker: subprocess.Popen | None = None
        self.faults = {
            "整个 worker": self.kill_worker,
            "池中子进程": self.kill_child,
            "broker": self.kill_broker,
        }

    def start_worker(self) -> None:
        """In a session of its own, on the database of this process."""
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "config.settings.test",
            "DATABASE_URL": _url(),
            "REDIS_URL": self.broker.url(),
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "PYTHONWARNINGS": "ignore",
        }
        command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", *WORKER]
        self.worker = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment,
            start_new_session=True,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def supervise(self) -> None:
        """Start a worker that ended by itself again, as `restart: unless-stopped` does in an office: when the
        broker dies while the worker has tasks in hand, kombu 5.7 stumbles over closing the dead connection.
        """
        if self.worker.poll() is not None:
            self.start_worker()

    def kill_worker(self) -> None:
        """Parent and children at once, then a new one."""
        self.end_worker()
        self.start_worker()

    def kill_child(self) -> None:
        """One of the pool; the parent starts another."""
        children = self.children()
        with contextlib.suppress(ProcessLookupError):
            os.kill(children[0], signal.SIGKILL)

    def kill_broker(self) -> None:
        """Without a log: whatever waited in it is gone. Then it is started again, on the same port."""
        os.kill(self.broker.pid(), signal.SIGKILL)
        while self.broker.pid():
            time.sleep(0.05)
        self.broker.ensure()

    def children(self) -> list[int]:
        text = Path(f"/proc/{self.worker.pid}/task/{self.worker.pid}/children").read_text()
        return [int(word) for word in text.split()]

    def end_worker(self) -> None:
        if self.worker is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.worker.pid, signal.SIGKILL)
            self.worker.wait()

    def end(self) -> None:
        self.end_worker()
        self.broker.stop()
        self.home.remove()


@contextlib.contextmanager
def crew() -> Iterator[Crew]:
    """Messages of this process go to the crew's broker as long as the block lasts."""
    usual = app.conf.broker_url
    people = Crew()
    _publish_to(people.broker.url())
    try:
        people.start_worker()
        yield people
    finally:
        people.end()
        _publish_to(usual)


def _publish_to(url: str) -> None:
    app.conf.broker_url = app.conf.broker_write_url = app.conf.broker_read_url = url
    app.amqp._producer_pool = app._pool = None


def _url() -> str:
    at = connection.settings_dict
    return f"postgresql://{at['USER']}:{at['PASSWORD']}@{at['HOST']}:{at['PORT']}/{at['NAME']}"
