"""`migrate` as Django has it, in a fraction of the time.

After each constraint, index or trigger Django builds the model's class anew, and with it those of all that it
is related to: here that is nearly every model, hundreds of times. For these it is enough to tell the class
that is there.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial

from django.core.management.commands import migrate
from django.db.migrations.operations.models import IndexOperation
from django.db.migrations.state import ProjectState

_OPTIONS = ("constraints", "indexes", "triggers")


class Command(migrate.Command):
    """Tests, demo and production all migrate by this one, so they have the same tables."""

    def handle(self, *args: object, **options: object) -> None:
        with _telling_classes(), _rare_collections():
            super().handle(*args, **options)


@contextmanager
def _telling_classes() -> Iterator[None]:
    """While it lasts, operations on constraints, indexes and triggers (all are index operations) leave the
    classes.
    """
    originals = {kind: kind.state_forwards for kind in IndexOperation.__subclasses__()}
    for kind, forwards in originals.items():
        kind.state_forwards = _telling(forwards)
    try:
        yield
    finally:
        for kind, forwards in originals.items():
            kind.state_forwards = forwards


def _telling(forwards: Callable) -> Callable:
    def state_forwards(operation: IndexOperation, app_label: str, state: ProjectState) -> None:
        state.reload_model = partial(_tell, state)
        try:
            forwards(operation, app_label, state)
        finally:
            del state.reload_model

    return state_forwards


def _tell(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    """In place of `reload_model`: the class that is there gets the options of its state."""
    if "apps" not in state.__dict__:
        return
    meta = state.apps.get_model(app_label, model_name)._meta
    options = state.models[app_label, model_name.lower()].options
    for name in _OPTIONS:
        setattr(meta, name, list(options.get(name, [])))


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Tens of thousands of classes full of circles: looking for garbage takes longer than making them."""
    before = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
