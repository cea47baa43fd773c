"""卷宗: everything on paper of one case as one PDF, with cover and index, bound by a worker.

In the order of the procedure: what was handed in, what was found out, what was decided, how it was served.
Stored papers are checked against their SHA-256; what cannot be read is named in the index as 未能并入.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from hashlib import sha256

from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from approvals.documents import parts
from approvals.documents.models import CaseFile
from approvals.documents.render import render_case_file
from approvals.documents.service import DocumentAltered, store_pdf, stored_bytes
from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.serving.models import ServiceAttempt
from cases.enums import ApplicationState, AttachmentKind
from cases.models import Application, Attachment
from common import clock
from common.errors import Refused
from common.pdf_join import join_apart, join_pdfs
from organisations.models import User
from payments.models import LaterAgreement
from policy.rules import RuleBook

logger = logging.getLogger(__name__)

# What is gathered goes through memory, decrypted; more than this is bound in parts by hand.
MOST_BYTES = 80 * 1024 * 1024
TOO_MUCH = "卷宗过大，另册装订"
A_FILM = "视频不能装订，请在送达记录中查看"
ALTERED = "文件与存档登记不一致"

# The order of filing: (kinds of papers, kinds of scans) of each stage.
_STAGES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (
        (DocumentKind.JOINT_APPLICATION, DocumentKind.AUTHORISATION, DocumentKind.MATERIALS_NOTICE),
        (AttachmentKind.MATERIAL, AttachmentKind.SIGNATURE),
    ),
    ((), (AttachmentKind.REPORT,)),
    ((DocumentKind.VISIT_FORM, DocumentKind.SELF_CARE_FORM), (AttachmentKind.VISIT_PHOTO,)),
    ((DocumentKind.APPRAISAL_RECORD, DocumentKind.CASE_BY_CASE_FORM), ()),
    ((DocumentKind.NOTICE_FORM,), (AttachmentKind.BOARD_PHOTO,)),
    (
        (DocumentKind.SERVICE_AGREEMENT, DocumentKind.CARE_AGREEMENT),
        (AttachmentKind.AGREEMENT,),
    ),
    ((DocumentKind.JOINT_MINUTES, DocumentKind.DECISION_FORM, DocumentKind.REFUSAL_NOTICE), ()),
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One paper of the file: what it is called, who answers for it, of which day, and where it lies."""

    title: str
    person: str
    at: datetime
    name: str
    sha256: str


@transaction.atomic
def order_case_file(*, application: Application, actor: User) -> CaseFile:
    """Leave the order for a worker. The caller has asked who may read the papers."""
    from approvals.documents.tasks import bind_case_file

    if application.state == ApplicationState.DRAFT:
        raise Refused("申请尚在登记中，提交后才有卷宗。")
    pieces = pieces_of(application)
    if not pieces:
        raise Refused("还没有文书和附件，无可装订。")
    order = CaseFile.objects.create(
        application=application, ordered_by=actor, ordered_at=clock.now(), n_total=len(pieces)
    )
    transaction.on_commit(partial(bind_case_file.delay, order.pk))
    return order


def pieces_of(application: Application) -> list[Piece]:
    """Every paper and scan of the case, in the order of filing."""
    papers = list(application.documents.select_related("made_by").order_by("made_at", "pk"))
    scans = list(application.attachments.select_related("uploaded_by").order_by("uploaded_at", "pk"))
    found: list[Piece] = []
    for paper_kinds, scan_kinds in _STAGES:
        found += [_of_paper(paper) for kind in paper_kinds for paper in papers if paper.kind == kind]
        found += [_of_scan(scan) for kind in scan_kinds for scan in scans if scan.kind == kind]
    staged = {kind for paper_kinds, _ in _STAGES for kind in paper_kinds}
    found += [_of_paper(paper) for paper in papers if paper.kind not in staged]
    return [*found, *_proofs(application), *_later_agreements(application)]


def _of_paper(paper: Document) -> Piece:
    person = paper.made_by.display_name if paper.made_by is not None else "系统"
    title = f"{paper.get_kind_display()}　{paper.number}"
    return Piece(title, person, paper.made_at, paper.file.name, paper.sha256)


def _of_scan(scan: Attachment) -> Piece:
    title = "　".join(filter(None, [scan.get_kind_display(), scan.title]))
    return Piece(title, scan.uploaded_by.display_name, scan.uploaded_at, scan.file.name, scan.sha256)


def _proofs(application: Application) -> Iterator[Piece]:
    """The proofs of service, in the order in which they happened."""
    attempts = ServiceAttempt.objects.filter(document__application=application).exclude(proof="")
    for attempt in attempts.select_related("recorded_by", "document").order_by("happened_at", "pk"):
        title = f"送达凭据　{attempt.get_event_display()}　{attempt.document.number}"
        person = attempt.recorded_by.display_name
        yield Piece(title, person, attempt.happened_at, attempt.proof.name, attempt.proof_sha256)


def _later_agreements(application: Application) -> Iterator[Piece]:
    """Care agreements signed while the benefit ran, confirmed or not."""
    rows = LaterAgreement.objects.filter(benefit__application=application).exclude(scan="")
    for row in rows.select_related("recorded_by").order_by("pk"):
        title = f"后续照料协议　{row.signed_on:%Y-%m-%d} 签订"
        yield Piece(title, row.recorded_by.display_name, row.recorded_at, row.scan.name, row.scan_sha256)


def bind(order_id: int) -> None:
    """Gather, join and keep the file of an order. Twice is harmless: the first file stays."""
    order = CaseFile.objects.select_related(
        "application__village", "application__township", "application__county", "ordered_by"
    ).get(pk=order_id)
    if order.finished_at is not None:
        return
    pieces = pieces_of(order.application)
    contents, told = _gather(order, pieces)
    bound, pages = join_apart(contents)
    answers = iter(pages)
    told = [next(answers) if reason is None else reason for reason in told]
    front = render_case_file(_front(order.application, pieces, told))
    _finish(order, pieces, told, join_pdfs([front, bound] if bound else [front]))


def _gather(order: CaseFile, pieces: list[Piece]) -> tuple[list[bytes], list[str | None]]:
    """The decrypted files within the bound, and for each piece None or why it is not among them."""
    contents: list[bytes] = []
    told: list[str | None] = []
    size = 0
    for number, piece in enumerate(pieces, start=1):
        try:
            content = stored_bytes(piece.name, piece.sha256, f"case file {order.pk}, piece {number}")
        except DocumentAltered:
            told.append(ALTERED)
        else:
            film = piece.name.endswith(".mp4")
            size += 0 if film else len(content)
            told.append(A_FILM if film else TOO_MUCH if size > MOST_BYTES else None)
            if told[-1] is None:
                contents.append(content)
        CaseFile.objects.filter(pk=order.pk, finished_at__isnull=True).update(n_done=number)
    return contents, told


def _front(application: Application, pieces: list[Piece], told: list[int | str]) -> dict:
    """What cover and index say (facts.md 11); the first paper begins on page 1."""
    rows, page = [], 1
    for piece, pages in zip(pieces, told, strict=True):
        read = isinstance(pages, int)
        rows.append(
            {
                "title": piece.title,
                "person": piece.person,
                "on": timezone.localdate(piece.at).isoformat(),
                "page": _span(page, pages) if read else "",
                "why_not": "" if read else f"未能并入：{pages}",
            }
        )
        page += pages if read else 0
    book = RuleBook(application.township, clock.today())
    return {
        "title": "社会救助档案",
        "number": application.number,
        "category": application.get_programme_display(),
        "retention": book.text("archive.retention"),
        "name": application.applicant_name,
        "place": parts.place(application),
        "state": application.get_state_display(),
        "begun_on": parts.day(application.received_at or application.created_at),
        "ended_on": parts.day(application.decided_at) or "办理中",
        "bound_on": parts.day(clock.now()),
        "n_pages": page - 1,
        "rows": rows,
    }


def _span(first: int, pages: int) -> str:
    return str(first) if pages == 1 else f"{first}-{first + pages - 1}"


def _finish(order: CaseFile, pieces: list[Piece], told: list[int | str], content: bytes) -> None:
    left_out = [
        [piece.title, reason] for piece, reason in zip(pieces, told, strict=True) if isinstance(reason, str)
    ]
    name = store_pdf(content)
    values = {"file": name, "sha256": sha256(content).hexdigest(), "finished_at": clock.now()}
    values |= {"left_out": left_out, "n_total": len(pieces), "n_done": len(pieces)}
    if not CaseFile.objects.filter(pk=order.pk, finished_at__isnull=True).update(**values):
        default_storage.delete(name)


def sweep(before: datetime) -> int:
    """Bind the orders that a lost task left behind; how many there were."""
    waiting = CaseFile.objects.filter(finished_at__isnull=True, ordered_at__lt=before)
    ids = list(waiting.order_by("ordered_at").values_list("pk", flat=True))
    for order_id in ids:
        try:
            bind(order_id)
        except Exception:
            logger.exception("case file %s", order_id)
    return len(ids)
