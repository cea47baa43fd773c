"""A township with households in receipt whose facts are known, and standards that change."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import pgtrigger
import time_machine

from approvals.adjustments import services
from approvals.adjustments.models import Adjustment, AdjustmentProposal
from cases.enums import SELF_CARE_INDICATORS
from cases.models import Application, SelfCareAssessment
from organisations.enums import Post
from organisations.models import Area, User
from payments import services as payments
from payments.models import Benefit
from policy.models import Document, Rule
from policy.services import draft_rule, publish_rule
from tests.cases.builders import draft_application, in_state, member_line, person_with, tekun_entry
from tests.conftest import BEIJING
from tests.payments import builders as money

JANUARY, FEBRUARY, MARCH = (dt.date(2026, month, 1) for month in (1, 2, 3))


@dataclass
class Ground:
    """北岙街道 with its people; `writer` and `publisher` keep the rules of its county."""

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
        return self.payer.area.parent


def ground(payer: money.Payer | None = None) -> Ground:
    payer = payer or money.town()
    county, town = payer.area.parent, payer.area
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


def standard(here: Ground, value: str, since: dt.date, *, key: str = "standard.dibao") -> Rule:
    """A published standard of 北岙街道, in place of the one before."""
    return publish_rule(rule=drafted(here, value, since, key=key), actor=here.publisher)


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


def provided_for(
    here: Ground, monthly: str, care_fee: str, *, placement: str, failed: int, agreed: bool = True
) -> Benefit:
    """A person of 76 in 特困 from January 2026 on, who cannot do `failed` of the six things alone."""
    with time_machine.travel(dt.datetime(2025, 12, 10, 9, tzinfo=BEIJING), tick=False):
        case = draft_application(
            here.payer.places,
            member_line(f"林{failed}", birth_date=dt.date(1950, 1, 1)),
            village=here.payer.villages[0],
            programme="tekun",
            tekun=tekun_entry(placement=placement),
        )
        answers = {name: n >= failed for n, name in enumerate(SELF_CARE_INDICATORS)}
        SelfCareAssessment.objects.create(
            application=case,
            **answers,
            assessed_on=dt.date(2025, 12, 1),
            assessors="陈评估",
            recorded_by=money.decider(),
            recorded_at=case.created_at,
        )
        case = in_state(case, "approved")
        if agreed:
            kind = "institution" if placement == "institution" else "carer"
            # The application is made as decided; signed before that, it would need its steps.
            with pgtrigger.ignore("cases.CareAgreement:care_agreement_before_decision"):
                money.agree_on_care(case, kind=kind)
        return payments.open_benefit(
            application=case,
            monthly=Decimal(monthly),
            care_fee=Decimal(care_fee),
            starts_on=JANUARY,
            lines=[],
            rule_ids=[],
            reason="符合规定",
            decided_by=money.decider(),
        )


def changed(here: Ground, rule: Rule, programme: str = "dibao") -> Adjustment:
    """The drafts of a published rule, computed."""
    run = services.start_adjustment(area=here.town, programme=programme, rule=rule, actor=here.publisher)
    services.work_on_adjustment(run.pk)
    run.refresh_from_db()
    return run


def carried_out(here: Ground, run: Adjustment) -> AdjustmentProposal:
    """Proposed by the one, confirmed by the other."""
    proposal = services.propose(run=run, township=here.town, actor=here.reviewer)
    return services.confirm(proposal=proposal, actor=here.approver)


def sealed_months(here: Ground, *months: dt.date, programme: str = "dibao") -> None:
    """The batches of the months, each sealed on the fifth of its month."""
    for month in months:
        with time_machine.travel(dt.datetime(month.year, month.month, 5, 9, tzinfo=BEIJING), tick=False):
            money.sealed(here.payer, month, programme)
