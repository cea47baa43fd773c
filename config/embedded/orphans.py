"""Servers of clones that were deleted: as root their data lies outside the clone and would stay for ever."""

import contextlib
import os
import shutil
import signal
from pathlib import Path

from config.embedded import home
from config.embedded.server import Server, wait_until


def sweep(programs: tuple[type[Server], ...]) -> None:
    """End and remove what belongs to no clone any more; only demo and test data ever lies there."""
    clones = home.SYSTEM_ROOT / "clones"
    for folder in clones.iterdir() if clones.is_dir() else ():
        if belongs_to_a_clone(folder):
            continue
        for program in programs:
            for pid_file in folder.glob(f"*/{program.kind}/{program.pid_file}"):
                _end(program, pid_file)
        shutil.rmtree(folder, ignore_errors=True)


def belongs_to_a_clone(folder: Path) -> bool:
    try:
        clone = Path((folder / "clone").read_text())
    except FileNotFoundError:
        # Being made at this moment by another command.
        return True
    try:
        mark = (clone / ".local" / "clone-id").read_text()
    except OSError:
        return False
    return home.identify(clone, mark) == folder.name


def _end(program: type[Server], pid_file: Path) -> None:
    if pid := program.process(pid_file):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, program.stop_signal)
            if not wait_until(lambda: not program.process(pid_file), 20):
                os.kill(pid, signal.SIGKILL)
