"""Is a person in an open application or in receipt already?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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
    state_label: str
    township: str

    @property
    def sentence(self) -> str:
        return (
            f"{self.masked_name}已在{self.township}的{self.programme_label}申请 {self.number}"
            f"（{self.state_label}）中，同一救助项目不能重复申请。"
        )


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
            state_label=member.household.application.get_state_display(),
            township=member.household.application.township.name,
        )
        for member in members.select_related("person", "household__application__township").order_by("pk")
    ]
