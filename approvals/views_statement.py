"""发放明细 on screen; on paper it is a document like the others (approvals.documents.money)."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from approvals.documents import perms as document_perms
from approvals.documents.money import matter_of
from approvals.documents.service import existing_document
from approvals.enums import DocumentKind
from approvals.statement import cases_for, statement_of
from cases.models import Application
from common import clock
from organisations.access import posts_required, scoped_or_404
from organisations.scope import scope_of
from payments import perms


class YearForm(forms.Form):
    """Which year; nonsense is the last one with money."""

    year = forms.IntegerField(required=False, min_value=1990, max_value=2200)


@require_safe
@posts_required(*perms.BENEFIT_POSTS)
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """All that became of the money of the applicant of a case, a year a page."""
    scope = scope_of(request.user)
    cases = Application.objects.with_place().select_related("household")
    application = scoped_or_404(cases, scope, scope_posts=perms.BENEFIT_POSTS, pk=pk)
    form = YearForm(request.GET)
    year = form.cleaned_data["year"] if form.is_valid() else None
    context = {
        "application": application,
        "statement": statement_of(application, cases_for(application, request.user), year),
        "kind": DocumentKind.MONEY_STATEMENT.value,
        "matter": matter_of(clock.today()),
        "paper": existing_document(application, DocumentKind.MONEY_STATEMENT, matter_of(clock.today())),
        "may_make": document_perms.can_make_document(request.user, application),
        "may_read": document_perms.can_read_document(request.user, application),
    }
    return render(request, "approvals/statement.html", context)
