"""What-if runs over the caseload, and changes of a standard: drafts, proposals, confirmations.

Both are cut into slices when they are started. The slices are the queue: whoever works takes the next one
that nobody holds, in one transaction, so a crash leaves it for the next and two workers never do the same.
"""

from approvals.adjustments.models.change import Adjustment, AdjustmentItem, AdjustmentSlice
from approvals.adjustments.models.deciding import AdjustmentProposal, AdjustmentReturn, AdjustmentSettlement
from approvals.adjustments.models.run import MOST_FAILURES, Run, Slice
from approvals.adjustments.models.what_if import WhatIfRow, WhatIfRun, WhatIfSlice

__all__ = [
    "MOST_FAILURES",
    "Adjustment",
    "AdjustmentItem",
    "AdjustmentProposal",
    "AdjustmentReturn",
    "AdjustmentSettlement",
    "AdjustmentSlice",
    "Run",
    "Slice",
    "WhatIfRow",
    "WhatIfRun",
    "WhatIfSlice",
]
