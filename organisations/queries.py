"""Reads across people and areas for one screen or one decision."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from organisations.enums import Post
from organisations.models import Area, Posting, User


def holders(area: Area, *posts: Post) -> QuerySet[User]:
    """Active people who hold one of the posts at the area or above it today; each once, by name."""
    held = Posting.objects.current().filter(
        user=OuterRef("pk"), post__in=posts, area__in=Area.objects.chain_of(area)
    )
    return User.objects.filter(Exists(held), is_active=True).order_by("name", "pk")
