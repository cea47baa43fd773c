"""Cases in every state, walked there by the real services; the office and the rules they need.

`case_in(State.DECIDING, office=build_office(), clock=clock)`: the clock is moved past the notice where the
state lies behind it. Nothing here sets a state.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import BytesIO

import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from approvals.services import move
from approvals.settling.declarations import Referral
from approvals.settling.enums import Circumstance
from cases import services
from cases.declarations import IncomeLine, MemberLine, ReportEntry, VisitEntry
from cases.enums import ApplicationState as State
from cases.enums import AttachmentKind, Dimension, IncomeKind
from cases.models import Application
from cases.queries import current_visit
from organisations.enums import Post
from organisations.models import Area, User
from publicity.queries import running_notice
from tests.cases.builders import Places, declaration, member_line, person_with
from tests.ground import lay_ground

DONGTOU, SHANGYU = "330305", "330604"
REASON = "经核对和入户调查，符合规定。"


@dataclass(frozen=True)
class Office:
    """One township: a village in it and a person in each post."""

    places: Places
    village: Area
    helper: User
    handler: User
    reviewer: User
    approver: User

    @property
    def township(self) -> Area:
        return self.village.parent


def build_office(county: str = DONGTOU) -> Office:
    """The areas, the rules, and four people of one township of 洞头 or 上虞."""
    places = lay_ground()
    village = places.village if county == DONGTOU else places.other_county_village
    return Office(
        places=places,
        village=village,
        helper=person_with(Post.VILLAGE_HELPER, village),
        handler=person_with(Post.HANDLER, village.parent),
        reviewer=person_with(Post.REVIEWER, village.parent),
        approver=person_with(Post.APPROVER, village.parent),
    )


def draft(office: Office, *members: MemberLine, actor: User | None = None, **values) -> Application:
    """Registered by the handler: 林小花 alone with 500 yuan of wages, unless told otherwise."""
    return services.register_application(
        declaration=declaration(office.village, *members, **values), actor=actor or office.handler
    )


def submit(application: Application, office: Office, *, actor: User | None = None) -> Application:
    return move(application_id=application.pk, transition="submit", actor=actor or office.handler)


def collect(application: Application, office: Office) -> None:
    """All papers come in and everybody signs."""
    today = timezone.localdate()
    for material in application.materials.all():
        services.receive_material(material=material, received_on=today, actor=office.handler)
    for member in application.household.members.all():
        services.sign_authorisation(member=member, signed_on=today, actor=office.handler, guardian="林大山")


def record_report(application: Application, office: Office, *, wage: str = "500.00", **values) -> None:
    """The report finds the wage with the applicant and, unless told otherwise, 12,000 yuan of deposits."""
    application.refresh_from_db()
    today = timezone.localdate()
    found = {"deposits": Decimal("12000.00"), "issued_on": today, "data_as_of": today} | values
    income = {application.applicant.pk: (IncomeLine(IncomeKind.WAGE, Decimal(wage)),)}
    entry = ReportEntry(number=f"HD-{application.pk}", conclusion="未发现异常。", income=income, **found)
    services.record_report(application=application, entry=entry, source="hand", actor=office.handler)


@cache
def _photo() -> bytes:
    content = BytesIO()
    Image.new("RGB", (8, 8), "white").save(content, "JPEG")
    return content.getvalue()


def record_visit(application: Application, office: Office, *, complete: bool = True, **values) -> None:
    """A visit by the handler and a colleague without account, in all six dimensions, with a photo."""
    application.refresh_from_db()
    upload = SimpleUploadedFile("a.jpg", _photo(), content_type="image/jpeg")
    services.add_attachment(
        application=application, kind=AttachmentKind.VISIT_PHOTO, upload=upload, actor=office.handler
    )
    entry = VisitEntry(
        **{
            "visited_at": timezone.now(),
            "second_visitor_name": "郑同志",
            "present_member_id": application.applicant.pk,
            "signed": True,
            "conclusion": "情况属实。",
            "findings": {dimension: ("一般", "") for dimension in Dimension},
            **values,
        }
    )
    services.record_visit(application=application, entry=entry, actor=office.handler)
    if complete:
        services.complete_visit(application=application, actor=office.handler)


def pass_notice(application: Application, clock: time_machine.Coordinates) -> None:
    """Time goes on until the notice has run out."""
    clock.move_to(running_notice(application).ends_at + dt.timedelta(seconds=1))


# How each state is reached: (the state before it, the move, who makes it).
_WAYS: dict[State, tuple[State, str, str]] = {
    State.SUBMITTED: (State.DRAFT, "submit", "handler"),
    State.AWAITING_MATERIALS: (State.SUBMITTED, "request_materials", "handler"),
    State.ACCEPTED: (State.SUBMITTED, "accept", "handler"),
    State.CHECKING: (State.ACCEPTED, "entrust_check", "reviewer"),
    State.VISITING: (State.CHECKING, "record_report", "handler"),
    State.REVIEWING: (State.VISITING, "finish_visit", "handler"),
    State.PUBLISHED: (State.REVIEWING, "agree", "reviewer"),
    State.DECIDING: (State.PUBLISHED, "close_notice", ""),
    State.APPROVED: (State.DECIDING, "approve", "approver"),
    State.REFUSED: (State.DECIDING, "refuse", "approver"),
    State.WITHDRAWN: (State.SUBMITTED, "withdraw", "handler"),
}


def case_in(
    state: State,
    *,
    office: Office,
    clock: time_machine.Coordinates | None = None,
    members: tuple[MemberLine, ...] = (),
    **values,
) -> Application:
    """An application that the real services brought into the state; `values` go into its declaration."""
    if state == State.DRAFT:
        return draft(office, *members, **values)
    if state == State.SETTLING:
        return _referred(office, clock, **values)
    before, transition, role = _WAYS[state]
    application = case_in(before, office=office, clock=clock, members=members, **values)
    return take(application, transition, office, role, clock)


def _referred(office: Office, clock: time_machine.Coordinates | None, **values) -> Application:
    """Too much income for the ordinary rules, severely disabled: 一事一议 by DT-4.1."""
    person = member_line(wage="3000.00", disability_kind="physical", disability_grade=1)
    application = case_in(State.CHECKING, office=office, clock=clock, members=(person,), **values)
    record_report(application, office, wage="3000.00")
    move(application_id=application.pk, transition="record_report", actor=office.handler)
    record_visit(application, office)
    return move(
        application_id=application.pk,
        transition="refer",
        actor=office.handler,
        opinion=REASON,
        referral=Referral(Circumstance.SEVERE, {"who": "本人一级肢体残疾。"}),
    )


def take(
    application: Application,
    transition: str,
    office: Office,
    role: str,
    clock: time_machine.Coordinates | None = None,
) -> Application:
    """Make one move, after doing the work that it asks for."""
    application.refresh_from_db()
    if transition == "accept":
        collect(application, office)
    elif transition == "record_report":
        record_report(application, office)
    elif transition == "finish_visit":
        visit = current_visit(application)
        if visit is None or not visit.completed_at:
            record_visit(application, office)
    elif transition == "close_notice":
        pass_notice(application, clock)
    actor = getattr(office, role) if role else None
    opinion = "" if transition in {"submit", "accept"} else REASON
    return move(application_id=application.pk, transition=transition, actor=actor, opinion=opinion)
