"""Rounds with real processes: in the middle of a job something is killed with signal 9, started again, and
the job must come to its end by itself: by redelivery, or by the sweeper that beat sends.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

import time_machine
from django.db import connection
from django.utils import timezone

from bench.crash_harness.audit import broken_now
from bench.crash_harness.crew import Crew
from bench.crash_harness.month import a_month
from bench.crash_harness.steps import batch_of, run_all
from bench.crash_harness.world import Size, World, build, when
from common.clock import add_months, month_of
from payments import services, tasks
from payments.models import BankFile, Batch
from payments.services import bank_files
from payments.services.bank_files import read_bank_file
from tests.payments import builders

LONGEST = 180.0
# Beat sends the sweeper every minute; here more often, so that a round is not mostly waiting.
BEAT = 2.0
LINES_A_FILE = 2


@dataclass(frozen=True, slots=True)
class Round:
    """`seconds` from the restart to the end of the job; `broken`: what did not hold."""

    job: str
    fault: str
    seconds: float
    broken: list[str]


def world_of_today(size: Size) -> World:
    """Two months ago is settled, last month sealed; other payers wait for this month's job as well. The files
    are then made at a time that lies back, so that the sweeper takes them for lost at once.
    """
    world = build(size, add_months(timezone.localdate(), -2))
    names = [step.name for step in a_month()]
    run_all(world, a_month()[: names.index("dibao 封账") + 1])
    with time_machine.travel(when(world.first, 20), tick=False):
        places = world.payer.places
        for village in (places.other_township_village, places.other_county_village):
            builders.benefit(village, starts_on=world.month, decided_at=when(world.first, 10), name="邻乡户")
    return world


@dataclass(frozen=True, slots=True)
class Job:
    """`begin` leaves the work to the worker, `remind` is what beat sends; `left` how much is still to do."""

    name: str
    begin: Callable[[World], object]
    remind: Callable[[], object]
    left: Callable[[World], int]
    check: Callable[[World], list[str]]


def _make_files(world: World) -> object:
    """Small files, and all of them for the worker."""
    usual = bank_files.LINES_A_FILE, bank_files.LINES_AT_ONCE
    bank_files.LINES_A_FILE, bank_files.LINES_AT_ONCE = LINES_A_FILE, 0
    try:
        with time_machine.travel(when(world.month, 3), tick=False):
            return services.make_bank_files(batch=batch_of(world, "dibao"), actor=world.payer.clerk)
    finally:
        bank_files.LINES_A_FILE, bank_files.LINES_AT_ONCE = usual


def _unwritten(world: World) -> int:
    return BankFile.objects.filter(written_at__isnull=True).count()


def _check_files(world: World) -> list[str]:
    """Every byte as its hash says, and every line of the batch in exactly one file."""
    batch = batch_of(world, "dibao")
    for file in batch.bank_files.all():
        read_bank_file(file, "csv")
        read_bank_file(file, "xlsx")
    lines = sum(file.n_transfers for file in batch.bank_files.all())
    wanted = batch.payments.filter(amount__gt=0).count()
    return [] if lines == wanted else [f"文件 {lines} 行，名册 {wanted} 行"]


def _prepared(world: World) -> list[tuple]:
    this = month_of(timezone.localdate())
    return list(Batch.objects.filter(month=this).values_list("area__name", "programme", "n_payments"))


def _unprepared(world: World) -> int:
    """北岙街道 with two programmes, 灵昆街道 and 上虞区 with one each."""
    return 4 - len([row for row in _prepared(world) if row[2]])


def _check_prepared(world: World) -> list[str]:
    found = _prepared(world)
    wrong = len(found) != 4 or len({row[:2] for row in found}) != 4
    return [f"本月名册应为 4 份，现为 {found}"] if wrong else []


JOBS = (
    Job("写代发文件", _make_files, lambda: _send(tasks.sweep_batches), _unwritten, _check_files),
    Job(
        "编制当月名册",
        lambda world: _send(tasks.prepare_due_months),
        lambda: _send(tasks.prepare_due_months),
        _unprepared,
        _check_prepared,
    ),
)


def _send(task) -> None:
    """By a connection of its own: that of before may have died with its broker."""
    with task.app.connection_for_write() as link:
        task.apply_async(connection=link)


def play(world: World, job: Job, fault: str, crew: Crew, chance: random.Random) -> Round:
    """Begin the job, strike when a part of it is done, and wait for its end."""
    job.begin(world)
    total = job.left(world)
    strike_at = chance.randint(1, max(1, total - 1))
    # When all is done before anybody looks, the strike comes afterwards, which must harm nothing either.
    _wait(lambda: job.left(world) <= strike_at, job, crew)
    crew.faults[fault]()
    struck = time.monotonic()
    done = _wait(lambda: not job.left(world), job, crew)
    took = time.monotonic() - struck
    # What was never finished cannot be read either.
    left = job.check(world) if done else [f"{LONGEST:.0f} 秒内没有完成"]
    return Round(job.name, fault, took, broken_now() + left)


def _wait(condition: Callable[[], bool], job: Job, crew: Crew) -> bool:
    started = reminded = time.monotonic()
    while not condition():
        now = time.monotonic()
        if now - started > LONGEST:
            return False
        if now - reminded > BEAT:
            crew.supervise()
            job.remind()
            reminded = now
        time.sleep(0.01)
    connection.close()
    return True
