"""Loads the demo data, then runs web, worker and beat until Ctrl-C or until one of them dies."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
HOST = "127.0.0.1"


def port_from_environment() -> int:
    text = os.environ.get("PORT", "8000")
    if not text.isdigit() or not 0 < int(text) < 65536:
        sys.exit(f"PORT={text} 不是有效的端口号。")
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, int(text)))
        except OSError:
            sys.exit(f"端口 {text} 已被占用。请换一个，例如：PORT=8001 make demo")
    return int(text)


def commands(port: int) -> dict[str, list[str]]:
    celery = [str(BIN / "celery"), "--quiet", "-A", "config"]
    # Without mingle and gossip a worker still hears after the broker was restarted.
    worker = ["worker", "--concurrency", "2", "--without-mingle", "--without-gossip", "--loglevel", "WARNING"]
    web = ["config.wsgi", "-c", "deploy/gunicorn.conf.py", "--bind", f"{HOST}:{port}", "--workers", "2"]
    return {
        "web": [str(BIN / "gunicorn"), *web],
        "worker": [*celery, *worker],
        "beat": [*celery, "beat", "--loglevel", "WARNING", "--pidfile="],
    }


def answers(port: int) -> bool:
    try:
        urllib.request.urlopen(f"http://{HOST}:{port}/accounts/login/", timeout=5)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def run(port: int, environment: dict[str, str]) -> int:
    # Each in a session of its own: Ctrl-C reaches only us, and we end them in order.
    apart = {"cwd": ROOT, "env": environment, "start_new_session": True, "stdin": subprocess.DEVNULL}
    started = {name: subprocess.Popen(command, **apart) for name, command in commands(port).items()}
    try:
        announced = False
        while True:
            for name, process in started.items():
                if process.poll() is not None:
                    print(f"{name} 意外退出（状态 {process.returncode}），演示结束。", file=sys.stderr)
                    return 1
            if not announced and answers(port):
                announced = True
                print(f"\n  系统已启动：http://{HOST}:{port}/   按 Ctrl-C 结束\n", flush=True)
            time.sleep(0.3)
    except KeyboardInterrupt:
        print("\n正在结束……", flush=True)
        return 0
    finally:
        end(list(started.values()))


def end(processes: list[subprocess.Popen]) -> None:
    # A second Ctrl-C or kill must not cut this short: what is left running would keep the port.
    for again in (signal.SIGINT, signal.SIGTERM):
        signal.signal(again, signal.SIG_IGN)
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            # The whole session, so that no child of a stuck worker survives it.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def main() -> int:
    port = port_from_environment()
    # Not the debugging pages: the demo should show what the office would see.
    settings = {"DJANGO_SETTINGS_MODULE": "config.settings.dev", "DEBUG": "false", "PORT": str(port)}
    # Celery warns a root user, rightly; here it is the one who typed `make demo`, with synthetic data.
    settings["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
    environment = {**os.environ, **settings, "PYTHONUNBUFFERED": "1"}
    pid_file = ROOT / ".local" / "demo.pid"
    pid_file.parent.mkdir(mode=0o700, exist_ok=True)
    pid_file.write_text(str(os.getpid()))
    signal.signal(signal.SIGTERM, interrupted)
    try:
        for arguments in (["migrate", "--verbosity", "0"], ["demo", "--size", "small"]):
            command = [str(BIN / "python"), "manage.py", *arguments]
            subprocess.run(command, cwd=ROOT, env=environment, check=True)
        return run(port, environment)
    except subprocess.CalledProcessError as error:
        print(f"manage.py {error.cmd[2]} 未成功，演示没有启动。", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 0
    finally:
        pid_file.unlink(missing_ok=True)


if __name__ == "__main__":
    sys.exit(main())
