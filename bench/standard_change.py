"""A new standard for all benefits of a county: drafts by two workers, then the revisions of every township.

.venv/bin/python bench/standard_change.py [number of benefits, 20,000 if absent]

Bounds (issue 3): ≤ 60 s for drafts and revisions together.
"""

from __future__ import annotations

import os
import sys
import time

from caseload import drafted, holder, seed
from month import COUNTY
from scratch import scratch_database, verdict
from whatif import setup_worker, tell_peak, verdicts, work


def measure(n: int) -> list[tuple[str, str, bool]]:
    from approvals.adjustments import services, tasks
    from organisations.models import Area
    from policy.services import publish_rule

    seed(n)
    tasks.run_adjustment.delay = lambda pk: None
    county = Area.objects.get(code=COUNTY)
    publisher = holder("bench-publisher", "rule_publisher", county)
    reviewer, approver = (holder(f"bench-{post}", post, county) for post in ("reviewer", "approver"))
    rule = publish_rule(rule=drafted("1300.00"), actor=publisher)
    started = time.perf_counter()
    run = services.start_adjustment(area=county, programme="dibao", rule=rule, actor=publisher)
    peaks = work("standard_change.py", run.pk)
    print(f"草案 {time.perf_counter() - started:.1f} 秒", flush=True)
    run.refresh_from_db()
    for town in Area.objects.filter(pk__in=run.items.filter(kind="change").values("township")):
        proposal = services.propose(run=run, township=town, actor=reviewer)
        services.confirm(proposal=proposal, actor=approver)
    took = time.perf_counter() - started
    assert run.finished_at
    print(f"调整 {run.items.filter(applied__isnull=False).count():,} 户，不变 {run.n_equal:,} 户", flush=True)
    return verdicts("标准调整", n, took, peaks)


def main() -> None:
    if sys.argv[1:2] == ["--work"]:
        setup_worker()
        from approvals.adjustments import services

        services.work_on_adjustment(int(sys.argv[2]))
        tell_peak()
        return
    with scratch_database(f"change_{os.getpid()}"):
        rows = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000)
    verdict(rows)


if __name__ == "__main__":
    main()
