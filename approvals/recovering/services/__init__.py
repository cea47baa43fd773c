"""Every write to recoveries."""

from approvals.recovering.services.drafting import draft_recovery, redraft
from approvals.recovering.services.hearing import answer_defence, record_defence
from approvals.recovering.services.money import ask_waiver, decide_waiver, take_money
from approvals.recovering.services.moving import move_recovery, on_served
from approvals.recovering.services.planning import ask_plan, decide_plan

__all__ = [
    "answer_defence",
    "ask_plan",
    "ask_waiver",
    "decide_plan",
    "decide_waiver",
    "draft_recovery",
    "move_recovery",
    "on_served",
    "record_defence",
    "redraft",
    "take_money",
]
