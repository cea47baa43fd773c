"""Conditions of the approver's moves, as `approvals.guards` has them: the sentence against, or None."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from approvals.conferring import records
from approvals.conferring.enums import Conclusion
from cases.models import Application


def joint_meeting_agreed(application: Application, now: datetime) -> str | None:
    """JZ-5.1: approved is what the township's joint meeting agreed to."""
    return _against(application, Conclusion.APPROVED)


def joint_meeting_refused(application: Application, now: datetime) -> str | None:
    """JZ-5.1: nor does one person refuse what the meeting has not looked at, or agreed to."""
    return _against(application, Conclusion.REFUSED)


def _against(application: Application, wanted: Conclusion) -> str | None:
    proposal = records.pending_proposal(application)
    if proposal is None:
        return None
    found = records.conclusion_on(proposal)
    clause = records.clause_of(application)
    if found is None:
        return f"须先由{application.township.name}联审联批会议集体研究{clause}，请经办岗登记会议。"
    if found.conclusion == wanted:
        return None
    on = timezone.localdate(found.meeting.held_at)
    said = f"{on} 联审联批会议的结论为“{found.get_conclusion_display()}”{clause}"
    return f"{said}，须按会议结论办理或退回补充调查。"
