"""Is a person in an open application or in receipt already?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cases.enums import EXCLUSIVE_PROGRAMMES, ApplicationState
from cases.models import Application, Member
from common.masking import mask_name


@dataclass(frozen=True, slots=True)
class Duplicate:
    """One place that a person already takes. Of another office's case it tells where to ask, nothing more."""

    id_digest: str
    masked_name: str
    number: str
    programme: str
    programme_label: str
    state: str
    state_label: str
    township: str

    @property
    def where(self) -> str:
        return f"{self.township}的{self.programme_label}申请 {self.number}（{self.state_label}）"

    @property
    def sentence(self) -> str:
        return f"{self.masked_name}已在{self.where}中，同一救助项目不能重复申请。"

    @property
    def in_force(self) -> bool:
        """Decided and paid, not only under way."""
        return self.state == ApplicationState.APPROVED

    def forbids(self, programme: str) -> bool:
        """Is a place here in the way of one in the other programme?"""
        both_exclusive = {self.programme, programme} <= set(EXCLUSIVE_PROGRAMMES)
        return self.programme == programme or both_exclusive

    def sentence_for(self, programme: str) -> str:
        """Why this place forbids that programme, and what to do about it."""
        if self.programme == programme:
            return self.sentence
        what = "须先办理现有待遇的终止" if self.in_force else "须先办结或撤回该申请"
        return f"{self.masked_name}已在{self.where}中，低保、低边、特困不能同时享受，{what}，再提交本申请。"


def duplicates_of(
    id_digests: Iterable[str], programme: str | None, exclude: Application | None = None
) -> list[Duplicate]:
    """Those of the people who take a place in an open application or are in receipt, in any area.

    `programme` None looks at every programme; `exclude` is the application that asks.
    """
    members = Member.objects.filter(person__id_digest__in=list(id_digests), occupies=True)
    if programme is not None:
        members = members.filter(programme=programme)
    if exclude is not None:
        members = members.exclude(household_id=exclude.household_id)
    return [
        Duplicate(
            id_digest=member.person.id_digest,
            masked_name=mask_name(member.person.name),
            number=member.household.application.number,
            programme=member.programme,
            programme_label=member.get_programme_display(),
            state=member.household.application.state,
            state_label=member.household.application.get_state_display(),
            township=member.household.application.township.name,
        )
        for member in members.select_related("person", "household__application__township").order_by("pk")
    ]
