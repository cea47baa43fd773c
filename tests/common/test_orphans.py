"""Files that a crash left behind go away, and nothing else does."""

from __future__ import annotations

import datetime as dt
import logging
import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from common import clock as house_clock
from config.tasks import sweep_files
from payments import services
from payments.models import BankFile, Batch
from tests.payments import builders

DAY = dt.timedelta(days=1)


class Crash(Exception):
    """The process falls between the writing of the files and the commit."""


def stored() -> set[str]:
    root = Path(default_storage.location)
    return {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}


def written(name: str, ago: dt.timedelta) -> str:
    """Of a file: it was written so long ago."""
    at = (house_clock.now() - ago).timestamp()
    os.utime(default_storage.path(name), (at, at))
    return name


@transaction.atomic
def fall(batch: Batch, payer: builders.Payer) -> None:
    services.make_bank_files(batch=batch, actor=payer.clerk)
    raise Crash


@pytest.mark.django_db(transaction=True)
def test_what_a_crash_left_of_a_bank_file_is_removed(clock, caplog) -> None:
    """Writing a month for the bank falls before its commit and leaves two files; then it is written again."""
    payer = builders.town()
    builders.benefits(payer, "585.00")
    batch = builders.sealed(payer)
    with pytest.raises(Crash):
        fall(batch, payer)
    left = stored()
    assert (len(left), BankFile.objects.count()) == (2, 0)
    services.make_bank_files(batch=batch, actor=payer.clerk)
    kept = stored() - left
    [file] = BankFile.objects.all()
    assert kept == {file.xlsx.name, file.csv.name}
    for name in kept:
        written(name, 30 * DAY)
    young = written(sorted(left)[0], DAY - dt.timedelta(minutes=1))
    written(sorted(left)[1], DAY + dt.timedelta(minutes=1))
    with caplog.at_level(logging.WARNING, logger="common.orphans"):
        assert sweep_files() == 1
    assert stored() == kept | {young}
    assert [record.getMessage() for record in caplog.records] == ["remove_orphans: 1 files"]
    clock.shift(dt.timedelta(hours=1))
    assert (sweep_files(), sweep_files()) == (1, 0)
    assert stored() == kept


@pytest.mark.django_db
def test_files_stay_where_the_database_knows_none(clock) -> None:
    """A worker that was pointed at an empty database must not wipe the files of the right one."""
    name = default_storage.save("documents/a.pdf", ContentFile(b"%PDF-"))
    written(name, 30 * DAY)
    assert sweep_files() == 0
    assert stored() == {name}
