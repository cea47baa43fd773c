"""资金: what is in hand where, what was asked for, and each change."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from common import clock
from common.errors import Refused
from common.spreadsheets import write_csv, write_workbook
from common.uploads import send_private
from organisations.access import posts_required, require
from organisations.scope import scope_of
from payments import perms, services
from payments.enums import FundRequestState
from payments.forms import MonthForm, page_key
from payments.fund_forms import FundDecisionForm, FundRequestForm
from payments.models import Fund, FundRequest
from payments.queries import funds as queries
from payments.queries import months_to_choose
from payments.queries.finance import EXPORT_COLUMNS as FINANCE_COLUMNS
from payments.queries.finance import month_for_finance, use_of_year
from payments.reserve import Minimums
from payments.views.shared import CSV, XLSX, do

SHOWN = 50


@require_safe
@posts_required(*perms.BATCH_POSTS)
def funds(request: HttpRequest) -> HttpResponse:
    """Funds within reach with what must stay in them, what waits for finance, and the use of the year."""
    scope = scope_of(request.user)
    waiting = list(queries.fund_requests(scope, state=FundRequestState.ASKED)[:SHOWN])
    context = {
        "rows": queries.fund_rows(scope),
        "waiting": [(row, perms.can_decide_funds(request.user, row)) for row in waiting],
        "decided": queries.fund_requests(scope).exclude(state=FundRequestState.ASKED)[:SHOWN],
        "used": use_of_year(scope, clock.today().year),
        "months": months_to_choose(clock.today()),
        "year": clock.today().year,
        "may_ask": scope.has(*perms.PAYMENT_POSTS),
    }
    return render(request, "payments/funds.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@posts_required(*perms.PAYMENT_POSTS)
def fund_request(request: HttpRequest) -> HttpResponse:
    """Ask finance for money."""
    form = FundRequestForm(request.POST or None, user=request.user)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_for_funds(actor=request.user, **form.asked())
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, "已提交，待财政拨付。")
            return redirect("payments:funds")
    return render(request, "payments/fund_request.html", {"form": form})


@require_POST
def fund_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Finance gives the money, or says why not."""
    visible = queries.fund_requests(scope_of(request.user)).order_by().values("pk")
    found = get_object_or_404(FundRequest.objects.select_related("area", "county"), pk=pk, pk__in=visible)
    require(perms.can_decide_funds(request.user, found))
    form = FundDecisionForm(request.POST)
    if not form.is_valid():
        messages.error(request, "请选择拨付或不予拨付，说明不超过 200 字。")
        return redirect("payments:funds")
    remark = form.cleaned_data["remark"]
    if form.cleaned_data["outcome"] == "allocate":
        act, done = services.allocate_funds, "已拨付，余额已更新。"
    else:
        act, done = services.refuse_funds, "已退回申请，并告知理由。"
    do(request, lambda: act(request=found, actor=request.user, remark=remark), done)
    return redirect("payments:funds")


def _visible(request: HttpRequest) -> QuerySet[Fund]:
    funds = Fund.objects.visible_to(scope_of(request.user), *perms.BATCH_POSTS)
    return funds.select_related("area__parent")


@require_safe
def fund(request: HttpRequest, pk: int) -> HttpResponse:
    """One fund as a statement, newest change first, with the balances of a year."""
    found = get_object_or_404(_visible(request), pk=pk)
    rows = queries.fund_moves(found)
    before = page_key(request.GET, "before")
    page = list((rows.filter(pk__lt=before) if before else rows)[: SHOWN + 1])
    following = page[SHOWN - 1].pk if len(page) > SHOWN else None
    minimum = queries.minimum_for(found, Minimums(clock.today()))
    context = {
        "fund": found,
        "minimum": minimum,
        "is_short": minimum.broken_by(found.balance),
        "moves": page[:SHOWN],
        "balances": queries.balances(found, clock.today()),
        "next_url": f"?{urlencode({'before': following})}" if following else "",
    }
    return render(request, "payments/fund.html", context)


@require_safe
def fund_export(request: HttpRequest, pk: int) -> HttpResponse:
    """The statement for finance as .xlsx."""
    found = get_object_or_404(_visible(request), pk=pk)
    title = f"{found.area.name}{found.get_purpose_display()}资金收支明细　{clock.today():%Y-%m-%d}"
    content = write_workbook(title, queries.EXPORT_COLUMNS, queries.export_moves(found))
    return send_private(
        content, content_type=XLSX, filename=f"资金明细-{found.pk}-{clock.today():%Y%m%d}.xlsx"
    )


@require_safe
@posts_required(*perms.BATCH_POSTS)
def finance_export(request: HttpRequest, form: str) -> HttpResponse:
    """A month by township and programme, as .xlsx or as .csv in GB18030."""
    month, _ = MonthForm(request.GET).chosen()
    rows = month_for_finance(scope_of(request.user), month)
    name = f"救助资金发放汇总-{month:%Y%m}"
    if form == "csv":
        content = write_csv(FINANCE_COLUMNS, rows, encoding="gb18030")
        return send_private(content, content_type=CSV, filename=f"{name}.csv")
    if form != "xlsx":
        raise Http404
    content = write_workbook(f"救助资金发放汇总　{month:%Y-%m}", FINANCE_COLUMNS, rows)
    return send_private(content, content_type=XLSX, filename=f"{name}.xlsx")
