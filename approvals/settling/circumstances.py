"""The facts that each circumstance of 一事一议 asks for, and what is checked of them (LC-3, SY-4.4a).

The clerk writes them down; ages, spans of time and amounts are worked out here, and refused where the clause
is not met.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from approvals.settling.enums import Circumstance
from common.errors import Refused
from common.identity import age_on
from common.money import show_yuan
from policy.household import Facts
from policy.means.people import age, applicant
from policy.means.property import times
from policy.means.terms import sourced, standard
from policy.rules import RuleBook

YEARS_GONE, ADULT, ELDER = 3, 18, 60


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to write down. `kind`: text, day, or tick (which must be ticked)."""

    name: str
    label: str
    kind: str = "text"
    help: str = ""


_ATTEMPTS = Fact("attempts", "联系寻找经过", help="逐次写明日期、方式和结果，入户时未能见到本人的一并写明")
FACTS: dict[str, tuple[Fact, ...]] = {
    Circumstance.LEFT: (
        Fact("gone", "出走或失联的成员"),
        Fact("gone_since", "出走或失联起始日期", "day", "须满三年"),
        _ATTEMPTS,
        Fact("declared", "申请人已书面声明该成员未共同生活，由其他成员申请", "tick"),
    ),
    Circumstance.ABANDONED_MINOR: (
        Fact("parent_lost", "父母一方情况", help="死亡、服刑、失踪、失联或其他丧失监护自由的情形及佐证"),
        Fact("gone_since", "另一方出走、未履行监护责任起始日期", "day", "须满三年"),
        Fact("hukou", "另一方户籍所在地"),
        Fact("hukou_outside", "另一方户籍不在本市", "tick"),
        Fact("lives_with", "现随何人生活"),
    ),
    Circumstance.LONELY_ELDER: (
        Fact("alone_since", "开始独自生活日期", "day", "须长期独居"),
        Fact("children", "子女情况和联系经过", help="成年子女失联、未赡养的情况，逐次写明联系日期和结果"),
        Fact("remedies", "短期内无法通过法律途径解决的原因"),
    ),
    Circumstance.DEPOSITS: (
        Fact("in_benefit_since", "纳入保障日期", "day", "仅适用于在册对象经济状况复核"),
        Fact("origin", "存款来源和用途"),
    ),
    Circumstance.LINSHI: (Fact("why", "再次申请或超过最高金额的原因"),),
    Circumstance.SEVERE: (Fact("who", "重残重病成员及困难情况"),),
    Circumstance.TOWNSHIP: (Fact("which", "符合街镇确定的哪一种情况"),),
    Circumstance.URGENT: (
        Fact("happened_on", "困难发生日期", "day"),
        Fact("what", "突发、紧迫、急难情况"),
        Fact("unclear", "现有政策难以明确之处"),
        Fact("plan", "拟定救助方案"),
    ),
}


def check(code: str, given: dict[str, str], facts: Facts, book: RuleBook, today: date) -> list[str]:
    """The sentences of what was checked, without personal data; Refused beside the field otherwise."""
    days = {}
    for fact in FACTS[code]:
        value = given.get(fact.name, "").strip()
        if not value:
            missing = "请确认" if fact.kind == "tick" else "请填写"
            raise Refused(f"{missing}“{fact.label}”。", field=fact.name)
        if fact.kind == "day":
            days[fact.name] = _past(fact, value, today)
    return _CHECKS[code](days, facts, book, today)


def _past(fact: Fact, value: str, today: date) -> date:
    try:
        day = date.fromisoformat(value)
    except ValueError:
        raise Refused(f"“{fact.label}”不是日期。", field=fact.name) from None
    if day > today:
        raise Refused(f"“{fact.label}”不能晚于今天。", field=fact.name)
    return day


def _gone(days: dict, facts: Facts, book: RuleBook, today: date, *, clause: str) -> list[str]:
    since = days["gone_since"]
    years = age_on(since, today)
    if years < YEARS_GONE:
        raise Refused(f"自 {since} 起未满三年，不符合该情形。", field="gone_since", clause=clause)
    return [f"自 {since} 起已满 {years} 年"]


def _minor(days: dict, facts: Facts, book: RuleBook, today: date) -> list[str]:
    years = age(applicant(facts), facts)
    if years >= ADULT:
        raise Refused(f"申请人 {years} 周岁，不是未成年人。", clause="LC-3.2")
    return [f"申请人 {years} 周岁，未成年", *_gone(days, facts, book, today, clause="LC-3.2")]


def _elder(days: dict, facts: Facts, book: RuleBook, today: date) -> list[str]:
    years = age(applicant(facts), facts)
    if years < ELDER:
        raise Refused(f"申请人 {years} 周岁，未满 60 周岁。", clause="LC-3.3")
    return [f"申请人 {years} 周岁", f"自 {days['alone_since']} 起独自生活"]


def _deposits(days: dict, facts: Facts, book: RuleBook, today: date) -> list[str]:
    """LC-3.4: more than 4 × and less than 10 × the annual standard; both ends are another matter."""
    year = standard(book, facts, "dibao").amount * 12
    low, high = (
        sourced(book, f"case_by_case.deposits.{bound}_multiple").amount for bound in ("above", "below")
    )
    deposits: Decimal = facts.assets.deposits if facts.assets else Decimal("0.00")
    words = f"存款 {show_yuan(deposits)} 元，年低保标准 {show_yuan(year)} 元"
    if deposits <= low * year:
        raise Refused(f"{words}，未超过 {times(low)} 倍，按通常复核继续保障，不必一事一议。", clause="LC-3.4")
    if deposits >= high * year:
        raise Refused(f"{words}，达到或超过 {times(high)} 倍，不符合该情形。", clause="LC-3.4")
    return [f"{words}，超过 {times(low)} 倍、低于 {times(high)} 倍"]


def _nothing_more(days: dict, facts: Facts, book: RuleBook, today: date) -> list[str]:
    return ["事实由经办人核实，无须计算的条件"]


def _urgent(days: dict, facts: Facts, book: RuleBook, today: date) -> list[str]:
    return [f"{days['happened_on']} 发生"]


_CHECKS: dict[str, Callable[[dict, Facts, RuleBook, date], list[str]]] = {
    Circumstance.LEFT: partial(_gone, clause="LC-3.1"),
    Circumstance.ABANDONED_MINOR: _minor,
    Circumstance.LONELY_ELDER: _elder,
    Circumstance.DEPOSITS: _deposits,
    Circumstance.LINSHI: _nothing_more,
    Circumstance.SEVERE: _nothing_more,
    Circumstance.TOWNSHIP: _nothing_more,
    Circumstance.URGENT: _urgent,
}
