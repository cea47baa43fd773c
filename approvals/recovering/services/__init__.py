"""Every write to recoveries."""

from approvals.recovering.services.drafting import draft_recovery, redraft
from approvals.recovering.services.hearing import answer_defence, record_defence
from approvals.recovering.services.money import ask_waiver, decide_waiver, take_money
from approvals.recovering.services.moving import move_recovery, on_served

__all__ = [
    "answer_defence",
    "ask_waiver",
    "decide_waiver",
    "draft_recovery",
    "move_recovery",
    "on_served",
    "record_defence",
    "redraft",
    "take_money",
]
