"""The one table of how a recovery moves; the same shape as `approvals.workflow`.

A row is also a condition in the database (`RecoveryStep` admits no other move): changing it is a migration.
Nobody gives anything back by order before having been told and heard; what comes back by itself is taken.
"""

from __future__ import annotations

from approvals.recovering.enums import TAKES_MONEY
from approvals.recovering.enums import RecoveryState as State
from approvals.workflow import TimeLimit, Transition
from organisations.enums import Post

DEFENCE = TimeLimit("recovery_defence", required=True, minimum=True, of_its_own_day=True)

_TABLE = (
    Transition(
        "propose",
        "提出追缴",
        frozenset({State.DRAFT}),
        State.PROPOSED,
        (Post.HANDLER,),
        leads_on=True,
        guards=("rests_on_a_finding",),
    ),
    Transition(
        "send_back",
        "退回重新核实",
        frozenset({State.PROPOSED}),
        State.DRAFT,
        (Post.APPROVER,),
        guards=("nothing_came_back",),
        needs_opinion=True,
    ),
    Transition(
        "give_notice",
        "同意，出具事先告知书",
        frozenset({State.PROPOSED}),
        State.NOTICED,
        (Post.APPROVER,),
        leads_on=True,
        guards=("defence_has_its_rule", "repayment_has_its_rule"),
        needs_opinion=True,
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
        guards=("every_defence_is_answered", "a_defence_was_taken_up", "nothing_came_back"),
        offered_if="a_defence_was_taken_up",
        needs_opinion=True,
        new_round=True,
        cancels=(DEFENCE,),
    ),
    Transition(
        "drop",
        "不予追缴",
        frozenset({State.HEARING, State.DECIDING}),
        State.DROPPED,
        (Post.APPROVER,),
        guards=("every_defence_is_answered", "nothing_came_back"),
        needs_opinion=True,
        needs_confirmation=True,
        cancels=(DEFENCE,),
    ),
    Transition(
        "decide",
        "作出追缴决定",
        frozenset({State.DECIDING}),
        State.DECIDED,
        (Post.APPROVER,),
        leads_on=True,
        guards=("something_is_open", "repayment_has_its_rule"),
        needs_opinion=True,
        needs_confirmation=True,
    ),
    Transition(
        "decision_served",
        "追缴决定书送达",
        frozenset({State.DECIDED}),
        State.REPAYING,
        (),
        by_system=True,
        guards=("decision_is_served",),
    ),
    Transition(
        "settle",
        "结清归档",
        TAKES_MONEY,
        State.SETTLED,
        (Post.HANDLER,),
        by_system=True,
        guards=("nothing_is_open",),
        offered_if="nothing_is_open",
        cancels=(DEFENCE,),
    ),
    Transition(
        "withdraw",
        "撤回追缴",
        frozenset({State.DRAFT, State.PROPOSED}),
        State.WITHDRAWN,
        (Post.HANDLER,),
        guards=("nothing_came_back",),
        needs_opinion=True,
        needs_confirmation=True,
    ),
)
TRANSITIONS: dict[str, Transition] = {transition.name: transition for transition in _TABLE}


def from_state(state: str) -> list[Transition]:
    """The moves that begin in a state, in the order of the table."""
    return [transition for transition in _TABLE if state in transition.sources]
