"""The one table of how an application moves: from where to where, by which post, under which conditions.

A row of this table is also a condition in the database (`Step` admits no other move), so changing it is a
migration. What differs between districts is no branch here: a time limit that the rules of a place do not
know is not started.
"""

from __future__ import annotations

from dataclasses import dataclass

from approvals.time_limits import (
    APPRAISAL,
    COLLECTIVE_REVIEW,
    DECISION,
    ENTRUST_CHECK,
    FEEDBACK,
    FILING,
    INVESTIGATION,
    PAYMENT,
    PUBLICITY,
    REFUSAL_NOTICE,
    SETTLED_PUBLICITY,
    TIME_LIMITS,
    TOTAL,
    VILLAGE_RELAY,
    TimeLimit,
)
from cases.enums import OPEN_STATES
from cases.enums import ApplicationState as State
from organisations.enums import Post


@dataclass(frozen=True, slots=True)
class Transition:
    """One move. `guards` are functions of `approvals.guards`, by name.

    `leads_on`: the ordinary way towards approval. `needs_opinion`: the actor writes a reason; `takes_note`:
    may write one. `needs_confirmation`: it is final, so the screen asks again.
    `new_round`: investigation begins again, with a new visit, opinion and notice; the report stays valid.
    `by_system`: a task may do it, without post. `cancels` names time limits that lose their object.
    `proposes`: it says what shall be given. `offered_if`: the guard without whose consent the move is not
    even shown, for steps that only some cases know. `page`: the address of its own page, where it asks more
    than an opinion.
    """

    name: str
    label: str
    sources: frozenset[State]
    target: State
    posts: tuple[Post, ...]
    guards: tuple[str, ...] = ()
    leads_on: bool = False
    needs_opinion: bool = False
    takes_note: bool = False
    needs_confirmation: bool = False
    new_round: bool = False
    by_system: bool = False
    proposes: bool = False
    offered_if: str = ""
    page: str = ""
    starts: tuple[TimeLimit, ...] = ()
    ends: tuple[TimeLimit, ...] = ()
    cancels: tuple[TimeLimit, ...] = ()

    @property
    def asks(self) -> bool:
        """Does the screen show its form before the move is made?"""
        return self.needs_opinion or self.takes_note or self.needs_confirmation


_TABLE = (
    Transition(
        "submit",
        "提交申请",
        frozenset({State.DRAFT}),
        State.SUBMITTED,
        (Post.HANDLER, Post.VILLAGE_HELPER),
        leads_on=True,
        starts=(VILLAGE_RELAY,),
    ),
    Transition(
        "accept",
        "受理",
        frozenset({State.SUBMITTED, State.AWAITING_MATERIALS}),
        State.ACCEPTED,
        (Post.HANDLER,),
        leads_on=True,
        guards=("nothing_is_missing", "everybody_authorised"),
        starts=(TOTAL, INVESTIGATION, ENTRUST_CHECK),
        ends=(VILLAGE_RELAY,),
    ),
    Transition(
        "request_materials",
        "一次性告知补正",
        frozenset({State.SUBMITTED}),
        State.AWAITING_MATERIALS,
        (Post.HANDLER,),
        takes_note=True,
        guards=("not_told_before", "something_is_missing"),
        # The village has handed in; what is missing is now the applicant's to bring.
        ends=(VILLAGE_RELAY,),
    ),
    Transition(
        "entrust_check",
        "委托确认",
        frozenset({State.ACCEPTED}),
        State.CHECKING,
        (Post.REVIEWER,),
        leads_on=True,
        ends=(ENTRUST_CHECK,),
    ),
    Transition(
        "skip_check",
        "免核对，直接入户",
        frozenset({State.ACCEPTED}),
        State.VISITING,
        (Post.HANDLER,),
        guards=("check_may_be_left_out",),
        offered_if="check_may_be_left_out",
        needs_opinion=True,
        ends=(ENTRUST_CHECK,),
    ),
    Transition(
        "record_report",
        "核对完成",
        frozenset({State.CHECKING}),
        State.VISITING,
        (Post.HANDLER,),
        leads_on=True,
        guards=("report_is_there",),
    ),
    Transition(
        "finish_visit",
        "提交初审",
        frozenset({State.VISITING}),
        State.REVIEWING,
        (Post.HANDLER,),
        leads_on=True,
        guards=("report_is_there", "visit_is_complete"),
    ),
    Transition(
        "agree_at_once",
        "初审同意，提交审批",
        frozenset({State.REVIEWING}),
        State.DECIDING,
        (Post.REVIEWER,),
        leads_on=True,
        guards=(
            "notice_may_be_left_out",
            "report_is_there",
            "visit_is_complete",
            "household_is_eligible",
        ),
        offered_if="notice_may_be_left_out",
        needs_opinion=True,
        proposes=True,
        starts=(DECISION,),
        ends=(INVESTIGATION,),
    ),
    Transition(
        "agree",
        "初审同意，提交公示",
        frozenset({State.REVIEWING}),
        State.PUBLISHED,
        (Post.REVIEWER,),
        leads_on=True,
        guards=("notice_is_due", "report_is_there", "visit_is_complete", "household_is_eligible"),
        offered_if="notice_is_due",
        needs_opinion=True,
        proposes=True,
        starts=(PUBLICITY,),
        ends=(INVESTIGATION,),
    ),
    Transition(
        "disagree",
        "初审不同意",
        frozenset({State.REVIEWING}),
        State.DECIDING,
        (Post.REVIEWER,),
        guards=("report_is_there", "visit_is_complete"),
        needs_opinion=True,
        ends=(INVESTIGATION,),
    ),
    Transition(
        "send_back",
        "退回补充调查",
        frozenset({State.REVIEWING, State.SETTLING}),
        State.VISITING,
        (Post.REVIEWER,),
        needs_opinion=True,
        new_round=True,
        cancels=(APPRAISAL, COLLECTIVE_REVIEW),
    ),
    Transition(
        "refer",
        "启动一事一议",
        frozenset({State.VISITING, State.REVIEWING}),
        State.SETTLING,
        (Post.HANDLER,),
        guards=("circumstance_applies", "report_is_there", "visit_is_complete"),
        offered_if="circumstance_applies",
        needs_opinion=True,
        page="settling:move",
        starts=(APPRAISAL,),
    ),
    Transition(
        "settle",
        "认定同意，提交公示",
        frozenset({State.SETTLING}),
        State.PUBLISHED,
        (Post.REVIEWER,),
        leads_on=True,
        guards=("settlement_wants_notice", "appraisal_was_held", "appraisal_agreed"),
        offered_if="settlement_wants_notice",
        needs_opinion=True,
        page="settling:move",
        starts=(SETTLED_PUBLICITY, FEEDBACK, FILING),
        ends=(INVESTIGATION, COLLECTIVE_REVIEW),
    ),
    Transition(
        "settle_at_once",
        "认定同意，提交确认",
        frozenset({State.SETTLING}),
        State.DECIDING,
        (Post.REVIEWER,),
        leads_on=True,
        guards=("settlement_wants_no_notice", "appraisal_was_held", "appraisal_agreed"),
        offered_if="settlement_wants_no_notice",
        needs_opinion=True,
        page="settling:move",
        starts=(DECISION, FEEDBACK, FILING),
        ends=(INVESTIGATION, COLLECTIVE_REVIEW),
    ),
    Transition(
        "settle_against",
        "认定不同意",
        frozenset({State.SETTLING}),
        State.DECIDING,
        (Post.REVIEWER,),
        guards=("appraisal_was_held",),
        needs_opinion=True,
        page="settling:move",
        starts=(FEEDBACK,),
        ends=(INVESTIGATION, COLLECTIVE_REVIEW),
    ),
    Transition(
        "reopen",
        "因异议重新调查",
        frozenset({State.PUBLISHED}),
        State.VISITING,
        (Post.REVIEWER,),
        guards=("objection_wants_reinvestigation",),
        needs_opinion=True,
        new_round=True,
        cancels=(PUBLICITY, FEEDBACK, FILING),
    ),
    Transition(
        "close_notice",
        "公示期满，提交审批",
        frozenset({State.PUBLISHED}),
        State.DECIDING,
        (Post.HANDLER,),
        leads_on=True,
        guards=("notice_has_run_out", "no_objection_is_open"),
        by_system=True,
        starts=(DECISION,),
        ends=(PUBLICITY,),
    ),
    Transition(
        "approve",
        "审批同意",
        frozenset({State.DECIDING}),
        State.APPROVED,
        (Post.APPROVER,),
        leads_on=True,
        guards=(
            "report_is_there",
            "visit_is_complete",
            "proposal_is_favourable",
            "notice_ran_its_full_time",
            "filing_came_first",
            "joint_meeting_agreed",
            "service_agreement_is_signed",
            "proposal_still_holds",
        ),
        needs_opinion=True,
        needs_confirmation=True,
        starts=(PAYMENT,),
        ends=(DECISION, TOTAL),
    ),
    Transition(
        "refuse",
        "审批不同意",
        frozenset({State.DECIDING}),
        State.REFUSED,
        (Post.APPROVER,),
        guards=("joint_meeting_refused",),
        needs_opinion=True,
        needs_confirmation=True,
        starts=(REFUSAL_NOTICE,),
        ends=(DECISION, TOTAL),
        cancels=(FILING,),
    ),
    Transition(
        "return_to_visit",
        "退回补充调查",
        frozenset({State.DECIDING}),
        State.VISITING,
        (Post.APPROVER,),
        needs_opinion=True,
        new_round=True,
        cancels=(DECISION, FEEDBACK, FILING),
    ),
    Transition(
        "withdraw",
        "申请人撤回",
        OPEN_STATES,
        State.WITHDRAWN,
        (Post.HANDLER,),
        needs_opinion=True,
        needs_confirmation=True,
        cancels=tuple(TIME_LIMITS.values()),
    ),
)
TRANSITIONS: dict[str, Transition] = {transition.name: transition for transition in _TABLE}

# An extension is no move, but it stands in the trace between the moves: same state before and after.
EXTEND = "extend_deadline"
EXTEND_LABEL = "延长办理期限"


def from_state(state: str) -> list[Transition]:
    """The moves that begin in a state, in the order of the table."""
    return [transition for transition in _TABLE if state in transition.sources]
