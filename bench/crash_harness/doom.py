"""Death at a boundary: a child process that kills itself with signal 9 between two statements."""

from __future__ import annotations

import gc
import os
import signal
import sys
import traceback
from collections.abc import Callable

from django.db import connection


class Doom:
    """Kills this very process at the `at`-th boundary: before a statement, before or after a commit. 0
    is never.
    """

    def __init__(self, at: int) -> None:
        self.left = at

    def step(self) -> None:
        self.left -= 1
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)

    def __call__(self, execute, sql, params, many, context):
        self.step()
        return execute(sql, params, many, context)

    def commit(self, original: Callable[[], None]) -> None:
        self.step()
        original()
        self.step()


def survives(act: Callable[[], object], at: int) -> bool:
    """Run `act` in a child that dies at a boundary; False when it died, True when it came to its end
    before. AssertionError when it came to another end.
    """
    child = os.fork()
    if not child:
        _in_child(act, at)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0, "the child ended with an error of its own, printed above"
    return True


def _in_child(act: Callable[[], object], at: int) -> None:
    """Never returns. The parent's connection is kept, unused: closing it here would end it for the parent."""
    # A collection would touch, and thereby copy, all of the parent's memory.
    gc.disable()
    try:
        kept = connection.connection
        connection.connection = None
        connection.connect()
        doom, original = Doom(at), connection._commit
        connection._commit = lambda: doom.commit(original)
        with connection.execute_wrapper(doom):
            act()
        assert kept is not connection.connection
    except BaseException:  # noqa: BLE001 - a child must not run the parent's test to its end
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(1)
    os._exit(0)
