"""Payers with their people, and households in receipt, in as few rows as money needs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from itertools import count

import pgtrigger
import time_machine
from django.utils import timezone

from cases.enums import ApplicationState, Programme
from cases.models import Application, CareAgreement, Household
from organisations.enums import Post
from organisations.models import Area, User
from payments import perms, services
from payments.demo_bank import answer_to
from payments.models import BankFile, Batch, Benefit, Grant, ProxyAgreement
from tests.cases.builders import Places, next_id, person_with, photo
from tests.ground import lay_ground

MARCH, APRIL = dt.date(2026, 3, 1), dt.date(2026, 4, 1)
ACCOUNT = "6217000012345678901"
# A card, its Luhn digit right.
CARD = "6217000012345678907"
CARE_ACCOUNT = "6217000098765432109"
_numbers = count(1)


@dataclass(frozen=True)
class Payer:
    """A paying area and its people. `checker` answers for its money, `other` is a second clerk."""

    places: Places
    area: Area
    villages: tuple[Area, ...]
    clerk: User
    other: User
    checker: User
    account: str = ACCOUNT


def town() -> Payer:
    """北岙街道 pays for itself (DT-8.2)."""
    places = lay_ground()
    area = places.township
    return Payer(
        places,
        area,
        (places.village, places.other_village),
        person_with(Post.TOWN_PAYMENTS, area),
        person_with(Post.TOWN_PAYMENTS, area),
        person_with(Post.APPROVER, area),
    )


def district() -> Payer:
    """上虞区 pays for its townships (SY-5.1)."""
    places = lay_ground()
    area = places.other_county
    return Payer(
        places,
        area,
        (places.other_county_village,),
        person_with(Post.DISTRICT_PAYMENTS, area),
        person_with(Post.DISTRICT_PAYMENTS, area),
        person_with(Post.DISTRICT_FINANCE, area),
    )


def allocated_county() -> Payer:
    """山阳区 in 焦作 pays for its townships, with money that finance allocates each month (JZ-6.1)."""
    places = lay_ground()
    area = Area.objects.get(prefix="410811")
    township = area.children.order_by("code").first()
    prefix = township.prefix + "201"
    village = Area.objects.create(
        code=prefix, prefix=prefix, name="焦东社区", level="village", parent=township
    )
    return Payer(
        places,
        area,
        (village,),
        person_with(Post.DISTRICT_PAYMENTS, area),
        person_with(Post.DISTRICT_PAYMENTS, area),
        person_with(Post.DISTRICT_FINANCE, area),
        account=CARD,
    )


def decider() -> User:
    """Somebody who signs decisions here."""
    return User.objects.get_or_create(username="decider", defaults={"name": "陈批"})[0]


def application(
    village: Area, *, name: str = "林小花", account: str | None = ACCOUNT, **values
) -> Application:
    """An approved application, as far as money looks at it."""
    decided_at = values.pop("decided_at", dt.datetime(2026, 2, 10, 9, tzinfo=dt.UTC))
    return Application.objects.create(
        **{
            "number": f"DT-2026-{next(_numbers):06d}",
            "programme": Programme.DIBAO,
            "channel": "window",
            "state": ApplicationState.APPROVED,
            "village": village,
            "township": village.parent,
            "county": village.parent.parent,
            "household": Household.objects.create(address="望海村 12 号"),
            "applicant_name": name,
            "payee_name": name,
            "payee_bank": "温州银行洞头支行",
            "payee_account": account,
            "created_by": decider(),
            "created_at": decided_at,
            "accepted_at": decided_at,
            "decided_at": decided_at,
            **values,
        }
    )


def benefit(village: Area, monthly: str = "585.00", *, starts_on: dt.date = MARCH, **values) -> Benefit:
    """A household in receipt from a month on."""
    return services.open_benefit(
        application=application(village, **values),
        monthly=Decimal(monthly),
        starts_on=starts_on,
        lines=[{"label": "月保障金额", "amount": monthly, "clause": "DT-1.2"}],
        rule_ids=[],
        reason="符合规定",
        decided_by=decider(),
    )


def agree_on_care(application: Application, *, kind: str = "carer", name: str = "王照料") -> None:
    """The signed service agreement of a person in 特困, with an account of its own."""
    CareAgreement.objects.create(
        application=application,
        placement="institution" if kind == "institution" else "home",
        kind=kind,
        name=name,
        payee_name=name,
        payee_bank="温州银行",
        payee_account=CARE_ACCOUNT,
        signed_on=dt.date(2026, 2, 9),
        signed_by_person=True,
        recorded_by=decider(),
        recorded_at=timezone.now(),
    )


def tekun(
    village: Area,
    monthly: str = "2322.50",
    care_fee: str = "912.00",
    *,
    starts_on: dt.date = MARCH,
    **values,
) -> Benefit:
    """A person in 特困: basic living allowance and care fee (DT-7.3: 40 % of 2,280 yuan)."""
    case = application(village, programme=Programme.TEKUN, **values)
    # The application is made as decided; signed before that, as the trigger asks, it would need its steps.
    with pgtrigger.ignore("cases.CareAgreement:care_agreement_before_decision"):
        agree_on_care(case)
    return services.open_benefit(
        application=case,
        monthly=Decimal(monthly),
        care_fee=Decimal(care_fee),
        starts_on=starts_on,
        lines=[],
        rule_ids=[],
        reason="符合规定",
        decided_by=decider(),
    )


def granted(village: Area, *parts: str, days: tuple[dt.date, ...] = (), **values) -> Grant:
    """临时救助 of the parts on the days; one part without a day is paid at once."""
    case = application(village, programme=Programme.LINSHI, **values)
    amounts = [Decimal(part) for part in parts]
    return services.open_grant(
        application=case,
        amount=sum(amounts),
        instalments=list(zip(days, amounts, strict=True)) if days else [],
        lines=[],
        rule_ids=[],
        decided_by=decider(),
    )


def benefits(payer: Payer, *amounts: str, starts_on: dt.date = MARCH) -> list[Benefit]:
    """One household for each amount, spread over the payer's villages."""
    return [
        benefit(
            payer.villages[n % len(payer.villages)],
            amount,
            starts_on=starts_on,
            name=f"林{n}",
            account=payer.account,
        )
        for n, amount in enumerate(amounts)
    ]


def filed_proxy(recipient: Benefit | Grant, holder: str, **values) -> ProxyAgreement:
    """An agreement that is to let somebody else receive the money, from today on for a year; nobody has
    consented.
    """
    today = timezone.localdate()
    return services.file_proxy(
        **{
            "application": recipient.application,
            "holder_name": holder,
            "holder_id_number": next_id(),
            "relation": "relative",
            "reason": "长期卧床，书面委托代领",
            "valid_from": today,
            "valid_until": today + dt.timedelta(days=365),
            "file": photo(),
            "actor": person_with(Post.HANDLER, recipient.township),
            **values,
        }
    )


def proxied(recipient: Benefit | Grant, holder: str, **values) -> ProxyAgreement:
    """The same, consented to."""
    agreement = filed_proxy(recipient, holder, **values)
    reviewer = person_with(Post.REVIEWER, recipient.township)
    return services.consent_to_proxy(agreement=agreement, actor=reviewer)


def prepared(payer: Payer, month: dt.date = MARCH, programme: str = "dibao") -> Batch:
    return services.prepare_month(area=payer.area, programme=programme, month=month, actor=payer.clerk)


def checked(payer: Payer, month: dt.date = MARCH, programme: str = "dibao") -> Batch:
    return services.check_batch(batch=prepared(payer, month, programme), actor=payer.checker)


def sealed(payer: Payer, month: dt.date = MARCH, programme: str = "dibao") -> Batch:
    batch = checked(payer, month, programme)
    if perms.is_allocated_monthly(batch):
        request = services.ask_for_month(batch=batch, actor=payer.clerk)
        services.allocate_funds(request=request, actor=payer.checker)
    return services.seal_batch(batch=batch, actor=payer.clerk)


def sent(payer: Payer, month: dt.date = MARCH, programme: str = "dibao") -> BankFile:
    return services.make_bank_files(batch=sealed(payer, month, programme), actor=payer.clerk)[0]


def answered(payer: Payer, file: BankFile, failures: dict[int, str] | None = None):
    """The bank answers on the day after the file was made; the clock goes there and back."""
    day = timezone.localdate(file.made_at) + dt.timedelta(days=1)
    noon = dt.datetime.combine(day, dt.time(4), tzinfo=dt.UTC)
    with time_machine.travel(noon, tick=False):
        return services.import_answer(
            bank_file=file, upload=BytesIO(answer_to(file, paid_on=day, failures=failures)), actor=payer.clerk
        )
