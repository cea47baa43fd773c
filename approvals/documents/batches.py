"""Printing many forms: which cases, the order, and the drawing of it."""

from __future__ import annotations

import logging
from datetime import date, datetime, time
from functools import partial
from hashlib import sha256

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from approvals.documents.models import DocumentBatch
from approvals.documents.perms import MAKERS
from approvals.documents.registry import FORMS
from approvals.documents.render import SLICE
from approvals.documents.service import make_documents, store_pdf
from approvals.enums import DocumentKind
from cases.models import Application
from common import clock
from common.errors import Refused
from common.pdf_join import join_pdfs
from organisations.models import Area, User
from organisations.scope import Scope

logger = logging.getLogger(__name__)

# A month of a large township. It is drawn in slices, of which one is in memory at a time.
MOST = 500


def cases_to_print(
    scope: Scope, *, kind: DocumentKind, area: Area | None, month: date
) -> QuerySet[Application]:
    """Cases in reach whose form of the kind belongs to the month (its first day), by place and number."""
    start = timezone.make_aware(datetime.combine(month, time.min))
    end = timezone.make_aware(datetime.combine(clock.next_month(month), time.min))
    cases = Application.objects.filter(scope.filter(*MAKERS)).filter(FORMS[kind].event(start, end))
    if area is not None:
        cases = cases.filter(**{area.level: area})
    return cases.order_by("village__code", "number").distinct()


@transaction.atomic
def order_documents(*, applications: list[int], kind: DocumentKind, actor: User) -> DocumentBatch:
    """Leave the order for a worker. `applications` are ids that the caller found within the actor's reach."""
    from approvals.documents.tasks import draw_document_batch

    if not applications:
        raise Refused("没有符合条件的申请，请更换文书、区域或月份。")
    if len(applications) > MOST:
        raise Refused(f"共 {len(applications)} 份，一次最多打印 {MOST} 份，请按村（社区）分批。")
    batch = DocumentBatch.objects.create(
        kind=kind, applications=applications, ordered_by=actor, ordered_at=clock.now()
    )
    transaction.on_commit(partial(draw_document_batch.delay, batch.pk))
    return batch


def draw_batch(batch_id: int) -> None:
    """Draw all, slice by slice, and make what is missing. Twice is harmless: the first file stays."""
    batch = DocumentBatch.objects.select_related("ordered_by").get(pk=batch_id)
    if batch.finished_at is not None:
        return
    cases = _in_order(batch.applications)
    files, refused = [], []
    for start in range(0, len(cases), SLICE):
        content, sentences = make_documents(
            applications=cases[start : start + SLICE], kind=batch.kind, actor=batch.ordered_by
        )
        files += [content] if content else []
        refused += [[case.number, sentence] for case, sentence in sentences]
        DocumentBatch.objects.filter(pk=batch_id, finished_at__isnull=True).update(
            n_done=min(start + SLICE, len(cases))
        )
    _finish(batch, files, refused)


def _in_order(ids: list[int]) -> list[Application]:
    found = Application.objects.with_place().in_bulk(ids)
    return [found[pk] for pk in ids if pk in found]


def _finish(batch: DocumentBatch, files: list[bytes], refused: list) -> None:
    values: dict = {"refused": refused, "finished_at": clock.now(), "n_done": batch.n_total}
    if files:
        content = join_pdfs(files)
        values |= {"file": store_pdf(content), "sha256": sha256(content).hexdigest()}
    first = DocumentBatch.objects.filter(pk=batch.pk, finished_at__isnull=True).update(**values)
    if not first and files:
        default_storage.delete(values["file"])


def sweep(before: datetime) -> int:
    """Draw the orders that a lost task left behind; how many there were."""
    waiting = DocumentBatch.objects.filter(finished_at__isnull=True, ordered_at__lt=before)
    ids = list(waiting.order_by("ordered_at").values_list("pk", flat=True))
    for batch_id in ids:
        try:
            draw_batch(batch_id)
        except Exception:
            logger.exception("document batch %s", batch_id)
    return len(ids)
