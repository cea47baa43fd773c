"""A township with households in receipt whose facts are known, and standards that change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import time_machine

from cases.models import Application
from organisations.enums import Post
from organisations.models import Area, User
from payments import services as payments
from payments.models import Benefit
from policy.models import Document, Rule
from policy.services import draft_rule, publish_rule
from tests.cases.builders import draft_application, in_state, member_line, person_with
from tests.conftest import BEIJING
from tests.payments import builders as money

JANUARY, FEBRUARY, MARCH = (dt.date(2026, month, 1) for month in (1, 2, 3))


@dataclass
class Ground:
    """北岙街道 with its people; `writer` and `publisher` keep the rules of 洞头区."""

    payer: money.Payer
    writer: User
    publisher: User
    reviewer: User
    approver: User

    @property
    def town(self) -> Area:
        return self.payer.area

    @property
    def county(self) -> Area:
        return self.payer.places.county


def ground() -> Ground:
    payer = money.town()
    county, town = payer.places.county, payer.area
    made = Ground(
        payer,
        person_with(Post.RULE_WRITER, county),
        person_with(Post.RULE_PUBLISHER, county),
        person_with(Post.REVIEWER, town),
        person_with(Post.APPROVER, town),
    )
    Document.objects.get_or_create(code="T-STD", defaults={"title": "测试标准", "status": "in_force"})
    standard(made, "1085.00", dt.date(2020, 1, 1))
    return made


def drafted(here: Ground, value: str, since: dt.date, *, key: str = "standard.dibao") -> Rule:
    """A draft for 北岙街道."""
    return draft_rule(
        area=here.town,
        key=key,
        value=value,
        unit="yuan/month",
        valid_from=since,
        document=Document.objects.get(code="T-STD"),
        actor=here.writer,
    )


def standard(here: Ground, value: str, since: dt.date) -> Rule:
    """A published standard of 北岙街道, in place of the one before."""
    return publish_rule(rule=drafted(here, value, since), actor=here.publisher)


def household(here: Ground, *wages: str) -> Application:
    """Approved in December 2025, one person a wage (empty: without income)."""
    relations = ("self", "spouse", "parent", "parent")
    members = [
        member_line(f"林{n}", relation=relations[n], **({"wage": wage} if wage else {}))
        for n, wage in enumerate(wages)
    ]
    return in_state(draft_application(here.payer.places, *members), "approved")


def receiving(here: Ground, monthly: str, *wages: str, starts_on: dt.date = JANUARY) -> Benefit:
    """A household in receipt from January 2026 on, decided in December."""
    with time_machine.travel(dt.datetime(2025, 12, 10, 9, tzinfo=BEIJING), tick=False):
        return payments.open_benefit(
            application=household(here, *wages),
            monthly=Decimal(monthly),
            starts_on=starts_on,
            lines=[],
            rule_ids=[],
            reason="符合规定",
            decided_by=money.decider(),
        )


def sealed_months(here: Ground, *months: dt.date) -> None:
    """The batches of the months, each sealed on the fifth of its month."""
    for month in months:
        with time_machine.travel(dt.datetime(month.year, month.month, 5, 9, tzinfo=BEIJING), tick=False):
            money.sealed(here.payer, month)
