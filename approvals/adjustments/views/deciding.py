"""Pages: propose, return, compute again, confirm; and what came of the households left to people."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from approvals.adjustments import perms, queries, services
from approvals.adjustments.forms import ReturnForm, SeenForm, SettleForm
from approvals.adjustments.models import Adjustment, AdjustmentProposal
from approvals.adjustments.views.changes import change_or_404
from common.errors import Refused
from organisations.access import posts_required, require
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import scope_of


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
    run = change_or_404(request, pk)
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
    run = change_or_404(request, pk)
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


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.DECIDING)
def return_drafts(request: HttpRequest, pk: int, township: str) -> HttpResponse:
    """Send a township's drafts back: the reviewer before they are proposed, the approver after."""
    run = change_or_404(request, pk)
    town = _township_or_404(request, run, township)
    proposal = run.proposals.filter(township=town).select_related("township").first()
    require(perms.can_return(request.user, run, town, proposal))
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.return_drafts(run=run, township=town, actor=request.user, **form.cleaned_data)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"{town.name}的草案已退回，可由审核岗重新测算。")
            return redirect("adjustments:change", pk)
    context = {"run": run, "township": town, "proposal": proposal, "form": form}
    return render(request, "adjustments/return.html", context)


@require_POST
@posts_required(*perms.READING)
def compute_again(request: HttpRequest, pk: int, township: str) -> HttpResponse:
    """New drafts for a township whose drafts were returned."""
    run = change_or_404(request, pk)
    town = _township_or_404(request, run, township)
    returned = get_object_or_404(run.returns.select_related("township"), township=town)
    require(perms.can_compute_again(request.user, returned))
    try:
        again = services.compute_again(returned=returned, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
        return redirect("adjustments:change", pk)
    messages.success(request, "已开始重新测算草案，页面会自动刷新进度。")
    return redirect("adjustments:change", again.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.READING)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A household that people had to look at: what the drafts say, and what came of it."""
    item = get_object_or_404(queries.manual_items(scope_of(request.user)), pk=pk)
    verdict = perms.can_settle(request.user, item)
    form = SettleForm(request.POST or None)
    if request.method == "POST":
        require(verdict)
        if form.is_valid():
            try:
                services.settle(item=item, actor=request.user, **form.cleaned_data)
            except Refused as refused:
                refused.add_to(form)
            else:
                messages.success(request, "处理结果已登记。")
                return redirect("adjustments:change", item.run_id)
    may_open_case = scope_of(request.user).has(*perms.DECIDING)
    context = {"item": item, "form": form, "may_settle": bool(verdict), "may_open_case": may_open_case}
    return render(request, "adjustments/settle.html", context)
