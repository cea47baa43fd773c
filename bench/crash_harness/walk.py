"""The two walks: every boundary of every step in turn, and random deaths through whole months."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import connection

from bench.crash_harness.audit import broken_at_the_end, broken_now
from bench.crash_harness.doom import survives
from bench.crash_harness.steps import Step, first_undone, run, run_all
from bench.crash_harness.world import World

_PROGRESS = """
    SELECT (SELECT count(*) FROM payments_batchevent), (SELECT count(*) FROM payments_entry),
           (SELECT count(*) FROM payments_bankfile WHERE written_at IS NOT NULL),
           (SELECT count(*) FROM payments_benefitrevision), (SELECT count(*) FROM payments_grant),
           (SELECT count(*) FROM payments_benefit WHERE ends_on IS NOT NULL),
           (SELECT count(*) FROM payments_fundrequest), (SELECT count(*) FROM payments_payeechange),
           (SELECT count(*) FROM payments_unknownanswer WHERE settled_at IS NOT NULL),
           (SELECT count(*) + count(decided_at) FROM payments_handoverrequest),
           (SELECT count(*) FROM payments_handover), (SELECT count(*) FROM payments_handoverreceipt),
           (SELECT count(*) + count(*) FILTER (WHERE state <> 'claimed') FROM payments_debt),
           (SELECT count(*) FROM payments_repayment),
           (SELECT count(*) + count(decided_at) FROM payments_waiver)
"""


@dataclass
class Outcome:
    """`deaths`: points tried; `broken`: what did not hold, and where; `retried`: resumptions killed too."""

    deaths: int = 0
    retried: int = 0
    broken: list[str] = field(default_factory=list)


def progress() -> tuple:
    """Changes whenever something was committed that a person would see."""
    with connection.cursor() as cursor:
        cursor.execute(_PROGRESS)
        return cursor.fetchone()


def every_boundary(world: World, step: Step, *, stop: bool = False) -> Outcome:
    """Kill a step at its first boundary, its second … until it comes to its end; audit after each death.

    What a death after a commit leaves is begun again from its first boundary, so that a step of several
    transactions is walked through whole. A step that is done already when it is killed is done. `stop` at the
    first that does not hold.
    """
    outcome, at, before = Outcome(), 1, progress()
    while not survives(lambda: run(world, step), at):
        outcome.deaths += 1
        outcome.broken += [f"{step.name}，第 {at} 个边界：{what}" for what in broken_now()]
        if step.done(world) or (stop and outcome.broken):
            return outcome
        now = progress()
        at = at + 1 if now == before else 1
        before = now
    if not step.done(world):
        outcome.broken.append(f"{step.name}：已结束而未完成")
    return outcome


def random_deaths(
    world: World, steps: Sequence[Step], chance: random.Random, *, apart: float = 12.0
) -> Outcome:
    """Run the month to its end while it is killed again and again, after `apart` boundaries on average, but
    sometimes after far more (else a long step would never end): a resumption is killed like everything else.
    Audited after each death, and whole at the end.
    """
    outcome, last, place = Outcome(), -1, 0
    while (place := first_undone(world, steps, place)) < len(steps):
        outcome.retried += place == last
        last = place
        at = 1 + int(chance.expovariate(1 / apart))
        if survives(lambda place=place: run_all(world, steps[place:]), at):
            break
        outcome.deaths += 1
        outcome.broken += [f"第 {outcome.deaths} 次中断后：{what}" for what in broken_now()]
    outcome.broken += broken_at_the_end(world)
    return outcome
