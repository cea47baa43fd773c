"""Negative controls: each guard is taken away in turn, and something must notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import time_machine

from bench.crash_harness import guards, month, probes
from bench.crash_harness.steps import answer_last, batch_of, run_all
from bench.crash_harness.world import Size, World, build, when
from common.clock import add_months
from organisations.enums import Post
from payments import services
from tests.cases.builders import person_with
from tests.payments import builders, price_builders

# Rules of which no statement can be found that breaks them and nothing else, and why that is all right.
EXPLAINED: dict[str, str] = {}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table: the guard, and what noticed that it was gone."""

    what: str
    kind: str
    by: str
    also: str = ""

    @property
    def is_noticed(self) -> bool:
        return bool(self.by)


def eventful_world() -> World:
    """A month that is over but for one failed line, with open lists beside it and a price subsidy."""
    world = build(Size(dibao=6, tekun=3, linshi=3))
    steps = month.a_month()
    run_all(world, [step for step in steps[:-2]])
    with time_machine.travel(when(world.month, 18), tick=False):
        answer_last(world, batch_of(world, "linshi", 2), {1: "账户销户"})
        part = builders.granted(world.payer.villages[0], "500.00").instalments.get()
        services.prepare_payout(instalments=[part.pk], actor=world.payer.clerk)
        run_all(world, steps[-1:])
        _subsidise(world)
    following = add_months(world.month, 1)
    with time_machine.travel(when(following, 2), tick=False):
        batch = builders.checked(world.payer, following)
        services.ask_for_month(batch=batch, actor=world.payer.clerk)
        builders.prepared(world.payer, following, "tekun")
        _advance(world, following)
    return world


def _advance(world: World, month: date) -> None:
    quarter = date(month.year, (month.month - 1) // 3 * 3 + 1, 1)
    services.ask_for_funds(
        area=world.payer.area,
        purpose="linshi",
        kind="advance",
        amount=Decimal("100.00"),
        reason="预拨",
        quarter=quarter,
        actor=person_with(Post.DISTRICT_PAYMENTS, world.payer.places.county),
    )


def _subsidise(world: World) -> None:
    """The price subsidy of the settled month, paid by the county to a household of two."""
    county, places = world.payer.places.county, world.payer.places
    payer = builders.Payer(
        places,
        county,
        (places.village,),
        person_with(Post.DISTRICT_PAYMENTS, county),
        person_with(Post.DISTRICT_PAYMENTS, county),
        world.finance,
    )
    price_builders.household(payer, "周一", "周二")
    figure = price_builders.confirmed(payer, "3.6", month=world.first)
    services.correct_figure(
        figure=figure,
        figures=price_builders.change("3.7"),
        published_on=figure.published_on,
        source=figure.source,
        reason="统计局修订",
        actor=payer.clerk,
    )
    price_builders.subsidy(payer, world.first)


def of_the_database() -> Iterator[Row]:
    """Every constraint, unique index and trigger of the payments tables."""
    for guard in guards.of_the_database():
        found = probes.look(guard)
        by = found.by or EXPLAINED.get(guard.short, "")
        yield Row(
            f"{guard.table.removeprefix('payments_')} {guard.short}", guards.KINDS[guard.kind], by, found.also
        )
