"""Which part of the tree a person may see, by the postings in force now."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q

from organisations.enums import Post
from organisations.models import Area, User

# The field that names an area of each level on everything that lies in the tree (cases, benefits, notices …).
_FIELD_BY_LENGTH = {
    2: "county__prefix__startswith",
    4: "county__prefix__startswith",
    6: "county",
    9: "township",
    12: "village",
}


@dataclass(frozen=True, slots=True)
class Place:
    """One posting as scope needs it."""

    post: Post
    area_id: int
    prefix: str
    label: str


@dataclass(frozen=True, slots=True)
class Scope:
    """The postings of one person, read once a request."""

    places: tuple[Place, ...]

    def has(self, *posts: Post) -> bool:
        """Does the person hold one of the posts anywhere?"""
        return any(place.post in posts for place in self.places)

    def covers(self, area: Area, *posts: Post) -> bool:
        """Does the person hold one of the posts (any, if none is named) at the area or above it?"""
        return any(area.prefix.startswith(p.prefix) for p in self.places if not posts or p.post in posts)

    def areas(self, *posts: Post) -> list[str]:
        """Prefixes of the areas where one of the posts is held."""
        return sorted({p.prefix for p in self.places if not posts or p.post in posts})

    def filter(self, *posts: Post, path: str = "") -> Q:
        """The condition that keeps rows within reach; `path` leads to the row with county, township, village.

        Equality on the denormalised keys, so a list of a million rows stays on its index.
        """
        condition = Q(pk__in=())
        for place in self.places:
            if posts and place.post not in posts:
                continue
            length = len(place.prefix)
            if length == 0:
                return Q()
            value = place.prefix if length < 6 else place.area_id
            condition |= Q(**{f"{path}{_FIELD_BY_LENGTH[length]}": value})
        return condition


def scope_of(user: User) -> Scope:
    """The scope of a person as of now, kept on the user object for the length of a request."""
    cached = getattr(user, "_scope", None)
    if cached is None:
        cached = user._scope = _read_scope(user)
    return cached


def _read_scope(user: User) -> Scope:
    if not user.is_authenticated or not user.is_active:
        return Scope(())
    postings = user.postings.current().select_related("area")
    return Scope(tuple(Place(Post(p.post), p.area_id, p.area.prefix, str(p)) for p in postings))
