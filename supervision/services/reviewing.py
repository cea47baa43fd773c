"""The auditor's review of one drawn case, and the findings that come of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from common import clock
from common.errors import Refused
from organisations.models import User
from supervision import perms
from supervision.checklist import Question, questions_for
from supervision.enums import Answer, FindingMove, ReviewState
from supervision.models import ChecklistAnswer, Finding, FindingEvent, Review
from supervision.services.checks import require, words

SUMMARY_LENGTH = 2000
NOTE_LENGTH = 500


@dataclass(frozen=True, slots=True)
class Given:
    """The auditor's answer to one question; 不符合 needs its note."""

    answer: Answer
    note: str = ""


@dataclass(frozen=True, slots=True)
class NewFinding:
    """A problem to put right: the clause it breaks, what it is, and until when."""

    clause: str
    text: str
    due_on: date


@transaction.atomic
def record_review(
    *,
    review: Review,
    actor: User,
    answers: Mapping[str, Given],
    summary: str = "",
    findings: Sequence[NewFinding] = (),
) -> Review:
    """Record the review of a drawn case, once: every question answered, and a finding wherever one is 不符合.

    `answers` by question code (`checklist.questions_for`). Refused for another county's auditor, for one who
    handled the case, for a gap, and for a review that has been recorded. Fields named: a question's code,
    `summary`, `findings`.
    """
    now = clock.now()
    review = Review.objects.with_case().select_for_update(of=("self",)).get(pk=review.pk)
    require(perms.can_review(actor, review))
    questions = questions_for(review)
    _check_answers(questions, answers)
    if not findings and any(given.answer == Answer.NO for given in answers.values()):
        raise Refused("有不符合的项目，请至少写一条问题，交街道（乡镇）整改。", field="findings")
    ChecklistAnswer.objects.bulk_create(
        _answer_row(review, question, answers[question.code]) for question in questions
    )
    for finding in findings:
        _open_finding(review, finding, actor, now)
    review.summary = (
        words(summary, longest=SUMMARY_LENGTH, missing="", field="summary") if summary.strip() else ""
    )
    review.state = ReviewState.DONE
    review.reviewed_by, review.reviewed_at = actor, now
    review.save(update_fields=["state", "reviewed_by", "reviewed_at", "summary"])
    return review


def _check_answers(questions: Sequence[Question], answers: Mapping[str, Given]) -> None:
    for question in questions:
        given = answers.get(question.code)
        if given is None:
            raise Refused("请选择符合、不符合或不适用。", field=question.code)
        if given.answer == Answer.NO and not given.note.strip():
            raise Refused("不符合的项目请写明情况。", field=question.code)
        if len(given.note) > NOTE_LENGTH:
            raise Refused(f"说明不能超过 {NOTE_LENGTH} 字。", field=question.code)
    unknown = set(answers) - {question.code for question in questions}
    if unknown:
        raise Refused("核查清单已变化，请重新打开页面填写。")


def _answer_row(review: Review, question: Question, given: Given) -> ChecklistAnswer:
    return ChecklistAnswer(
        review=review,
        item=question.code,
        question=question.text,
        clause=question.clause,
        hint=question.hint.text if question.hint else "",
        answer=given.answer,
        note=given.note.strip(),
    )


def _open_finding(review: Review, new: NewFinding, actor: User, now: datetime) -> Finding:
    text = words(new.text, longest=2000, missing="请写明问题。", field="findings")
    if new.due_on < timezone.localdate(now):
        raise Refused("整改期限不能早于今天。", field="findings")
    application = review.application
    finding = Finding.objects.create(
        review=review,
        county_id=application.county_id,
        township_id=application.township_id,
        village_id=application.village_id,
        clause=new.clause,
        text=text,
        due_on=new.due_on,
        found_by=actor,
        found_at=now,
    )
    trace(finding, FindingMove.FOUND, text, actor, now)
    return finding


def trace(finding: Finding, move: FindingMove, text: str, actor: User, at: datetime) -> FindingEvent:
    """One line of the finding's record, which nobody alters."""
    return FindingEvent.objects.create(
        stream=f"finding:{finding.pk}", finding=finding, move=move, text=text, actor=actor, at=at
    )
