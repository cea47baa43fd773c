"""`python -m tests.quick_migrate`: all migrations, in a fraction of the time of `manage.py migrate`.

After every constraint, index or trigger Django makes the model anew, and with it all that it is related to:
here that is nearly every model, hundreds of times. For these three it is enough to tell the model at hand.
"""

from __future__ import annotations

import gc
import os
from functools import partial

import django
from django.core.management import call_command
from django.db.migrations.operations.models import IndexOperation
from django.db.migrations.state import ProjectState

OPTIONS = ("constraints", "indexes", "triggers")


def tell(state: ProjectState, app_label: str, model_name: str, delay: bool = False) -> None:
    """Instead of `reload_model`: the model that is there gets the options of its state."""
    if "apps" not in state.__dict__:
        return
    meta = state.apps.get_model(app_label, model_name)._meta
    options = state.models[app_label, model_name.lower()].options
    for name in OPTIONS:
        setattr(meta, name, list(options.get(name, [])))


def hasten(operation: type[IndexOperation]) -> None:
    """Let this kind of operation tell the model instead of making it anew."""
    forwards = operation.state_forwards

    def state_forwards(self: IndexOperation, app_label: str, state: ProjectState) -> None:
        state.reload_model = partial(tell, state)
        try:
            forwards(self, app_label, state)
        finally:
            del state.reload_model

    operation.state_forwards = state_forwards


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.test")
    django.setup()
    for operation in IndexOperation.__subclasses__():
        hasten(operation)
    # Tens of thousands of classes, each full of circles: to look for garbage takes longer than to make them.
    gc.set_threshold(200_000, 20, 20)
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    main()
