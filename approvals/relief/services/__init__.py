"""Every write to emergency reliefs."""

from approvals.relief.services.deciding import agree, close, decline
from approvals.relief.services.limits import recount
from approvals.relief.services.papers import advance_of, begin_papers, complete, relief_behind
from approvals.relief.services.paying import acknowledge, pay
from approvals.relief.services.registering import register_relief

__all__ = [
    "acknowledge",
    "advance_of",
    "agree",
    "begin_papers",
    "close",
    "complete",
    "decline",
    "pay",
    "recount",
    "register_relief",
    "relief_behind",
]
