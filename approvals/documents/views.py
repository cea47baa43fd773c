"""卷宗: ordering the file of a case, watching it being bound, reading it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from approvals.documents import casefile, perms, service
from approvals.documents.models import CaseFile
from cases.models import Application
from common.errors import Refused
from common.uploads import send_private
from organisations.access import client_ip, require, scoped_or_404
from organisations.scope import scope_of
from organisations.services import log_personal_data_read

REFRESH_SECONDS = 3


def _case_tab(application: Application) -> str:
    return f"{reverse('workbench:case', args=[application.number])}?tab=documents"


def _order_or_404(request: HttpRequest, pk: int) -> CaseFile:
    orders = CaseFile.objects.select_related("application__village", "ordered_by")
    order = scoped_or_404(orders, scope_of(request.user), scope_path="application__", pk=pk)
    require(perms.can_read_document(request.user, order.application))
    return order


@require_POST
def case_file_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Order the file of a case."""
    application = scoped_or_404(Application.objects.with_place(), scope_of(request.user), pk=pk)
    require(perms.can_read_document(request.user, application))
    try:
        order = casefile.order_case_file(application=application, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect(_case_tab(application))
    return redirect("approvals:case_file", order.pk)


@require_safe
def case_file(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the worker is. The page asks again by itself, without script, until it is done."""
    order = _order_or_404(request, pk)
    context = {"order": order, "back_url": _case_tab(order.application)}
    response = render(request, "approvals/case_file.html", context)
    if order.finished_at is None:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_safe
def case_file_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The bound file. It holds everything about the household: its reading is on record first (LC-4.5)."""
    order = _order_or_404(request, pk)
    if order.finished_at is None:
        raise Http404("卷宗尚未装订")
    try:
        content = service.stored_bytes(order.file.name, order.sha256, f"case file {order.pk}")
    except service.DocumentAltered:
        context = {"number": f"卷宗 {order.application.number}"}
        return render(request, "approvals/document_altered.html", context, status=409)
    log_personal_data_read(
        user=request.user,
        subject=f"case_file:{order.pk}",
        fields="卷宗全部内容",
        reason="查阅或打印卷宗",
        ip=client_ip(request),
    )
    name = f"卷宗-{order.application.number}.pdf"
    return send_private(
        content, content_type="application/pdf", filename=name, inline="download" not in request.GET
    )
