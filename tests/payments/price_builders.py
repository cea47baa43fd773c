"""Counties with covered people and price figures, in as few rows as the price subsidy needs."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from cases.models import Member, Person
from cases.services import remember_person
from common.clock import next_month
from organisations.enums import Post
from payments import services
from payments.models import Batch, Benefit, PriceIndex
from payments.price import city_of
from policy.price import Figures
from tests.cases.builders import next_id, person_with
from tests.payments import builders
from tests.payments.builders import MARCH, Payer


def county() -> Payer:
    """洞头区 pays the price subsidy for its townships; 低保 1,085.00 yuan, floor 20.00 (demo values)."""
    payer = builders.town()
    area = payer.places.county
    return Payer(
        payer.places,
        area,
        (payer.places.village, payer.places.other_township_village),
        person_with(Post.DISTRICT_PAYMENTS, area),
        person_with(Post.DISTRICT_PAYMENTS, area),
        person_with(Post.DISTRICT_FINANCE, area),
    )


def household(payer: Payer, *names: str, programme: str = "dibao", **values) -> Benefit:
    """A benefit that covers people of these names, the first its head."""
    given = {"account": payer.account, "programme": programme} | values
    case = builders.application(payer.villages[0], name=names[0], **given)
    for number, name in enumerate(names):
        person = remember_person(name=name, id_number=next_id(), actor=payer.clerk)
        relation = "other" if number else "self"
        Member.objects.create(household=case.household, person=person, programme=programme, relation=relation)
    return services.open_benefit(
        application=case,
        monthly=None if programme == "dibian" else Decimal("585.00"),
        starts_on=next_month(case.decided_at.date()),
        lines=[],
        rule_ids=[],
        reason="符合规定",
        decided_by=builders.decider(),
    )


def covered(benefit: Benefit) -> list[Person]:
    return [cover.person for cover in benefit.covers.select_related("person").order_by("pk")]


def change(cpi: str, food: str = "0.0", scpi: str | None = None) -> Figures:
    return Figures(Decimal(cpi), Decimal(food), Decimal(scpi) if scpi is not None else None)


def entered(payer: Payer, cpi: str, food: str = "0.0", month: dt.date = MARCH, **values) -> PriceIndex:
    """A figure of the payer's city that waits for its confirmation, published on the 11th."""
    return services.enter_figure(
        **{
            "city": city_of(payer.area),
            "month": month,
            "figures": change(cpi, food),
            "published_on": next_month(month).replace(day=11),
            "source": "国家统计局温州调查队",
            "actor": payer.clerk,
            **values,
        }
    )


def confirmed(payer: Payer, cpi: str, food: str = "0.0", month: dt.date = MARCH, **values) -> PriceIndex:
    figure = entered(payer, cpi, food, month, **values)
    return services.confirm_figure(figure=figure, actor=payer.checker)


def subsidy_list(payer: Payer, run: int) -> Batch:
    return Batch.objects.get(area=payer.area, programme="price_subsidy", month=MARCH, run=run)


def subsidy(payer: Payer, month: dt.date = MARCH):
    return services.prepare_subsidy(area=payer.area, month=month, actor=payer.clerk)
