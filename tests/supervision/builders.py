"""Decided cases by the dozen, draws and reviews of them."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from itertools import count

from django.db import connection

from approvals.enums import Outcome
from approvals.models import Decision
from cases.enums import ApplicationState, Programme
from cases.models import Application, Household
from common.clock import next_month
from organisations.enums import Post
from organisations.models import Area, User
from supervision.checklist import questions_for
from supervision.enums import Answer
from supervision.models import Finding, Review, SamplingRun
from supervision.services import Given, NewFinding, draw_month, record_review
from tests.cases.builders import person_with
from tests.conftest import BEIJING

# High, so that no number meets one that register_application gives out.
_serial = count(900_001)
FEBRUARY = dt.date(2026, 2, 1)
DUE = dt.date(2026, 4, 15)


_MONTHLY = {"monthly": Decimal("585.00"), "starts_on": dt.date(2026, 3, 1)}
# What each programme gives, as little as the database asks for.
_GIVEN = {
    Programme.DIBAO: _MONTHLY,
    Programme.DIBIAN: {"starts_on": dt.date(2026, 3, 1)},
    Programme.TEKUN: {**_MONTHLY, "care_fee": Decimal("85.00")},
    Programme.LINSHI: {"amount": Decimal("3000.00")},
}


def decided(
    village: Area,
    at: dt.datetime,
    *,
    programme: str = Programme.DIBAO,
    outcome: str = Outcome.APPROVED,
    by: User | None = None,
) -> Application:
    """A decided application with no more behind it than a draw looks at.

    Whole cases are walked by tests.approvals.builders.case_in; forty of those for one sample would be slow,
    so the triggers that ask for report, visit and notice are off while this row is written.
    """
    approved = outcome == Outcome.APPROVED
    by = (
        by
        or User.objects.filter(name="旧审批").first()
        or person_with(Post.APPROVER, village.parent, name="旧审批")
    )
    application = Application.objects.create(
        number=f"DT-2026-{next(_serial):06d}",
        programme=programme,
        channel="window",
        state=ApplicationState.APPROVED if approved else ApplicationState.REFUSED,
        village=village,
        township=village.parent,
        county=village.parent.parent,
        household=Household.objects.create(address="望海村 12 号"),
        applicant_name="林小花",
        created_by=by,
        created_at=at,
        accepted_at=at - dt.timedelta(days=15),
        decided_at=at,
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
    Decision.objects.create(
        application=application,
        programme=programme,
        outcome=outcome,
        **(_GIVEN[programme] if approved else {}),
        lines=[],
        facts={},
        rule_ids=[],
        reason="符合规定。",
        by=by,
        at=at,
    )
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = origin")
    return application


def run_of(county: Area, *, programme: str = Programme.DIBAO, month: dt.date = FEBRUARY) -> SamplingRun:
    """The draw of a month, made on the third of the next one."""
    third = next_month(month).replace(day=3)
    at = dt.datetime(third.year, third.month, third.day, 2, 10, tzinfo=BEIJING)
    return draw_month(county=county, programme=programme, month=month, at=at)


def all_yes(review: Review, **other: Given) -> dict[str, Given]:
    """Every question answered 符合, but for those named."""
    review = Review.objects.with_case().get(pk=review.pk)
    return {question.code: Given(Answer.YES) for question in questions_for(review)} | other


def found(review: Review, auditor: User, text: str = "未见室内照片。", due_on: dt.date = DUE) -> Finding:
    """A review recorded with one finding."""
    clause = "SY-A1.3"
    record_review(
        review=review,
        actor=auditor,
        answers=all_yes(review, visit=Given(Answer.NO, text)),
        findings=[NewFinding(clause, text, due_on)],
    )
    return review.findings.get()
