"""Groups of people that the rules name by a code."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from common.identity import age_on
from policy.household import Facts, MemberFacts

_OF_THE_MIND = frozenset({"intellectual", "mental"})


def disabled(member: MemberFacts, kinds: Iterable[str] | None, grade: int) -> bool:
    """Has a disability of one of the kinds (None: any) and of this grade or a severer one."""
    found = member.disability
    return found is not None and found.grade <= grade and (kinds is None or found.kind in kinds)


def of_the_mind(member: MemberFacts) -> bool:
    """精神、智力残疾 of any grade (LC-3.4)."""
    return disabled(member, _OF_THE_MIND, 4)


# The codes of `household.single_person` and `tekun.no_work_ability`; ages are rules of their own.
_GROUPS: dict[str, Callable[[MemberFacts], bool]] = {
    "disability_1_2": lambda member: disabled(member, None, 2),
    "disability_3_mental": lambda member: disabled(member, _OF_THE_MIND, 3),
    "severe_illness": lambda member: member.severe_illness,
    "disability_mental_1_3": lambda member: disabled(member, _OF_THE_MIND, 3),
    "disability_physical_1_2": lambda member: disabled(member, {"physical"}, 2),
    "disability_vision_1": lambda member: disabled(member, {"vision"}, 1),
}
# 重残重病 (LC-3.6, DT-4.1): who is severely disabled is what 民发〔2021〕57号 第八条 calls so.
SEVERE = ("disability_1_2", "disability_3_mental", "severe_illness")


def group_of(member: MemberFacts, items: Iterable[dict]) -> dict | None:
    """The first entry of a rule's list that the person falls under."""
    return next((item for item in items if _GROUPS.get(item["code"], _nobody)(member)), None)


def severely_affected(facts: Facts) -> bool:
    """Is a counted member severely disabled or severely ill?"""
    return any(_GROUPS[code](member) for member in facts.counted for code in SEVERE)


def age(member: MemberFacts, facts: Facts) -> int:
    """Full years on the day of the test."""
    return age_on(member.birth_date, facts.on)


def applicant(facts: Facts) -> MemberFacts:
    """The person who applies: 本人, else the first who counts."""
    return next((member for member in facts.counted if member.relation == "self"), facts.counted[0])


def _nobody(member: MemberFacts) -> bool:
    return False
