"""What becomes of a finding: the township answers, an auditor closes it or sends it back."""

from __future__ import annotations

from django.db import transaction

from common import clock
from organisations.models import User
from supervision import perms
from supervision.enums import FindingMove, FindingState
from supervision.models import Finding
from supervision.services.checks import require, words
from supervision.services.reviewing import trace


def _locked(finding: Finding) -> Finding:
    """The finding as it is now, held until commit."""
    rows = Finding.objects.select_related("county", "township").select_for_update(of=("self",))
    return rows.get(pk=finding.pk)


@transaction.atomic
def answer_finding(*, finding: Finding, actor: User, text: str) -> Finding:
    """The township says what it has done; the finding waits for an auditor."""
    now = clock.now()
    finding = _locked(finding)
    require(perms.can_answer(actor, finding))
    finding.answer = words(text, longest=2000, missing="请写明整改情况。", field="text")
    finding.answered_by, finding.answered_at = actor, now
    finding.state = FindingState.ANSWERED
    finding.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    trace(finding, FindingMove.ANSWERED, finding.answer, actor, now)
    return finding


@transaction.atomic
def close_finding(*, finding: Finding, actor: User, note: str = "") -> Finding:
    """销号: the auditor is satisfied. Final."""
    now = clock.now()
    finding = _locked(finding)
    require(perms.can_settle(actor, finding))
    finding.closing_note = words(note, longest=500, missing="", field="text") if note.strip() else ""
    finding.closed_by, finding.closed_at = actor, now
    finding.state = FindingState.CLOSED
    finding.save(update_fields=["state", "closing_note", "closed_by", "closed_at"])
    trace(finding, FindingMove.CLOSED, finding.closing_note, actor, now)
    return finding


@transaction.atomic
def return_finding(*, finding: Finding, actor: User, reason: str) -> Finding:
    """The answer does not do: back to the township with the reason; the answer stays in the record."""
    now = clock.now()
    finding = _locked(finding)
    require(perms.can_settle(actor, finding))
    reason = words(reason, longest=500, missing="退回须写明理由。", field="text")
    finding.answer, finding.answered_by, finding.answered_at = "", None, None
    finding.state = FindingState.OPEN
    finding.save(update_fields=["state", "answer", "answered_by", "answered_at"])
    trace(finding, FindingMove.RETURNED, reason, actor, now)
    return finding
