"""The months and their draws."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.errors import Refused
from organisations.access import posts_required, require
from organisations.enums import AreaLevel, Post
from organisations.models import Area
from organisations.scope import scope_of
from supervision import perms, queries, services
from supervision.enums import Frame
from supervision.forms import TextForm, month_key
from supervision.models import SamplingRun, county_condition


def run_or_404(request: HttpRequest, pk: int) -> SamplingRun:
    """The draw, if it is of a county of the reader; 403 with the reason for posts that do not oversee."""
    visible = SamplingRun.objects.visible_to(scope_of(request.user))
    found = get_object_or_404(visible.select_related("county", "rule__document", "drawn_by"), pk=pk)
    require(perms.can_read_run(request.user, found))
    return found


def _reason_form(data=None) -> TextForm:
    return TextForm(
        data,
        label="重抽理由",
        longest=500,
        missing="请填写重抽理由，理由会一直显示在抽查页面上。",
        help_text="重抽会新增一次抽取，原抽取和理由长期保留；原来抽中的仍须核查。",
    )


@require_safe
@posts_required(*perms.OVERSEERS)
def run_list(request: HttpRequest) -> HttpResponse:
    """Months, newest first, with their draws and how far the reviews are."""
    scope = scope_of(request.user)
    before = month_key(request.GET.get("before", ""))
    months = queries.month_list(scope, now=clock.now(), before=before)
    context = {
        "sections": months.sections,
        "older_url": f"?before={months.older:%Y-%m}" if months.older else "",
        "newer_url": f"?before={months.newer:%Y-%m}" if months.newer else "",
        "may_draw": scope.has(Post.AUDITOR),
    }
    return render(request, "supervision/runs.html", context)


@require_POST
@posts_required(Post.AUDITOR)
def draw(request: HttpRequest) -> HttpResponse:
    """Draw a month now that the job has not drawn."""
    counties = Area.objects.filter(county_condition(scope_of(request.user), path=""), level=AreaLevel.COUNTY)
    county = get_object_or_404(counties, code=request.POST.get("county", "").replace("\x00", ""))
    month, programme = month_key(request.POST.get("month", "")), request.POST.get("programme", "")
    if month is None or programme not in Frame.values:
        raise Http404("没有这个月份或项目")
    require(perms.can_draw(request.user, county))
    try:
        found = services.draw_month(
            county=county, programme=programme, month=month, actor=request.user, at=clock.now()
        )
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("supervision:runs")
    if found is None:
        messages.info(request, "该月没有新增对象，无需抽取。")
        return redirect("supervision:runs")
    messages.success(request, f"已抽取 {found.n_drawn} 件。")
    return redirect("supervision:run", pk=found.pk)


@require_safe
def run(request: HttpRequest, pk: int) -> HttpResponse:
    """One draw: how it was made, how to repeat it, what was drawn and how far the reviews are."""
    return _show(request, run_or_404(request, pk), _reason_form())


def _show(request: HttpRequest, found: SamplingRun, form: TextForm) -> HttpResponse:
    context = {
        "run": found,
        "sheet": queries.run_sheet(found, scope_of(request.user)),
        "form": form,
        "may_redraw": perms.can_draw(request.user, found.county),
    }
    return render(request, "supervision/run.html", context)


@require_safe
def frame(request: HttpRequest, pk: int) -> HttpResponse:
    """The frame file, byte for byte as it was hashed."""
    found = run_or_404(request, pk)
    response = HttpResponse(found.frame.encode(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{queries.frame_name(found)}"'
    return response


@require_POST
def run_redraw(request: HttpRequest, pk: int) -> HttpResponse:
    """A new attempt with its reason."""
    found = run_or_404(request, pk)
    require(perms.can_draw(request.user, found.county))
    form = _reason_form(request.POST)
    if form.is_valid():
        try:
            again = services.redraw(
                run=found, reason=form.cleaned_data["text"], actor=request.user, at=clock.now()
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"已重新抽取，第 {again.attempt} 次，抽中 {again.n_drawn} 件。")
            return redirect("supervision:run", pk=again.pk)
    return _show(request, found, form)
