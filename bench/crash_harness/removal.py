"""Taking a lock or a transaction out of the code, for as long as a block lasts."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from importlib import import_module

from django.db import connection, transaction
from django.db.models import QuerySet

from bench.crash_harness.guards import Place

_ADVISORY = re.compile(r"PERFORM pg_advisory_xact_lock\(.*\);")
_CHAINS = """
    SELECT pg_get_functiondef(p.oid) FROM pg_proc p JOIN pg_trigger g ON g.tgfoid = p.oid
    WHERE g.tgname LIKE %s AND pg_get_functiondef(p.oid) LIKE '%%pg_advisory_xact_lock%%'
"""


@contextmanager
def without_lock(place: Place | None) -> Iterator[None]:
    """`select_for_update` does nothing in that function (None: anywhere)."""
    original = QuerySet.select_for_update

    def skip(self: QuerySet, *args: object, **kwargs: object) -> QuerySet:
        if place is None or _is_called_in(place):
            return self.all()
        return original(self, *args, **kwargs)

    QuerySet.select_for_update = skip
    try:
        yield
    finally:
        QuerySet.select_for_update = original


def _is_called_in(place: Place) -> bool:
    """Straight from that function, or through the manager that passes the call on."""
    callers = [sys._getframe(2), sys._getframe(3)]
    return any(
        frame.f_code.co_name == place.function and frame.f_code.co_filename.endswith(f"/{place.module}.py")
        for frame in callers
    )


@contextmanager
def without_atomic(place: Place) -> Iterator[None]:
    """Each statement of that function commits by itself; without locks too, which need a transaction."""
    original = transaction.atomic

    def skip(*args: object, **kwargs: object) -> object:
        return nullcontext() if _is_called_in(place) else original(*args, **kwargs)

    transaction.atomic = skip
    restore = _bare(place)
    try:
        with without_lock(None):
            yield
    finally:
        transaction.atomic = original
        restore()


def _bare(place: Place) -> Callable[[], None]:
    """Where the function is decorated, put the plain one in its place wherever it was imported."""
    decorated = getattr(import_module(f"payments.services.{place.module}"), place.function)
    plain = getattr(decorated, "__wrapped__", decorated)
    places = [
        (module, name)
        for key, module in list(sys.modules.items())
        if key.startswith("payments")
        for name, value in list(vars(module).items())
        if value is decorated
    ]
    for module, name in places:
        setattr(module, name, plain)

    def restore() -> None:
        for module, name in places:
            setattr(module, name, decorated)

    return restore


@contextmanager
def without_advisory_lock(chain: str) -> Iterator[None]:
    """The chain of a trace table is computed without waiting for whoever else appends to it."""
    with connection.cursor() as cursor:
        cursor.execute(_CHAINS, [f"pgtrigger_{chain}_%"])
        (whole,) = cursor.fetchone()
        cursor.execute(_ADVISORY.sub("", whole))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(whole)
