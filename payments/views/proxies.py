"""代领协议: the list, filing one with its scan, the consent of another, and the end."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cases.models import Application
from common.errors import Refused
from common.paging import paged
from common.uploads import send_upload
from organisations.access import client_ip, posts_required, require
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from payments import perms, services
from payments.models import Benefit, Grant, ProxyAgreement
from payments.proxy_forms import ProxyEndForm, ProxyFilter, ProxyForm
from payments.queries.proxies import SHOWN, proxy_rows
from payments.views.shared import do


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def proxies(request: HttpRequest) -> HttpResponse:
    """Agreements within reach, each with what may be done about it."""
    form = ProxyFilter(request.GET)
    show = form.chosen()
    rows = proxy_rows(scope_of(request.user), show)
    page, pager = paged(rows, request.GET, size=SHOWN, unit="份", keep=f"show={show}")
    context = {
        "form": ProxyFilter({"show": show}),
        "rows": [_row(request, agreement) for agreement in page],
    }
    return render(request, "payments/proxies.html", context | pager)


def _row(request: HttpRequest, agreement: ProxyAgreement) -> dict:
    open_ = agreement.ended_at is None
    return {
        "agreement": agreement,
        "may_consent": bool(perms.can_consent(request.user, agreement)),
        "may_end": open_ and bool(perms.can_file_proxy(request.user, agreement.application)),
    }


def _application_or_404(request: HttpRequest, pk: int) -> Application:
    """A case that is paid, within reach."""
    scope = scope_of(request.user)
    benefits = Benefit.objects.visible_to(scope, *perms.BENEFIT_POSTS).order_by()
    grants = Grant.objects.visible_to(scope, *perms.BENEFIT_POSTS).order_by()
    rows = Application.objects.filter(pk__in=benefits.values("application")) | Application.objects.filter(
        pk__in=grants.values("application")
    )
    return get_object_or_404(rows.select_related("township", "village"), pk=pk)


def _agreement_or_404(request: HttpRequest, pk: int) -> ProxyAgreement:
    return get_object_or_404(proxy_rows(scope_of(request.user), "all"), pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.BENEFIT_POSTS)
def proxy_new(request: HttpRequest, pk: int) -> HttpResponse:
    """File a signed agreement about a case."""
    application = _application_or_404(request, pk)
    require(perms.can_file_proxy(request.user, application))
    form = ProxyForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.file_proxy(application=application, actor=request.user, **form.cleaned_data)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "代领协议已登记，由另一人同意后有效。")
            return redirect("payments:proxies")
    context = {"application": application, "form": form, "heading": "登记代领协议", "button": "登记"}
    return render(request, "payments/proxy_form.html", context)


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def proxy_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The scan, decrypted on the way out; the look is on record first."""
    found = _agreement_or_404(request, pk)
    log_personal_data_read(
        user=request.user,
        subject=f"proxy:{found.pk}",
        fields="代领协议扫描件",
        reason="查阅代领协议",
        ip=client_ip(request),
    )
    name, inline = f"代领协议-{found.pk}", "download" not in request.GET
    return send_upload(found.file, content_type=found.content_type, name=name, inline=inline)


@require_POST
@posts_required(*perms.BENEFIT_POSTS)
def proxy_consent(request: HttpRequest, pk: int) -> HttpResponse:
    """A second person consents."""
    found = _agreement_or_404(request, pk)
    require(perms.can_see_consent(request.user, found.application))
    act = partial(services.consent_to_proxy, agreement=found, actor=request.user)
    do(request, act, "已同意，代领协议在有效期内生效。")
    return redirect("payments:proxies")


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.BENEFIT_POSTS)
def proxy_end(request: HttpRequest, pk: int) -> HttpResponse:
    """End an agreement before its last day."""
    found = _agreement_or_404(request, pk)
    require(perms.can_file_proxy(request.user, found.application))
    form = ProxyEndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.end_proxy(agreement=found, actor=request.user, **form.cleaned_data)
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "代领协议已终止；请更正收款人，或另行登记协议。")
            return redirect("payments:proxies")
    context = {"application": found.application, "form": form, "heading": "终止代领协议", "button": "终止"}
    return render(request, "payments/proxy_form.html", context)
