"""An office that helps first, and reliefs in every state, walked there by the real services."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone

from approvals.relief import services
from approvals.relief.entries import PaymentEntry, ReliefEntry
from approvals.relief.enums import ReliefState as State
from approvals.relief.models import EmergencyRelief
from cases import services as cases
from cases.models import Application
from organisations.enums import Post
from organisations.models import Population, User
from payments import services as payments
from payments.models import Fund
from tests.approvals.builders import DONGTOU, Office, build_office
from tests.approvals.test_programmes import step, submit, visit
from tests.cases.builders import next_id, person_with


@dataclass(frozen=True)
class Relief:
    """One township that gives relief: its office, its payments clerk, and the district above it.

    Finance has given it 50,000 yuan.
    """

    office: Office
    payer: User
    auditor: User
    district_approver: User


def relief_office(county: str = DONGTOU) -> Relief:
    office = build_office(county)
    township = office.township
    Population.objects.create(area=township, year=2025, hukou=5000)
    ground = Relief(
        office,
        person_with(Post.TOWN_PAYMENTS, township),
        person_with(Post.AUDITOR, township.parent),
        person_with(Post.APPROVER, township.parent),
    )
    fill_reserve(ground, "50000.00")
    return ground


def fill_reserve(ground: Relief, amount: str) -> Fund:
    """Finance of the district gives the township money for 临时救助."""
    township = ground.office.township
    request = payments.ask_for_funds(
        area=township,
        purpose="linshi",
        kind="top_up",
        amount=Decimal(amount),
        reason="补充备用金",
        actor=ground.payer,
    )
    finance = person_with(Post.DISTRICT_FINANCE, township.parent)
    return payments.allocate_funds(request=request, actor=finance).fund


def entry(ground: Relief, **values) -> ReliefEntry:
    """A fire in the night: two people, 3,000 yuan in cash, reported an hour ago."""
    facts = {
        "village": ground.office.village,
        "name": "林小花",
        "id_number": next_id(),
        "phone": "13800001234",
        "place": "望海村 12 号",
        "cause": "accident",
        "happened": "凌晨住房失火，衣被和粮食全部烧毁。",
        "n_people": 2,
        "amount": Decimal("3000.00"),
        "paid_in": "cash",
        "reported_at": timezone.now() - dt.timedelta(hours=1),
    }
    return ReliefEntry(**facts | values)


def receipt(**values) -> PaymentEntry:
    facts = {"received_by": "林小花", "second_name": "郑同志", "receipt_signed": True}
    return PaymentEntry(**facts | values)


def registered(ground: Relief, **values) -> EmergencyRelief:
    return services.register_relief(entry=entry(ground, **values), actor=ground.office.handler)


def agreed(ground: Relief, **values) -> EmergencyRelief:
    return services.agree(relief=registered(ground, **values), actor=ground.office.approver)


def paid(ground: Relief, **values) -> EmergencyRelief:
    return services.pay(relief=agreed(ground, **values), entry=receipt(), actor=ground.payer)


def with_papers(ground: Relief, **values) -> EmergencyRelief:
    return services.begin_papers(relief=paid(ground, **values), actor=ground.office.handler)


def handed_in(ground: Relief, relief: EmergencyRelief, *, account: bool = True) -> Application:
    """The draft behind the relief, completed and brought to the reviewer's table the short way."""
    office, application = ground.office, relief.application
    if account:
        application.payee_bank, application.payee_account = "温州银行洞头支行", "6222020000000000008"
        application.save(update_fields=["payee_bank", "payee_account"])
    submit(application, office)
    application.refresh_from_db()
    for material in application.materials.all():
        cases.receive_material(material=material, received_on=timezone.localdate(), actor=office.handler)
    for member in application.household.members.all():
        cases.sign_authorisation(member=member, signed_on=timezone.localdate(), actor=office.handler)
    step(application, "accept", office.handler)
    step(application, "skip_check", office.handler)
    visit(application, office)
    return application


def completed(ground: Relief, amount: str = "4500.00", **values) -> EmergencyRelief:
    """Approved for `amount`, of which the relief is a part."""
    relief = with_papers(ground, **values)
    application = handed_in(ground, relief)
    step(application, "agree_at_once", ground.office.reviewer, amount=Decimal(amount))
    step(application, "approve", ground.office.approver)
    relief.refresh_from_db()
    return relief


def in_state(ground: Relief, state: State) -> EmergencyRelief:
    """A relief that the real services brought into the state."""
    leader = ground.office.approver
    if state == State.DECLINED:
        return services.decline(relief=registered(ground), actor=leader, opinion="已由亲属接济。")
    if state == State.CLOSED:
        return services.close(relief=paid(ground), actor=leader, finding="keep", opinion="另有保险赔付。")
    return {
        State.REGISTERED: registered,
        State.AGREED: agreed,
        State.PAID: paid,
        State.COMPLETED: completed,
    }[state](ground)
