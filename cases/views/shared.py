"""What every view of this room starts and ends with."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse

from cases import perms
from cases.models import Application
from cases.queries import Duplicate
from organisations.access import require, scoped_or_404
from organisations.scope import Scope, scope_of


def case_of(request: HttpRequest, number: str) -> tuple[Application, Scope]:
    """The application in the person's reach (404 outside), and the scope it was found by."""
    scope = scope_of(request.user)
    require(perms.can_read_cases(scope))
    visible = Application.objects.visible_to(scope).with_place().select_related("household")
    return scoped_or_404(visible, scope, number=number), scope


def case_url(application: Application, tab: str = "household") -> str:
    """The case page of workbench, at a tab."""
    return f"{reverse('workbench:case', kwargs={'number': application.number})}?tab={tab}"


def to_case(application: Application, tab: str = "household") -> HttpResponseRedirect:
    return redirect(case_url(application, tab))


def sentences(duplicates: list[Duplicate], programme: str) -> list[dict]:
    """For the screen: a place in the same or an exclusive programme forbids, any other is good to know."""
    return [
        {
            "sentence": duplicate.sentence_for(programme)
            if duplicate.forbids(programme)
            else f"{duplicate.masked_name}另有{duplicate.township}的{duplicate.programme_label}申请 "
            f"{duplicate.number}（{duplicate.state_label}）。",
            "same": duplicate.forbids(programme),
        }
        for duplicate in duplicates
    ]
