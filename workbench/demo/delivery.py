"""How the demo's papers reach people who take them."""

from __future__ import annotations

from approvals.models import Document
from approvals.serving.enums import Event
from approvals.serving.services import AttemptEntry, record_attempt
from common import clock
from workbench.demo import declared
from workbench.demo.staff import Town


def deliver(document: Document, town: Town) -> None:
    """Two people bring the paper, the person signs."""
    entry = AttemptEntry(
        happened_at=clock.now(),
        place=document.application.household.address,
        first_server_id=town.handler.pk,
        second_server_id=town.reviewer.pk,
        receiver_relation="self",
        reason="",
    )
    record_attempt(
        document=document, event=Event.HANDED_OVER, entry=entry, actor=town.handler,
        proof=declared.photo(document.pk),
    )  # fmt: skip
