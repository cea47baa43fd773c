"""The time limits that moves start and end; how long they are, the rules of the place say."""

from __future__ import annotations

from dataclasses import dataclass

from cases.enums import Channel


@dataclass(frozen=True, slots=True)
class TimeLimit:
    """A time limit that a move starts.

    `since`: from when it counts, a key of `approvals.deadlines.BEGINNINGS`. `required`: a place without a
    rule for it is an error. `minimum`: the period must run out in full (公示). `channel`: only for these.
    `programme`: whose rules it follows where that is not the application's own (`case_by_case`).
    `of_its_own_day`: the rules of the day on which it begins hold, not those of the day of receipt.
    """

    step: str
    since: str = "move"
    required: bool = False
    minimum: bool = False
    channel: str = ""
    programme: str = ""
    of_its_own_day: bool = False


VILLAGE_RELAY = TimeLimit("village_relay", since="receipt", channel=Channel.VILLAGE)
ENTRUST_CHECK = TimeLimit("entrust_check")
INVESTIGATION = TimeLimit("investigation")
TOTAL = TimeLimit("total", required=True)
PUBLICITY = TimeLimit("publicity", required=True, minimum=True)
# Counted from the end of the notice, not from the hour at which a task or a clerk took it down.
DECISION = TimeLimit("decision", since="end_of_notice")
REFUSAL_NOTICE = TimeLimit("refusal_notice")
# Only 临时救助 has a rule for it (DT-8.4).
PAYMENT = TimeLimit("payment")
# 一事一议 has rules of its own, whatever was applied for.
APPRAISAL = TimeLimit("appraisal", programme="case_by_case")
COLLECTIVE_REVIEW = TimeLimit("collective_review", programme="case_by_case")
FEEDBACK = TimeLimit("feedback", programme="case_by_case")
FILING = TimeLimit("filing", programme="case_by_case")
SETTLED_PUBLICITY = TimeLimit("publicity", required=True, minimum=True, programme="case_by_case")
TIME_LIMITS = {
    limit.step: limit
    for limit in (
        VILLAGE_RELAY,
        ENTRUST_CHECK,
        INVESTIGATION,
        TOTAL,
        PUBLICITY,
        DECISION,
        REFUSAL_NOTICE,
        PAYMENT,
        APPRAISAL,
        COLLECTIVE_REVIEW,
        FEEDBACK,
        FILING,
    )
}
