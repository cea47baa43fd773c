"""现金、实物发放: one instalment that does not go to the bank, from the request to the signed receipt."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.errors import Refused
from common.paging import paged
from common.uploads import send_upload
from organisations.access import client_ip, posts_required, require
from organisations.models import User
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from payments import perms, services
from payments.hand_over_forms import AskForm, DecideForm, HandForm, HandOverFilter, ReceiptForm
from payments.models import HandOverRequest, Instalment
from payments.queries import hand_overs as queries

ROWS_SHOWN = 50
LABELS = {
    "ask": ("申请现金或实物发放", "登记并提请批准", "已登记，请批准。"),
    "decide": ("批准", "确定", "已办理。"),
    "give": ("发放", "发放并登记", "已登记发放，资金已支出；请及时上传签字的领取单。"),
    "receipt": ("领取签收", "上传", "领取签收已补齐。"),
}


def _instalment_or_404(request: HttpRequest, pk: int) -> Instalment:
    return get_object_or_404(queries.instalments_in_reach(scope_of(request.user)), pk=pk)


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def listing(request: HttpRequest) -> HttpResponse:
    """What is asked for and given in cash or goods within reach, and what each township gave this year."""
    form, scope = HandOverFilter(request.GET), scope_of(request.user)
    show, year = form.chosen(), clock.today().year
    rows = queries.request_rows(scope, show)
    page, pager = paged(rows, request.GET, size=ROWS_SHOWN, unit="笔", keep=f"show={show}")
    context = {
        "form": HandOverFilter({"show": show}),
        "rows": [_row(row) for row in page],
        "year": year,
        "towns": queries.given_by_town(scope, year),
    }
    return render(request, "payments/hand_overs.html", context | pager)


def _row(row: HandOverRequest) -> dict:
    given = getattr(row, "hand_over", None)
    return {"request": row, "given": given, "is_signed": hasattr(given, "receipt")}


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def page(request: HttpRequest, pk: int) -> HttpResponse:
    """Why, what, who agreed, who gave it to whom, and what may be done next."""
    return _page(request, _instalment_or_404(request, pk))


def _form(name: str, context: dict, user: User, data=None, files=None) -> forms.Form:
    """What a step asks; several forms on one page keep their ids apart."""
    auto_id = f"id_{name}_%s"
    if name == "ask":
        return AskForm(data, kinds=context["kinds"], auto_id=auto_id)
    if name == "give":
        staff = queries.staff_beside(context["newest"], user)
        initial = {"received_by": context["grant"].head_name}
        return HandForm(data, staff=staff, initial=initial, auto_id=auto_id)
    if name == "receipt":
        return ReceiptForm(data, files, auto_id=auto_id)
    return DecideForm(data, auto_id=auto_id)


def _page(request: HttpRequest, instalment: Instalment, bound: tuple | None = None) -> HttpResponse:
    """The page of an instalment; `bound`: (step, form) that was refused."""
    context = queries.hand_over_page(instalment, request.user)
    name, refused = bound or ("", None)
    offered = [step for step, verdict in context["may"].items() if verdict]
    context["sections"] = [
        {
            "name": step,
            "title": LABELS[step][0],
            "button": LABELS[step][1],
            "form": refused if step == name else _form(step, context, request.user),
        }
        for step in offered
        if step != "ask" or context["kinds"]
    ]
    context["forbidden"] = [
        (LABELS[step][0], verdict.reason)
        for step, verdict in context["may"].items()
        if verdict is not None and not verdict
    ]
    # Refused because somebody was quicker: the form is no longer offered, the sentence is still shown.
    context["orphan"] = refused if refused and name not in offered else None
    return render(request, "payments/hand_over.html", context)


CALLS: dict[str, Callable[[dict, User, forms.Form], object]] = {
    "ask": lambda context, actor, form: services.ask_hand_over(
        instalment=context["instalment"], actor=actor, **form.cleaned_data
    ),
    "decide": lambda context, actor, form: services.decide_hand_over(
        request=context["newest"], actor=actor, **form.cleaned_data
    ),
    "give": lambda context, actor, form: services.hand_over(
        request=context["newest"], actor=actor, entry=form.entry()
    ),
    "receipt": lambda context, actor, form: services.keep_receipt(
        hand_over=context["given"], actor=actor, upload=form.cleaned_data["file"]
    ),
}


@require_POST
@posts_required(*perms.BENEFIT_POSTS)
def step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take one step; refused, the page comes back with what was typed."""
    if name not in CALLS:
        raise Http404
    instalment = _instalment_or_404(request, pk)
    context = queries.hand_over_page(instalment, request.user)
    verdict = context["may"][name]
    if verdict is None:
        messages.error(request, "该步骤现在不能办理，请看本页的进度。")
        return redirect("payments:hand_over", pk)
    require(verdict)
    form = _form(name, context, request.user, request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, instalment, (name, form))
    try:
        CALLS[name](context, request.user, form)
    except Refused as refused:
        refused.add_to(form)
        return _page(request, _instalment_or_404(request, pk), (name, form))
    messages.success(request, LABELS[name][2])
    return redirect("payments:hand_over", pk)


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """The scan of the signed receipt; reading it is on record (LC-4.5)."""
    given = queries.handed(_instalment_or_404(request, pk))
    if given is None or not hasattr(given, "receipt"):
        raise Http404
    log_personal_data_read(
        user=request.user,
        subject=f"hand_over:{given.pk}",
        fields="领取人签字",
        reason="查阅领取签收",
        ip=client_ip(request),
    )
    scan = given.receipt
    return send_upload(scan.file, content_type=scan.content_type, name=f"领取签收-{given.pk}")
