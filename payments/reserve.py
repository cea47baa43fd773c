"""What a township's fund for 临时救助 must keep in reserve (DT-8.3, SY-4.4c)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.money import show_yuan, to_fen
from organisations.models import Area, Population
from payments.enums import FundPurpose
from payments.models import Fund
from policy.rules import RuleBook


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


def minimum_of(township: Area, on: date) -> Minimum:
    """The minimum by the rules in force on a day: a sum, or so much a head of last year's population."""
    book = RuleBook(township, on)
    if book.has("reserve.minimum"):
        rule = book.rule("reserve.minimum")
        amount = Decimal(rule.value)
        return Minimum(amount, rule.clause_id or "", f"备用金不低于 {show_yuan(amount)} 元")
    if book.has("reserve.per_head"):
        return _by_head(township, on, book)
    return Minimum(None, "", "本地规则没有规定备用金最低留存")


def _by_head(township: Area, on: date, book: RuleBook) -> Minimum:
    rule, year = book.rule("reserve.per_head"), on.year - 1
    each, clause = Decimal(rule.value), rule.clause_id or ""
    counted = Population.objects.filter(area=township, year=year).first()
    if counted is None:
        words = f"备用金按 {year} 年末户籍人口每人 {each} 元留存，该人口数尚未录入"
        return Minimum(None, clause, words, is_unknown=True)
    amount = to_fen(each * counted.hukou)
    words = f"备用金不低于 {year} 年末户籍人口 {counted.hukou:,} 人 × {each} 元 = {show_yuan(amount)} 元"
    return Minimum(amount, clause, words)


def reserve_of(township: Area, on: date) -> Reserve:
    """What is in hand for 临时救助 in a township, and what must stay."""
    fund = Fund.objects.filter(area=township, purpose=FundPurpose.LINSHI).first()
    return Reserve(fund, minimum_of(township, on))
