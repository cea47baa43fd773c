"""送达: the chain of a paper, recording an attempt, and the proofs."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.documents.perms import can_read_document
from approvals.documents.render import render_one
from approvals.models import Document
from approvals.serving import papers, perms, queries, services
from approvals.serving.chain import ATTEMPTS, TO_SERVE
from approvals.serving.forms import AttemptForm
from approvals.serving.models import ServiceAttempt
from common import clock
from common.errors import Refused
from common.uploads import send_private, send_upload
from organisations.access import client_ip, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read


def _document_or_404(request: HttpRequest, pk: int) -> Document:
    """A paper in reach that is served at all."""
    served = Document.objects.filter(kind__in=TO_SERVE).select_related(
        "application__village", "application__township", "application__county", "application__household"
    )
    return scoped_or_404(served, scope_of(request.user), scope_path="application__", pk=pk)


def _address(document: Document) -> str:
    return reverse("serving:service", args=[document.pk])


@require_safe
def service(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the service of a paper is, with each proof, and what may follow."""
    document = _document_or_404(request, pk)
    require(can_read_document(request.user, document.application))
    case = f"{reverse('workbench:case', args=[document.application.number])}?tab=documents"
    context = {"document": document, "application": document.application, "back_url": case}
    return render(
        request, "serving/service.html", context | queries.service_panel(document, request.user, clock.now())
    )


@require_http_methods(["GET", "HEAD", "POST"])
def attempt(request: HttpRequest, pk: int, event: str) -> HttpResponse:
    """Record one attempt."""
    document = _document_or_404(request, pk)
    require(perms.can_serve(request.user, document))
    if event not in ATTEMPTS:
        raise Http404("没有这种送达方式")
    rule = ATTEMPTS[event]
    posted = request.method == "POST"
    files = (request.POST, request.FILES) if posted else ()
    form = AttemptForm(*files, attempt=rule, document=document, actor=request.user)
    if posted and form.is_valid():
        try:
            done = services.record_attempt(
                document=document,
                event=rule.event,
                entry=form.entry(),
                proof=form.cleaned_data.get("proof"),
                actor=request.user,
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"已登记：{done.get_event_display()}。")
            return redirect(_address(document))
    context = {
        "application": document.application,
        "form": form,
        "heading": f"{document.get_kind_display()} {rule.label}",
        "button": "保存",
        "back_url": _address(document),
        "multipart": True,
    }
    return render(request, "cases/form_page.html", context)


@require_safe
def blank(request: HttpRequest, pk: int) -> HttpResponse:
    """A receipt to take to the door, to be signed there."""
    document = _document_or_404(request, pk)
    require(perms.can_serve(request.user, document))
    content = render_one(papers.blank_receipt(document))
    name = f"送达回证-待签-{document.application.number}.pdf"
    return send_private(content, content_type="application/pdf", filename=name, inline=True)


@require_safe
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """The scan or photo behind an attempt; reading it is on record."""
    attempts = ServiceAttempt.objects.exclude(proof="").select_related("document__application__village")
    found = scoped_or_404(attempts, scope_of(request.user), scope_path="document__application__", pk=pk)
    require(can_read_document(request.user, found.document.application))
    log_personal_data_read(
        user=request.user,
        subject=f"service_attempt:{found.pk}",
        fields="送达凭据",
        reason="查阅送达凭据",
        ip=client_ip(request),
    )
    name = f"送达凭据-{found.document.application.number}"
    return send_upload(found.proof, content_type=found.proof_type, name=name)
