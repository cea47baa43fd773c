"""Eight writers race over the money of one township while somebody looks at every moment.

.venv/bin/python bench/money_races.py [operations, 10,000 if absent] [seed, 1 if absent]

Bounds (trust.md M3, M4): no rule of `looking.py` broken at any look, none of the operations ends in anything
but success or a refusal (no deadlock either), the chains of traces whole, a look for every two operations.
"""

from __future__ import annotations

import datetime as dt
import os
import sys

from scratch import ROOT, scratch_database, verdict

BEGIN = dt.datetime(2026, 3, 2, 1, tzinfo=dt.UTC)


def measure(n: int, seed: int) -> list[tuple[str, str, bool]]:
    import time_machine
    from django.db import transaction

    from bench.racing import Race
    from common.append_only import broken_links
    from payments.models import BatchEvent, Entry

    race = Race(seed=seed, n=n)
    with time_machine.travel(BEGIN, tick=False) as hand:
        seconds = race.run(hand)
    with transaction.atomic():
        links = broken_links(Entry) + broken_links(BatchEvent)
    for outcome, count in sorted(race.did.items()):
        print(f"  {outcome} {count:,}")
    ended = {word: sum(k for name, k in race.did.items() if name.endswith(f" {word}")) for word in ENDS}
    done = sum(race.did.values())
    return [
        (
            "操作",
            f"种子 {seed}，{done:,} 次，{seconds:.0f} 秒，每秒 {done / seconds:.0f} 次；{ended}",
            done >= n,
        ),
        ("不变式", f"{race.n_looks:,} 次查看，被破坏 {race.broken or 0}", not race.broken),
        ("查看", f"{race.n_looks:,} 次（≥ {n // 2:,}）", race.n_looks >= n // 2),
        ("意外结果", f"{done - sum(ended.values())} 次（= 0）", done == sum(ended.values())),
        ("痕迹链", f"断开 {len(links)} 处（= 0）", not links),
    ]


# How an operation may end.
ENDS = ("成功", "无事可做", "拒绝", "数据库拒绝")


def main() -> None:
    n, seed = (int(text) for text in (sys.argv[1:] + ["10000", "1"][len(sys.argv) - 1 :]))
    with scratch_database(f"races_{os.getpid()}"):
        os.environ["MEDIA_ROOT"] = str(ROOT / ".local" / "bench-media")
        rows = measure(n, seed)
    verdict(rows)


if __name__ == "__main__":
    main()
