"""What the demo's people ask for beside 低保: 低边, 特困 with care, 临时救助, some of it in instalments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from cases.declarations import (
    CareEntry,
    IncomeLine,
    LinshiEntry,
    MemberLine,
    SelfCareEntry,
    TekunEntry,
)
from cases.enums import (
    SELF_CARE_INDICATORS,
    CarerKind,
    IncomeKind,
    LinshiCause,
    LinshiKind,
    Placement,
    Programme,
    Relation,
    Supporter,
)
from organisations.models import Area
from policy.rules import RuleBook
from workbench.demo.people import someone

REQUESTED = Decimal("1500.00")
# From how many failed indicators on the demo's people live in an institution.
_NEEDS_INSTITUTION = 4
# How far above the 低保 standard a 低边 household of the demo earns.
_ABOVE_STANDARD = Decimal("1.2")


@dataclass(frozen=True, slots=True)
class Wish:
    """Case number `index` of a programme in a township: who applies, and what is asked for.

    `urgent`: 临时救助 of the 急难 kind, which goes without check and notice (DT-3.2). `family`: whose case it
    is, where the story needs particular people.
    """

    programme: Programme
    index: int
    township: Area
    urgent: bool = False
    family: tuple[MemberLine, ...] = ()

    def members(self, on: date) -> tuple[MemberLine, ...] | None:
        """The household; None for that of any 低保 case."""
        if self.family:
            return self.family
        if self.programme == Programme.DIBIAN:
            return self._working_couple(on)
        if self.programme == Programme.TEKUN:
            return (self._elder(),)
        return None

    def asked(self, on: date) -> dict:
        """The programme's own blocks of the declaration."""
        if self.programme == Programme.TEKUN:
            return {"tekun": TekunEntry(True, True, Supporter.NONE, "", self.placement)}
        if self.programme == Programme.LINSHI:
            return {"linshi": self._request(on)}
        return {}

    def proposal(self, plan: list[tuple[date, Decimal]]) -> dict:
        """What the reviewer proposes beside the opinion: of 临时救助 the amount asked for, by its plan."""
        return {"amount": REQUESTED, "plan": plan} if self.programme == Programme.LINSHI else {}

    @property
    def failed(self) -> int:
        """How many of the six self-care indicators the person fails."""
        return self.index % (len(SELF_CARE_INDICATORS) + 1)

    @property
    def placement(self) -> Placement:
        return Placement.INSTITUTION if self.failed >= _NEEDS_INSTITUTION else Placement.HOME

    def self_care(self, on: date) -> SelfCareEntry | None:
        """The assessment at the home visit (DT-2.2); of 特困 only."""
        if self.programme != Programme.TEKUN:
            return None
        answers = {name: n >= self.failed for n, name in enumerate(SELF_CARE_INDICATORS)}
        return SelfCareEntry(answers, on, "经办人员和村医")

    def agreement(self, on: date) -> CareEntry:
        """The service agreement: an institution, or a neighbour who cares at home (DT-7.1, DT-7.2)."""
        carer = someone(self.index * 101 + 79)
        home = self.placement == Placement.HOME
        return CareEntry(
            kind=CarerKind.CARER if home else CarerKind.INSTITUTION,
            name=carer.name if home else "演示敬老院",
            payee_name=carer.name if home else "演示敬老院",
            payee_bank="演示银行",
            payee_account=carer.account,
            signed_on=on,
            signed_by_person=True,
        )

    def _working_couple(self, on: date) -> tuple[MemberLine, ...]:
        standard = RuleBook(self.township, on).decimal("standard.dibao")
        wage = (standard * 2 * _ABOVE_STANDARD).quantize(Decimal("0.01"))
        head, spouse = someone(self.index * 101 + 7), someone(self.index * 101 + 23)
        return (
            MemberLine(
                name=head.name,
                id_number=head.id_number,
                relation=Relation.SELF,
                phone=head.phone,
                income=(IncomeLine(IncomeKind.WAGE, wage),),
            ),
            MemberLine(name=spouse.name, id_number=spouse.id_number, relation=Relation.SPOUSE),
        )

    def _elder(self) -> MemberLine:
        born = date(1944, 1, 1) + timedelta(days=self.index * 37 % 4500)
        head = someone(self.index * 101 + 7, born=born)
        return MemberLine(name=head.name, id_number=head.id_number, relation=Relation.SELF, phone=head.phone)

    def _request(self, on: date) -> LinshiEntry:
        if self.urgent:
            return LinshiEntry(
                kind=LinshiKind.EMERGENCY,
                cause=LinshiCause.ACCIDENT,
                requested=REQUESTED,
                happened_on=on - timedelta(days=1),
                note="房屋失火，暂无住处。",
            )
        half = REQUESTED / 2
        later = ((on + timedelta(days=45), half), (on + timedelta(days=76), half))
        return LinshiEntry(
            kind=LinshiKind.EXPENDITURE,
            cause=LinshiCause.MEDICAL,
            requested=REQUESTED,
            residual_medical=Decimal("8000.00"),
            happened_on=on - timedelta(days=12),
            note="住院治疗，自负费用较大。",
            instalments=later if self.index % 2 else (),
        )
