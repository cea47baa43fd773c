"""The paper of this part of the room: 送达回证."""

from __future__ import annotations

from approvals.documents import parts
from approvals.documents.registry import Form, register
from approvals.documents.titles import title_of
from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.serving import queries
from approvals.serving.chain import TO_SERVE
from approvals.serving.models import ServiceAttempt
from cases.models import Application

_MATTER = "service:"


def matter_of(document: Document) -> str:
    """The matter under which the receipt of a paper is filed."""
    return f"{_MATTER}{document.pk}"


def _matters(application: Application) -> list[str]:
    """One receipt a paper whose service has begun."""
    papers = Document.objects.filter(application=application, kind__in=TO_SERVE, attempts__isnull=False)
    return [matter_of(paper) for paper in papers.distinct().order_by("pk")]


def _served(application: Application, matter: str) -> Document | None:
    """The paper that the receipt is about, once it is served."""
    key = matter.removeprefix(_MATTER)
    if not key.isascii() or not key.isdigit():
        return None
    paper = Document.objects.filter(application=application, pk=key).first()
    return paper if paper is not None and queries.served_at(paper) is not None else None


def _receipt(application: Application, paper: Document) -> dict:
    attempts = list(queries.attempts_of(paper))
    return {
        "recipient": application.applicant_name,
        "paper": {"title": title_of(application, paper.kind, paper.matter), "number": paper.number},
        "office": application.township.name,
        "served_at": parts.moment(attempts[-1].happened_at),
        "attempts": [_line(attempt) for attempt in attempts],
    }


def _line(attempt: ServiceAttempt) -> dict:
    servers = [person.display_name for person in (attempt.first_server, attempt.second_server) if person]
    return {
        "at": parts.moment(attempt.happened_at),
        "event": attempt.get_event_display(),
        "place": attempt.place,
        "servers": servers,
        "receiver": attempt.receiver_name,
        "relation": attempt.get_receiver_relation_display() if attempt.receiver_name else "",
        "reason": attempt.reason,
        "witnesses": [name for name in (attempt.witness_1, attempt.witness_2) if name],
        "mail_number": attempt.mail_number,
        "ends_at": parts.moment(attempt.ends_at) if attempt.ends_at else "",
        "proof": attempt.proof_sha256[:16],
    }


def blank_receipt(paper: Document) -> dict:
    """The receipt to take along: whose and which paper, everything else to be filled in and signed."""
    application = paper.application
    ways = "☐直接送达 ☐留置送达 ☐邮寄送达"
    empty = dict.fromkeys(
        ("at", "place", "receiver", "relation", "reason", "mail_number", "ends_at", "proof"), ""
    )
    return {
        "kind": str(DocumentKind.SERVICE_RECEIPT),
        "title": "送达回证",
        "number": "",
        "application_number": application.number,
        "place": parts.place(application),
        "recipient": application.applicant_name,
        "paper": {"title": title_of(application, paper.kind, paper.matter), "number": paper.number},
        "office": application.township.name,
        "served_at": "",
        "attempts": [{"event": ways, "servers": ["　", "　"], "witnesses": ["　", "　"]} | empty],
    }


def add_to_table() -> None:
    """Called once when the applications are loaded."""
    register(
        Form(
            DocumentKind.SERVICE_RECEIPT,
            "送达回证",
            "社救送",
            "尚未送达。",
            _served,
            _receipt,
            matters=_matters,
        )
    )
