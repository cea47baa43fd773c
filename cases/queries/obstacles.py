"""What stands in the way of handing in: the wrong place, or a place in another case."""

from __future__ import annotations

from collections.abc import Iterable

from cases.enums import OPEN_STATES, Programme, Relation
from cases.models import Application, Member
from cases.queries.days import rule_day
from cases.queries.duplicates import duplicates_of
from cases.queries.programmes import is_emergency
from policy.keys import KEYS
from policy.rules import RuleBook

# Applications whose outcome 临时救助 waits for, unless the rules let it go first.
_FIRST_DECIDED = (Programme.DIBAO, Programme.TEKUN)
_WHILE_PENDING = "linshi.while_pending"


def place_obstacle(application: Application) -> str:
    """Why the applicant cannot apply here, with the rule that would let them; empty when they can.

    临时救助: register or residence in the county, neither where `linshi.residence_waived` is in force on
    the day of receipt (JZ-4.1); 急难型 is helped where the emergency happens. Others: the register, or the
    residence where `application.at_residence` says so (JZ-2.2).
    """
    if application.hukou_in_county or is_emergency(application):
        return ""
    linshi = application.programme == Programme.LINSHI
    if linshi and application.lives_in_county:
        return ""
    day = rule_day(application)
    book = RuleBook(application.township, day)
    key = "linshi.residence_waived" if linshi else "application.at_residence"
    allowed = book.has(key) and book.flag(key)
    if allowed and (linshi or application.lives_in_county):
        return ""
    if linshi:
        return (
            f"申请人户籍和居住地均不在{application.county.name}，{day:%Y-%m-%d} 当地没有生效的规则"
            f"“{KEYS[key].label}”，"
            "支出型临时救助请向户籍地或居住地申请；情况紧急的按急难型申请（JZ-4.1）。"
        )
    if not application.lives_in_county:
        return f"申请人户籍和居住地均不在{application.county.name}，请向户籍地或居住地申请（JZ-2.2）。"
    return (
        f"申请人户籍不在{application.county.name}，{day:%Y-%m-%d} 当地没有生效的规则“{KEYS[key].label}”，"
        "请向户籍地申请（JZ-2.2）。"
    )


def is_concerned(member: Member, programme: str) -> bool:
    """Does the member take a place in the programme? 特困 is the applicant's alone."""
    if programme == Programme.TEKUN:
        return member.relation == Relation.SELF
    return member.co_living and not member.excluded


def exclusivity_obstacle(application: Application, members: Iterable[Member]) -> str:
    """Why the members cannot be in this programme now, naming the other case; empty when they can.

    Nobody is in two of 低保, 低边 and 特困, nor twice in one programme. 临时救助 stands beside a benefit
    in force always, beside a pending application where the rules say so (JZ-4.2), 急难型 anyway.
    """
    found = duplicates_of([member.person.id_digest for member in members], None, exclude=application)
    programme = application.programme
    forbidden = [duplicate for duplicate in found if duplicate.forbids(programme)]
    if forbidden:
        return "".join(duplicate.sentence_for(programme) for duplicate in forbidden)
    if programme != Programme.LINSHI or is_emergency(application):
        return ""
    pending = [d for d in found if d.programme in _FIRST_DECIDED and d.state in OPEN_STATES]
    book = RuleBook(application.township, rule_day(application)) if pending else None
    if book is None or (book.has(_WHILE_PENDING) and book.flag(_WHILE_PENDING)):
        return ""
    first = pending[0]
    return (
        f"{first.masked_name}已在{first.where}中，{application.township.name}没有“低保、特困申请办理期间可先给予临时救助”"
        "的规则，须待该申请办结后再申请支出型临时救助；情况紧急的按急难型申请（JZ-4.2）。"
    )
