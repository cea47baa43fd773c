"""文书: making one, handing it out unchanged, printing many."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.documents import batches, perms, service
from approvals.documents.forms import BatchForm, KindForm, PaperForm
from approvals.documents.models import DocumentBatch
from approvals.documents.registry import FORMS
from approvals.enums import DocumentKind
from approvals.models import Document
from cases.models import Application
from common import clock
from common.errors import Refused
from common.uploads import send_private
from organisations.access import client_ip, posts_required, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read

REFRESH_SECONDS = 3
BIGGEST_KEY = 2**63 - 1


def _case_tab(application: Application) -> str:
    return f"{reverse('workbench:case', args=[application.number])}?tab=documents"


def _log_read(request: HttpRequest, subject: str, kind: str) -> None:
    """A form shows identity numbers in full: its download is on record before it is sent."""
    if not FORMS[kind].public:
        log_personal_data_read(
            user=request.user,
            subject=subject,
            fields=f"文书：{DocumentKind(kind).label}",
            reason="查阅或打印文书",
            ip=client_ip(request),
        )


@require_safe
def document(request: HttpRequest, pk: int) -> HttpResponse:
    """The PDF, byte for byte as it was made; refused loudly when the stored file is another."""
    documents = Document.objects.select_related("application__village")
    found = scoped_or_404(documents, scope_of(request.user), scope_path="application__", pk=pk)
    require(perms.can_read_document(request.user, found.application))
    try:
        content = service.document_bytes(found)
    except service.DocumentAltered:
        return render(request, "approvals/document_altered.html", {"number": found.number}, status=409)
    _log_read(request, f"document:{found.pk}", found.kind)
    name = f"{found.get_kind_display()}-{found.application.number}.pdf"
    return send_private(
        content, content_type="application/pdf", filename=name, inline="download" not in request.GET
    )


@require_POST
def document_make(request: HttpRequest, pk: int) -> HttpResponse:
    """Make one form of a case, or find the one there is."""
    application = scoped_or_404(Application.objects.with_place(), scope_of(request.user), pk=pk)
    require(perms.can_make_document(request.user, application))
    form = PaperForm(request.POST)
    if not form.is_valid():
        messages.error(request, "没有这种文书。")
        return redirect(_case_tab(application))
    kind, matter = DocumentKind(form.cleaned_data["kind"]), form.cleaned_data["matter"]
    if kind not in FORMS or matter not in FORMS[kind].matters(application):
        raise Http404("没有这种文书")
    try:
        made = service.make_document(application=application, kind=kind, actor=request.user, matter=matter)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{made.get_kind_display()}已制作，文号 {made.number}。")
    return redirect(_case_tab(application))


@require_safe
def document_draft(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """How a form would look if it were made now, marked as a draft."""
    application = scoped_or_404(
        Application.objects.with_place().select_related("household"), scope_of(request.user), pk=pk
    )
    require(perms.can_make_document(request.user, application))
    matter = request.GET.get("matter", "")
    if kind not in FORMS or matter not in FORMS[kind].matters(application):
        raise Http404("没有这种文书")
    try:
        content = service.draft_pdf(
            application=application, kind=DocumentKind(kind), matter=matter, actor=request.user
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_case_tab(application))
    _log_read(request, f"application:{application.pk}", kind)
    name = f"草稿-{DocumentKind(kind).label}-{application.number}.pdf"
    return send_private(content, content_type="application/pdf", filename=name, inline=True)


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.MAKERS)
def documents_batch(request: HttpRequest) -> HttpResponse:
    """Order many forms: the chosen applications, or all of a place and month."""
    scope = scope_of(request.user)
    chosen = request.POST.getlist("applications")
    if chosen:
        form = KindForm(request.POST)
    else:
        form = BatchForm(request.POST or None, scope=scope, initial={"month": f"{clock.today():%Y-%m}"})
    if request.method == "POST" and form.is_valid():
        ids = _chosen(scope, chosen) if chosen else _of_place(scope, form.cleaned_data)
        try:
            batch = batches.order_documents(
                applications=ids, kind=DocumentKind(form.cleaned_data["kind"]), actor=request.user
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            return redirect("approvals:documents_progress", batch.pk)
    recent = DocumentBatch.objects.filter(ordered_by=request.user).order_by("-pk")[:10]
    return render(request, "approvals/documents_batch.html", {"form": form, "recent": recent})


def _chosen(scope, values: list[str]) -> list[int]:
    """The chosen ids in their order; one out of reach is 404, as if there were no such application."""
    ids = [
        int(value) for value in values if value.isascii() and value.isdigit() and int(value) <= BIGGEST_KEY
    ]
    reachable = set(
        Application.objects.filter(scope.filter(*perms.MAKERS), pk__in=ids).values_list("pk", flat=True)
    )
    if len(ids) != len(values) or not reachable.issuperset(ids):
        raise Http404("没有这项申请")
    return list(dict.fromkeys(ids))


def _of_place(scope, chosen: dict) -> list[int]:
    cases = batches.cases_to_print(scope, kind=chosen["kind"], area=chosen["area"], month=chosen["month"])
    return list(dict.fromkeys(cases.values_list("pk", flat=True)[: batches.MOST + 1]))


def _own_batch(request: HttpRequest, pk: int) -> DocumentBatch:
    """An order is its owner's: the file may span places that a colleague does not see."""
    return get_object_or_404(DocumentBatch, pk=pk, ordered_by=request.user)


@require_safe
def documents_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is. The page asks again by itself, without script, until it is done."""
    batch = _own_batch(request, pk)
    response = render(request, "approvals/documents_progress.html", {"batch": batch})
    if batch.finished_at is None:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_safe
def documents_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The finished file of an order."""
    batch = _own_batch(request, pk)
    if not batch.sha256:
        raise Http404("文件尚未生成")
    try:
        content = service.stored_bytes(batch.file.name, batch.sha256, f"document batch {batch.pk}")
    except service.DocumentAltered:
        context = {"number": f"批量打印 {batch.pk}"}
        return render(request, "approvals/document_altered.html", context, status=409)
    _log_read(request, f"document_batch:{batch.pk}", batch.kind)
    name = f"{batch.get_kind_display()}-{batch.pk}.pdf"
    return send_private(
        content, content_type="application/pdf", filename=name, inline="download" not in request.GET
    )
