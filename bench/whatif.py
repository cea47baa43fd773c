"""Draft rules over the whole caseload of a county, by two workers.

.venv/bin/python bench/whatif.py [number of live cases, 20,000 if absent]

Bounds (issue 3): ≤ 60 s, and ≤ 400 MB for each worker.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from caseload import drafted, holder, seed
from month import COUNTY
from scratch import ROOT, peak, scratch_database, verdict

SECONDS, MEGABYTES, WORKERS = 60, 400, 2


def measure(n: int) -> list[tuple[str, str, bool]]:
    from approvals.adjustments import services, tasks
    from approvals.adjustments.queries import what_if_sheet
    from organisations.models import Area

    seed(n)
    tasks.run_what_if.delay = lambda pk: None
    county, draft = Area.objects.get(code=COUNTY), drafted("1300.00")
    writer = holder("bench-writer", "rule_writer", county)
    started = time.perf_counter()
    run = services.start_what_if(area=county, drafts=[draft], on=draft.valid_from, actor=writer)
    peaks = work("whatif.py", run.pk)
    took = time.perf_counter() - started
    run.refresh_from_db()
    assert run.finished_at
    assert run.rows.count() == n
    print(dict(what_if_sheet(run).total.cells), flush=True)
    return verdicts("规则试算", n, took, peaks)


def work(script: str, run: int) -> list[int]:
    """Two processes work the run off, as two Celery workers do; the peak of each in MB."""
    command = [sys.executable, str(ROOT / "bench" / script), "--work", str(run)]
    workers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(WORKERS)]
    answers = [worker.communicate()[0] for worker in workers]
    assert all(worker.returncode == 0 for worker in workers)
    return [int(answer.split()[-1]) for answer in answers]


def verdicts(what: str, n: int, took: float, peaks: list[int]) -> list[tuple[str, str, bool]]:
    return [
        (what, f"{n:,} 户用时 {took:.1f} 秒（≤ {SECONDS}）", took <= SECONDS),
        (f"{what}的内存", f"{WORKERS} 个进程最高 {max(peaks)} MB（≤ {MEGABYTES}）", max(peaks) <= MEGABYTES),
    ]


def setup_worker() -> None:
    """A worker in the database that the measurement left in the environment."""
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def tell_peak() -> None:
    print(peak())


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        setup_worker()
        from approvals.adjustments import services

        services.work_on_what_if(int(sys.argv[2]))
        tell_peak()
        return
    with scratch_database(f"whatif_{os.getpid()}"):
        rows = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    verdict(rows)


if __name__ == "__main__":
    main()
