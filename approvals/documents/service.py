"""Making forms, once, and handing them out again byte for byte.

One form is drawn in the request, under a bound on its length (see `common.pdf`): the clerk stands at the
printer. Several at once are an order (`DocumentBatch`) that a worker draws: no web process is held up.
"""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from approvals.documents.checking import check_address, new_token
from approvals.documents.data import document_data
from approvals.documents.perms import can_make_document
from approvals.documents.registry import FORMS
from approvals.documents.render import draw_slice, render_one
from approvals.documents.titles import next_document_number
from approvals.enums import DocumentKind
from approvals.models import Document
from cases.models import Application
from common import clock
from common.errors import Refused
from organisations.models import User

logger = logging.getLogger(__name__)


class DocumentAltered(Exception):
    """The stored file is not the one that was made. It is not handed out."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A paper that has its number and its words, and is yet to be drawn and kept."""

    application: Application
    kind: DocumentKind
    matter: str
    number: str
    token: str | None
    data: dict
    at: datetime


@transaction.atomic
def make_document(
    *, application: Application, kind: DocumentKind, actor: User | None, matter: str = ""
) -> Document:
    """The form of this kind and round, or of this matter; made if there is none, else the one there is.

    Refused while there is nothing to print, or without a post in the township. `actor` None is the system.
    """
    [application] = _locked([application.pk])
    paper = _made_or_prepared(application, DocumentKind(kind), matter, actor)
    return paper if isinstance(paper, Document) else _keep(paper, render_one(paper.data), actor)


@transaction.atomic
def make_documents(
    *, applications: Sequence[Application], kind: DocumentKind, actor: User | None
) -> tuple[bytes, list[tuple[Application, str]]]:
    """One form each in one PDF for the printer, empty for none; what is missing is made, of the same layout.

    Those that cannot be made come back with the sentence why, and stop nobody else's.
    """
    locked = {application.pk: application for application in _locked([each.pk for each in applications])}
    papers: dict[int, Document | Prepared] = {}
    refused: dict[int, str] = {}
    # By township, so that two orders never wait for each other's series of numbers.
    for application in sorted((locked[each.pk] for each in applications), key=lambda each: each.township_id):
        try:
            with transaction.atomic():
                papers[application.pk] = _made_or_prepared(application, DocumentKind(kind), "", actor)
        except Refused as reason:
            refused[application.pk] = str(reason)
    in_order = [papers[each.pk] for each in applications if each.pk in papers]
    content = _drawn(in_order, actor) if in_order else b""
    return content, [(each, refused[each.pk]) for each in applications if each.pk in refused]


def _drawn(papers: list[Document | Prepared], actor: User | None) -> bytes:
    """All papers in one PDF; those that are new are kept, each as a file of its own."""
    new = [place for place, paper in enumerate(papers) if isinstance(paper, Prepared)]
    said = [paper.data if isinstance(paper, Prepared) else json.loads(paper.data) for paper in papers]
    content, singles = draw_slice(said, new)
    for place, single in zip(new, singles, strict=True):
        _keep(papers[place], single, actor)
    return content


def _locked(ids: Sequence[int]) -> list[Application]:
    """Two clerks who print at the same moment: the second waits here and then finds the first one's paper."""
    return list(
        Application.objects.select_for_update(of=("self",))
        .select_related("household", "village", "township", "county")
        .prefetch_related("household__members__person")
        .filter(pk__in=ids)
        .order_by("pk")
    )


def _made_or_prepared(
    application: Application, kind: DocumentKind, matter: str, actor: User | None
) -> Document | Prepared:
    if actor is not None and not (verdict := can_make_document(actor, application)):
        raise Refused(verdict.reason)
    made = existing_document(application, kind, matter)
    if made is not None:
        return made
    if FORMS[kind].subject(application, matter) is None:
        raise Refused(FORMS[kind].missing)
    if reason := FORMS[kind].not_final(application):
        raise Refused(reason)
    now = clock.now()
    today = timezone.localtime(now).date()
    number = next_document_number(application, kind, today.year)
    token = new_token(kind)
    data = document_data(application, kind, number=number, on=today, matter=matter)
    data["check_url"] = check_address(token)
    return Prepared(application, kind, matter, number, token, data, now)


def _keep(paper: Prepared, content: bytes, actor: User | None) -> Document:
    return Document.objects.create(
        application=paper.application,
        kind=paper.kind,
        matter=paper.matter,
        number=paper.number,
        token=paper.token,
        investigation_round=paper.application.investigation_round,
        data=json.dumps(paper.data, ensure_ascii=False, sort_keys=True),
        file=store_pdf(content),
        sha256=sha256(content).hexdigest(),
        made_by=actor,
        made_at=paper.at,
    )


def draft_pdf(*, application: Application, kind: DocumentKind, matter: str, actor: User) -> bytes:
    """The form as it would be made now, without a number and marked as a draft; nothing is kept."""
    if not (verdict := can_make_document(actor, application)):
        raise Refused(verdict.reason)
    data = document_data(application, kind, number="（草稿，未编号）", on=clock.today(), matter=matter)
    return render_one(data, draft=True)


def existing_document(application: Application, kind: DocumentKind, matter: str = "") -> Document | None:
    """The one made in the present round; one about a matter, or told once, whatever the round."""
    documents = Document.objects.filter(application=application, kind=kind, matter=matter)
    if not matter and not FORMS[kind].once:
        documents = documents.filter(investigation_round=application.investigation_round)
    return documents.first()


def store_pdf(content: bytes) -> str:
    """Under a name that says nothing; the storage encrypts."""
    return default_storage.save(f"documents/{secrets.token_hex(16)}.pdf", ContentFile(content))


def document_bytes(document: Document) -> bytes:
    """The file as it was made; DocumentAltered, and an error in the log, when it is not."""
    return stored_bytes(document.file.name, document.sha256, f"document {document.pk}")


def stored_bytes(name: str, expected: str, label: str) -> bytes:
    """A stored file whose SHA-256 is the one on record."""
    try:
        with default_storage.open(name) as stored:
            content = stored.read()
    except (InvalidTag, KeyError, IndexError, OSError) as reason:
        logger.error("%s cannot be read as it was stored: %s", label, type(reason).__name__)
        raise DocumentAltered(label) from None
    if sha256(content).hexdigest() != expected:
        logger.error("%s does not have the SHA-256 on record", label)
        raise DocumentAltered(label)
    return content
