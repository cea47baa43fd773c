"""Pages: try rules out, and change a standard."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.adjustments import perms, queries, services
from approvals.adjustments.forms import ChangeForm, RowFilter, SeenForm, WhatIfForm
from approvals.adjustments.models import Adjustment, AdjustmentProposal, WhatIfRun
from common import clock
from common.errors import Refused
from organisations.access import holds_post, posts_required, require
from organisations.enums import AreaLevel, Post
from organisations.models import Area
from organisations.scope import scope_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN_RUNS = 50
REFRESH_SECONDS = 5


def _workbook(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return response


def _page(request: HttpRequest, template: str, context: dict, run) -> HttpResponse:
    """The page of a run; while it works, the browser asks again by itself (without a script)."""
    response = render(request, template, context)
    if run.finished_at is None and not run.is_stuck:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.TRYING)
def what_ifs(request: HttpRequest) -> HttpResponse:
    """The runs there were, and the form that starts another."""
    scope = scope_of(request.user)
    form = WhatIfForm(request.POST or None, scope=scope, posts=perms.TRYING, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            run = services.start_what_if(**form.cleaned_data, actor=request.user)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "已开始试算，页面会自动刷新进度。")
            return redirect("adjustments:what_if", run.pk)
    context = {"form": form, "runs": list(queries.visible_runs(scope)[:SHOWN_RUNS])}
    return render(request, "adjustments/what_ifs.html", context)


def _run_or_404(request: HttpRequest, pk: int) -> WhatIfRun:
    return get_object_or_404(queries.visible_runs(scope_of(request.user)), pk=pk)


@require_safe
@posts_required(*perms.TRYING)
def what_if(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress, then the figures by township, a chart and the cases that change."""
    run = _run_or_404(request, pk)
    narrowed = RowFilter(request.GET, towns=queries.towns_of(run))
    chosen = narrowed.cleaned_data if narrowed.is_valid() else {}
    town = chosen.get("township")
    sheet = queries.what_if_sheet(
        run, effect=chosen.get("effect", ""), township=town.code if town is not None else ""
    )
    export_url = reverse("adjustments:what_if_export", args=[pk])
    context = {"run": run, "sheet": sheet, "filters": narrowed, "export_url": export_url}
    return _page(request, "adjustments/what_if.html", context, run)


@require_safe
@posts_required(*perms.TRYING)
def what_if_export(request: HttpRequest, pk: int) -> HttpResponse:
    """All cases of a run as a sheet."""
    run = _run_or_404(request, pk)
    return _workbook(queries.export_what_if(run), f"what-if-{run.pk}")


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.READING)
def changes(request: HttpRequest) -> HttpResponse:
    """The changes there were; the rule publisher also starts one."""
    scope = scope_of(request.user)
    may_start = scope.has(Post.RULE_PUBLISHER)
    form = ChangeForm(request.POST or None, scope=scope, posts=(Post.RULE_PUBLISHER,))
    if request.method == "POST":
        require(holds_post(request.user, Post.RULE_PUBLISHER))
        if form.is_valid():
            try:
                run = services.start_adjustment(**form.cleaned_data, actor=request.user)
            except Refused as refused:
                refused.add_to(form)
            else:
                messages.success(request, "已开始测算草案，页面会自动刷新进度。")
                return redirect("adjustments:change", run.pk)
    runs = list(queries.visible_changes(scope)[:SHOWN_RUNS])
    context = {"form": form, "runs": runs, "may_start": may_start}
    return render(request, "adjustments/changes.html", context)


def _change_or_404(request: HttpRequest, pk: int) -> Adjustment:
    return get_object_or_404(queries.visible_changes(scope_of(request.user)), pk=pk)


@require_safe
@posts_required(*perms.READING)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Was, is, difference, reason; what people must look at; and the two posts' buttons by township."""
    run = _change_or_404(request, pk)
    context = {"run": run, "sheet": queries.change_sheet(run, request.user)}
    return _page(request, "adjustments/change.html", context, run)


@require_safe
@posts_required(*perms.READING)
def change_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The drafts within reach as a sheet."""
    run = _change_or_404(request, pk)
    return _workbook(queries.export_change(run, request.user), f"change-{run.pk}")


def _township_or_404(request: HttpRequest, run: Adjustment, code: str) -> Area:
    township = get_object_or_404(Area, code=code, level=AreaLevel.TOWNSHIP)
    if not township.prefix.startswith(run.area.prefix):
        raise Http404
    if not scope_of(request.user).covers(township, *perms.READING):
        raise Http404
    return township


@require_POST
@posts_required(*perms.READING)
def propose(request: HttpRequest, pk: int, township: str) -> HttpResponse:
    """The reviewer puts a township's drafts forward."""
    run = _change_or_404(request, pk)
    town = _township_or_404(request, run, township)
    require(perms.can_propose(request.user, run, town))
    try:
        services.propose(run=run, township=town, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{town.name}的调整已提出，请由审批岗确认。")
    return redirect("adjustments:change", pk)


@require_POST
@posts_required(*perms.READING)
def confirm(request: HttpRequest, pk: int, township: str) -> HttpResponse:
    """The approver confirms what the page showed."""
    run = _change_or_404(request, pk)
    town = _township_or_404(request, run, township)
    proposal = get_object_or_404(
        AdjustmentProposal.objects.select_related("township"), run=run, township=town
    )
    require(perms.can_confirm(request.user, proposal))
    n, _, difference = request.POST.get("seen", "").partition("/")
    seen = SeenForm({"n": n, "difference": difference})
    if not seen.is_valid():
        raise Http404
    try:
        done = services.confirm(
            proposal=proposal,
            actor=request.user,
            n_seen=seen.cleaned_data["n"],
            seen=seen.cleaned_data["difference"],
        )
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"已确认，{done.n_applied} 户自 {run.effective_on:%Y-%m} 起按新金额执行。")
    return redirect("adjustments:change", pk)
