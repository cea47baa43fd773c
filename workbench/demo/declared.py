"""What the people of a demo case declare, and what check and visit find out about them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from cases.declarations import Declaration, IncomeLine, MemberLine, ReportEntry, VisitEntry
from cases.enums import VISIT_CHOICES, Cause, Channel, ExemptKind, IncomeKind, Programme, Relation
from cases.models import Application
from common import clock
from organisations.models import Area, User
from workbench.demo.people import someone
from workbench.demo.programmes import Wish

# Nobody with so much a month is below a standard of the demo.
_TOO_MUCH = 9000


def declaration(wish: Wish, *, village: Area, channel: Channel, refused: bool) -> Declaration:
    """The registration of the case; `refused`: with more income than 低保 allows."""
    members = wish.members(clock.today()) or _family(wish.index, refused)
    # 低边 is a status without money: nothing is paid to anybody.
    payee = (
        {}
        if wish.programme == Programme.DIBIAN
        else {
            "payee_name": members[0].name,
            "payee_bank": "演示银行",
            "payee_account": someone(wish.index * 101 + 7).account,
        }
    )
    costly = wish.index % 4 == 0
    return Declaration(
        programme=wish.programme,
        channel=channel,
        village=village,
        received_on=clock.today(),
        members=members,
        address=f"{village.name} {wish.index % 180 + 1} 号",
        cause=list(Cause.values)[wish.index % 5],
        statement="家庭成员患病，劳动力不足，收入难以维持基本生活，申请救助。",
        deposits=Decimal(wish.index * 37 % 9000),
        rigid_expenditure_monthly=Decimal(120 if costly else 0),
        rigid_expenditure_note="慢性病自付药费" if costly else "",
        **payee,
        **wish.asked(clock.today()),
    )


def _family(index: int, refused: bool) -> tuple[MemberLine, ...]:
    """One to three people: by turns alone, a couple, a couple with a child."""
    head, spouse = someone(index * 101 + 7), someone(index * 101 + 23)
    wage = Decimal(_TOO_MUCH if refused else 150 + index * 71 % 440)
    members = [
        MemberLine(
            name=head.name,
            id_number=head.id_number,
            relation=Relation.SELF,
            phone=head.phone,
            severe_illness=index % 6 == 0,
            income=(IncomeLine(IncomeKind.WAGE, wage),),
        )
    ]
    if index % 3:
        disabled = index % 5 == 0
        members.append(
            MemberLine(
                name=spouse.name,
                id_number=spouse.id_number,
                relation=Relation.SPOUSE,
                disability_kind="physical" if disabled else "",
                disability_grade=2 if disabled else None,
                income=(IncomeLine(IncomeKind.OTHER, Decimal(200), ExemptKind.ASSISTANCE),),
            )
        )
    if index % 3 == 2:
        child = someone(index * 101 + 51, born=date(2014, 1, 1) + timedelta(days=index * 11 % 2500))
        members.append(MemberLine(name=child.name, id_number=child.id_number, relation=Relation.MINOR_CHILD))
    return tuple(members)


def report(wish: Wish, application: Application) -> ReportEntry:
    """The check finds the income that was declared, and a little more money."""
    today = clock.today()
    applicant = application.household.members.prefetch_related("income").get(relation=Relation.SELF)
    return ReportEntry(
        income={applicant.pk: tuple(IncomeLine(i.kind, i.monthly) for i in applicant.income.all())},
        number=f"HD{application.number.replace('-', '')}",
        issued_on=today,
        data_as_of=today - timedelta(days=3),
        conclusion="收入、财产信息与申报基本一致。",
        deposits=Decimal(wish.index * 41 % 9500),
        houses=1,
    )


def visit(wish: Wish, application: Application, *, colleague: User) -> VisitEntry:
    """Two people came and saw what had been declared."""
    present = application.household.members.get(relation=Relation.SELF)
    return VisitEntry(
        visited_at=clock.now() - timedelta(minutes=50),
        second_visitor_id=colleague.pk,
        present_member_id=present.pk,
        signed=True,
        neighbours="走访邻居两户，反映情况与申报一致。",
        conclusion="住房简陋，家庭主要收入来源不稳定，情况属实。",
        findings={dimension: (choices[0], "与申报一致") for dimension, choices in VISIT_CHOICES.items()},
        self_care=wish.self_care(clock.today()),
    )


def photo(index: int) -> SimpleUploadedFile:
    """A small plain picture in place of a photograph."""
    content = BytesIO()
    Image.new("RGB", (320, 240), (200, 210 - index % 40, 220)).save(content, "JPEG")
    return SimpleUploadedFile("photo.jpg", content.getvalue(), content_type="image/jpeg")
