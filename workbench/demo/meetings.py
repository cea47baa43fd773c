"""The joint meeting of a demo township, where its rules want one before a decision (JZ-5.1)."""

from __future__ import annotations

from approvals.conferring.declarations import CaseEntry, JointEntry
from approvals.conferring.enums import Conclusion
from approvals.conferring.records import pending_proposal
from approvals.conferring.services import record_meeting
from approvals.enums import Outcome
from cases.models import Application
from common import clock
from workbench.demo.declared import photo
from workbench.demo.staff import Town

_PRESENT = [
    ("郑明", "党工委书记"),
    ("吴丽", "办事处主任"),
    ("孙强", "分管副主任"),
    ("周平", "纪工委书记"),
    ("何静", "财政所负责人"),
]
_SAID = {
    Outcome.APPROVED: (Conclusion.APPROVED, "困难属实，材料齐全，同意给予救助。"),
    Outcome.REFUSED: (Conclusion.REFUSED, "核对和入户结果一致，收入高于标准，不符合条件。"),
}


def confer_where_due(application: Application, town: Town, index: int) -> None:
    """Everybody agrees to what was proposed, be it for or against the case."""
    proposal = pending_proposal(application)
    if proposal is None:
        return
    conclusion, reason = _SAID[Outcome(proposal.outcome)]
    n_against = len(_PRESENT) if conclusion == Conclusion.REFUSED else 0
    entry = JointEntry(
        held_at=clock.now(),
        place=f"{town.township.name}会议室",
        chair="郑明",
        present=_PRESENT,
        minutes="听取经办人员汇报，逐件研究，集体表决。",
        scan=photo(index),
        cases=[CaseEntry(application.pk, conclusion, reason, n_against)],
    )
    record_meeting(township=town.township, entry=entry, actor=town.handler)
