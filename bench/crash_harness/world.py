"""A township with its money: some dozens of households, last month paid, and what has changed since.

All figures are computed here by hand (Python's Decimal, no rule and no SQL of ours), so that what the month
must come to is known before it runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import time_machine

from common.clock import add_months
from organisations.enums import Post
from organisations.models import User
from payments import services
from payments.models import Benefit, Grant
from tests.cases.builders import person_with
from tests.payments import builders

FIRST = date(2026, 3, 1)
CARE = Decimal("912.00")
FEN = Decimal("0.01")
# The only grant of this amount is given in cash.
IN_HAND = Decimal("450.50")


@dataclass(frozen=True)
class Size:
    """How many households of each programme."""

    dibao: int = 24
    tekun: int = 9
    linshi: int = 6


def when(month: date, day: int, minute: int = 0) -> datetime:
    """09:00 in Beijing on that day of the month, and some minutes."""
    return datetime.combine(month + timedelta(days=day - 1), time(1, minute), tzinfo=UTC)


@dataclass
class World:
    """`month` is the one that is run, `first` the settled one before. `due`: yuan for both months together,
    by `benefit:<id>` or `grant:<id>`.
    """

    payer: builders.Payer
    finance: User
    first: date
    due: dict[str, Decimal] = field(default_factory=dict)

    @property
    def month(self) -> date:
        return add_months(self.first, 1)

    @property
    def total(self) -> Decimal:
        return sum(self.due.values(), Decimal(0))


def build(size: Size = Size(), first: date = FIRST) -> World:
    """Everything by the services, as in life: open, pay the first month, then change what changes."""
    with time_machine.travel(when(first, 2), tick=False):
        payer = builders.town()
        world = World(payer, person_with(Post.DISTRICT_FINANCE, payer.places.county), first)
        dibao = [_open(world, Decimal("400.00") + n * Decimal("37.11")) for n in range(size.dibao)]
        tekun = [_open_care(world, Decimal("2322.50") + n * Decimal("10.01")) for n in range(size.tekun)]
        for programme in ("dibao", *(["tekun"] if tekun else [])):
            builders.answered(payer, builders.sent(payer, first, programme))
    with time_machine.travel(when(first, 20), tick=False):
        _change_dibao(world, dibao)
        _change_tekun(world, tekun)
        for n in range(size.dibao // 6):
            late = _open(world, Decimal("333.33") + n)
            world.due[f"benefit:{late.pk}"] = late.revisions.get().monthly * 2
        _grant(world, size.linshi)
    return world


def _decided(world: World) -> datetime:
    return when(world.first, 1) - timedelta(days=19)


def _village(world: World, n: int):
    return world.payer.villages[n % len(world.payer.villages)]


def _open(world: World, monthly: Decimal) -> Benefit:
    n = len(world.due)
    benefit = builders.benefit(
        _village(world, n),
        str(monthly),
        starts_on=world.first,
        name=f"林{n}",
        decided_at=_decided(world),
    )
    world.due[f"benefit:{benefit.pk}"] = monthly * 2
    return benefit


def _open_care(world: World, monthly: Decimal) -> Benefit:
    n = len(world.due)
    benefit = builders.tekun(
        _village(world, n),
        str(monthly),
        str(CARE),
        starts_on=world.first,
        name=f"陈{n}",
        decided_at=_decided(world),
    )
    world.due[f"benefit:{benefit.pk}"] = monthly * 2
    return benefit


def _revise(world: World, benefit: Benefit, more: str, care: str = "0.00", since: date | None = None) -> None:
    """`more` yuan a month, of which `care` for the carer, since the settled month or a later one."""
    revision = benefit.revisions.get(valid_to__isnull=True)
    since = since or world.first
    services.revise_benefit(
        benefit=benefit,
        monthly=revision.monthly + Decimal(more),
        care_fee=revision.care_fee + Decimal(care),
        valid_from=since,
        lines=[],
        rule_ids=[],
        reason="家庭情况变化",
        source="change:1",
        decided_by=builders.decider(),
    )
    months = 2 if since == world.first else 1
    world.due[f"benefit:{benefit.pk}"] += Decimal(more) * months


def _change_dibao(world: World, benefits: Iterable[Benefit]) -> None:
    """Of each six: more since the settled month, less since then, ended, more from now on; two stay."""
    for n, benefit in enumerate(benefits):
        match n % 6:
            case 0:
                _revise(world, benefit, "120.50")
            case 1:
                _revise(world, benefit, "-80.00")
            case 2:
                services.end_benefit(benefit=benefit, ends_on=world.month, reason="收入超过标准", source="")
                world.due[f"benefit:{benefit.pk}"] /= 2
            case 3:
                _revise(world, benefit, "10.00", since=world.month)


def _change_tekun(world: World, benefits: Iterable[Benefit]) -> None:
    """Of each three: more care and more allowance, less care; one stays."""
    for n, benefit in enumerate(benefits):
        match n % 3:
            case 0:
                _revise(world, benefit, "100.00", "40.00")
            case 1:
                _revise(world, benefit, "-50.00", "-50.00")


def _grant(world: World, n_grants: int) -> None:
    """临时救助 at once, the last of them in two instalments: now, and on the 20th of the month. One more is
    given in cash.
    """
    days = (world.first + timedelta(days=20), world.month + timedelta(days=19))
    for n in range(n_grants):
        parts = [str(600 + n)] if n < n_grants - 1 else ["300.00", "200.01"]
        decided_at = when(world.first, 19)
        grant: Grant = builders.granted(
            _village(world, n), *parts, days=days if len(parts) > 1 else (), decided_at=decided_at
        )
        world.due[f"grant:{grant.pk}"] = grant.amount
    handed = builders.granted(_village(world, 0), str(IN_HAND), decided_at=when(world.first, 19))
    world.due[f"grant:{handed.pk}"] = IN_HAND
