"""焦作: cases before the approver, and the joint meeting that decides about them."""

from __future__ import annotations

from django.utils import timezone

from approvals.conferring import records, services
from approvals.conferring.declarations import CaseEntry, JointEntry
from approvals.conferring.enums import Conclusion
from approvals.conferring.models import JointMeeting
from cases.models import Application
from organisations.models import User
from tests.approvals.builders import Office
from tests.cases.builders import photo

PRESENT = [
    ("郑明", "街道党工委书记"),
    ("吴丽", "街道办事处主任"),
    ("孙强", "分管副主任"),
    ("周平", "纪工委书记"),
    ("何静", "财政所负责人"),
]


def case_entry(application: Application, conclusion: str = Conclusion.APPROVED, **changes) -> CaseEntry:
    """Everybody agrees, or nobody does."""
    against = len(PRESENT) if conclusion == Conclusion.REFUSED else 0
    facts = {"conclusion": conclusion, "opinion": "集体研究，情况属实。", "n_against": against}
    return CaseEntry(application.pk, **facts | changes)


def meeting_entry(*cases: CaseEntry, **changes) -> JointEntry:
    facts = {
        "held_at": timezone.now(),
        "place": "街道会议室",
        "chair": "郑明",
        "present": PRESENT,
        "minutes": "逐件听取汇报，集体研究。",
        "scan": photo(),
    }
    return JointEntry(cases=list(cases), **facts | changes)


def conferred(office: Office, *cases: CaseEntry, actor: User | None = None, **changes) -> JointMeeting:
    return services.record_meeting(
        township=office.township, entry=meeting_entry(*cases, **changes), actor=actor or office.handler
    )


def confer_where_due(office: Office, application: Application) -> None:
    """The meeting agrees to what was proposed, where the rules of the place want one."""
    if records.pending_proposal(application) is not None:
        conferred(office, case_entry(application))
