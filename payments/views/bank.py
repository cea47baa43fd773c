"""Bank files out, answers in."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refused
from common.spreadsheets import SpreadsheetErrors
from common.uploads import send_private
from organisations.access import client_ip, require
from organisations.services import log_personal_data_read
from payments import perms, services
from payments.answer_format import template_rows
from payments.answer_layout import answer_layout_of, write_rows
from payments.forms import AnswerForm, SettlementForm
from payments.models import BankFile, UnknownAnswer
from payments.services.answers import read_answer, returned_answer
from payments.services.bank_files import read_bank_file
from payments.views.shared import CSV, XLSX, answer_or_404, do, file_or_404, to_batch, visible_batches

TYPES = {"xlsx": XLSX, "csv": CSV}
ROWS_SHOWN = 200


def by_the_rules(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """The form of an answer is a rule: where it is missing, or no longer that of what was uploaded, the list
    of batches says so.
    """

    @wraps(view)
    def guarded(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except Refused as refused:
            messages.error(request, str(refused))
            return redirect("payments:batches")

    return guarded


@require_POST
def download(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The stored bytes. They hold full account numbers, so the look is recorded."""
    file = file_or_404(request, pk)
    if form not in TYPES:
        raise Http404
    require(perms.can_download(request.user, file))
    try:
        content = read_bank_file(file, form)
    except Refused as refused:
        messages.error(request, str(refused))
        return to_batch(file.batch_id)
    log_personal_data_read(
        user=request.user,
        subject=f"bank_file:{file.pk}",
        fields=f"收款人、收款账号（{file.n_transfers} 笔）",
        reason="下载代发文件报送银行",
        ip=client_ip(request),
    )
    return send_private(content, content_type=TYPES[form], filename=f"{file.number}.{form}")


@require_http_methods(["GET", "HEAD", "POST"])
@by_the_rules
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Upload what the bank answered; the form is explained beside it."""
    file = file_or_404(request, pk)
    require(perms.can_answer(request.user, file))
    form = AnswerForm(request.POST or None, request.FILES or None)
    errors: list = []
    if request.method == "POST" and form.is_valid():
        try:
            stored = services.upload_answer(
                bank_file=file, upload=form.cleaned_data["file"], actor=request.user
            )
            return redirect("payments:answer_preview", stored.pk)
        except SpreadsheetErrors as refused:
            errors = refused.errors
            refused.add_to(form)
        except Refused as refused:
            refused.add_to(form)
    context = {"file": file, "form": form, "errors": errors, "layout": answer_layout_of(file.batch)}
    return render(request, "payments/answer.html", context)


@require_safe
@by_the_rules
def answer_template(request: HttpRequest, pk: int) -> HttpResponse:
    """An empty answer with the lines of the file filled in, accounts masked: what the bank is asked to
    return.
    """
    file = file_or_404(request, pk)
    require(perms.can_answer(request.user, file))
    layout = answer_layout_of(file.batch)
    content = write_rows(layout.columns, template_rows(file.number, file.transfers.order_by("line")), layout)
    return send_private(content, content_type=CSV, filename=f"{file.number}-回盘.csv")


@require_safe
@by_the_rules
def answer_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What would happen: matched, failed, unknown and missing lines, to the fen. Nothing is booked yet."""
    stored = answer_or_404(request, pk)
    file: BankFile = stored.bank_file
    require(perms.can_answer(request.user, file))
    if stored.confirmed_at is not None:
        messages.info(request, "这份回盘已于此前确认，没有重复入账。")
        return to_batch(file.batch_id)
    reading = read_answer(stored)
    context = {"answer": stored, "file": file, "reading": reading, "rows_shown": ROWS_SHOWN}
    return render(request, "payments/answer_preview.html", context)


@require_safe
@by_the_rules
def answer_return(request: HttpRequest, pk: int) -> HttpResponse:
    """What the bank has to look at again, in its own form with a column that says why."""
    stored = answer_or_404(request, pk)
    require(perms.can_answer(request.user, stored.bank_file))
    content, is_sheet = returned_answer(stored)
    form = "xlsx" if is_sheet else "csv"
    name = f"{stored.bank_file.number}-退回银行核对.{form}"
    return send_private(content, content_type=TYPES[form], filename=name)


@require_POST
def answer_confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the previewed answer over."""
    stored = answer_or_404(request, pk)
    require(perms.can_answer(request.user, stored.bank_file))
    do(request, lambda: services.confirm_answer(answer=stored, actor=request.user), "回盘已入账。")
    return to_batch(stored.bank_file.batch_id)


@require_http_methods(["GET", "HEAD", "POST"])
def unknown(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle a row of an answer that fits no line."""
    rows = UnknownAnswer.objects.select_related("answer__bank_file__batch__area", "settled_by")
    batches = visible_batches(request).order_by().values("pk")
    row = get_object_or_404(rows.filter(answer__bank_file__batch__in=batches), pk=pk)
    require(perms.can_answer(request.user, row.answer.bank_file))
    form = SettlementForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.settle_unknown(unknown=row, actor=request.user, **form.cleaned_data)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "已登记处理结果。")
            return to_batch(row.answer.bank_file.batch_id)
    return render(request, "payments/unknown.html", {"row": row, "form": form})
