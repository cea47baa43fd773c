"""Which circumstances of 一事一议 the facts point to (LC-3.1 to LC-3.7). They are proposed here and confirmed
by people; the rules of the place say which exist (`case_by_case.circumstances`) and by which clause.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from policy.household import Facts
from policy.lines import Line, money_line, yuan
from policy.means.finding import CASE_BY_CASE, ELIGIBLE, INELIGIBLE, Finding, Tested
from policy.means.people import age, applicant, of_the_mind, severely_affected
from policy.means.property import annual, times
from policy.means.terms import Sourced, authority, sourced, standard
from policy.rules import RuleBook

# The ages that the clauses themselves name (LC-3.2, LC-3.3).
ADULT, ELDER = 18, 60
_LIST = "case_by_case.circumstances"
_ABOVE, _BELOW = "case_by_case.deposits.above_multiple", "case_by_case.deposits.below_multiple"
_DEPOSITS = "deposits_per_head"
_GONE = "left_3y"


def _listed(book: RuleBook) -> dict[str, dict]:
    return {item["code"]: item for item in book.items(_LIST)} if book.has(_LIST) else {}


def linshi_clause(book: RuleBook) -> str:
    """The clause by which 临时救助 above the rules is settled case by case (LC-3.5); empty without one."""
    return _listed(book).get("linshi", {}).get("clause", "")


def decider_of(book: RuleBook, ordinary: str) -> str:
    """Who settles it case by case (LC-4.3a: the township), where that differs from the ordinary decision."""
    return authority(book, "case_by_case") if book.has("decision.case_by_case.authority") else ordinary


def unless_ordinary(facts: Facts, book: RuleBook, finding: Finding) -> Finding:
    """LC-3.1, LC-3.2: who is eligible only because somebody who left is not counted goes by 一事一议."""
    items = _pointed_to(("left_3y", "abandoned_minor"), facts, _listed(book))
    if finding.outcome != ELIGIBLE or not items:
        return finding
    return replace(
        finding,
        outcome=CASE_BY_CASE,
        authority=decider_of(book, finding.authority),
        circumstances=_clauses(items),
        lines=(*finding.lines, *(_line(item) for item in items)),
    )


def refer(facts: Facts, book: RuleBook, tested: Tested, decider: str) -> Finding:
    """Not eligible by the ordinary rules; by 一事一议 perhaps, where a circumstance applies."""
    items = _applying(facts, book, tested)
    return Finding(
        (*tested.lines, *(_line(item) for item in items)),
        CASE_BY_CASE if items else INELIGIBLE,
        decider_of(book, decider) if items else decider,
        circumstances=_clauses(items),
    )


def deposits_at_recheck(facts: Facts, book: RuleBook, tested: Tested, base: Sourced) -> Tested:
    """LC-3.4: at the re-check of 特困 or a 精神/智力 disabled person covered alone, deposits up to and
    including 4 × the annual standard are ordinary; this takes the place of the programme's own limit.
    """
    if not _rechecked_alone(facts) or not book.has(_ABOVE) or facts.assets is None:
        return tested
    above, below = sourced(book, _ABOVE), sourced(book, _BELOW)
    deposits, year = facts.assets.deposits, annual(base)
    ordinary = deposits <= above.amount * year
    place = "未超过" if ordinary else "超过，低于上限" if deposits < below.amount * year else "达到或超过上限"
    words = f"年低保标准 {yuan(year)} 的 {times(above.amount)} 倍至 {times(below.amount)} 倍：{place}"
    own = money_line(_DEPOSITS, "复核时个人存款", deposits, words, above.clause, passed=ordinary)
    others = tuple(line for line in tested.lines if line.code not in {_DEPOSITS, "deposits_limit"})
    return replace(tested, lines=(*others, own))


def _rechecked_alone(facts: Facts) -> bool:
    if facts.purpose != "recheck":
        return False
    alone = len(facts.counted) == 1 and of_the_mind(facts.counted[0])
    return facts.programme == "tekun" or (facts.programme == "dibao" and alone)


def _applying(facts: Facts, book: RuleBook, tested: Tested) -> list[dict]:
    listed = _listed(book)
    if _rechecked_alone(facts) and book.has(_ABOVE) and _DEPOSITS in tested.failed:
        return _kept_deposits(facts, book, tested, listed)
    found = _pointed_to(("lonely_elder", "severe"), facts, listed)
    own = "case_by_case.township_circumstances"
    if "township" in listed and book.has(own):
        found.append(listed["township"])
    return found


def _kept_deposits(facts: Facts, book: RuleBook, tested: Tested, listed: dict[str, dict]) -> list[dict]:
    """Only the deposits stand in the way, and they lie below the upper limit."""
    limit = sourced(book, _BELOW).amount * annual(standard(book, facts, "dibao"))
    only = tested.failed == {_DEPOSITS} and facts.assets.deposits < limit
    return [listed["deposits"]] if only and "deposits" in listed else []


def _left(facts: Facts) -> bool:
    """LC-3.1: somebody of the household has been gone three years."""
    return any(member.excluded == _GONE for member in facts.members) and not _abandoned(facts)


def _abandoned(facts: Facts) -> bool:
    """LC-3.2: a minor, of whose parents none lives there and one has been gone three years."""
    parents = [member for member in facts.members if member.relation == "parent"]
    alone = age(applicant(facts), facts) < ADULT and not any(parent.counted for parent in parents)
    return alone and any(parent.excluded == _GONE for parent in parents)


def _lonely_elder(facts: Facts) -> bool:
    """LC-3.3: sixty or older, without income, and those who ought to give support do not."""
    said = facts.tekun
    unsupported = said is not None and said.no_income and said.supporter == "able"
    return unsupported and age(applicant(facts), facts) >= ELDER


_POINTS_TO: dict[str, Callable[[Facts], bool]] = {
    "left_3y": _left,
    "abandoned_minor": _abandoned,
    "lonely_elder": _lonely_elder,
    "severe": severely_affected,
}


def _pointed_to(codes: tuple[str, ...], facts: Facts, listed: dict[str, dict]) -> list[dict]:
    return [listed[code] for code in codes if code in listed and _POINTS_TO[code](facts)]


def _clauses(items: list[dict]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(item.get("clause", "") for item in items if item.get("clause")))


def _line(item: dict) -> Line:
    return Line("circumstance", "可以一事一议", None, item["label"], item.get("clause", ""))
