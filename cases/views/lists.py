"""The list of applications: filters in the address, keyset pages, masked export."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from cases import perms, queries
from cases.export import EXPORT_LIMIT, workbook_of
from cases.forms.filters import FilterForm
from common import clock
from common.uploads import send_private
from organisations.access import require
from organisations.scope import scope_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _cursor(request: HttpRequest, name: str) -> int | None:
    """A cursor from the address; what is none counts as absent."""
    text = request.GET.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None


def _address(request: HttpRequest, **cursor: int | None) -> str:
    """This page's filters with another cursor, or nothing when there is no such page."""
    (name, value), *_ = cursor.items()
    if value is None:
        return ""
    query: QueryDict = request.GET.copy()
    for old in ("before", "after"):
        query.pop(old, None)
    query[name] = str(value)
    return f"?{query.urlencode()}"


@require_safe
def applications(request: HttpRequest) -> HttpResponse:
    """在办申请 and all others in reach, newest first."""
    scope = scope_of(request.user)
    require(perms.can_read_cases(scope))
    form = FilterForm({"which": "open", **request.GET.dict()}, scope=scope)
    filters = form.filters()
    page = queries.page_of(scope, filters, before=_cursor(request, "before"), after=_cursor(request, "after"))
    query = request.GET.copy()
    for old in ("before", "after"):
        query.pop(old, None)
    context = {
        "form": form,
        "page": page,
        "filters": filters,
        "prev_url": _address(request, after=page.newer),
        "next_url": _address(request, before=page.older),
        "export_query": query.urlencode(),
        "export_limit": EXPORT_LIMIT,
        "can_register": perms.can_register_somewhere(scope),
    }
    return render(request, "cases/list.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list as .xlsx: names and numbers masked, newest first, at most EXPORT_LIMIT rows."""
    scope = scope_of(request.user)
    require(perms.can_read_cases(scope))
    filters = FilterForm({"which": "open", **request.GET.dict()}, scope=scope).filters()
    content = workbook_of(queries.filtered(scope, filters))
    return send_private(content, content_type=XLSX, filename=f"救助申请-{clock.today():%Y%m%d}.xlsx")
