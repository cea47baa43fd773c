"""Two pages that everybody may read: the rules in force, and one clause with the rules that cite it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from organisations.scope import scope_of
from policy.forms import RuleFilterForm
from policy.models import Clause
from policy.queries import grouped, rule_rows, rules_citing


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in force in one of the person's areas on a day; the filter stays in the address."""
    form = RuleFilterForm(request.GET, scope=scope_of(request.user))
    valid = form.is_valid()
    area, day = form.area_chosen, form.day_chosen
    rows = []
    if valid and area:
        rows = rule_rows(area, day, group=form.cleaned_data["group"], text=form.cleaned_data["text"].strip())
    shown = {"form": form, "area": area, "day": day, "groups": grouped(rows), "valid": valid}
    return render(request, "policy/rules.html", shown)


@require_safe
def clause(request: HttpRequest, clause_id: str) -> HttpResponse:
    """What a clause says and which rules rest on it."""
    found = get_object_or_404(Clause.objects.select_related("document"), pk=clause_id)
    return render(request, "policy/clause.html", {"clause": found, "rows": rules_citing(found)})
