"""一事一议: why a case is one, what appraisal and meeting said, with whom it is filed, how long it holds.

The application itself is moved by the one transition table of the room; these are the records that its moves
`refer`, `settle`, `settle_at_once` and `settle_against` rest on.
"""

from approvals.settling.models.after import Feedback, Filing, Recheck
from approvals.settling.models.case import CaseByCase, Renewal
from approvals.settling.models.meetings import Appraisal, Determination
from approvals.settling.models.trace import Entry

__all__ = [
    "Appraisal",
    "CaseByCase",
    "Determination",
    "Entry",
    "Feedback",
    "Filing",
    "Recheck",
    "Renewal",
]
