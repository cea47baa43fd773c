"""「政策试算」: what the rules say about a household that is only described. Nothing is stored."""

from __future__ import annotations

import re
from string import ascii_uppercase

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from common.errors import Refused
from organisations.scope import scope_of
from policy.dry_run import OUTCOME_LABELS, dry_run
from policy.lines import Assessment
from policy.rules import NoRuleInForce
from policy.trial_forms import MOST_ROWS, PersonForm, TrialForm

_MEMBER_PATH = re.compile(r"members\[(\d+)\](?:\.(\w+))?")
_BADGES = {"eligible": "done", "ineligible": "muted", "case_by_case": "soon"}
_INCOME = {"income", "exempt_income"}


@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest) -> HttpResponse:
    """The form, and under it the answer with its lines; rows come and go by submit buttons."""
    typed, wanted = request.POST, _wanted_rows(request.POST)
    asking = request.method == "POST" and wanted == list(range(_n_rows(typed)))
    scope = scope_of(request.user)
    if not asking:
        form = TrialForm(initial=_kept(typed, ""), scope=scope) if typed else TrialForm(scope=scope)
        rows = [PersonForm(prefix=f"m{n}", initial=_kept(typed, f"m{row}-")) for n, row in enumerate(wanted)]
        return _page(request, form, rows, None)
    form = TrialForm(typed, scope=scope)
    rows = [PersonForm(typed, prefix=f"m{row}") for row in wanted]
    valid = all([form.is_valid(), *(row.is_valid() for row in rows)])
    return _page(request, form, rows, _answer(form, rows) if valid else None)


def _page(
    request: HttpRequest, form: TrialForm, rows: list[PersonForm], answer: Assessment | None
) -> HttpResponse:
    people = [(row, ascii_uppercase[n]) for n, row in enumerate(rows)]
    shown = {"form": form, "people": people, "n_rows": len(rows), "answer": answer}
    if answer is not None:
        shown |= {"outcome": OUTCOME_LABELS[answer.outcome], "badge": _BADGES[answer.outcome]}
    return render(request, "policy/trial.html", shown | {"may_add": len(rows) < MOST_ROWS})


def _n_rows(typed: QueryDict) -> int:
    text = typed.get("rows", "1")
    return min(max(int(text), 1), MOST_ROWS) if text.isascii() and text.isdigit() and len(text) < 4 else 1


def _wanted_rows(typed: QueryDict) -> list[int]:
    """Which rows to show next: those there were, with one more or one less where a button said so."""
    rows = list(range(_n_rows(typed)))
    if "add" in typed and len(rows) < MOST_ROWS:
        return [*rows, len(rows)]
    gone = typed.get("remove", "")
    return [row for row in rows if str(row) != gone] or rows[:1]


def _kept(typed: QueryDict, prefix: str) -> dict[str, str]:
    """What stood in the fields; a row that was not there yet begins as a new one does."""
    kept = {name.removeprefix(prefix): text for name, text in typed.items() if name.startswith(prefix)}
    boxes = ("co_living",) if kept and prefix else ()
    return {name: "" for name in boxes} | kept


def _answer(form: TrialForm, rows: list[PersonForm]) -> Assessment | None:
    """The answer of the rules, or None with the reason beside the field it is about."""
    members = [row.said(ascii_uppercase[n]) for n, row in enumerate(rows)]
    try:
        return dry_run(form.said(members))
    except NoRuleInForce as error:
        form.add_error(None, error.message)
    except Refused as error:
        _place(error, form, rows)
    return None


def _place(error: Refused, form: TrialForm, rows: list[PersonForm]) -> None:
    path = error.field or ""
    if found := _MEMBER_PATH.match(path):
        row, name = rows[int(found[1])], found[2] or ""
        row.add_error(name if name in row.fields and name not in _INCOME else None, str(error))
        return
    name = form.field_of(path)
    form.add_error(name if name in form.fields else None, str(error))
