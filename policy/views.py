"""Pages that everybody may read: rules in force, clauses with their rules, and what is still to enter."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from organisations.scope import scope_of
from policy.forms import ClauseFilterForm, ReadinessForm, RuleFilterForm
from policy.models import Clause
from policy.perms import RULE_POSTS
from policy.queries import clauses_by_document, grouped, rule_rows, rules_citing
from policy.readiness import readiness as readiness_of


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in force in one of the person's areas on a day; the filter stays in the address."""
    form = RuleFilterForm(request.GET, scope=scope_of(request.user))
    valid = form.is_valid()
    area, day = form.area_chosen, form.day_chosen
    rows = []
    if valid and area:
        rows = rule_rows(area, day, group=form.cleaned_data["group"], text=form.cleaned_data["text"].strip())
    shown = {
        "form": form,
        "area": area,
        "day": day,
        "groups": grouped(rows),
        "valid": valid,
        "keeps_rules": scope_of(request.user).has(*RULE_POSTS),
    }
    return render(request, "policy/rules.html", shown)


@require_safe
def clauses(request: HttpRequest) -> HttpResponse:
    """The whole catalogue by document, each clause with how many rules rest on it today."""
    form = ClauseFilterForm(request.GET)
    groups = clauses_by_document(**form.cleaned_data) if form.is_valid() else []
    return render(request, "policy/clauses.html", {"form": form, "groups": groups})


@require_safe
def clause(request: HttpRequest, clause_id: str) -> HttpResponse:
    """What a clause says and which rules rest on it."""
    found = get_object_or_404(Clause.objects.select_related("document"), pk=clause_id)
    return render(request, "policy/clause.html", {"clause": found, "rows": rules_citing(found)})


@require_safe
def readiness(request: HttpRequest) -> HttpResponse:
    """What an office must enter or confirm before it goes live, for one of the person's areas."""
    form = ReadinessForm(request.GET, scope=scope_of(request.user))
    valid = form.is_valid()
    report = readiness_of(form.area_chosen, form.day_chosen) if valid and form.area_chosen else None
    return render(request, "policy/readiness.html", {"form": form, "valid": valid, "report": report})
