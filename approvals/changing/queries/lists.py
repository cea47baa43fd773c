"""Changes of benefits within reach."""

from __future__ import annotations

from approvals.changing.models import BenefitChange, ChangeQuerySet
from approvals.changing.perms import READERS
from organisations.models import Area
from organisations.scope import Scope

SHOWN = 50


def change_list(
    scope: Scope, *, place: Area | None = None, programme: str = "", kind: str = "", state: str = "open"
) -> ChangeQuerySet:
    """Newest first. `state`: one of them, `open` for all that are under way, `all`."""
    changes = BenefitChange.objects.visible_to(scope, *READERS)
    if place is not None:
        changes = changes.filter(**{place.level: place})
    if programme:
        changes = changes.filter(programme=programme)
    if kind:
        changes = changes.filter(kind=kind)
    if state == "open":
        changes = changes.open()
    elif state != "all":
        changes = changes.filter(state=state)
    return changes.select_related("application", "benefit", "township", "village").order_by("-pk")


def change_page(changes: ChangeQuerySet, before: int | None) -> tuple[list[BenefitChange], int | None]:
    """The next rows below a key, and the key that continues them."""
    if before is not None:
        changes = changes.filter(pk__lt=before)
    page = list(changes[: SHOWN + 1])
    return page[:SHOWN], page[SHOWN - 1].pk if len(page) > SHOWN else None
