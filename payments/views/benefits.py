"""在册对象: the list, one benefit, and where its money goes."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.errors import Refused
from common.spreadsheets import write_workbook
from common.uploads import send_private
from organisations.access import client_ip, posts_required, require
from organisations.scope import scope_of
from organisations.services import log_personal_data_read
from payments import perms, queries, services
from payments.enums import PaymentKind
from payments.forms import BenefitFilter, CarePayeeForm, PayeeForm, ReasonForm, page_key
from payments.models import Benefit
from payments.views.shared import XLSX, benefit_or_404, may_go_on, payee_now


def _chosen(request: HttpRequest) -> tuple[BenefitFilter, object]:
    form = BenefitFilter(request.GET, scope=scope_of(request.user))
    rows = queries.benefit_list(scope_of(request.user), **form.chosen())
    return form, rows


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def benefits(request: HttpRequest) -> HttpResponse:
    """Who is in receipt in the areas of the person's posts, newest first."""
    form, rows = _chosen(request)
    page, before = queries.benefit_page(rows, page_key(request.GET, "before"))
    kept = {key: value for key, value in request.GET.items() if key in form.fields}
    context = {
        "form": form,
        "rows": page,
        "next_url": f"?{urlencode({**kept, 'before': before})}" if before else "",
        "export_query": urlencode(kept),
        "export_most": queries.EXPORT_MOST,
    }
    return render(request, "payments/benefits.html", context)


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def benefits_export(request: HttpRequest) -> HttpResponse:
    """The filtered list as .xlsx, names and accounts masked, the newest EXPORT_MOST of them."""
    _, rows = _chosen(request)
    title = f"在册对象　{clock.today():%Y-%m-%d}"
    content = write_workbook(title, queries.EXPORT_COLUMNS, queries.export_rows(rows[: queries.EXPORT_MOST]))
    return send_private(content, content_type=XLSX, filename=f"在册对象-{clock.today():%Y%m%d}.xlsx")


def _page(
    request: HttpRequest, benefit: Benefit, *, account: str = "", reason_form: ReasonForm | None = None
):
    context = {
        "money": queries.money_of(benefit),
        "benefit": benefit,
        "may_correct": perms.can_correct_payee(request.user, benefit),
        "may_file_proxy": bool(perms.can_file_proxy(request.user, benefit.application)),
        "may_change": perms.can_propose_change(request.user, benefit),
        "reason_form": reason_form or ReasonForm(),
        "account": account,
    }
    return render(request, "payments/benefit.html", context)


@require_safe
def benefit(request: HttpRequest, pk: int) -> HttpResponse:
    """One benefit with its amounts, payments and changes of account."""
    return _page(request, benefit_or_404(request, pk))


@require_POST
def benefit_account(request: HttpRequest, pk: int) -> HttpResponse:
    """The account in full: asks for a reason and records the look."""
    benefit = benefit_or_404(request, pk)
    require(perms.can_see_account(request.user, benefit))
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _page(request, benefit, reason_form=form)
    try:
        log_personal_data_read(
            user=request.user,
            subject=f"benefit:{benefit.pk}",
            fields="收款人、收款账号",
            reason=form.cleaned_data["reason"],
            ip=client_ip(request),
        )
    except Refused as refused:
        refused.add_to(form)
        return _page(request, benefit, reason_form=form)
    return _page(request, benefit, account=benefit.payee_account, reason_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def payee(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead the money to another account."""
    return _correct(request, benefit_or_404(request, pk), PaymentKind.REGULAR)


@require_http_methods(["GET", "HEAD", "POST"])
def care_payee(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead the care fee of 特困 to another account of the institution or carer."""
    return _correct(request, benefit_or_404(request, pk), PaymentKind.CARE)


def _correct(request: HttpRequest, benefit: Benefit, part: PaymentKind) -> HttpResponse:
    require(perms.can_correct_payee(request.user, benefit))
    is_care = part == PaymentKind.CARE
    if is_care:
        form = CarePayeeForm(
            request.POST or None, initial={"name": benefit.care_name, "bank": benefit.care_bank}
        )
    else:
        form = PayeeForm(request.POST or None, initial=payee_now(benefit))
    if request.method == "POST" and form.is_valid() and may_go_on(request, form, benefit):
        try:
            services.correct_payee(benefit=benefit, part=part, actor=request.user, **form.payee())
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "收款信息已更正，从下一份代发文件起使用。")
            return redirect("payments:benefit", benefit.pk)
    context = {"benefit": benefit, "form": form, "is_care": is_care}
    return render(request, "payments/payee.html", context)
