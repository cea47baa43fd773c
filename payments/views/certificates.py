"""救助证: the list, giving one out, reviewing, destroying."""

from __future__ import annotations

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from common.errors import Refused
from organisations.access import holds_post, posts_required, require
from organisations.enums import Post
from organisations.scope import scope_of
from payments import perms, queries, services
from payments.forms import CertificateFilter, CertificateForm, DestroyForm, PageKey
from payments.models import Benefit, Certificate
from payments.views.shared import do


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.BENEFIT_POSTS)
def certificates(request: HttpRequest) -> HttpResponse:
    """Certificates in reach; the handler gives one out by the number of the application."""
    scope = scope_of(request.user)
    form = CertificateForm(request.POST or None)
    if request.method == "POST":
        require(holds_post(request.user, Post.HANDLER))
        if form.is_valid() and _issue(request, form):
            return redirect("payments:certificates")
    narrowed, key = CertificateFilter(request.GET), PageKey(request.GET)
    show = narrowed.cleaned_data["show"] or "live" if narrowed.is_valid() else "live"
    before = key.cleaned_data["before"] if key.is_valid() else None
    rows, following = queries.certificate_list(scope, show=show, before=before)
    context = {
        "form": form if scope.has(Post.HANDLER) else None,
        "filters": narrowed,
        "rows": [
            {"row": row, "may_keep": bool(perms.can_keep_certificate(request.user, row.benefit))}
            for row in rows
        ],
        "next_url": f"?show={show}&before={following}" if following else "",
    }
    return render(request, "payments/certificates.html", context)


def _issue(request: HttpRequest, form: CertificateForm) -> bool:
    """Give one out; False with the sentence beside the field when it is refused."""
    visible = Benefit.objects.visible_to(scope_of(request.user), Post.HANDLER)
    benefit = visible.filter(application__number=form.cleaned_data["number"]).first()
    try:
        if benefit is None:
            raise Refused("您办理的区域内没有这个编号的在册对象，请核对申请编号。", field="number")
        made = services.issue_certificate(benefit=benefit, actor=request.user)
    except Refused as refused:
        form.add_error("number", str(refused))
        return False
    messages.success(request, f"已发证，证号 {made.number}。")
    return True


def _certificate_or_404(request: HttpRequest, pk: int) -> Certificate:
    rows = Certificate.objects.select_related("benefit__township", "benefit__village", "benefit__county")
    visible = rows.visible_to(scope_of(request.user), *perms.BENEFIT_POSTS)
    found = get_object_or_404(visible, pk=pk)
    require(perms.can_keep_certificate(request.user, found.benefit))
    return found


@require_POST
@posts_required(*perms.BENEFIT_POSTS)
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """年审."""
    found = _certificate_or_404(request, pk)
    act = partial(services.review_certificate, certificate=found, actor=request.user)
    do(request, act, f"{found.number} 已年审。")
    return redirect("payments:certificates")


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.BENEFIT_POSTS)
def destroy(request: HttpRequest, pk: int) -> HttpResponse:
    """Taken back and destroyed, with the reason."""
    found = _certificate_or_404(request, pk)
    form = DestroyForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.destroy_certificate(
                certificate=found, actor=request.user, reason=form.cleaned_data["reason"]
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"{found.number} 已登记销毁。")
            return redirect("payments:certificates")
    return render(request, "payments/certificate_destroy.html", {"certificate": found, "form": form})
