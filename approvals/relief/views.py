"""Pages of 急难先行救助: the short form, the list, one record with its moves."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from approvals.documents.render import render_one
from approvals.relief import papers, perms, queries, services
from approvals.relief.forms import CloseForm, PapersForm, PayForm, ReasonForm, ReliefForm, StateFilter
from approvals.relief.models import READING, DistrictNotice, EmergencyRelief
from approvals.relief.workflow import MOVES
from common.errors import Refused
from common.uploads import send_private
from organisations.access import client_ip, posts_required, require, scoped_or_404
from organisations.models import User
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from publicity.forms import ReasonForm as LookForm
from publicity.forms import page_key
from publicity.public_views import next_url


@require_safe
@posts_required(*READING)
def relief_list(request: HttpRequest) -> HttpResponse:
    """Reliefs in reach, newest first."""
    scope = scope_of(request.user)
    form = StateFilter(request.GET)
    state = form.cleaned_data["state"] if form.is_valid() else ""
    page = queries.relief_list(scope, state=state, before=page_key(request.GET))
    context = {
        "form": form,
        "rows": page.rows,
        "next_url": next_url(request, page.before),
        "may_register": perms.can_register_somewhere(scope),
    }
    return render(request, "relief/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest) -> HttpResponse:
    """One short form."""
    scope = scope_of(request.user)
    require(perms.can_register_somewhere(scope))
    form = ReliefForm(request.POST or None, scope=scope)
    if request.method == "POST" and form.is_valid():
        try:
            relief = services.register_relief(entry=form.entry(), actor=request.user)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"已登记 {relief.number}，请分管领导同意。")
            return redirect("relief:detail", relief.pk)
    return render(request, "relief/register.html", {"form": form})


def _relief_or_404(request: HttpRequest, pk: int) -> EmergencyRelief:
    reliefs = EmergencyRelief.objects.with_place().select_related(
        "application", "district_notice", "fund_move"
    )
    return scoped_or_404(reliefs, scope_of(request.user), scope_posts=READING, pk=pk)


@require_safe
@posts_required(*READING)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One relief: what happened, the clock, the moves, the trace. Who watches is on record too (LC-4.5)."""
    relief = _relief_or_404(request, pk)
    if scope_of(request.user).has(*perms.WATCHING):
        log_personal_data_read(
            user=request.user,
            subject=f"relief:{relief.pk}",
            fields="姓名、急难情形",
            reason="监督查阅急难先行救助",
            ip=client_ip(request),
        )
    return _page(request, relief)


def _form(name: str, relief: EmergencyRelief, data=None) -> forms.Form:
    """What a move asks; two forms on one page keep their ids apart."""
    made = {"decline": ReasonForm, "pay": PayForm, "close": CloseForm}
    auto_id = f"id_{name}_%s"
    if name == "begin_papers":
        return PapersForm(data, relief=relief, auto_id=auto_id)
    return made.get(name, forms.Form)(data, auto_id=auto_id)


def _page(request: HttpRequest, relief: EmergencyRelief, **given: object) -> HttpResponse:
    """The page of a relief; `bound`: (move, form) that was refused."""
    context = queries.record_context(relief, request.user)
    name, bound = given.get("bound") or ("", None)
    context["sections"] = [
        {"move": move, "form": bound if move.name == name else _form(move.name, relief)}
        for move in context["allowed"]
    ]
    # Refused because somebody was quicker: the form is no longer offered, the sentence is still shown.
    context["orphan"] = bound if bound and name not in {move.name for move in context["allowed"]} else None
    context |= {"look_form": given.get("look_form") or LookForm(), "seen": given.get("seen")}
    return render(request, "relief/detail.html", context)


CALLS: dict[str, Callable[[EmergencyRelief, User, dict, forms.Form], EmergencyRelief]] = {
    "agree": lambda relief, actor, data, form: services.agree(relief=relief, actor=actor),
    "decline": lambda relief, actor, data, form: services.decline(relief=relief, actor=actor, **data),
    "pay": lambda relief, actor, data, form: services.pay(relief=relief, actor=actor, entry=form.entry()),
    "begin_papers": lambda relief, actor, data, form: services.begin_papers(
        relief=relief, actor=actor, **data
    ),
    "close": lambda relief, actor, data, form: services.close(relief=relief, actor=actor, **data),
}


@require_POST
@posts_required(*READING)
def move(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Make one move; refused, the page comes back with what was typed."""
    if name not in CALLS:
        raise Http404
    relief = _relief_or_404(request, pk)
    rule = MOVES[name]
    require(perms.may_act(relief, rule, request.user))
    form = _form(name, relief, request.POST)
    if not form.is_valid():
        return _page(request, relief, bound=(name, form))
    try:
        done = CALLS[name](relief, request.user, form.cleaned_data, form)
    except Refused as refused:
        refused.add_to(form)
        return _page(request, _relief_or_404(request, pk), bound=(name, form))
    if name == "begin_papers":
        messages.success(request, f"已登记补办的申请 {done.application.number}，请补全后提交。")
        return redirect("cases:edit", number=done.application.number)
    messages.success(request, f"{done.number} 已办理“{rule.label}”。")
    return redirect("relief:detail", pk)


@require_safe
@posts_required(*READING)
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """《急难救助领取单》 to be signed on the spot. It shows the identity number: its print is on record."""
    relief = _relief_or_404(request, pk)
    require(perms.can_unmask(request.user, relief))
    if relief.state not in papers.PRINTED:
        raise Http404
    log_personal_data_read(
        user=request.user,
        subject=f"relief:{relief.pk}",
        fields="身份证号",
        reason="打印急难救助领取单",
        ip=client_ip(request),
    )
    content = render_one(papers.blank_receipt(relief))
    return send_private(
        content, content_type="application/pdf", filename=f"急难救助领取单-{relief.number}.pdf", inline=True
    )


@require_POST
@posts_required(*READING)
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """The district has read it."""
    relief = _relief_or_404(request, pk)
    notice = DistrictNotice.objects.select_related("relief__county").filter(relief=relief).first()
    if notice is None:
        raise Http404
    require(perms.can_acknowledge(request.user, notice))
    try:
        services.acknowledge(notice=notice, actor=request.user)
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, f"{relief.number} 的报告已签收。")
    return redirect("relief:detail", pk)


@require_POST
@posts_required(*READING)
def unmask(request: HttpRequest, pk: int) -> HttpResponse:
    """Identity number and telephone in full, once, with a reason, on record."""
    relief = _relief_or_404(request, pk)
    require(perms.can_unmask(request.user, relief))
    form, seen = LookForm(request.POST), None
    if form.is_valid():
        try:
            log_personal_data_read(
                user=request.user,
                subject=f"relief:{relief.pk}",
                fields="身份证号、联系电话",
                reason=form.cleaned_data["reason"],
                ip=client_ip(request),
            )
            seen = relief
        except Refused as refused:
            refused.add_to(form)
    return _page(request, relief, look_form=form, seen=seen)
