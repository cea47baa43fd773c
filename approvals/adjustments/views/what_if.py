"""Pages: draft rules tried on the caseload."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from approvals.adjustments import perms, queries, services
from approvals.adjustments.forms import RowFilter, WhatIfForm
from approvals.adjustments.models import WhatIfRun
from approvals.adjustments.views.shared import SHOWN_RUNS, run_page, workbook
from common import clock
from common.errors import Refused
from organisations.access import posts_required
from organisations.scope import scope_of


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
    return run_page(request, "adjustments/what_if.html", context, run)


@require_safe
@posts_required(*perms.TRYING)
def what_if_export(request: HttpRequest, pk: int) -> HttpResponse:
    """All cases of a run as a sheet."""
    run = _run_or_404(request, pk)
    return workbook(queries.export_what_if(run), f"what-if-{run.pk}")
