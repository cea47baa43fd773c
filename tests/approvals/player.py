"""Somebody who does what a random life tells to one application at a time, as far as the office lets it."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from approvals.settling import services as settling
from approvals.settling.declarations import Award, Referral
from approvals.settling.enums import Circumstance
from approvals.settling.models import Filing
from approvals.settling.records import bodies_of, book_of, settlement_of
from approvals.settling.tasks import lapse_settlements
from approvals.tasks import close_expired_notices, mark_deadlines
from approvals.workflow import TRANSITIONS
from cases import services as cases
from cases.enums import FINAL_STATES, Exclusion, Programme, Relation
from cases.enums import ApplicationState as State
from cases.queries import care_agreement, current_visit
from common import clock as house_clock
from common.errors import Refused
from organisations.models import User
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.models import Objection
from publicity.queries import running_notice
from publicity.services import handle_objection, record_objection
from tests.approvals.builders import REASON, collect, draft, record_report, record_visit
from tests.approvals.builders import move as make_move
from tests.approvals.test_programmes import old_person, self_care
from tests.cases.builders import care_entry, linshi_entry, member_line
from tests.machines import done
from tests.settling.builders import (
    Settling,
    acknowledged,
    appraise,
    everybody,
    meeting,
    told,
)

ROLES = ("helper", "handler", "reviewer", "approver", "county", "")


class Player:
    """Does what it is told to one application at a time, as far as the office lets it."""

    def __init__(self, place: Settling, county: User, clock, random) -> None:
        self.place, self.office, self.clock, self.random = place, place.office, clock, random
        # In 鹿城 the county decides, but for 一事一议.
        self.people = {role: getattr(self.office, role, None) for role in ROLES} | {"county": county}
        self.register()

    def register(self) -> None:
        """Of any programme; half of the households are too well off, and such as 一事一议 is for."""
        self.programme = self.random.choice(list(Programme))
        self.wage = self.random.choice(["500.00", "3000.00"])
        values, members = {}, [member_line(wage=self.wage, disability_kind="physical", disability_grade=1)]
        if self.place.circumstance == Circumstance.LEFT and self.random.random() < 0.5:
            members.append(member_line("林大山", relation=Relation.SPOUSE, excluded=Exclusion.LEFT_3Y))
        if self.programme == Programme.TEKUN:
            self.wage, members = "0.00", [old_person()]
        if self.programme == Programme.LINSHI and self.random.random() < 0.5:
            values["linshi"] = linshi_entry(kind="emergency", cause="accident")
        self.application = draft(self.office, *members, programme=self.programme, **values)

    def act(self, name: str, *arguments) -> bool:
        self.application.refresh_from_db()
        return done(lambda: getattr(self, name)(*arguments))

    # ---- moves

    def move(self, name: str, role: str | None = None) -> None:
        if role is None:
            posts = TRANSITIONS[name].posts
            role = posts[0].value if name != "close_notice" and posts else ""
        make_move(
            application_id=self.application.pk,
            transition=name,
            actor=self.people[role],
            opinion="" if name in {"submit", "accept"} else REASON,
            **self.data(name),
        )

    def data(self, name: str) -> dict:
        """What the move asks besides an opinion."""
        if name == "refer":
            return {"referral": Referral(self.place.circumstance, self.place.facts)}
        if name == "settle_against":
            return {"meeting": meeting()}
        once = self.programme == Programme.LINSHI
        if name in {"settle", "settle_at_once"}:
            given = {"amount" if once else "monthly": Decimal("300.00")}
            if self.programme == Programme.DIBIAN:
                given = {}
            return {"meeting": meeting(), "award": Award(covered=everybody(self.application), **given)}
        return {"amount": Decimal("3000.00")} if once and name.startswith("agree") else {}

    def onward(self, n: int) -> None:
        """What comes next, with the work that it asks for; sometimes another way."""
        state = State(self.application.state)
        if state in FINAL_STATES:
            return self.register()
        return getattr(self, f"from_{state.value}", self.from_draft)(n)

    def from_draft(self, n: int) -> None:
        self.move("submit", "helper" if n == 0 else "handler")

    def from_submitted(self, n: int) -> None:
        if n == 0:
            return self.move("request_materials")
        self.papers()
        return self.move("accept")

    def from_awaiting_materials(self, n: int) -> None:
        self.papers()
        self.move("accept")

    def from_accepted(self, n: int) -> None:
        self.move("entrust_check")

    def from_checking(self, n: int) -> None:
        self.report()
        self.move("record_report")

    def from_visiting(self, n: int) -> None:
        visit = current_visit(self.application)
        if visit is None or not visit.completed_at:
            self.visit()
        self.move("refer" if n > 5 else "finish_visit")

    def from_reviewing(self, n: int) -> None:
        for name in ("refer", "agree", "agree_at_once", "disagree"):
            if n != 0 and done(lambda name=name: self.move(name)):
                return
        self.move("send_back" if n == 0 else "disagree")

    def from_settling(self, n: int) -> None:
        self.appraise(3 if n == 0 else 11)
        for name in ("settle", "settle_at_once"):
            if done(lambda name=name: self.move(name)):
                return
        self.move("settle_against")

    def from_published(self, n: int) -> None:
        if n == 0:
            self.object(ObjectionOutcome.REINVESTIGATE)
            return self.move("reopen")
        self.answer(ObjectionOutcome.NOT_ABOUT_CASE)
        self.wait(24 * 10)
        return self.night()

    def from_deciding(self, n: int) -> None:
        if self.programme == Programme.TEKUN and not care_agreement(self.application):
            cases.record_care_agreement(
                application=self.application, entry=care_entry(), actor=self.office.handler
            )
        done(self.file)
        for name in {0: ["refuse"], 1: ["return_to_visit"]}.get(n, ["approve", "refuse"]):
            for role in ("approver", "county"):
                if done(lambda name=name, role=role: self.move(name, role)):
                    return
        raise Refused("不能决定。")

    # ---- what people do besides

    def papers(self) -> None:
        collect(self.application, self.office)

    def report(self) -> None:
        record_report(self.application, self.office, wage=self.wage)

    def visit(self) -> None:
        extra = {"self_care": self_care(0)} if self.programme == Programme.TEKUN else {}
        record_visit(self.application, self.office, **extra)

    def object(self, outcome: ObjectionOutcome | None) -> None:
        """With an outcome the reviewer has said what comes of it."""
        notice = running_notice(self.application)
        if notice is None:
            raise Refused("没有公示。")
        objection = record_objection(
            notice=notice,
            source=ObjectionSource.TOWNSHIP,
            content="家里有两辆车。",
            actor=self.office.handler,
            at=house_clock.now(),
        )
        if outcome is not None:
            self.settle_objection(objection, outcome)

    def settle_objection(self, objection: Objection, outcome: ObjectionOutcome) -> None:
        handle_objection(
            objection=objection, outcome=outcome, handling="已查看。", actor=self.office.reviewer
        )

    def answer(self, outcome: ObjectionOutcome) -> None:
        for objection in Objection.objects.filter(notice=running_notice(self.application), outcome=""):
            self.settle_objection(objection, outcome)

    def settlement(self):
        found = settlement_of(self.application)
        if found is None:
            raise Refused("没有一事一议。")
        return found

    def appraise(self, n_for: int) -> None:
        appraise(self.place, self.settlement(), n_for=n_for, n_against=11 - n_for)

    def file(self) -> None:
        settlement = self.settlement()
        for body in bodies_of(book_of(self.application)):
            if not Filing.objects.filter(settlement=settlement, body=body).exists():
                acknowledged(self.place, settlement, body)

    def tell(self) -> None:
        settling.feed_back(settlement=self.settlement(), told=told(), actor=self.office.handler)

    def wait(self, hours: int) -> None:
        self.clock.shift(dt.timedelta(hours=hours))

    def night(self) -> None:
        close_expired_notices()
        mark_deadlines()
        lapse_settlements()
