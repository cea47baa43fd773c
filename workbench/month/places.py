"""What the readiness page looks at, and who can be waited for there."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from organisations.enums import AreaLevel, Post
from organisations.models import Area, Posting, User
from organisations.scope import Scope
from payments.perms import BENEFIT_POSTS

# Whoever sees who is in receipt sees what keeps money from them.
READERS = BENEFIT_POSTS
NAMED = 3
_LEVELS = (AreaLevel.COUNTY, AreaLevel.TOWNSHIP)


@dataclass(frozen=True, slots=True)
class Look:
    """A month of a county or of one of its townships."""

    area: Area
    month: date

    def within(self, path: str = "") -> Q:
        """Rows of the place; `path` leads to what has county and township."""
        return Q(**{f"{path}{self.area.level}": self.area})

    def paid_here(self, path: str = "") -> Q:
        """Rows of payers that lie in the place: of a township only itself, never the county above it."""
        return Q(**{f"{path}area__prefix__startswith": self.area.prefix})

    @property
    def is_county(self) -> bool:
        return self.area.level == AreaLevel.COUNTY

    @property
    def query(self) -> str:
        """The place and the month as they stand in an address."""
        return f"place={self.area.code}&month={self.month:%Y-%m}"


def places_within(scope: Scope) -> list[Area]:
    """Counties and townships within reach, in order of code: a county comes before its townships."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*READERS):
        condition |= Q(prefix__startswith=prefix)
    return list(Area.objects.filter(condition, level__in=_LEVELS).select_related("parent").order_by("code"))


class Holders:
    """Who holds a post at a place or above it: one query for all places of a page."""

    def __init__(self, areas: Collection[Area]) -> None:
        prefixes = {area.prefix[:length] for area in areas for length in (0, 2, 4, 6, 9)}
        rows = Posting.objects.current().filter(area__prefix__in=prefixes, user__is_active=True)
        self._held: dict[tuple[str, str], list[User]] = {}
        for row in rows.select_related("user", "area").order_by("valid_from", "pk"):
            self._held.setdefault((row.post, row.area.prefix), []).append(row.user)

    def who(self, area: Area, posts: Collection[Post]) -> str:
        """`街镇发放岗 林一、王二`; says so where nobody holds a post. The nearest place counts."""
        return "；".join(f"{post.label} {self._names(area, post)}" for post in posts)

    def _names(self, area: Area, post: Post) -> str:
        for length in (9, 6, 4, 2, 0):
            people = self._held.get((post, area.prefix[:length]), []) if length <= len(area.prefix) else []
            if people:
                names = "、".join(user.display_name for user in people[:NAMED])
                return f"{names} 等 {len(people)} 人" if len(people) > NAMED else names
        return "（无人任职）"
