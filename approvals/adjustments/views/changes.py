"""Pages: start a change of a standard, and see its drafts."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from approvals.adjustments import perms, queries, services
from approvals.adjustments.forms import ChangeForm
from approvals.adjustments.models import Adjustment
from approvals.adjustments.views.shared import SHOWN_RUNS, run_page, workbook
from common.errors import Refused
from organisations.access import holds_post, posts_required, require
from organisations.enums import Post
from organisations.scope import scope_of


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.READING)
def changes(request: HttpRequest) -> HttpResponse:
    """The changes there were; the rule publisher also starts one."""
    scope = scope_of(request.user)
    may_start = scope.has(Post.RULE_PUBLISHER)
    chosen = {name: request.GET.get(name, "") for name in ("area", "programme", "rule")}
    form = ChangeForm(request.POST or None, scope=scope, posts=(Post.RULE_PUBLISHER,), initial=chosen)
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


def change_or_404(request: HttpRequest, pk: int) -> Adjustment:
    return get_object_or_404(queries.visible_changes(scope_of(request.user)), pk=pk)


@require_safe
@posts_required(*perms.READING)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """Was, is, difference, reason; what people must look at; and the two posts' buttons by township."""
    run = change_or_404(request, pk)
    context = {"run": run, "sheet": queries.change_sheet(run, request.user)}
    return run_page(request, "adjustments/change.html", context, run)


@require_safe
@posts_required(*perms.READING)
def change_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The drafts within reach as a sheet."""
    run = change_or_404(request, pk)
    return workbook(queries.export_change(run, request.user), f"change-{run.pk}")
