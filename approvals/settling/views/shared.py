"""What the pages of 一事一议 start with."""

from __future__ import annotations

from django.http import HttpRequest
from django.urls import reverse

from approvals.settling.models import CaseByCase
from cases.models import Application
from organisations.access import scoped_or_404
from organisations.scope import scope_of


def application_or_404(request: HttpRequest, pk: int) -> Application:
    rows = Application.objects.with_place().select_related("household", "created_by")
    return scoped_or_404(rows, scope_of(request.user), pk=pk)


def settlement_or_404(request: HttpRequest, pk: int) -> CaseByCase:
    rows = CaseByCase.objects.select_related(
        "referred_by",
        "application__household",
        *(f"application__{a}" for a in ("village", "township", "county")),
    )
    return scoped_or_404(rows, scope_of(request.user), scope_path="application__", pk=pk)


def case_tab(application: Application) -> str:
    return f"{reverse('workbench:case', args=[application.number])}?tab=settling"
