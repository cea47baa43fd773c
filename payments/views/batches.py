"""月度发放: the months, a batch, and what is done with it."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.paging import paged
from organisations.access import posts_required, require
from organisations.scope import scope_of
from payments import perms, queries, services
from payments.enums import PaidProgramme
from payments.forms import MonthForm, PrepareForm, ReturnForm, SeenForm, page_key
from payments.fund_forms import SealForm
from payments.models import Batch
from payments.queries import batch_parts
from payments.queries.milestones import milestones
from payments.reserve import broken_by_sealing
from payments.views.shared import batch_or_404, do, to_batch


@require_safe
@posts_required(*perms.BATCH_POSTS)
def batches(request: HttpRequest) -> HttpResponse:
    """The payers of a month with their batches, or without."""
    form = MonthForm(request.GET)
    month, programme = form.chosen()
    rows = queries.month_rows(request.user, programme, month)
    context = {"form": form, "rows": rows, "month": month, "programme": programme}
    return render(request, "payments/batches.html", context)


@require_safe
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch: totals, lines, files, answers, ledger, trace."""
    return _batch_page(request, batch_or_404(request, pk), ReturnForm())


def _batch_page(
    request: HttpRequest, batch: Batch, return_form: ReturnForm, status: int = 200
) -> HttpResponse:
    show = page_key(request.GET, "show") or ""
    lines, after = queries.batch_lines(batch, after=page_key(request.GET, "after"), show=show)
    page = queries.batch_page(batch, request.user)
    may_seal = perms.can_seal(request.user, batch)
    breaks = broken_by_sealing(batch, clock.today()) if may_seal else None
    context = {
        "batch": batch,
        "page": page,
        "milestones": milestones(batch),
        "actions": [_button(batch, action) for action in page.actions if action.name != "seal" or not breaks],
        "breaks": breaks,
        "seal_form": SealForm() if breaks else None,
        "may_return": perms.can_return(request.user, batch),
        "may_download": perms.can_pay(request.user, batch),
        "return_form": return_form,
        "lines": lines,
        "show": show,
        "next_url": f"?{urlencode({'show': show, 'after': after})}" if after else "",
    }
    return render(request, "payments/batch.html", context, status=status)


@require_safe
def part(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """All files, entries or events of a batch, page by page."""
    batch = batch_or_404(request, pk)
    if name not in batch_parts.PARTS:
        raise Http404
    label, rows_of = batch_parts.PARTS[name]
    page, pager = paged(rows_of(batch), request.GET, size=batch_parts.SHOWN_A_PAGE, unit="条")
    context = {
        "batch": batch,
        "name": name,
        "label": label,
        "rows": [batch_parts.sentence(event) for event in page] if name == "events" else page.object_list,
        "balances": batch_parts.balances_of(batch) if name == "entries" and page.number == 1 else [],
        "may_download": perms.can_pay(request.user, batch),
    }
    return render(request, "payments/batch_part.html", context | pager)


def _button(batch: Batch, action: queries.Action) -> dict:
    button = {"label": action.label, "style": action.style, "why_not": action.verdict.reason}
    button["url"] = reverse(f"payments:{action.name}", args=[batch.pk])
    if action.name == "check":
        button |= {"name": "seen", "value": f"{batch.n_payments}/{batch.total}"}
    return button


@require_POST
def prepare_new(request: HttpRequest) -> HttpResponse:
    """Make the batch of a payer that has none for the month."""
    form = PrepareForm(request.POST)
    if not form.is_valid():
        raise Http404
    area, (month, programme) = form.cleaned_data["area"], form.chosen()
    if not scope_of(request.user).covers(area, *perms.BATCH_POSTS):
        raise Http404
    require(perms.can_prepare(request.user, area))
    made = []

    def act() -> None:
        made.append(services.prepare_month(area=area, programme=programme, month=month, actor=request.user))

    if do(request, act, "名册已编制，请由另一人复核。"):
        return to_batch(made[0].pk)
    query = urlencode({"month": f"{month:%Y-%m}", "programme": programme})
    return redirect(f"{reverse('payments:batches')}?{query}")


@require_POST
def prepare(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring the list up to date."""
    batch = batch_or_404(request, pk)
    require(perms.can_prepare(request.user, batch.area))
    values = {"area": batch.area, "month": batch.month, "actor": request.user}
    if batch.programme == PaidProgramme.PRICE_SUBSIDY:
        act = partial(services.prepare_subsidy, **values)
    else:
        act = partial(services.prepare_month, programme=batch.programme, **values)
    do(request, act, "名册已按最新在册待遇更新。")
    return to_batch(pk)


@require_POST
def check(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person confirms the list as it stood on the page."""
    batch = batch_or_404(request, pk)
    require(perms.can_act_as_checker(request.user, batch))
    n, _, total = request.POST.get("seen", "").partition("/")
    seen = SeenForm({"n": n, "total": total})
    if not seen.is_valid():
        raise Http404
    values = {"n_seen": seen.cleaned_data["n"], "total_seen": seen.cleaned_data["total"]}
    do(request, lambda: services.check_batch(batch=batch, actor=request.user, **values), "已复核，可以封账。")
    return to_batch(pk)


@require_POST
def return_batch(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a checked list back to preparation."""
    batch = batch_or_404(request, pk)
    require(perms.can_act_on(request.user, batch))
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _batch_page(request, batch, form, status=422)
    reason = form.cleaned_data["reason"]
    do(
        request,
        lambda: services.return_batch(batch=batch, reason=reason, actor=request.user),
        "已退回编制。",
    )
    return to_batch(pk)


@require_POST
def ask_month(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the checked list to finance with the request for its money."""
    batch = batch_or_404(request, pk)
    require(perms.can_pay(request.user, batch, "用款申请"))
    do(
        request,
        lambda: services.ask_for_month(batch=batch, actor=request.user),
        "名册和用款申请已报送，待财政拨付。",
    )
    return to_batch(pk)


@require_POST
def seal(request: HttpRequest, pk: int) -> HttpResponse:
    """Freeze the list."""
    batch = batch_or_404(request, pk)
    require(perms.can_act_on(request.user, batch))
    form = SealForm(request.POST)
    if not form.is_valid():
        messages.error(request, "低于最低留存的理由不超过 200 字，不能有特殊字符。")
        return to_batch(pk)
    reason = form.cleaned_data["reason"]
    do(
        request,
        lambda: services.seal_batch(batch=batch, actor=request.user, reason=reason),
        "已封账，明细不再变动。",
    )
    return to_batch(pk)


@require_POST
def bank_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Make the files for the bank."""
    batch = batch_or_404(request, pk)
    require(perms.can_pay(request.user, batch))
    do(
        request,
        lambda: services.make_bank_files(batch=batch, actor=request.user),
        "代发文件已生成，请下载报送银行。",
    )
    return to_batch(pk)


@require_POST
def retry(request: HttpRequest, pk: int) -> HttpResponse:
    """Another file with the lines that failed."""
    batch = batch_or_404(request, pk)
    require(perms.can_pay(request.user, batch))
    do(
        request,
        lambda: services.retry_failed(batch=batch, actor=request.user),
        "补发文件已生成，请下载报送银行。",
    )
    return to_batch(pk)


@require_safe
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How many files of a large batch are written: a fragment that the page asks for every two seconds."""
    batch = batch_or_404(request, pk)
    if not request.htmx:
        return to_batch(pk)
    tally = batch_parts.tally_of(batch)
    context = {"label": "正在生成代发文件", "done": tally.written, "total": tally.files}
    context["poll_url"] = reverse("payments:progress", args=[pk])
    return render(request, "components/_progress.html", context)
