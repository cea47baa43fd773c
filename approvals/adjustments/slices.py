"""Working off the slices of a run: idempotent, by any number of workers, after any crash."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from celery import Task
from django.db import transaction
from django.db.models import F

from approvals.adjustments.models import Run, Slice
from common import clock

# Small enough for a worker's memory and a progress bar that moves.
SIZE = 250


def cut(ids: Iterable[int]) -> Iterator[list[int]]:
    """The ids in slices, in order."""
    ids = list(ids)
    for start in range(0, len(ids), SIZE):
        yield ids[start : start + SIZE]


def hand_over(run: Run, made: Sequence[Slice], task: Task) -> None:
    """Fix the slices of a new run and leave the rest to the workers, once the transaction stands.

    The task is sent twice, for two workers; a third would find its place as well.
    """
    type(made[0]).objects.bulk_create(made)
    run.n_total = sum(len(part.cases) for part in made)
    run.save(update_fields=["n_total"])
    for _ in range(2):
        transaction.on_commit(partial(task.delay, run.pk))


def work_off(
    run: Run, work: Callable[[Slice], dict[str, int] | None], finished: Callable[[Run], None] | None = None
) -> None:
    """Take slice after slice that nobody else holds, until none is left; then the run is finished, and
    `finished` follows in the same transaction.

    What breaks down is counted at the run and raised: the sweeper comes again.
    """
    try:
        while _next(run, work):
            pass
    except Exception:
        type(run).objects.filter(pk=run.pk).update(n_failures=F("n_failures") + 1)
        raise
    with transaction.atomic():
        # The row is held, so that of two who finish together one marks the end.
        held = type(run).objects.select_for_update().get(pk=run.pk)
        if held.finished_at is None and not held.slices.filter(done_at__isnull=True).exists():
            held.finished_at = clock.now()
            held.save(update_fields=["finished_at"])
            if finished is not None:
                finished(held)


@transaction.atomic
def _next(run: Run, work: Callable) -> bool:
    part = run.slices.filter(done_at__isnull=True).order_by("pk").select_for_update(skip_locked=True).first()
    if part is None:
        return False
    counted = work(part) or {}
    part.done_at = clock.now()
    part.save(update_fields=["done_at"])
    counts = {name: F(name) + n for name, n in counted.items()}
    type(run).objects.filter(pk=run.pk).update(n_done=F("n_done") + len(part.cases), **counts)
    return True
