"""Files that no row knows: a crash between writing a file and the commit of its row leaves one behind."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime

from django.apps import apps
from django.core.files.storage import default_storage
from django.db.models import FileField

logger = logging.getLogger(__name__)


def remove_orphans(before: datetime) -> int:
    """Delete the files last written before an instant that no row of any table names; how many there were.

    The files are listed first: a row that is committed meanwhile keeps its file. Where not one row names a
    file, this is the wrong database for these files, and all of them stay.
    """
    old = {name for name in _names() if default_storage.get_modified_time(name) < before}
    known = set(_known()) if old else set()
    if old and not known:
        logger.error("remove_orphans: no row names any file, %d files left alone", len(old))
        return 0
    orphans = old - known
    for name in orphans:
        default_storage.delete(name)
    if orphans:
        logger.warning("remove_orphans: %d files", len(orphans))
    return len(orphans)


def _names(folder: str = "") -> Iterator[str]:
    """Every file of the storage, by the name that a row would have for it."""
    folders, files = default_storage.listdir(folder)
    yield from (f"{folder}{name}" for name in files)
    for name in folders:
        yield from _names(f"{folder}{name}/")


def _known() -> Iterator[str]:
    """Every name in every file column."""
    for model in apps.get_models():
        for field in model._meta.local_concrete_fields:
            if isinstance(field, FileField):
                names = model._base_manager.exclude(**{field.name: ""}).order_by()
                yield from names.values_list(field.name, flat=True).iterator()
