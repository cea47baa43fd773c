"""One demo case from 登记 to where its story ends, through the services, each step at its past instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from approvals.services import move
from cases import services as cases
from cases.declarations import Declaration, IncomeLine, MemberLine, ReportEntry, VisitEntry
from cases.enums import (
    VISIT_CHOICES,
    AttachmentKind,
    Cause,
    Channel,
    ExemptKind,
    IncomeKind,
    Programme,
    Relation,
)
from cases.models import Application
from cases.queries import linshi_request
from common import clock
from organisations.models import Area
from policy.deadlines import SHANGHAI
from policy.working_days import Calendar
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.queries import running_notice
from publicity.services import handle_objection, record_objection
from workbench.demo.people import someone
from workbench.demo.programmes import Wish
from workbench.demo.staff import Town


@dataclass(slots=True)
class Clock:
    """Walks forward through office hours: each step on a later working day or later the same day."""

    calendar: Calendar
    moment: datetime

    def later(self, *, days: int = 0, minutes: int = 35) -> datetime:
        day = self.moment.date()
        for _ in range(days):
            day = self.calendar.working_day_on_or_after(day + timedelta(days=1))
        moment = datetime.combine(day, self.moment.time(), SHANGHAI) + timedelta(minutes=minutes)
        if moment.time() > time(16, 40):
            day = self.calendar.working_day_on_or_after(day + timedelta(days=1))
            moment = datetime.combine(day, time(9, 5), SHANGHAI)
        self.moment = moment
        return moment


@dataclass(slots=True)
class Story:
    """Case number `index` in a township, starting on `start`, told until `ending` or until now."""

    index: int
    town: Town
    clock: Clock
    ending: str
    until: datetime
    programme: Programme = Programme.DIBAO

    @property
    def wish(self) -> Wish:
        """What the people of this case ask for."""
        return Wish(self.programme, self.index, self.town.township)

    def tell(self) -> Application:
        """Make the case; the steps that would lie in the future are left untold."""
        steps = self._steps()
        application: Application | None = None
        moment = self.clock.moment
        while moment < self.until:
            with clock.pretend(moment):
                try:
                    application = next(steps)
                except StopIteration:
                    break
            moment = self.clock.moment
        return application

    def _steps(self) -> Iterator[Application]:
        """Each `yield` ends a step; `self.clock.moment` is then the instant of the next."""
        application = yield from self._registered()
        if self.ending in {"draft", "submitted", "village"}:
            return
        if self.ending == "told":
            self._move(application, "request_materials", self.town.handler)
            yield application
            return
        yield from self._investigated(application)
        if self.ending in {"accepted", "checking", "reported", "visited"}:
            return
        if self.ending == "withdrawn":
            self._move(application, "withdraw", self.town.handler, "申请人已就业，自愿撤回申请，附书面说明。")
            yield application
            return
        yield from self._reviewed(application)

    def _registered(self) -> Iterator[Application]:
        village = self.town.villages[self.index % len(self.town.villages)]
        helped = self.ending == "village" or (self.index % 9 == 0 and village == self.town.helper_village)
        if helped:
            village = self.town.helper_village
        actor = self.town.helper if helped else self.town.handler
        channel = Channel.VILLAGE if helped else (Channel.ONLINE if self.index % 5 == 0 else Channel.WINDOW)
        application = cases.register_application(declaration=self._declaration(village, channel), actor=actor)
        self.clock.later(minutes=20)
        yield application
        if self.ending == "draft":
            return application
        self._move(application, "submit", actor)
        if self.ending not in {"submitted", "village", "told"}:
            self._papers(application)
        self.clock.later(days=helped, minutes=25)
        yield application
        return application

    def _papers(self, application: Application) -> None:
        today = clock.today()
        for material in application.materials.all():
            cases.receive_material(material=material, received_on=today, actor=self.town.handler)
        adult = next(
            m for m in application.household.members.select_related("person") if m.relation == Relation.SELF
        )
        for member in application.household.members.select_related("person"):
            minor = member.relation == Relation.MINOR_CHILD
            cases.sign_authorisation(
                member=member,
                signed_on=today,
                actor=self.town.handler,
                guardian=adult.person.name if minor else "",
            )

    def _investigated(self, application: Application) -> Iterator[Application]:
        self._move(application, "accept", self.town.handler)
        self.clock.later(days=1)
        yield application
        if self.ending == "accepted":
            return
        self._move(application, "entrust_check", self.town.reviewer)
        self.clock.later(days=3)
        yield application
        if self.ending == "checking":
            return
        cases.record_report(
            application=application, entry=self._report(application), source="hand", actor=self.town.handler
        )
        self._move(application, "record_report", self.town.handler)
        self.clock.later(days=1)
        yield application
        if self.ending == "reported":
            return
        yield from self._visited(application)

    def _visited(self, application: Application) -> Iterator[Application]:
        cases.add_attachment(
            application=application,
            kind=AttachmentKind.VISIT_PHOTO,
            upload=_photo(self.index),
            actor=self.town.handler,
            title="住房外观",
        )
        cases.record_visit(application=application, entry=self._visit(application), actor=self.town.handler)
        cases.complete_visit(application=application, actor=self.town.handler)
        if self.programme == Programme.TEKUN:
            cases.record_care_agreement(
                application=application, entry=self.wish.agreement(clock.today()), actor=self.town.handler
            )
        self.clock.later(minutes=50)
        yield application
        if self.ending == "visited":
            return
        self._move(application, "finish_visit", self.town.handler)
        self.clock.later(days=1)
        yield application

    def _reviewed(self, application: Application) -> Iterator[Application]:
        if self.ending == "reviewing":
            return
        if self.ending == "refused":
            self._move(application, "disagree", self.town.reviewer, "人均月收入不低于低保标准，不符合条件。")
            self.clock.later(days=1)
            yield application
            self._move(
                application,
                "refuse",
                self.town.approver,
                "经核对和入户调查，家庭人均月收入不低于当地低保标准，不符合最低生活保障条件；如生活确有困难，可申请临时救助。",
            )
            yield application
            return
        opinion = "经核对和入户调查，收入和财产符合规定，拟同意。"
        self._move(application, "agree", self.town.reviewer, opinion, **self._proposal(application))
        self.clock.later(days=2)
        yield application
        if self.ending in {"objected", "reopened"}:
            yield from self._objected(application)
            return
        yield from self._decided(application)

    def _objected(self, application: Application) -> Iterator[Application]:
        objection = record_objection(
            notice=running_notice(application),
            source=ObjectionSource.TOWNSHIP,
            content="听说这户的儿子在外面做生意，请再核实一下收入。",
            actor=self.town.handler,
            at=clock.now(),
        )
        self.clock.later(days=1)
        yield application
        if self.ending == "objected":
            return
        handle_objection(
            objection=objection,
            outcome=ObjectionOutcome.REINVESTIGATE,
            handling="反映情况具体，重新入户调查。",
            actor=self.town.reviewer,
        )
        self._move(application, "reopen", self.town.reviewer, "公示期内有异议，重新组织调查。")
        yield application

    def _decided(self, application: Application) -> Iterator[Application]:
        notice = running_notice(application)
        first_morning = notice.ends_at.astimezone(SHANGHAI) + timedelta(hours=9, minutes=20)
        self.clock.moment = first_morning
        yield application
        if self.ending == "published":
            return
        self._move(application, "close_notice", None)
        self.clock.later(days=1)
        yield application
        if self.ending == "deciding":
            return
        self._move(application, "approve", self.town.approver, "程序完备，符合条件，同意给予救助。")
        yield application

    def _proposal(self, application: Application) -> dict:
        request = linshi_request(application)
        return self.wish.proposal(
            list(request.instalments.values_list("due_on", "amount")) if request else []
        )

    def _move(self, application: Application, transition: str, actor, opinion: str = "", **data) -> None:
        move(application_id=application.pk, transition=transition, actor=actor, opinion=opinion, **data)
        application.refresh_from_db()

    def _declaration(self, village: Area, channel: Channel) -> Declaration:
        members = self.wish.members(clock.today()) or self._members()
        # 低边 is a status without money: nothing is paid to anybody.
        payee = (
            {}
            if self.programme == Programme.DIBIAN
            else {
                "payee_name": members[0].name,
                "payee_bank": "演示银行",
                "payee_account": someone(self.index * 101 + 7).account,
            }
        )
        return Declaration(
            programme=self.programme,
            channel=channel,
            village=village,
            received_on=clock.today(),
            members=members,
            address=f"{village.name} {self.index % 180 + 1} 号",
            cause=list(Cause.values)[self.index % 5],
            statement="家庭成员患病，劳动力不足，收入难以维持基本生活，申请救助。",
            deposits=Decimal(self.index * 37 % 9000),
            rigid_expenditure_monthly=Decimal(120 if self.index % 4 == 0 else 0),
            rigid_expenditure_note="慢性病自付药费" if self.index % 4 == 0 else "",
            **payee,
            **self.wish.asked(clock.today()),
        )

    def _members(self) -> tuple[MemberLine, ...]:
        head, spouse = someone(self.index * 101 + 7), someone(self.index * 101 + 23)
        wage = Decimal(9000 if self.ending == "refused" else 150 + self.index * 71 % 440)
        members = [
            MemberLine(
                name=head.name,
                id_number=head.id_number,
                relation=Relation.SELF,
                phone=head.phone,
                severe_illness=self.index % 6 == 0,
                income=(IncomeLine(IncomeKind.WAGE, wage),),
            )
        ]
        if self.index % 3:
            members.append(
                MemberLine(
                    name=spouse.name,
                    id_number=spouse.id_number,
                    relation=Relation.SPOUSE,
                    disability_kind="physical" if self.index % 5 == 0 else "",
                    disability_grade=2 if self.index % 5 == 0 else None,
                    income=(IncomeLine(IncomeKind.OTHER, Decimal(200), ExemptKind.ASSISTANCE),),
                )
            )
        if self.index % 3 == 2:
            child = someone(
                self.index * 101 + 51, born=date(2014, 1, 1) + timedelta(days=self.index * 11 % 2500)
            )
            members.append(
                MemberLine(name=child.name, id_number=child.id_number, relation=Relation.MINOR_CHILD)
            )
        return tuple(members)

    def _report(self, application: Application) -> ReportEntry:
        today = clock.today()
        applicant = application.household.members.prefetch_related("income").get(relation=Relation.SELF)
        return ReportEntry(
            income={applicant.pk: tuple(IncomeLine(i.kind, i.monthly) for i in applicant.income.all())},
            number=f"HD{application.number.replace('-', '')}",
            issued_on=today,
            data_as_of=today - timedelta(days=3),
            conclusion="收入、财产信息与申报基本一致。",
            deposits=Decimal(self.index * 41 % 9500),
            houses=1,
        )

    def _visit(self, application: Application) -> VisitEntry:
        present = application.household.members.get(relation=Relation.SELF)
        return VisitEntry(
            visited_at=clock.now() - timedelta(minutes=50),
            second_visitor_id=self.town.colleague.pk,
            present_member_id=present.pk,
            signed=True,
            neighbours="走访邻居两户，反映情况与申报一致。",
            conclusion="住房简陋，家庭主要收入来源不稳定，情况属实。",
            findings={dimension: (choices[0], "与申报一致") for dimension, choices in VISIT_CHOICES.items()},
            self_care=self.wish.self_care(clock.today()),
        )


def _photo(index: int) -> SimpleUploadedFile:
    """A small plain picture in place of a photograph."""
    content = BytesIO()
    Image.new("RGB", (320, 240), (200, 210 - index % 40, 220)).save(content, "JPEG")
    return SimpleUploadedFile("photo.jpg", content.getvalue(), content_type="image/jpeg")
