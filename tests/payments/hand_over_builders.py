"""临时救助 that is given in cash or in goods, as far as a test needs it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from organisations.enums import Post
from organisations.models import Area, User
from payments import services
from payments.models import Fund, HandOver, HandOverRequest, Instalment
from tests.cases.builders import person_with
from tests.payments import builders


@dataclass(frozen=True)
class Desk:
    """百官街道 pays 临时救助 itself. Three people for three steps, and one who stands beside."""

    village: Area
    township: Area
    handler: User
    checker: User
    clerk: User
    second: User
    finance: User

    @property
    def county(self) -> Area:
        return self.township.parent


def desk_in(village: Area) -> Desk:
    """The posts of a township, each held by somebody else."""
    township = village.parent
    return Desk(
        village,
        township,
        person_with(Post.HANDLER, township),
        person_with(Post.APPROVER, township),
        person_with(Post.TOWN_PAYMENTS, township),
        person_with(Post.VILLAGE_HELPER, village),
        person_with(Post.DISTRICT_FINANCE, township.parent),
    )


def fill(desk: Desk, amount: str = "50000.00") -> Fund:
    """Money for 临时救助 in the township's hand."""
    request = services.ask_for_funds(
        area=desk.township,
        purpose="linshi",
        kind="top_up",
        amount=Decimal(amount),
        reason="备用金",
        actor=desk.clerk,
    )
    return services.allocate_funds(request=request, actor=desk.finance).fund


def instalment(desk: Desk, amount: str = "900.00", **values) -> Instalment:
    """One grant, one payment."""
    return builders.granted(desk.village, amount, name="林大山", **values).instalments.get()


def asked(desk: Desk, part: Instalment, kind: str = "cash", goods=(), **values) -> HandOverRequest:
    return services.ask_hand_over(
        **{
            "instalment": part,
            "kind": kind,
            "reason": "住院，无银行账户，急需生活用品",
            "goods": goods,
            "actor": desk.handler,
            **values,
        }
    )


def approved(desk: Desk, part: Instalment, **values) -> HandOverRequest:
    request = asked(desk, part, **values)
    return services.decide_hand_over(request=request, approved=True, actor=desk.checker)


def handing(desk: Desk, **values) -> services.Handing:
    return services.Handing(
        **{
            "day": dt.date(2026, 3, 2),
            "second": desk.second,
            "received_by": "林大山",
            "receipt_signed": True,
            "reason": "急需",
            **values,
        }
    )


def give(desk: Desk, request: HandOverRequest, **values) -> HandOver:
    actor = values.pop("actor", desk.clerk)
    return services.hand_over(request=request, entry=handing(desk, **values), actor=actor)


def handed(desk: Desk, amount: str = "900.00", **values) -> HandOver:
    """A grant (`values`), and all three steps."""
    return give(desk, approved(desk, instalment(desk, amount, **values)))
