"""Words that the screen proposes: an opinion to start from, and what a move will cause."""

from __future__ import annotations

from approvals.changing.effects import change_words, effective_month
from approvals.changing.models import BenefitChange
from approvals.workflow import Transition
from common import clock
from policy.rules import RuleBook

_FOLLOWS = {
    "agree": "经办岗出具事先告知书，送达后听取陈述申辩（SY-A1.6）；期满之前不作出决定。",
    "give_notice": "制作事先告知书并编号；送达后开始计算陈述申辩期（SY-A1.6）。",
    "reconsider": "开始新一轮：修改变更内容后重新提出，另行告知。",
    "drop": "变更到此为止，待遇不变。",
    "publish": "在村（社区）或供养机构公示满 7 天（SY-A2.6）。",
    "investigate": "撤下公示，开始计算终止异议处理期限，自收到异议之日起（SY-A2.6）。",
    "publish_again": "重新公示满 7 天（SY-A2.6），期满无异议的决定生效。",
    "uphold": "终止不再进行，待遇不变；请把调查结果告知提出异议的人和本人。",
    "withdraw": "变更撤回，待遇不变，可以另行提出。",
}


def proposed_opinion(change: BenefitChange, move: Transition) -> str:
    """A first wording; empty where only the actor can know the reason."""
    if move.name == "review":
        return f"经审核，事实清楚、依据充分，同意{change_words(change)}。"
    if move.name in {"agree", "agree_at_once"}:
        return f"同意{change_words(change)}。"
    if move.name == "decide":
        said = change.defences.filter(round=change.round).exists()
        return f"{'陈述申辩不予采纳' if said else '期限内未提出陈述申辩'}，决定{change_words(change)}。"
    return ""


def consequences(change: BenefitChange, move: Transition) -> list[str]:
    """What will happen, one sentence each, in front of the button."""
    if move.name in {"decide", "agree_at_once"}:
        return ["制作决定书并编号（JZ-12.5）。", _when(change)]
    if move.name == "agree":
        rule = RuleBook(change.township, clock.today()).rule(f"deadline.{change.programme}.defence")
        unit = {"cd": "天", "wd": "个工作日"}[rule.unit]
        basis = rule.clause_id or "推定，待当地确认"
        return [_FOLLOWS["agree"], f"陈述申辩期 {rule.value} {unit}（{basis}）。"]
    return [_FOLLOWS[move.name]] if move.name in _FOLLOWS else []


def _when(change: BenefitChange) -> str:
    if change.is_favourable or change.nobody_is_left:
        return f"自 {effective_month(change, clock.now()):%Y-%m} 起生效。"
    if change.is_published:
        return "决定书送达后公示满 7 天，无异议的自次月起生效（SY-A2.6）。"
    later = f"，渐退期 {change.phase_out_months} 个月满后停发（JZ-2.2）" if change.phase_out_months else ""
    return f"决定书送达后自次月起生效（SY-A1.6）{later}。"
