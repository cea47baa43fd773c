"""The list of findings, and the 抽查 tab of a case."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from cases.models import Application
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from supervision.enums import FindingMove, FindingState, ReviewState
from supervision.models import Finding, Review
from supervision.perms import FINDING_READERS, OVERSEERS

PAGE = 30


@dataclass(frozen=True, slots=True)
class FindingPage:
    """One page of findings, newest first; `before` continues it."""

    rows: list[Finding]
    before: int | None


def finding_page(
    scope: Scope,
    *,
    state: str = "",
    township: Area | None = None,
    overdue_on: date | None = None,
    before: int | None = None,
) -> FindingPage:
    """Findings in reach that the filters leave, below the key `before`; `overdue_on`: late by that day."""
    findings = Finding.objects.visible_to(scope, *FINDING_READERS).with_case()
    if state:
        findings = findings.filter(state=state)
    if township is not None:
        findings = findings.filter(township=township)
    if overdue_on is not None:
        findings = findings.filter(state=FindingState.OPEN, due_on__lt=overdue_on)
    if before is not None:
        findings = findings.filter(pk__lt=before)
    rows = list(findings.order_by("-pk")[: PAGE + 1])
    return FindingPage(rows[:PAGE], rows[PAGE - 1].pk if len(rows) > PAGE else None)


def finding_trace(finding: Finding) -> list[dict]:
    """The record of a finding as the timeline shows it, first to last."""
    levels = {FindingMove.RETURNED: "late", FindingMove.CLOSED: "done"}
    return [
        {
            "sentence": event.get_move_display(),
            "at": event.at,
            "actor": str(event.actor),
            "opinion": event.text,
            "level": levels.get(event.move, ""),
            "post_label": "",
        }
        for event in finding.events.select_related("actor")
    ]


def review_panel(application: Application, user: User) -> dict:
    """The 抽查 tab of a case (supervision/_reviews.html).

    The township learns that a case was drawn only when the review is recorded: before, it is the auditor's.
    """
    oversees = scope_of(user).covers(application.village, *OVERSEERS)
    reviews = Review.objects.filter(application=application).select_related("run", "reviewed_by")
    if not oversees:
        reviews = reviews.filter(state=ReviewState.DONE)
    return {
        "reviews": list(reviews.prefetch_related("findings").order_by("run__month", "pk")),
        "oversees": oversees,
        "reads_findings": scope_of(user).covers(application.village, *FINDING_READERS),
    }
