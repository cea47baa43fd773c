"""An office where benefits were paid and are claimed back: everything by the real services.

`Desk(office, clock).recovery_in(State.HEARING)` walks there; nothing here sets a state.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO
from itertools import count

from django.utils import timezone

from approvals.enums import DefenceForm, DefenceOutcome, DocumentKind, EvidenceKind
from approvals.hearing import DefenceEntry
from approvals.models import Document
from approvals.recovering import services
from approvals.recovering.declarations import RecoveryEntry
from approvals.recovering.enums import Ground, Way
from approvals.recovering.enums import RecoveryState as State
from approvals.recovering.guards import defence_deadline
from approvals.recovering.models import Defence, Plan, Recovery
from common import clock as house_clock
from organisations.enums import Post
from organisations.models import User
from payments import services as payments
from payments.demo_bank import answer_to
from payments.enums import RepaymentWay, WaiverGround
from payments.models import BankFile, Batch, Benefit, Grant, Repayment, Waiver
from payments.queries import paid_lines
from tests.cases.builders import person_with
from tests.changing.builders import ONE_SECOND, WHY
from tests.changing.builders import Desk as ChangingDesk
from tests.payments.builders import benefit as lean_benefit
from tests.payments.builders import granted
from tests.serving.builders import hand_over

KEEPS = Decimal("475.00")
_numbers = count(1)


def entry(**values) -> RecoveryEntry:
    """Wages that were kept back, found by a visit; `months` must be told."""
    facts = {
        "ground": Ground.CONCEALED,
        "facts": "隐瞒务工收入每月 200 元。",
        "evidence": EvidenceKind.VISIT,
        "found_on": house_clock.today(),
        "debtor": "林小花",
        "way": Way.AT_ONCE,
    }
    return RecoveryEntry(**facts | values)


@dataclass
class Desk(ChangingDesk):
    """The people of one township, the district that pays, and the clock."""

    _payers: tuple[User, User] | None = None

    @property
    def payers(self) -> tuple[User, User]:
        """The district's payments clerk and its finance."""
        if self._payers is None:
            county = self.office.township.parent
            posts = (Post.DISTRICT_PAYMENTS, Post.DISTRICT_FINANCE)
            self._payers = tuple(person_with(post, county) for post in posts)
        return self._payers

    def benefit(self, monthly: str = "675.00", **values) -> Benefit:
        """In force from April 2026, with as few rows as money and papers need."""
        return lean_benefit(self.office.village, monthly, starts_on=dt.date(2026, 4, 1), **values)

    def granted(self, n: int, **values) -> list[Grant]:
        """So many grants of 900.00 yuan that the township has paid."""
        place, clerk = self.office.township, person_with(Post.TOWN_PAYMENTS, self.office.township)
        yesterday = house_clock.now() - dt.timedelta(days=1)
        facts = {"decided_at": yesterday} | values
        made = [
            granted(self.office.village, "900.00", number=f"ZJ-2026-{next(_numbers):06d}", **facts)
            for _ in range(n)
        ]
        parts = [grant.instalments.get().pk for grant in made]
        batch = payments.prepare_payout(instalments=parts, actor=clerk)
        batch = payments.check_batch(batch=batch, actor=person_with(Post.APPROVER, place))
        batch = payments.seal_batch(batch=batch, actor=clerk, reason="演示")
        self._answered(payments.make_bank_files(batch=batch, actor=clerk), clerk)
        return made

    def _answered(self, files: list[BankFile], clerk: User) -> None:
        """The day after, the bank has paid every line."""
        for file in files:
            self.clock.move_to(house_clock.now() + dt.timedelta(days=1))
            answer = BytesIO(answer_to(file, paid_on=house_clock.today()))
            payments.import_answer(bank_file=file, upload=answer, actor=clerk)

    def waived(self, recovery: Recovery, reason: str, amount: str = "100.00") -> Waiver:
        """Asked for out of hardship by the handler."""
        return services.ask_waiver(
            recovery=recovery,
            ground=WaiverGround.HARDSHIP,
            amount=Decimal(amount),
            reason=reason,
            actor=self.office.handler,
        )

    def planned(self, recovery: Recovery, reason: str, n_parts: int = 3) -> Plan:
        """Other dates from in a month on, asked for by the handler."""
        return services.ask_plan(
            recovery=recovery,
            n_parts=n_parts,
            first_due_on=house_clock.add_months(house_clock.today(), 1),
            reason=reason,
            actor=self.office.handler,
        )

    def listed(self, benefit: Benefit, month: int) -> Batch:
        """The district's list of a month of 2026, prepared on its first day or now, if that is later."""
        first = dt.date(2026, month, 1)
        morning = timezone.make_aware(dt.datetime.combine(first, dt.time(9)))
        self.clock.move_to(max(house_clock.now(), morning))
        return payments.prepare_month(
            area=benefit.county, programme=benefit.programme, month=first, actor=self.payers[0]
        )

    def sealed(self, benefit: Benefit, month: int) -> Batch:
        clerk, finance = self.payers
        batch = payments.check_batch(batch=self.listed(benefit, month), actor=finance)
        return payments.seal_batch(batch=batch, actor=clerk, reason="演示")

    def paid(self, benefit: Benefit, *months: int) -> Benefit:
        """The bank has paid these months of 2026, each the day after it was sealed."""
        for month in months:
            batch = self.sealed(benefit, month)
            self._answered(payments.make_bank_files(batch=batch, actor=self.payers[0]), self.payers[0])
        return benefit

    def household(self, *months: int) -> Benefit:
        """675.00 yuan a month from April 2026, paid for the months (April unless told)."""
        return self.paid(self.benefit(), *(months or (4,)))

    def months(self, benefit: Benefit | Grant, keeps: Decimal = KEEPS) -> tuple[tuple[str, Decimal], ...]:
        """Every month that can be claimed, with what the household may keep of it."""
        return tuple((line.key, keeps) for line in paid_lines(benefit.application))

    def drafted(self, benefit: Benefit | Grant | None = None, **values) -> Recovery:
        """200.00 yuan of April, unless told otherwise."""
        benefit = benefit or self.household()
        values = {"months": self.months(benefit)} | values
        return services.draft_recovery(
            application=benefit.application, entry=entry(**values), actor=self.office.handler
        )

    def go(self, recovery: Recovery, name: str, role: str = "", opinion: str = WHY) -> Recovery:
        """By a person of the office, or by the system."""
        actor = getattr(self.office, role) if role else None
        moved = services.move_recovery(recovery_id=recovery.pk, transition=name, actor=actor, opinion=opinion)
        return Recovery.objects.with_all().get(pk=moved.pk)

    def letter(self, recovery: Recovery, kind: DocumentKind) -> Document:
        return Document.objects.get(application=recovery.application_id, kind=kind, matter=recovery.matter)

    def bring(self, recovery: Recovery, kind: DocumentKind) -> Recovery:
        """Handler and reviewer bring the paper, the person signs; the rest follows by itself."""
        hand_over(self.letter(recovery, kind), self.office)
        return Recovery.objects.with_all().get(pk=recovery.pk)

    def heard(self, recovery: Recovery, outcome: DefenceOutcome | None = None) -> Defence:
        """Somebody speaks up; with `outcome` the reviewer has answered."""
        said = DefenceEntry(DefenceForm.ORAL, "林小花", "工资已用于治病。", house_clock.now())
        defence = services.record_defence(recovery=recovery, entry=said, actor=self.office.handler)
        if outcome is None:
            return defence
        return services.answer_defence(
            defence=defence, outcome=outcome, answer="经复核，票据属实。", actor=self.office.reviewer
        )

    def over(self, recovery: Recovery) -> None:
        """The period for statement and defence runs out."""
        self.clock.move_to(defence_deadline(recovery).due_at + ONE_SECOND)

    def back(self, recovery: Recovery, amount: str, receipt: str, **values) -> Repayment:
        """The family pays in; the district's clerk enters it."""
        facts = {"way": RepaymentWay.FAMILY, "received_on": house_clock.today()}
        return services.take_money(
            recovery=recovery,
            amount=Decimal(amount),
            receipt=receipt,
            actor=self.payers[0],
            **facts | values,
        )

    def recovery_in(self, state: State, benefit: Benefit | Grant | None = None, **values) -> Recovery:
        """A recovery that the real services brought into the state."""
        if state == State.DRAFT:
            return self.drafted(benefit, **values)
        return self.on_to(self.recovery_in(_BEFORE[state], benefit, **values), state)

    def on_to(self, recovery: Recovery, state: State) -> Recovery:
        """One state further."""
        if state == State.HEARING:
            return self.bring(recovery, DocumentKind.RECOVERY_NOTICE)
        if state == State.REPAYING:
            return self.bring(recovery, DocumentKind.RECOVERY_DECISION)
        if state == State.SETTLED:
            self.back(recovery, str(recovery.debt.open), f"PJ-{recovery.pk}")
            return Recovery.objects.with_all().get(pk=recovery.pk)
        if state == State.DECIDING:
            self.over(recovery)
        name, role = _MOVES[state]
        return self.go(recovery, name, role)


_BEFORE = {
    State.PROPOSED: State.DRAFT,
    State.NOTICED: State.PROPOSED,
    State.HEARING: State.NOTICED,
    State.DECIDING: State.HEARING,
    State.DECIDED: State.DECIDING,
    State.REPAYING: State.DECIDED,
    State.SETTLED: State.REPAYING,
    State.DROPPED: State.HEARING,
    State.WITHDRAWN: State.PROPOSED,
}
_MOVES = {
    State.PROPOSED: ("propose", "handler"),
    State.NOTICED: ("give_notice", "approver"),
    State.DECIDING: ("close_hearing", ""),
    State.DECIDED: ("decide", "approver"),
    State.DROPPED: ("drop", "approver"),
    State.WITHDRAWN: ("withdraw", "handler"),
}
