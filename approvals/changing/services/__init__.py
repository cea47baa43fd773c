"""Every write to changes of benefits."""

from approvals.changing.services.drafting import add_evidence, draft_change, redraft
from approvals.changing.services.hearing import answer_defence, record_defence
from approvals.changing.services.moving import move_change, on_served

__all__ = [
    "add_evidence",
    "answer_defence",
    "draft_change",
    "move_change",
    "on_served",
    "record_defence",
    "redraft",
]
