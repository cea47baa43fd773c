"""临时救助待发: what waits to be paid, and putting it into a pay-out list."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common.errors import Refused
from organisations.access import posts_required, require
from organisations.scope import scope_of
from payments import perms, queries, services
from payments.forms import PayeeForm, PayoutForm, WaitingFilter, page_key
from payments.models import Grant, Payment
from payments.views.shared import do, may_go_on, payee_now, to_batch, visible_batches


@require_safe
@posts_required(*perms.BATCH_POSTS)
def waiting(request: HttpRequest) -> HttpResponse:
    """Instalments of 临时救助 in no list yet, by due day, each to be ticked by the payments clerk."""
    scope = scope_of(request.user)
    form = WaitingFilter(request.GET, scope=scope)
    rows = queries.waiting_instalments(scope, **form.chosen())
    page, after = queries.waiting_page(rows, page_key(request.GET, "after"))
    kept = {key: value for key, value in request.GET.items() if key in form.fields}
    context = {
        "form": form,
        "rows": page,
        "may_prepare": scope.has(*perms.PAYMENT_POSTS),
        "next_url": f"?{urlencode({**kept, 'after': after})}" if after else "",
    }
    return render(request, "payments/waiting.html", context)


@require_POST
@posts_required(*perms.PAYMENT_POSTS)
def prepare(request: HttpRequest) -> HttpResponse:
    """Put the ticked instalments into a new list."""
    form = PayoutForm(request.POST, rows=queries.waiting_instalments(scope_of(request.user), show="all"))
    if not form.is_valid():
        messages.error(request, next(iter(form.errors["instalments"])))
        return redirect("payments:waiting")
    made = []

    def act() -> None:
        chosen = [row.pk for row in form.cleaned_data["instalments"]]
        made.append(services.prepare_payout(instalments=chosen, actor=request.user))

    if do(request, act, "已列入发放清单，请由另一人复核。"):
        return to_batch(made[0].pk)
    return redirect("payments:waiting")


@require_POST
def take_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Take an instalment out of a list that is not checked."""
    batches = visible_batches(request).order_by().values("pk")
    payment = get_object_or_404(
        Payment.objects.select_related("batch__area").filter(batch__in=batches, instalment__isnull=False),
        pk=pk,
    )
    require(perms.can_prepare(request.user, payment.batch.area))
    do(request, lambda: services.take_out(payment=payment, actor=request.user), "已移出清单。")
    return to_batch(payment.batch_id)


@require_http_methods(["GET", "HEAD", "POST"])
def grant(request: HttpRequest, pk: int) -> HttpResponse:
    """One grant: its instalments, what was paid, and where the money goes."""
    visible = Grant.objects.visible_to(scope_of(request.user), *perms.BENEFIT_POSTS)
    found = visible.select_related("application", "township", "village", "decided_by").filter(pk=pk).first()
    if found is None:
        raise Http404
    may_correct = perms.can_correct_payee(request.user, found)
    form = PayeeForm(request.POST or None, initial=payee_now(found))
    if request.method == "POST":
        require(may_correct)
        if form.is_valid() and may_go_on(request, form, found):
            try:
                services.correct_grant_payee(grant=found, actor=request.user, **form.payee())
            except Refused as refused:
                refused.add_to(form)
            else:
                messages.success(request, "收款信息已更正，从下一份代发文件起使用。")
                return redirect("payments:grant", pk)
    context = {
        "grant": found,
        "parts": queries.parts_of(found),
        "money": {"payments": queries.grant_payments(found)},
        "changes": list(found.payee_changes.select_related("by").order_by("-pk")[:50]),
        "may_correct": may_correct,
        "may_file_proxy": bool(perms.can_file_proxy(request.user, found.application)),
        "form": form,
    }
    return render(request, "payments/grant.html", context)
