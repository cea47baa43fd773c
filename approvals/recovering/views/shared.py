"""What the pages of recoveries have in common: finding one, and saving what a form says."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from approvals.recovering.models import Recovery
from cases.models import Application
from common.errors import Refused
from organisations.access import scoped_or_404
from organisations.scope import scope_of


def recovery_or_404(request: HttpRequest, pk: int) -> Recovery:
    return scoped_or_404(Recovery.objects.with_all(), scope_of(request.user), pk=pk)


def form_page(request: HttpRequest, form, application: Application, back: str, **words) -> HttpResponse:
    context = {"form": form, "application": application, "back": back}
    return render(request, "recovering/form.html", context | words)


def saved(form: forms.Form, act: Callable[[], object]) -> object | None:
    """What the service made of a valid form; None with the reason beside the field when it refused."""
    if not form.is_bound or not form.is_valid():
        return None
    try:
        return act()
    except Refused as refusal:
        refusal.add_to(form)
        return None
