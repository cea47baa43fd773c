"""An office where benefits are in force and change: everything by the real services.

`Desk(office, clock).change_in(State.HEARING)` walks there; nothing here sets a state.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from io import BytesIO

import time_machine
from PIL import Image

from approvals.changing import services
from approvals.changing.declarations import ChangeEntry, EvidenceEntry
from approvals.changing.enums import ChangeKind, Reason
from approvals.changing.enums import ChangeState as State
from approvals.changing.guards import defence_deadline, ending_notice
from approvals.changing.models import BenefitChange, Defence, Evidence
from approvals.enums import DefenceForm, DefenceOutcome, DocumentKind, EvidenceKind
from approvals.hearing import DefenceEntry
from approvals.models import Document
from cases.enums import Programme
from common import clock as house_clock
from organisations.models import User
from payments.models import Benefit
from publicity.enums import ObjectionOutcome, ObjectionSource
from publicity.services import handle_objection, record_objection
from tests.approvals.builders import Office
from tests.approvals.test_programmes import decided
from tests.cases.builders import member_line
from tests.serving.builders import hand_over

WHY = "经核查属实，依规定办理。"
ONE_SECOND = dt.timedelta(seconds=1)


@cache
def _scan() -> bytes:
    content = BytesIO()
    Image.new("RGB", (8, 8), "white").save(content, "PNG")
    return content.getvalue()


def entry(**values) -> ChangeEntry:
    """A stop because of a flat that was found, unless told otherwise."""
    facts = {
        "kind": ChangeKind.STOP,
        "reason": Reason.PROPERTY,
        "facts": "该户名下新增住房一套，不再符合规定。",
        "screening": "已筛查，不符合低保、临时救助条件。",
    }
    return ChangeEntry(**facts | values)


def raised(amount: str = "725.00") -> ChangeEntry:
    """Wages fell; the amount is set by hand."""
    return entry(
        kind=ChangeKind.ADJUST, reason=Reason.INCOME_FELL, facts="务工收入减少。", monthly=Decimal(amount)
    )


def lowered(amount: str = "300.00") -> ChangeEntry:
    return entry(
        kind=ChangeKind.ADJUST, reason=Reason.INCOME_ROSE, facts="务工收入增加。", monthly=Decimal(amount)
    )


def death(on: dt.date, **values) -> ChangeEntry:
    facts = {"kind": ChangeKind.TERMINATE, "reason": Reason.DEATH, "died_on": on, "facts": "本人已死亡。"}
    return entry(**facts | values)


def voluntary() -> ChangeEntry:
    return entry(kind=ChangeKind.TERMINATE, reason=Reason.VOLUNTARY, facts="本人书面申请退出。")


@dataclass
class Desk:
    """The people of one township and the clock."""

    office: Office
    clock: time_machine.Coordinates

    def benefit(self, programme: Programme = Programme.DIBAO, **values) -> Benefit:
        """In force from 1 April 2026: 低保 of 675.00 yuan in 上虞, 特困 of 2,250.00."""
        start = house_clock.now()
        if programme == Programme.DIBIAN:
            values = {"members": (member_line(wage="1500.00"),), "wage": "1500.00"} | values
        application = decided(self.office, programme, self.clock, **values)
        self.clock.move_to(max(house_clock.now(), start))
        return Benefit.objects.get(application=application)

    def draft(
        self, what: ChangeEntry | None = None, *, benefit: Benefit | None = None, actor: User | None = None
    ) -> BenefitChange:
        return services.draft_change(
            benefit=benefit or self.benefit(), entry=what or entry(), actor=actor or self.office.handler
        )

    def find(self, change: BenefitChange, kind: str = EvidenceKind.VISIT, **values) -> Evidence:
        """Evidence of a kind, found today."""
        facts = {"kind": kind, "found_on": house_clock.today(), "finding": "入户核实，情况属实。"}
        if kind == EvidenceKind.VISIT:
            facts["second_visitor"] = "郑演示"
        if kind in {EvidenceKind.STATEMENT, EvidenceKind.PROOF}:
            facts["file"] = BytesIO(_scan())
        return services.add_evidence(
            change=change, entry=EvidenceEntry(**facts | values), actor=self.office.handler
        )

    def move(self, change: BenefitChange, name: str, role: str = "", opinion: str = WHY) -> BenefitChange:
        """By a person of the office, or by the system."""
        actor = getattr(self.office, role) if role else None
        moved = services.move_change(change_id=change.pk, transition=name, actor=actor, opinion=opinion)
        moved.refresh_from_db()
        return moved

    def paper(self, change: BenefitChange, kind: DocumentKind) -> Document:
        return Document.objects.get(application=change.application_id, kind=kind, matter=change.matter)

    def serve(
        self, change: BenefitChange, kind: DocumentKind, at: dt.datetime | None = None
    ) -> BenefitChange:
        """Handler and reviewer bring the paper, the person signs; the rest follows by itself."""
        if at is not None:
            self.clock.move_to(at)
        hand_over(self.paper(change, kind), self.office)
        change.refresh_from_db()
        return change

    def say(self, change: BenefitChange, content: str = "住房系父母所有。") -> Defence:
        """Somebody of the household speaks up."""
        said = DefenceEntry(DefenceForm.ORAL, "林小花", content, house_clock.now())
        return services.record_defence(change=change, entry=said, actor=self.office.handler)

    def answer(self, defence: Defence, outcome: DefenceOutcome = DefenceOutcome.REJECTED) -> Defence:
        return services.answer_defence(
            defence=defence, outcome=outcome, answer="经复核，登记在其名下。", actor=self.office.reviewer
        )

    def wait_for_defence(self, change: BenefitChange) -> None:
        self.clock.move_to(defence_deadline(change).due_at + ONE_SECOND)

    def wait_for_notice(self, change: BenefitChange) -> None:
        self.clock.move_to(ending_notice(change).ends_at + ONE_SECOND)

    def object(self, change: BenefitChange, outcome: ObjectionOutcome | None = None):
        """A neighbour objects to the end; with `outcome` the reviewer has said what comes of it."""
        objection = record_objection(
            notice=ending_notice(change),
            source=ObjectionSource.TOWNSHIP,
            content="此人确无收入来源。",
            actor=self.office.handler,
            at=house_clock.now(),
        )
        if outcome is not None:
            handle_objection(
                objection=objection, outcome=outcome, handling="须核实。", actor=self.office.reviewer
            )
        return objection

    def change_in(
        self, state: State, what: ChangeEntry | None = None, *, benefit: Benefit | None = None
    ) -> BenefitChange:
        """A change that the real services brought into the state; PUBLISHED and on only for 特困."""
        if state == State.DRAFT:
            return self.draft(what, benefit=benefit)
        change = self.change_in(_BEFORE[state], what, benefit=benefit or self._fit(state))
        return self._on_to(change, state)

    def _fit(self, state: State) -> Benefit:
        tekun = state in {State.PUBLISHED, State.INVESTIGATING}
        return self.benefit(Programme.TEKUN if tekun else Programme.DIBAO)

    def _on_to(self, change: BenefitChange, state: State) -> BenefitChange:
        if state == State.PROPOSED:
            kinds = {Reason.DEATH: EvidenceKind.PROOF, Reason.VOLUNTARY: EvidenceKind.STATEMENT}
            self.find(change, kinds.get(change.reason, EvidenceKind.VISIT))
            return self.move(change, "propose", "handler", "")
        if state == State.HEARING:
            return self.serve(change, DocumentKind.CHANGE_PRIOR_NOTICE)
        if state == State.DECIDING:
            self.wait_for_defence(change)
        if state == State.PUBLISHED:
            self.serve(change, DocumentKind.CHANGE_DECISION)
        if state == State.IN_EFFECT:
            return self.serve(change, DocumentKind.CHANGE_DECISION)
        if state == State.INVESTIGATING:
            self.object(change, ObjectionOutcome.REINVESTIGATE)
        if state == State.DROPPED:
            self.answer(self.say(change), DefenceOutcome.ACCEPTED)
        name, role = _MOVES[state]
        return self.move(change, name, role)


_BEFORE = {
    State.PROPOSED: State.DRAFT,
    State.REVIEWED: State.PROPOSED,
    State.AGREED: State.REVIEWED,
    State.NOTICED: State.AGREED,
    State.HEARING: State.NOTICED,
    State.DECIDING: State.HEARING,
    State.DECIDED: State.DECIDING,
    State.PUBLISHED: State.DECIDED,
    State.INVESTIGATING: State.PUBLISHED,
    State.IN_EFFECT: State.DECIDED,
    State.DROPPED: State.HEARING,
    State.WITHDRAWN: State.PROPOSED,
}
_MOVES = {
    State.REVIEWED: ("review", "reviewer"),
    State.AGREED: ("agree", "approver"),
    State.NOTICED: ("give_notice", "handler"),
    State.DECIDING: ("close_hearing", ""),
    State.DECIDED: ("decide", "approver"),
    State.PUBLISHED: ("publish", "handler"),
    State.INVESTIGATING: ("investigate", "reviewer"),
    State.DROPPED: ("drop", "approver"),
    State.WITHDRAWN: ("withdraw", "handler"),
}
