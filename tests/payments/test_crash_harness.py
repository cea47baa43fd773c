"""A slice of `bench/crash_harness`: the whole month with its corrections, failures and funds, killed here and
there. The full run and its figures stand in docs/money-proof.md.
"""

import random

import pytest

from bench.crash_harness import audit, controls, crew, guards, month, probes, removal, rounds, steps, walk
from bench.crash_harness import world as worlds

committed = pytest.mark.django_db(transaction=True)
SMALL = worlds.Size(dibao=6, tekun=3, linshi=3)


def named(plan: list[steps.Step], name: str) -> int:
    return [step.name for step in plan].index(name)


@committed
@pytest.mark.clause("DT-8.2")
def test_the_month_survives_its_deaths():
    """Corrections and the second attempt at every boundary; the rest at random, resumptions included."""
    world, plan = worlds.build(SMALL), month.a_month()
    begun = 0
    for name in ("dibao 编制", "dibao 失败重发"):
        place = named(plan, name)
        steps.run_all(world, plan[begun:place])
        outcome = walk.every_boundary(world, plan[place])
        assert (outcome.broken, outcome.deaths > 12) == ([], True)
        begun = place + 1
    outcome = walk.random_deaths(world, plan[begun:], random.Random(20261126), apart=9)
    assert outcome.broken == []
    assert outcome.deaths >= 50
    assert outcome.retried > 5


@committed
def test_the_audit_finds_a_fen_that_is_lost():
    """The audit can fail: a household that should have got a fen more is named."""
    world = worlds.build(worlds.Size(dibao=6, tekun=0, linshi=2))
    steps.run_all(world, [step for step in month.a_month() if "tekun" not in step.name])
    assert audit.broken_at_the_end(world) == []
    owner, due = next(iter(world.due.items()))
    world.due[owner] += worlds.FEN
    assert audit.broken_at_the_end(world) == [f"{owner} 应得 {world.due[owner]} 实得 {due}"]


@committed
def test_a_guard_that_is_taken_away_is_missed():
    """Refused while it is there, accepted once it is gone: the probe would notice."""
    controls.eventful_world()
    of = {guard.short: guard for guard in guards.of_the_database()}
    for name in (
        "one_payment_a_month",
        "fund_is_never_below_zero",
        "entry_balances",
        "sealed_money_reaches_its_holder",
    ):
        found = probes.look(of[name])
        assert (name, found.by, found.also) == (name, "SQL 探针", "")


@committed
def test_a_transaction_that_is_taken_away_is_missed():
    """Without the transaction a death leaves half a seal, and the audit says so."""
    world, plan = worlds.build(worlds.Size(dibao=6, tekun=0, linshi=2)), month.a_month()
    place = named(plan, "dibao 封账")
    steps.run_all(world, plan[:place])
    with removal.without_atomic(guards.Place("batches", "seal_batch", "atomic")):
        outcome = walk.every_boundary(world, plan[place], stop=True)
    assert outcome.broken != []


@committed
def test_killed_workers_and_brokers_delay_but_lose_nothing():
    """A pool child dies while files are written, the whole worker while a month is prepared."""
    world, chance = rounds.world_of_today(worlds.Size(dibao=6, tekun=3, linshi=2)), random.Random(20261126)
    with crew.crew() as people:
        for job, fault in zip(rounds.JOBS, ("池中子进程", "整个 worker"), strict=True):
            played = rounds.play(world, job, fault, people, chance)
            assert played.broken == []
            assert played.seconds < rounds.LONGEST
