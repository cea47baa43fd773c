"""`migrate` as Django has it, in a third of the time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.management.commands import migrate
from django.db.migrations.operations import AddConstraint, AddIndex, RemoveConstraint, RemoveIndex
from django.db.migrations.state import ProjectState
from pgtrigger.migrations import AddTrigger, RemoveTrigger

# They name what they add or remove themselves, and no model looks different to its neighbours afterwards.
ALONE = (AddConstraint, AddIndex, AddTrigger, RemoveConstraint, RemoveIndex, RemoveTrigger)


class Command(migrate.Command):
    """Tests, demo and production all migrate by this one, so they have the same tables."""

    def handle(self, *args: object, **options: object) -> None:
        with _without_rendering():
            super().handle(*args, **options)


@contextmanager
def _without_rendering() -> Iterator[None]:
    """Django builds the classes of a model and of all its neighbours anew after each operation; with as many
    constraints and triggers as here that is most of what migrating takes.
    """
    originals = {kind: kind.state_forwards for kind in ALONE}
    for kind, forwards in originals.items():
        kind.state_forwards = _leaving_classes(forwards)
    try:
        yield
    finally:
        for kind, forwards in originals.items():
            kind.state_forwards = forwards


def _leaving_classes(forwards: Callable) -> Callable:
    def state_forwards(operation: object, app_label: str, state: ProjectState) -> None:
        state.reload_model = lambda *args, **options: None
        try:
            forwards(operation, app_label, state)
        finally:
            del state.reload_model

    return state_forwards
