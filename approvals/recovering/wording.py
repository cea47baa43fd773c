"""Words that the screen proposes: an opinion to start from, and what a move will cause."""

from __future__ import annotations

from approvals.recovering.effects import recovery_words
from approvals.recovering.models import Recovery
from approvals.workflow import Transition

_FOLLOWS = {
    "propose": ("提出后不能修改，由审批岗审查是否告知。",),
    "give_notice": (
        "制作追缴事先告知书并编号；送达后开始计算陈述申辩期（SY-A1.6）。",
        "期满之前不作出决定。",
    ),
    "reconsider": ("开始新一轮：修改后重新提出，另行告知。",),
    "drop": ("追缴到此为止，账目不变；所列月份不再追缴。",),
    "decide": (
        "制作追缴决定书并编号（JZ-12.5），写明金额、理由和救济途径。",
        "决定书送达后开始计算缴回期限；决定抵扣的，从下一批名册起抵扣。",
    ),
    "settle": ("核对无误后结清归档，不能再登记收款。",),
    "withdraw": ("追缴撤回，所列月份可以另行处理。",),
}


def proposed_opinion(recovery: Recovery, move: Transition) -> str:
    """A first wording; empty where only the actor can know the reason."""
    if move.name == "give_notice":
        return f"经审查，事实清楚、依据充分，同意事先告知：拟{recovery_words(recovery)}。"
    if move.name == "decide":
        said = recovery.defences.filter(round=recovery.round).exists()
        return f"{'陈述申辩不予采纳' if said else '期限内未提出陈述申辩'}，决定{recovery_words(recovery)}。"
    return ""


def consequences(move: Transition) -> list[str]:
    """What will happen, one sentence each, in front of the button."""
    return list(_FOLLOWS.get(move.name, ()))
