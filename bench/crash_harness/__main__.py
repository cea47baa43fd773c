"""python -m bench.crash_harness: see --help."""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

from bench.crash_harness.place import go_back, keep, prepare_environment, scratch

if TYPE_CHECKING:
    from bench.crash_harness.controls import Row


def every_boundary_of_the_month() -> bool:
    from bench.crash_harness import audit, month, walk, world

    place = world.build()
    started, total, broken = time.monotonic(), 0, []
    for step in month.a_month():
        outcome = walk.every_boundary(place, step)
        total += outcome.deaths
        broken += outcome.broken
        print(f"{outcome.deaths:5}  {step.name}", flush=True)
    broken += audit.broken_at_the_end(place)
    _tell("逐个边界", total, started, broken)
    print(f"全月应发 {place.total} 元，逐户核对相符" if not broken else "")
    return not broken


def random_points(points: int, seed: int) -> bool:
    from bench.crash_harness import month, walk, world

    place = world.build()
    keep()
    print(f"种子 {seed}", flush=True)
    started, total, retried, months, broken = time.monotonic(), 0, 0, 0, []
    while total < points and not broken:
        if months:
            go_back()
        outcome = walk.random_deaths(place, month.a_month(), random.Random(seed + months))
        months += 1
        total, retried = total + outcome.deaths, retried + outcome.retried
        broken += [f"第 {months} 个月（种子 {seed + months - 1}）：{what}" for what in outcome.broken]
        print(f"{months} 个月 {total} 次中断", flush=True)
    _tell("随机中断", total, started, broken)
    print(f"{months} 个整月，其中 {retried} 次是恢复过程再次被中断；失败率上限（95%）{3 / total:.2%}")
    return not broken


def negative_controls() -> bool:
    from bench.crash_harness import code_controls, controls, world

    rows = []
    with scratch():
        controls.eventful_world()
        rows += _show(controls.of_the_database())
    with scratch():
        rows += _show(code_controls.of_the_code(world.build(world.Size(6, 3, 3))))
    unnoticed = [row.what for row in rows if not row.is_noticed]
    print(f"防线 {len(rows)} 道，撤去后无人发现 {len(unnoticed)} 道：{'、'.join(unnoticed) or '无'}")
    return not unnoticed


def killed_processes(n_rounds: int, seed: int) -> bool:
    from itertools import cycle, islice, product

    from bench.crash_harness import crew, rounds, world

    place, chance, bad = rounds.world_of_today(world.Size()), random.Random(seed), 0
    keep()
    print(f"种子 {seed}", flush=True)
    with crew.crew() as people:
        for job, fault in islice(cycle(product(rounds.JOBS, people.faults)), n_rounds):
            played = rounds.play(place, job, fault, people, chance)
            bad += bool(played.broken)
            print(
                f"{job.name}，kill -9 {fault}：{played.seconds:.1f} 秒 {played.broken or '正常'}", flush=True
            )
            go_back()
    print(f"真实进程：{n_rounds} 轮，有问题 {bad} 轮")
    return not bad


def _show(rows: Iterable[Row]) -> list[Row]:
    """Print each line of the table as soon as it is there."""
    shown = []
    for row in rows:
        held = f"（另有 {row.also} 把关）" if row.also else ""
        print(f"{row.kind}\t{row.what}\t{row.by or '无人发现'}{held}", flush=True)
        shown.append(row)
    return shown


def _tell(what: str, total: int, started: float, broken: list[str]) -> None:
    took = time.monotonic() - started
    print(f"{what}：{total} 次，{took:.0f} 秒，每秒 {total / took:.1f} 次，问题 {len(broken)} 个")
    for line in broken:
        print(f"  {line}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.crash_harness")
    parser.add_argument("--boundaries", action="store_true", help="逐个边界中断整月")
    parser.add_argument("--points", type=int, default=0, help="随机中断的次数")
    parser.add_argument("--rounds", type=int, default=0, help="kill -9 真实 worker 与 broker 的轮数")
    parser.add_argument("--controls", action="store_true", help="逐一撤去防线，看谁发现")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    prepare_environment()
    good = True
    if options.boundaries:
        with scratch():
            good &= every_boundary_of_the_month()
    if options.points:
        with scratch():
            good &= random_points(options.points, options.seed)
    if options.rounds:
        with scratch():
            good &= killed_processes(options.rounds, options.seed)
    if options.controls:
        good &= negative_controls()
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
