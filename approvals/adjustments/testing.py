"""One case tested by the rules of its township on a day: the amount a month, or why there is none."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from cases.enums import Programme
from cases.queries import Known
from common.errors import Refused
from organisations.models import Area
from policy.assess import assess
from policy.lines import Assessment
from policy.models import Rule
from policy.rules import RuleBook

# Help that goes on; 临时救助 is given once and has nothing to be adjusted.
STANDING = (Programme.DIBAO, Programme.DIBIAN, Programme.TEKUN)


class Books:
    """The rule book of each township on a day, read once."""

    def __init__(self, on: date, drafts: Iterable[Rule] = ()) -> None:
        self.on, self.drafts = on, tuple(drafts)
        self._books: dict[int, RuleBook] = {}

    def of(self, township: Area) -> RuleBook:
        if township.pk not in self._books:
            self._books[township.pk] = RuleBook(township, self.on, drafts=self.drafts)
        return self._books[township.pk].fresh()


@dataclass(frozen=True, slots=True)
class Answer:
    """`entitled`: eligible under the ordinary rules, with `monthly` yuan (0 for a status without money).
    `unknown`: nobody can say without people; `why` is the sentence for either kind of no.
    """

    entitled: bool
    monthly: Decimal = Decimal("0.00")
    unknown: bool = False
    why: str = ""
    assessment: Assessment | None = None


def ask(known: Known, books: Books, township: Area, *, receives: Decimal | None = None) -> Answer:
    """Test a case. `receives`: yuan a month now, where it is a benefit in force that is checked again."""
    if known.someone_died:
        return Answer(False, unknown=True, why="计入人口的成员已登记死亡，须先核实家庭人口")
    if known.facts is None:
        return Answer(False, unknown=True, why=known.missing)
    purpose = "application" if receives is None else "recheck"
    facts = replace(known.facts, on=books.on, purpose=purpose, current_monthly=receives)
    try:
        found = assess(facts, books.of(township))
    except Refused as refused:
        return Answer(False, unknown=True, why=str(refused))
    if found.outcome == "case_by_case":
        clauses = "、".join(found.circumstances)
        return Answer(False, unknown=True, why=f"须一事一议（{clauses}）", assessment=found)
    if any(line.code == "phase_out" for line in found.lines):
        return Answer(False, unknown=True, why="可能适用渐退期，须核实收入变化的原因", assessment=found)
    if not found.eligible:
        return Answer(False, why="；".join(found.reasons) or "不再符合条件", assessment=found)
    return Answer(True, found.monthly or Decimal("0.00"), assessment=found)
