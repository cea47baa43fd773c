"""What was found, what the township says to it, and how it ends."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from common import clock
from common.errors import Refused
from common.verdict import Verdict
from organisations.access import posts_required, require, scoped_or_404
from organisations.models import User
from organisations.scope import scope_of
from supervision import perms, queries, services
from supervision.checklist import clause_texts
from supervision.forms import FindingFilter, TextForm, page_key
from supervision.models import Finding
from supervision.queries.tasks import level_of

_ANSWER = {"label": "整改答复", "longest": 2000, "missing": "请写明整改情况。"}
_CLOSE = {"label": "销号说明", "longest": 500, "help_text": "可以不填。销号后不能再改。"}
_RETURN = {"label": "退回理由", "longest": 500, "missing": "退回须写明理由。"}


@require_safe
@posts_required(*perms.FINDING_READERS)
def finding_list(request: HttpRequest) -> HttpResponse:
    """Findings in reach, newest first."""
    scope = scope_of(request.user)
    form = FindingFilter(request.GET, scope=scope)
    rows, next_url = [], ""
    if form.is_valid():
        state, today = form.cleaned_data["state"], clock.today()
        page = queries.finding_page(
            scope,
            state="" if state == "overdue" else state,
            township=form.cleaned_data["township"],
            overdue_on=today if state == "overdue" else None,
            before=page_key(request.GET.get("before", "")),
        )
        rows = [{"finding": finding, "level": level_of(finding, today)} for finding in page.rows]
        next_url = _page_url(request, page.before)
    return render(request, "supervision/findings.html", {"form": form, "rows": rows, "next_url": next_url})


def _page_url(request: HttpRequest, before: int | None) -> str:
    if before is None:
        return ""
    query = request.GET.copy()
    query["before"] = str(before)
    return f"?{query.urlencode()}"


def _finding_or_404(request: HttpRequest, pk: int) -> Finding:
    rows = Finding.objects.with_case().select_related("review__run", "review__reviewed_by", "found_by")
    found = scoped_or_404(rows, scope_of(request.user), pk=pk)
    require(perms.can_read_finding(request.user, found))
    return found


@require_safe
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding: the problem, its record, and what can be done next."""
    return _show(request, _finding_or_404(request, pk))


def _show(request: HttpRequest, found: Finding, **bound: TextForm) -> HttpResponse:
    context = {
        "finding": found,
        "level": level_of(found, clock.today()),
        "clause_text": clause_texts([found.clause]).get(found.clause, ""),
        "entries": queries.finding_trace(found),
        "may_answer": perms.can_answer(request.user, found),
        "may_settle": perms.can_settle(request.user, found),
        "sees_review": perms.can_read_review(request.user, found.review),
        "answer_form": TextForm(**_ANSWER),
        "close_form": TextForm(**_CLOSE, prefix="close"),
        "return_form": TextForm(**_RETURN, prefix="return"),
    }
    return render(request, "supervision/finding.html", context | bound)


def _move(
    request: HttpRequest,
    pk: int,
    *,
    form_name: str,
    form: Callable[[], TextForm],
    allowed: Callable[[User, Finding], Verdict],
    service: Callable[[Finding, str], Finding],
    done: str,
) -> HttpResponse:
    """The one way of all three moves: scope, permission, form, service."""
    found = _finding_or_404(request, pk)
    require(allowed(request.user, found))
    filled = form()
    if filled.is_valid():
        try:
            service(found, filled.cleaned_data["text"])
        except Refused as refused:
            refused.add_to(filled)
        else:
            messages.success(request, done)
            return redirect("supervision:finding", pk=pk)
    return _show(request, found, **{form_name: filled})


@require_POST
def finding_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """The township answers."""
    return _move(
        request,
        pk,
        form_name="answer_form",
        form=lambda: TextForm(request.POST, **_ANSWER),
        allowed=perms.can_answer,
        service=lambda found, text: services.answer_finding(finding=found, actor=request.user, text=text),
        done="整改答复已提交，等待区级监督岗销号。",
    )


@require_POST
def finding_close(request: HttpRequest, pk: int) -> HttpResponse:
    """The auditor is satisfied."""
    return _move(
        request,
        pk,
        form_name="close_form",
        form=lambda: TextForm(request.POST, **_CLOSE, prefix="close"),
        allowed=perms.can_settle,
        service=lambda found, text: services.close_finding(finding=found, actor=request.user, note=text),
        done="问题已销号。",
    )


@require_POST
def finding_return(request: HttpRequest, pk: int) -> HttpResponse:
    """The auditor is not."""
    return _move(
        request,
        pk,
        form_name="return_form",
        form=lambda: TextForm(request.POST, **_RETURN, prefix="return"),
        allowed=perms.can_settle,
        service=lambda found, text: services.return_finding(finding=found, actor=request.user, reason=text),
        done="已退回街道（乡镇）重新整改。",
    )
