"""Which office decides about an application (DT-1.1, SY-2.1)."""

from __future__ import annotations

from dataclasses import dataclass

from approvals.assessing import assess_application
from approvals.enums import Level
from approvals.guards import current_proposal
from approvals.settling.records import settlement_of
from cases.enums import Programme
from cases.models import Application
from cases.queries import rule_day
from common.money import show_yuan
from policy.lines import Assessment
from policy.rules import RuleBook

# The prefix of a township and of everything in it is at least so long, that of a county shorter.
TOWNSHIP_PREFIX = 9
# The line of the calculation that compares the amount with what the township may decide.
_LIMIT_LINE = "township_limit"


@dataclass(frozen=True, slots=True)
class Decider:
    """The office, the clause that says so, and in words the amount it depends on, or that it is 一事一议."""

    level: Level
    clause: str
    of_what: str = ""
    of_whom: str = ""


def level_for(assessment: Assessment) -> Level:
    """The office that decides what the calculation is about."""
    return Level.TOWNSHIP if assessment.authority == "township" else Level.COUNTY


def decider_of(application: Application) -> Decider:
    """Who decides: by the opinion of this round where it is signed, else by what was asked for; 一事一议 by
    its own rule (LC-4.3a).

    NoRuleInForce where the rules do not say; Refused while the request is not whole.
    """
    settled = settlement_of(application) is not None
    rule = RuleBook(application.township, rule_day(application)).rule(
        f"decision.{'case_by_case' if settled else application.programme}.authority"
    )
    if settled or application.programme != Programme.LINSHI:
        level = Level.TOWNSHIP if rule.value == "township" else Level.COUNTY
        return Decider(level, rule.clause_id or "", of_whom="一事一议" if settled else "")
    proposal = current_proposal(application)
    assessment = assess_application(application, proposal.amount if proposal is not None else None)
    limit = next((line for line in assessment.lines if line.code == _LIMIT_LINE), None)
    if limit is None:
        return Decider(level_for(assessment), rule.clause_id or "")
    side = "超过" if assessment.authority == "district" else "不超过"
    return Decider(level_for(assessment), limit.clause, f"{side} {show_yuan(limit.amount)} 元的")
