"""What a township's fund for 临时救助 must keep in reserve (DT-8.3, SY-4.4c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from cases.enums import Programme
from common.money import show_yuan, to_fen
from organisations.models import Area, Population
from payments.enums import FundPurpose
from payments.models import Batch, Fund
from policy.models import Rule

_SUM, _PER_HEAD = "reserve.minimum", "reserve.per_head"


@dataclass(frozen=True, slots=True)
class Minimum:
    """The least that stays in hand, in yuan, and where it comes from. `amount` None: the place has no such
    rule, or (`is_unknown`) it has one whose figure is missing.
    """

    amount: Decimal | None
    clause: str
    words: str
    is_unknown: bool = False

    def broken_by(self, balance: Decimal) -> bool:
        """Would the balance be less than what must stay, or can nobody tell?"""
        return self.is_unknown or (self.amount is not None and balance < self.amount)


@dataclass(frozen=True, slots=True)
class Reserve:
    """`fund` None: nothing has been allocated to the township yet."""

    fund: Fund | None
    minimum: Minimum

    @property
    def balance(self) -> Decimal:
        return self.fund.balance if self.fund is not None else Decimal("0.00")

    @property
    def is_short(self) -> bool:
        """Less in hand than must stay: a warning, and a reason to ask for more."""
        return self.minimum.broken_by(self.balance)


class Minimums:
    """The minimum of each township by the rules in force on a day: a sum, or so much a head of last year's
    population. Two queries, however many townships.
    """

    def __init__(self, on: date) -> None:
        rules = Rule.objects.in_force(on).filter(key__in=(_SUM, _PER_HEAD)).select_related("area")
        self._nearest_first = sorted(rules, key=lambda rule: (-rule.area.code_length, rule.key))
        self._year = on.year - 1
        counted = Population.objects.filter(year=self._year) if self._nearest_first else ()
        self._people = {row.area_id: row.hukou for row in counted}

    def of(self, township: Area) -> Minimum:
        for rule in self._nearest_first:
            if township.prefix.startswith(rule.area.prefix):
                return self._by_head(township, rule) if rule.key == _PER_HEAD else _by_sum(rule)
        return Minimum(None, "", "本地规则没有规定备用金最低留存")

    def _by_head(self, township: Area, rule: Rule) -> Minimum:
        each, clause, people = Decimal(rule.value), rule.clause_id or "", self._people.get(township.pk)
        if people is None:
            words = f"备用金按 {self._year} 年末户籍人口每人 {each} 元留存，该人口数尚未录入"
            return Minimum(None, clause, words, is_unknown=True)
        amount = to_fen(each * people)
        words = f"备用金不低于 {self._year} 年末户籍人口 {people:,} 人 × {each} 元 = {show_yuan(amount)} 元"
        return Minimum(amount, clause, words)


def _by_sum(rule: Rule) -> Minimum:
    amount = Decimal(rule.value)
    return Minimum(amount, rule.clause_id or "", f"备用金不低于 {show_yuan(amount)} 元")


def minimum_of(township: Area, on: date) -> Minimum:
    """The minimum of one township on a day."""
    return Minimums(on).of(township)


def broken_by_sealing(batch: Batch, on: date) -> Minimum | None:
    """What a pay-out list of 临时救助 would break if it were sealed now; None if nothing."""
    if batch.programme != Programme.LINSHI:
        return None
    fund = Fund.objects.filter(area=batch.area, purpose=FundPurpose.LINSHI).first()
    if fund is None:
        return None
    minimum = minimum_of(batch.area, on)
    return minimum if minimum.broken_by(fund.balance - batch.total) else None


def reserve_of(township: Area, on: date) -> Reserve:
    """What is in hand for 临时救助 in a township, and what must stay."""
    fund = Fund.objects.filter(area=township, purpose=FundPurpose.LINSHI).first()
    return Reserve(fund, minimum_of(township, on))
