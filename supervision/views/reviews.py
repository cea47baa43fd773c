"""The review of one drawn case."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from common.errors import Refused
from organisations.access import require, scoped_or_404
from organisations.scope import scope_of
from supervision import perms, services
from supervision.checklist import Question, clause_texts, questions_for
from supervision.enums import ReviewState
from supervision.forms import FindingFormSet, ReviewForm
from supervision.models import Review


@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, pk: int) -> HttpResponse:
    """The checklist of a drawn case: filled once by the auditor, afterwards as it was recorded."""
    found = scoped_or_404(
        Review.objects.with_case(), scope_of(request.user), scope_path="application__", pk=pk
    )
    require(perms.can_read_review(request.user, found))
    verdict = perms.can_review(request.user, found)
    if request.method == "POST":
        require(verdict)
        return _record(request, found)
    if found.state == ReviewState.DONE:
        return _show_recorded(request, found)
    questions = questions_for(found)
    form = ReviewForm(questions=questions)
    return _show_open(request, found, verdict, form, _findings(questions))


def _record(request: HttpRequest, found: Review) -> HttpResponse:
    questions = questions_for(found)
    form = ReviewForm(request.POST, questions=questions)
    findings = _findings(questions, request.POST)
    if form.is_valid() & findings.is_valid():
        try:
            services.record_review(
                review=found,
                actor=request.user,
                answers=form.answers(),
                summary=form.cleaned_data["summary"],
                findings=[row.finding() for row in findings if row.has_changed()],
            )
        except Refused as refused:
            refused.add_to(form)
        else:
            messages.success(request, f"{found.application.number} 的核查已记录。")
            return redirect("supervision:run", pk=found.run_id)
    return _show_open(request, found, perms.can_review(request.user, found), form, findings)


def _findings(questions: list[Question], data=None):
    """The rows for problems; the clauses to choose from are those of the checklist."""
    labels: dict[str, str] = {}
    for question in questions:
        labels.setdefault(question.clause, f"{question.clause} {question.text}")
    return FindingFormSet(data, prefix="findings", form_kwargs={"clauses": list(labels.items())})


def _show_open(request: HttpRequest, found: Review, verdict, form: ReviewForm, findings) -> HttpResponse:
    clauses = clause_texts(question.clause for question in form.questions)
    context = {
        "review": found,
        "verdict": verdict,
        "form": form,
        "rows": form.rows(clauses),
        "findings": findings,
    }
    return render(request, "supervision/review.html", context)


def _show_recorded(request: HttpRequest, found: Review) -> HttpResponse:
    context = {
        "review": found,
        "answers": list(found.answers.all()),
        "findings": list(found.findings.select_related("found_by")),
    }
    return render(request, "supervision/review_done.html", context)
