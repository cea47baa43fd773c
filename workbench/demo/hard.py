"""The demo's hard cases: relief given first, papers that nobody accepts, boards, certificates.

Each is told like the ordinary ones, through the services and at its past instants, in the last three weeks.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from decimal import Decimal
from functools import partial
from typing import TypeVar

from approvals.documents.service import make_document
from approvals.enums import DocumentKind
from approvals.relief import services as relief
from approvals.relief.entries import PaymentEntry, ReliefEntry
from approvals.serving.enums import Event
from approvals.serving.services import AttemptEntry, record_attempt
from approvals.standing import refresh_standing
from cases.enums import ApplicationState, Programme
from cases.models import Application
from common import clock
from organisations.models import User
from payments.models import Benefit
from payments.services import issue_certificate
from policy.deadlines import SHANGHAI
from policy.working_days import Calendar
from workbench.demo import declared
from workbench.demo.hours import Clock
from workbench.demo.people import someone
from workbench.demo.staff import Town

# Beyond the numbers of the ordinary cases, so that nobody is told twice.
FIRST_INDEX = 4000
# How the chain of service runs in the two cases: refused and left at the door; not found and announced.
_LEFT = (Event.REFUSED, Event.LEFT)
_ANNOUNCED = (Event.NOT_FOUND, Event.MAILED, Event.MAIL_RETURNED, Event.ANNOUNCED)


T = TypeVar("T")


@dataclass(slots=True)
class Desk:
    """A township's people at work: `do` something now, then be `days` working days and some minutes later."""

    town: Town
    staff: dict[str, User]
    clock: Clock

    def do(self, work: Callable[[], T], *, days: int = 0, minutes: int = 50) -> T:
        with clock.pretend(self.clock.moment):
            done = work()
        self.clock.later(days=days, minutes=minutes)
        return done


def morning(now: datetime, calendar: Calendar, days_ago: int) -> Clock:
    """A clock at nine on the working day that many days ago, or before."""
    day = calendar.working_day_on_or_before(now.astimezone(SHANGHAI).date() - timedelta(days=days_ago))
    return Clock(calendar, datetime.combine(day, time(9, 5), SHANGHAI))


def give_relief(desk: Desk, payer: User) -> None:
    """One relief is paid and its papers are due; another waits for the leader's word (DT-8.2)."""
    paid = desk.do(lambda: relief.register_relief(entry=_fire(desk, 1), actor=desk.town.handler), minutes=30)
    desk.do(lambda: relief.agree(relief=paid, actor=desk.town.approver))
    receipt = PaymentEntry(received_by=paid.name, second_name="社区网格员", receipt_signed=True)
    desk.do(lambda: relief.pay(relief=paid, entry=receipt, actor=payer), days=1)
    desk.do(lambda: relief.register_relief(entry=_fire(desk, 2), actor=desk.town.handler))


def _fire(desk: Desk, n: int) -> ReliefEntry:
    person = someone(FIRST_INDEX * 7 + n * 31)
    return ReliefEntry(
        village=desk.town.villages[n % len(desk.town.villages)],
        name=person.name,
        id_number=person.id_number,
        phone=person.phone,
        place="住处",
        cause="accident",
        happened="凌晨住房失火，衣被和粮食全部烧毁。",
        n_people=2,
        amount=Decimal("3000.00"),
        paid_in="cash",
        reported_at=clock.now() - timedelta(minutes=30),
    )


def serve_refusals(town: Town, staff: dict[str, User], now: datetime, calendar: Calendar) -> None:
    """Two refusals of the township that nobody accepts (SY-A1.5b)."""
    refused = Application.objects.filter(township=town.township, state=ApplicationState.REFUSED)
    refused = refused.exclude(documents__kind=DocumentKind.REFUSAL_NOTICE)
    for application, events in zip(refused.order_by("decided_at")[:2], (_LEFT, _ANNOUNCED), strict=False):
        desk = Desk(town, staff, morning(now, calendar, 12))
        make = partial(make_document, application=application, kind=DocumentKind.REFUSAL_NOTICE)
        document = desk.do(partial(make, actor=town.handler))
        for event in events:
            desk.do(partial(_attempt, document, event, town), days=1)


def _attempt(document, event: Event, town: Town) -> None:
    entry = AttemptEntry(
        happened_at=clock.now(),
        place=document.application.household.address,
        first_server_id=town.handler.pk,
        second_server_id=town.reviewer.pk,
        receiver_relation="self",
        reason="不认可结果，拒绝签字。" if event in _LEFT else "多次上门，家中无人。",
        witness_1="",
        mail_number="EA123456789CN",
    )
    record_attempt(
        document=document, event=event, entry=entry, actor=town.handler, proof=declared.photo(document.pk)
    )


def hang_board(desk: Desk) -> None:
    """The township hangs its list; the photo of the board is still to be taken (SY-A1.7a)."""
    desk.do(lambda: refresh_standing(area=desk.town.township, actor=desk.town.handler))


def hand_out_certificates(desk: Desk, n: int = 3) -> None:
    """特困 in receipt get their certificates where the place still has them (SY-A1.7b)."""
    for benefit in _in_receipt(desk.town, Programme.DIBAO)[:n]:
        desk.do(partial(issue_certificate, benefit=benefit, actor=desk.town.handler), minutes=10)


def _in_receipt(town: Town, programme: Programme):
    found = Benefit.objects.filter(township=town.township, programme=programme, ends_on__isnull=True)
    return found.order_by("pk")
