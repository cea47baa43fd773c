"""The demo's samples: the last months drawn, most cases reviewed, some findings in each of their states."""

from __future__ import annotations

from datetime import datetime, timedelta

from common import clock
from common.clock import add_months, month_of
from organisations.models import User
from policy.deadlines import SHANGHAI
from supervision.checklist import questions_for
from supervision.enums import Answer, FindingState, ReviewState
from supervision.models import Finding, Review
from supervision.services import answer_finding, close_finding, draw_closed_months, record_review
from supervision.services.reviewing import Given, NewFinding
from workbench.demo.staff import DISTRICTS, TOWNS

_AUDITORS = {county: f"{prefix}-auditor" for prefix, county in DISTRICTS.items()}
_REVIEWERS = {TOWNS[key][0]: f"{key}-reviewer" for key in TOWNS}
_NOTE = "入户调查照片只有住房外观，未见室内情况。"


def draw_and_review(*, now: datetime, staff: dict[str, User]) -> None:
    """Draw what the monthly job would have drawn by now; leave last month's reviews open."""
    draw_closed_months(at=now)
    this_month = month_of(now.astimezone(SHANGHAI).date())
    older = Review.objects.with_case().filter(
        state=ReviewState.OPEN, run__month__lt=add_months(this_month, -1)
    )
    for n, review in enumerate(older.order_by("pk")):
        _review(review, n, staff, now - timedelta(days=20))
    for n, finding in enumerate(
        Finding.objects.filter(state=FindingState.OPEN).select_related("township").order_by("pk")
    ):
        _rectify(finding, n, staff, now)


def _review(review: Review, n: int, staff: dict[str, User], at: datetime) -> None:
    auditor = staff[_AUDITORS[review.run.county.code]]
    faulty = n % 4 == 0
    questions = questions_for(review)
    answers = {
        question.code: Given(Answer.NO, _NOTE) if faulty and question.code == "visit" else Given(Answer.YES)
        for question in questions
    }
    if not any(given.answer == Answer.NO for given in answers.values()):
        faulty = False
    clause = next((question.clause for question in questions if question.code == "visit"), "")
    due_on = at.astimezone(SHANGHAI).date() + timedelta(days=15)
    with clock.pretend(at):
        record_review(
            review=review,
            actor=auditor,
            answers=answers,
            summary="程序基本规范。",
            findings=[NewFinding(clause, _NOTE, due_on)] if faulty else [],
        )


def _rectify(finding: Finding, n: int, staff: dict[str, User], now: datetime) -> None:
    """Every third finding stays open, every third waits for the auditor, the others are closed."""
    if n % 3 == 0:
        return
    with clock.pretend(now - timedelta(days=9)):
        answer_finding(
            finding=finding,
            actor=staff[_REVIEWERS[finding.township.code]],
            text="已补充入户，室内照片已归档。",
        )
    if n % 3 == 2:
        county = finding.township.code[:6]
        with clock.pretend(now - timedelta(days=2)):
            close_finding(finding=finding, actor=staff[_AUDITORS[county]], note="已核，整改到位。")
