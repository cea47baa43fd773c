"""The one table of how a change of a benefit moves; the same shape as `approvals.workflow`.

A row is also a condition in the database (`ChangeStep` admits no other move), so changing it is a migration.
Which way a change takes hangs on what it does to people, not on the district: whoever loses is told
beforehand and heard (SY-A1.6); the end of 特困 is published as well (SY-A2.6).
"""

from __future__ import annotations

from approvals.changing.enums import ChangeState as State
from approvals.workflow import TimeLimit, Transition
from organisations.enums import Post

# A change follows the rules of its own days, whatever held when the household applied.
DEFENCE = TimeLimit("defence", required=True, minimum=True, of_its_own_day=True)
ENDING_NOTICE = TimeLimit("publicity", required=True, minimum=True, of_its_own_day=True)
OBJECTION = TimeLimit("termination_objection", required=True, of_its_own_day=True)

_BEFORE_THE_DECISION = frozenset(
    {
        State.DRAFT,
        State.PROPOSED,
        State.REVIEWED,
        State.AGREED,
        State.NOTICED,
        State.HEARING,
        State.DECIDING,
    }
)

_TABLE = (
    Transition(
        "propose",
        "提出变更",
        frozenset({State.DRAFT}),
        State.PROPOSED,
        (Post.HANDLER,),
        leads_on=True,
        guards=("benefit_is_running", "rests_on_a_finding", "other_help_was_looked_at"),
    ),
    Transition(
        "review",
        "初审同意",
        frozenset({State.PROPOSED}),
        State.REVIEWED,
        (Post.REVIEWER,),
        leads_on=True,
        guards=("benefit_is_running",),
        needs_opinion=True,
    ),
    Transition(
        "send_back",
        "退回补充核查",
        frozenset({State.PROPOSED}),
        State.DRAFT,
        (Post.REVIEWER,),
        needs_opinion=True,
    ),
    Transition(
        "agree",
        "同意，先行告知",
        frozenset({State.REVIEWED}),
        State.AGREED,
        (Post.APPROVER,),
        leads_on=True,
        guards=("is_to_be_heard", "benefit_is_running", "amount_is_as_proposed", "defence_has_its_rule"),
        offered_if="is_to_be_heard",
        needs_opinion=True,
    ),
    Transition(
        "agree_at_once",
        "同意，作出决定",
        frozenset({State.REVIEWED}),
        State.DECIDED,
        (Post.APPROVER,),
        leads_on=True,
        guards=("nobody_is_to_be_heard", "benefit_is_running", "amount_is_as_proposed"),
        offered_if="nobody_is_to_be_heard",
        needs_opinion=True,
        needs_confirmation=True,
    ),
    Transition(
        "return_to_draft",
        "退回重新拟写",
        frozenset({State.REVIEWED}),
        State.DRAFT,
        (Post.APPROVER,),
        needs_opinion=True,
    ),
    Transition(
        "give_notice",
        "出具事先告知书",
        frozenset({State.AGREED}),
        State.NOTICED,
        (Post.HANDLER,),
        leads_on=True,
    ),
    Transition(
        "notice_served",
        "事先告知书送达",
        frozenset({State.NOTICED}),
        State.HEARING,
        (),
        by_system=True,
        guards=("prior_notice_is_served",),
    ),
    Transition(
        "close_hearing",
        "陈述申辩期满",
        frozenset({State.HEARING}),
        State.DECIDING,
        (Post.HANDLER,),
        leads_on=True,
        by_system=True,
        guards=("defence_period_is_over", "every_defence_is_answered", "no_defence_was_taken_up"),
        ends=(DEFENCE,),
    ),
    Transition(
        "reconsider",
        "采纳申辩，重新核定",
        frozenset({State.HEARING}),
        State.DRAFT,
        (Post.APPROVER,),
        guards=("every_defence_is_answered", "a_defence_was_taken_up"),
        offered_if="a_defence_was_taken_up",
        needs_opinion=True,
        new_round=True,
        cancels=(DEFENCE,),
    ),
    Transition(
        "drop",
        "采纳申辩，不予变更",
        frozenset({State.HEARING}),
        State.DROPPED,
        (Post.APPROVER,),
        guards=("every_defence_is_answered", "a_defence_was_taken_up"),
        offered_if="a_defence_was_taken_up",
        needs_opinion=True,
        needs_confirmation=True,
        cancels=(DEFENCE,),
    ),
    Transition(
        "decide",
        "作出决定",
        frozenset({State.DECIDING}),
        State.DECIDED,
        (Post.APPROVER,),
        leads_on=True,
        guards=("benefit_is_running", "amount_is_as_proposed"),
        needs_opinion=True,
        needs_confirmation=True,
    ),
    Transition(
        "take_effect",
        "决定生效",
        frozenset({State.DECIDED}),
        State.IN_EFFECT,
        (),
        by_system=True,
        guards=("decision_is_served", "ends_without_notice"),
    ),
    Transition(
        "publish",
        "终止公示",
        frozenset({State.DECIDED}),
        State.PUBLISHED,
        (Post.HANDLER,),
        leads_on=True,
        guards=("decision_is_served", "ends_by_notice"),
        offered_if="ends_by_notice",
        starts=(ENDING_NOTICE,),
    ),
    Transition(
        "finish_notice",
        "公示期满，决定生效",
        frozenset({State.PUBLISHED}),
        State.IN_EFFECT,
        (Post.HANDLER,),
        leads_on=True,
        by_system=True,
        guards=("ending_notice_has_run_out", "no_objection_speaks_against_it"),
        ends=(ENDING_NOTICE,),
    ),
    Transition(
        "investigate",
        "因异议调查核实",
        frozenset({State.PUBLISHED}),
        State.INVESTIGATING,
        (Post.REVIEWER,),
        guards=("objection_wants_investigation",),
        offered_if="objection_wants_investigation",
        needs_opinion=True,
        cancels=(ENDING_NOTICE,),
    ),
    Transition(
        "publish_again",
        "异议不成立，重新公示",
        frozenset({State.INVESTIGATING}),
        State.PUBLISHED,
        (Post.APPROVER,),
        leads_on=True,
        needs_opinion=True,
        starts=(ENDING_NOTICE,),
        ends=(OBJECTION,),
    ),
    Transition(
        "uphold",
        "异议成立，不予终止",
        frozenset({State.INVESTIGATING}),
        State.DROPPED,
        (Post.APPROVER,),
        needs_opinion=True,
        needs_confirmation=True,
        ends=(OBJECTION,),
    ),
    Transition(
        "withdraw",
        "撤回变更",
        _BEFORE_THE_DECISION,
        State.WITHDRAWN,
        (Post.HANDLER,),
        needs_opinion=True,
        needs_confirmation=True,
        cancels=(DEFENCE,),
    ),
)
TRANSITIONS: dict[str, Transition] = {transition.name: transition for transition in _TABLE}


def from_state(state: str) -> list[Transition]:
    """The moves that begin in a state, in the order of the table."""
    return [transition for transition in _TABLE if state in transition.sources]
