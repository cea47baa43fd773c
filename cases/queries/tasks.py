"""What this room puts on a person's workbench."""

from __future__ import annotations

from django.urls import reverse

from cases.enums import ApplicationState, Programme
from cases.models import Application
from common.masking import mask_name
from common.todo import Todo
from organisations.models import User
from organisations.scope import scope_of

LIMIT = 50


def tasks_for(user: User) -> list[Todo]:
    """My own drafts, newest first; the due dates of everything handed in are approvals' to give."""
    drafts = (
        Application.objects.visible_to(scope_of(user))
        .filter(created_by=user, state=ApplicationState.DRAFT)
        .select_related("village", "township")
        .order_by("-pk")[:LIMIT]
    )
    return [
        Todo(
            number=draft.number,
            name=mask_name(draft.applicant_name),
            place=f"{draft.township.name}{draft.village.name}",
            matter=Programme(draft.programme).short,
            stage=draft.get_state_display(),
            action="继续登记",
            url=reverse("cases:edit", kwargs={"number": draft.number}),
        )
        for draft in drafts
    ]
