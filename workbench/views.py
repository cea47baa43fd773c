"""Pages that span the rooms: 工作台, 个案页, search and figures."""

from datetime import datetime, time

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from approvals.queries import actions_panel, deadlines_panel
from approvals.relief.queries import limits_of_case
from cases.models import Application
from cases.perms import can_read_cases
from cases.queries import search as search_cases
from common import clock
from organisations.access import require, scoped_or_404
from organisations.scope import scope_of
from workbench import queries
from workbench.month.places import READERS as MONTH_READERS
from workbench.panels import DEFAULT_TAB, TABS, tabs_for

_SHOWN = 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """工作台: my tasks by deadline, each with its next action one click away."""
    now = clock.now()
    todos = queries.todos_of(request.user)
    groups = queries.grouped(todos[:_SHOWN], now)
    return render(
        request,
        "workbench/home.html",
        {
            "today": clock.today(),
            "sees_month": scope_of(request.user).has(*MONTH_READERS),
            "groups": groups,
            "n_todos": len(todos),
            "n_hidden": max(len(todos) - _SHOWN, 0),
            "counts": {group.level: len(group.todos) for group in queries.grouped(todos, now)},
        },
    )


@require_safe
def case(request: HttpRequest, number: str) -> HttpResponse:
    """个案页: where the case stands, what may be done next and why, and everything known by tab."""
    scope = scope_of(request.user)
    require(can_read_cases(scope))
    visible = Application.objects.visible_to(scope).with_place().select_related("household", "created_by")
    application = scoped_or_404(visible, scope, number=number)
    tab = request.GET.get("tab", DEFAULT_TAB)
    if tab not in TABS:
        raise Http404("没有这个页签")
    return render(
        request,
        "workbench/case.html",
        {
            "application": application,
            "steps": queries.stepper(application),
            "tabs": tabs_for(application, tab),
            "panel_templates": TABS[tab].templates,
            **deadlines_panel(application, also=limits_of_case(application)),
            **actions_panel(application, request.user),
            **TABS[tab].context(application, request.user),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: HttpRequest) -> HttpResponse:
    """Find a case by number, name or ID number; by POST, because no ID number may stand in an address."""
    scope = scope_of(request.user)
    require(can_read_cases(scope))
    text = request.POST.get("q", "").replace("\x00", "").strip()[:60]
    found = search_cases(scope, text) if text else []
    if len(found) == 1 and found[0].number.lower() == text.lower():
        return redirect("workbench:case", number=found[0].number)
    return render(request, "workbench/search.html", {"found": found, "searched": bool(text)})


@require_safe
def statistics(request: HttpRequest) -> HttpResponse:
    """Figures of the person's area: open cases by state, decisions of this year by township."""
    scope = scope_of(request.user)
    require(can_read_cases(scope))
    today = clock.today()
    year_start = timezone.make_aware(datetime.combine(today.replace(month=1, day=1), time.min))
    return render(
        request,
        "workbench/statistics.html",
        {
            "year": today.year,
            "states": queries.state_counts(scope),
            "townships": queries.decided_by_township(scope, year_start),
            "next_month": clock.next_month(today),
            "starting": queries.monthly_approved(scope, clock.next_month(today)),
        },
    )
