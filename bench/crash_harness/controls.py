"""Negative controls: each guard is taken away in turn, and something must notice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import time_machine

from bench.crash_harness import guards, month, probes
from bench.crash_harness.recovery import more_debts
from bench.crash_harness.steps import answer_last, batch_of, run_all
from bench.crash_harness.world import Size, World, build, when
from common.clock import add_months
from organisations.enums import Post
from organisations.models import Area
from payments import services
from payments.models import Batch, PriceIndex
from tests.cases.builders import person_with
from tests.payments import builders, price_builders

COUNTY = "330305"


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
        figure = price_figure(world)
        subsidise(figure)
        correct(figure)
        more_debts(world)
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


def price_figure(world: World) -> PriceIndex:
    """A confirmed figure of the settled month, and a household of two that its subsidy is for."""
    places = world.payer.places
    payer = builders.Payer(
        places,
        places.county,
        (places.village,),
        person_with(Post.DISTRICT_PAYMENTS, places.county),
        person_with(Post.DISTRICT_PAYMENTS, places.county),
        world.finance,
    )
    price_builders.household(payer, "周一", "周二")
    return price_builders.confirmed(payer, "3.6", month=world.first)


def correct(figure: PriceIndex) -> PriceIndex:
    return services.correct_figure(
        figure=figure,
        figures=price_builders.change("3.7"),
        published_on=figure.published_on,
        source=figure.source,
        reason="统计局修订",
        actor=figure.entered_by,
    )


def subsidise(figure: PriceIndex) -> Batch:
    county = Area.objects.get(code=COUNTY)
    return services.prepare_subsidy(area=county, month=figure.month, actor=figure.entered_by)


def of_the_database() -> Iterator[Row]:
    """Every constraint, unique index and trigger of the payments tables."""
    for guard in guards.of_the_database():
        found = probes.look(guard)
        what = f"{guard.table.removeprefix('payments_')} {guard.short}"
        yield Row(what, guards.KINDS[guard.kind], found.by, found.also)
