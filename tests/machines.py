"""What the state machines share: how long they live, and that nothing is left of a life.

The suite takes some hundred steps of each; `MACHINE_STEPS=10000` before pytest takes as many as it says, in
parts of a thousand, other ones every time (`docs/testing.md`). A life that fails tells its seed and actions.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from random import Random

import pytest
from django.db import connection, transaction
from hypothesis import Phase, given, note, settings
from hypothesis import strategies as st

from common.errors import Refused

A_PART = 1000
IN_FULL = "MACHINE_STEPS" in os.environ
# A transaction that lasts for ten thousand steps is slow: nothing in it is ever vacuumed.
in_parts = pytest.mark.parametrize("part", range(max(1, int(os.environ.get("MACHINE_STEPS", 0)) // A_PART)))
# What may be done: how often, and what it is done with.
Actions = Mapping[str, tuple[int, Callable[[Random], tuple]]]


def many_lives(
    live: Callable[[list[tuple], Random], None], actions: Actions, *, steps: int, length: int
) -> None:
    """Call `live` with lists of `length` (name, *arguments) until `steps` are taken; each life is undone."""

    # A life that fails is told as it was: to shorten it would take longer than to read it.
    @settings(
        max_examples=(A_PART if IN_FULL else steps) // length,
        database=None,
        derandomize=not IN_FULL,
        phases=[Phase.generate],
    )
    @given(seed=st.integers(0, 2**64))
    def one(seed: int) -> None:
        random = Random(seed)
        names = random.choices(list(actions), [often for often, _ in actions.values()], k=length)
        life = [(name, *actions[name][1](random)) for name in names]
        note(repr(life))
        with transaction.atomic():
            live(life, random)
            transaction.set_rollback(True)

    one()


def done(act: Callable[[], object], *also: type[Exception]) -> bool:
    """Was it done? What is refused (or ends in one of `also`) is undone."""
    try:
        with transaction.atomic():
            act()
    except (Refused, *also):
        return False
    return True


def as_at_commit() -> None:
    """Let the database look at what it looks at only at the end of a transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
