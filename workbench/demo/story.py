"""One demo case from 登记 to where its story ends, through the services, each step at its past instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from approvals.documents.service import make_document
from approvals.enums import DocumentKind
from approvals.services import move
from cases import services as cases
from cases.declarations import MemberLine
from cases.enums import AttachmentKind, Channel, Programme, Relation
from cases.models import Application
from cases.queries import linshi_request
from common import clock
from policy.deadlines import SHANGHAI
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.queries import running_notice
from publicity.services import handle_objection, record_objection
from workbench.demo import declared
from workbench.demo.delivery import deliver
from workbench.demo.hours import Clock
from workbench.demo.meetings import confer_where_due
from workbench.demo.programmes import Wish
from workbench.demo.staff import Town

# A refusal of so long ago was handed over; later ones still wait for it.
_LATELY = timedelta(days=60)


@dataclass(slots=True)
class Story:
    """Case number `index` in a township, starting on `start`, told until `ending` or until now."""

    index: int
    town: Town
    clock: Clock
    ending: str
    until: datetime
    programme: Programme = Programme.DIBAO
    family: tuple[MemberLine, ...] = ()

    @property
    def wish(self) -> Wish:
        """What the people of this case ask for."""
        urgent = self.ending == "urgent"
        return Wish(self.programme, self.index, self.town.township, urgent, self.family)

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
        said = declared.declaration(
            self.wish, village=village, channel=channel, refused=self.ending == "refused"
        )
        application = cases.register_application(declaration=said, actor=actor)
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
        self.clock.later(days=0 if self.ending == "urgent" else 1)
        yield application
        if self.ending == "accepted":
            return
        if self.ending == "urgent":
            self._move(application, "skip_check", self.town.handler, "房屋失火，情况紧急，先行救助。")
            self.clock.later(minutes=90)
            yield application
        else:
            yield from self._checked(application)
        if self.ending in {"checking", "reported"}:
            return
        yield from self._visited(application)

    def _checked(self, application: Application) -> Iterator[Application]:
        self._move(application, "entrust_check", self.town.reviewer)
        self.clock.later(days=3)
        yield application
        if self.ending == "checking":
            return
        found = declared.report(self.wish, application)
        cases.record_report(application=application, entry=found, source="hand", actor=self.town.handler)
        self._move(application, "record_report", self.town.handler)
        self.clock.later(days=1)
        yield application

    def _visited(self, application: Application) -> Iterator[Application]:
        cases.add_attachment(
            application=application,
            kind=AttachmentKind.VISIT_PHOTO,
            upload=declared.photo(self.index),
            actor=self.town.handler,
            title="住房外观",
        )
        seen = declared.visit(self.wish, application, colleague=self.town.colleague)
        cases.record_visit(application=application, entry=seen, actor=self.town.handler)
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
            yield from self._refused(application)
            return
        if self.ending == "urgent":
            yield from self._helped_at_once(application)
            return
        opinion = "经核对和入户调查，收入和财产符合规定，拟同意。"
        self._move(application, "agree", self.town.reviewer, opinion, **self._proposal(application))
        self.clock.later(days=2)
        yield application
        if self.ending in {"objected", "reopened"}:
            yield from self._objected(application)
            return
        yield from self._decided(application)

    def _refused(self, application: Application) -> Iterator[Application]:
        self._move(application, "disagree", self.town.reviewer, "人均月收入不低于低保标准，不符合条件。")
        self.clock.later(days=1)
        yield application
        confer_where_due(application, self.town, self.index)
        self._move(
            application,
            "refuse",
            self.town.approver,
            "经核对和入户调查，家庭人均月收入不低于当地低保标准，不符合最低生活保障条件；如生活确有困难，可申请临时救助。",
        )
        self.clock.later(days=1)
        yield application
        if self.until - clock.now() > _LATELY:
            document = make_document(
                application=application, kind=DocumentKind.REFUSAL_NOTICE, actor=self.town.handler
            )
            deliver(document, self.town)
            yield application

    def _helped_at_once(self, application: Application) -> Iterator[Application]:
        given = self._proposal(application)
        self._move(application, "agree_at_once", self.town.reviewer, "急难属实，拟先行救助。", **given)
        self.clock.later(minutes=60)
        yield application
        yield self._approved(application)

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
        yield self._approved(application)

    def _approved(self, application: Application) -> Application:
        confer_where_due(application, self.town, self.index)
        self._move(application, "approve", self.town.approver, "程序完备，符合条件，同意给予救助。")
        return application

    def _proposal(self, application: Application) -> dict:
        request = linshi_request(application)
        return self.wish.proposal(
            list(request.instalments.values_list("due_on", "amount")) if request else []
        )

    def _move(self, application: Application, transition: str, actor, opinion: str = "", **data) -> None:
        move(application_id=application.pk, transition=transition, actor=actor, opinion=opinion, **data)
        application.refresh_from_db()
