"""What the two servers have in common: find it running, or start it once."""

import contextlib
import os
import secrets
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

from config.embedded.home import Home

HOST = "127.0.0.1"


class StartFailed(RuntimeError):
    pass


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]


def answers(port: int) -> bool:
    try:
        with socket.create_connection((HOST, port), timeout=1):
            return True
    except OSError:
        return False


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return condition()


def pid_in(file: Path) -> int:
    """The process a pid file names, 0 if there is none or it is gone."""
    try:
        pid = int(file.read_text().split("\n", 1)[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError, PermissionError, ValueError):
        return 0
    return pid


class Server:
    kind: str
    program: str
    pid_file: str
    stop_signal = signal.SIGTERM

    def __init__(self, home: Home) -> None:
        self.home = home
        self.state: dict = {}

    @property
    def folder(self) -> Path:
        return self.home.data / self.kind

    @property
    def log(self) -> Path:
        return self.home.data / f"{self.kind}.log"

    def pid(self) -> int:
        """The server's process. After a crash the number may be somebody else's: look at its name."""
        return self.process(self.folder / self.pid_file)

    @classmethod
    def process(cls, pid_file: Path) -> int:
        pid = pid_in(pid_file)
        with contextlib.suppress(OSError):
            if pid and cls.program.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return 0

    def ready(self) -> bool:
        return bool(self.pid()) and answers(self.state["port"])

    def running(self) -> bool:
        self.state = self.home.load(self.kind)
        return bool(self.state) and self.ready()

    def ensure(self) -> None:
        if self.running():
            return
        with self.home.lock():
            if self.running():
                return
            self.home.prepare()
            if not self.pid():
                self._start_on_some_port()
            elif not wait_until(self.ready, 60):
                raise StartFailed(f"内置 {self.kind} 在运行但没有应答，日志：{self.log}")

    def _start_on_some_port(self) -> None:
        password = self.state.get("password") or secrets.token_urlsafe(24)
        # The port of last time first, and again once a killed server's children are gone: others know it.
        usual = self.state.get("port") or free_port()
        for port in (usual, usual, free_port(), free_port()):
            self.state = {"port": port, "password": password}
            self.home.save(self.kind, self.state)
            (self.folder / self.pid_file).unlink(missing_ok=True)
            if not answers(port) and self.start():
                self.after_start()
                return
            # After a kill -9 the children need a moment to notice and to let go of shared memory.
            time.sleep(1)
        tail = self.log.read_text(errors="replace")[-2000:] if self.log.exists() else ""
        raise StartFailed(f"内置 {self.kind} 未能启动，日志 {self.log}：\n{tail}")

    def start(self) -> bool:
        raise NotImplementedError

    def after_start(self) -> None:
        pass

    def stop(self) -> None:
        with self.home.lock():
            if not (pid := self.pid()):
                return
            os.kill(pid, self.stop_signal)
            if not wait_until(lambda: not self.pid(), 30):
                os.kill(pid, signal.SIGKILL)
