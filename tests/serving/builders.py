"""Papers and the attempts to serve them, recorded by the real services."""

from __future__ import annotations

import datetime as dt
from io import BytesIO

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from approvals.documents.service import make_document
from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.serving.enums import Event
from approvals.serving.models import ServiceAttempt
from approvals.serving.services import AttemptEntry, record_attempt
from cases.models import Application
from common import clock
from tests.approvals.builders import Office


def scan() -> SimpleUploadedFile:
    """A small picture, as a phone takes it."""
    content = BytesIO()
    Image.new("RGB", (8, 8), "white").save(content, "JPEG")
    return SimpleUploadedFile("a.jpg", content.getvalue(), content_type="image/jpeg")


def refusal_of(application: Application, office: Office) -> Document:
    return make_document(application=application, kind=DocumentKind.REFUSAL_NOTICE, actor=office.handler)


def entry_for(event: Event, office: Office, **values) -> AttemptEntry:
    """What is written down about an attempt of the kind, now unless told otherwise."""
    fitting = {
        "happened_at": clock.now(),
        "place": "三盘村海滨路 3 号",
        "first_server_id": office.handler.pk,
        "second_server_id": office.reviewer.pk,
        "receiver_relation": "self",
        "reason": "不认可结果。",
        "witness_1": "",
        "mail_number": "EA123456789CN",
    }
    return AttemptEntry(**fitting | values)


def attempt(
    document: Document, event: Event, office: Office, *, with_proof: bool = True, **values
) -> ServiceAttempt:
    """Record one attempt by the handler; `values` replace what `entry_for` writes down."""
    return record_attempt(
        document=document,
        event=event,
        entry=entry_for(event, office, **values),
        actor=office.handler,
        proof=scan() if with_proof else None,
    )


def hand_over(document: Document, office: Office, *, at: dt.datetime | None = None) -> ServiceAttempt:
    """The simplest way: handler and reviewer bring it, the person signs."""
    return attempt(document, Event.HANDED_OVER, office, happened_at=at or clock.now())


# How each event is reached by the shortest way.
WAYS: dict[str, tuple[Event, ...]] = {
    "": (),
    Event.HANDED_OVER: (Event.HANDED_OVER,),
    Event.REFUSED: (Event.REFUSED,),
    Event.NOT_FOUND: (Event.NOT_FOUND,),
    Event.LEFT: (Event.REFUSED, Event.LEFT),
    Event.NOT_LEFT: (Event.REFUSED, Event.NOT_LEFT),
    Event.MAILED: (Event.NOT_FOUND, Event.MAILED),
    Event.MAIL_DELIVERED: (Event.NOT_FOUND, Event.MAILED, Event.MAIL_DELIVERED),
    Event.MAIL_RETURNED: (Event.NOT_FOUND, Event.MAILED, Event.MAIL_RETURNED),
    Event.ANNOUNCED: (Event.NOT_FOUND, Event.MAILED, Event.MAIL_RETURNED, Event.ANNOUNCED),
    Event.ANNOUNCEMENT_OVER: (
        Event.NOT_FOUND,
        Event.MAILED,
        Event.MAIL_RETURNED,
        Event.ANNOUNCED,
        Event.ANNOUNCEMENT_OVER,
    ),
}


def walk(document: Document, last: str, office: Office, clock) -> ServiceAttempt | None:
    """Bring the service of a paper to an event; the clock goes past the end of an announcement."""
    done = None
    for event in WAYS[last]:
        if event == Event.ANNOUNCEMENT_OVER:
            clock.move_to(done.ends_at + dt.timedelta(seconds=1))
        done = attempt(document, event, office)
    return done
