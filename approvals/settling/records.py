"""The settlement of an application, what its rules offer, and how far it has come."""

from __future__ import annotations

from approvals.assessing import facts_of
from approvals.enums import Outcome
from approvals.models import Proposal
from approvals.settling.enums import ESTABLISHED_BY_PEOPLE, Body
from approvals.settling.models import Appraisal, CaseByCase, Determination, Feedback
from cases.models import Application
from cases.queries import is_emergency, rule_day
from common import clock
from common.errors import Refused
from policy.assess import assess
from policy.lines import Assessment
from policy.means.case_limits import CaseLimit, limit_of
from policy.rules import RuleBook

_LIST = "case_by_case.circumstances"
_NOTICE = "deadline.case_by_case.publicity"


def settlement_of(application: Application) -> CaseByCase | None:
    """That of the present round, if the case was referred in it."""
    rounds = application.settlements.filter(investigation_round=application.investigation_round)
    return rounds.select_related("determination__proposal", "referred_by").first()


def book_of(application: Application) -> RuleBook:
    """The rules that govern the application (SY-0.1)."""
    return RuleBook(application.township, rule_day(application))


def offered(application: Application, assessment: Assessment, book: RuleBook) -> list[dict]:
    """The circumstances by which this case may be referred: code, label, clause.

    Those that the means test points to, and those that only people can establish; none for a household that
    is eligible by the ordinary rules.
    """
    if assessment.eligible or not book.has(_LIST):
        return []
    return [
        item
        for item in book.items(_LIST)
        if item.get("clause") in assessment.circumstances or item["code"] in ESTABLISHED_BY_PEOPLE
    ]


def determination_of(settlement: CaseByCase) -> Determination | None:
    """What was determined, if anything was."""
    return Determination.objects.filter(settlement=settlement).select_related("proposal", "by").first()


def valid_appraisal_of(settlement: CaseByCase) -> Appraisal | None:
    """The one meeting that counts."""
    return settlement.appraisals.filter(valid=True).first()


def feedback_on(settlement: CaseByCase, renewal: int = 0) -> Feedback | None:
    """What the applicant was told of the determination, or of that on the n-th renewal."""
    return settlement.feedbacks.filter(renewal=renewal).first()


def filed_first(settlement: CaseByCase, renewal: int = 0) -> bool:
    """SY-4.4a: has the district acknowledged the filing?"""
    sent = settlement.filings.filter(renewal=renewal, body=Body.DISTRICT)
    return sent.filter(acknowledged_at__isnull=False).exists()


def limit_for(application: Application, n_covered: int, book: RuleBook) -> CaseLimit:
    """The most that may be given to so many people, by the rules and facts of the application."""
    return limit_of(facts_of(application), book, n_covered)


def assess_by(application: Application, book: RuleBook) -> Assessment:
    """The calculation by a book at hand, so that both list the same rules."""
    return assess(facts_of(application), book)


def may_appraise_later(application: Application, book: RuleBook) -> bool:
    """LC-4.2c: 急难, where the place lets the appraisal follow."""
    key = "appraisal.case_by_case.emergency_later"
    return is_emergency(application) and book.has(key) and book.flag(key)


def needs_appraisal(book: RuleBook) -> bool:
    key = "appraisal.case_by_case.required"
    return book.has(key) and book.flag(key)


def needs_notice(book: RuleBook) -> bool:
    """DT-4.2: where the place has a period for it, the determination is published before it is confirmed."""
    return book.has(_NOTICE)


def files_first(book: RuleBook) -> bool:
    """SY-4.4a: filed with the district first, then confirmed."""
    key = "filing.case_by_case.before_decision"
    return book.has(key) and book.flag(key)


def bodies_of(book: RuleBook) -> list[Body]:
    """With whom a determination is filed; nobody where the rules name nobody."""
    key = "filing.case_by_case.bodies"
    return [Body(item["code"]) for item in book.items(key)] if book.has(key) else []


def bodies_due(settlement: CaseByCase, renewal: int) -> list[Body]:
    """The same for a settlement by the rules that govern it, and for a renewal by those of today."""
    application = settlement.application
    book = RuleBook(application.township, clock.today()) if renewal else book_of(application)
    return bodies_of(book)


def meeting_of(book: RuleBook) -> str:
    """Which meeting determines; empty where the rules want none."""
    return book.text("meeting.case_by_case") if book.has("meeting.case_by_case") else ""


def determination_for(proposal: Proposal) -> Determination | None:
    """The determination that an opinion comes from; None for an ordinary one."""
    return Determination.objects.filter(proposal=proposal).select_related("settlement").first()


def settlement_still_holds(application: Application, determined: Determination) -> str | None:
    """What is confirmed must still be a case of 一事一议, within its limit; a difference goes back."""
    book = book_of(application)
    try:
        found = offered(application, assess_by(application, book), book)
        limit = limit_for(application, determined.n_covered, book)
    except Refused as refusal:
        return str(refusal)
    if determined.settlement.circumstance not in {item["code"] for item in found}:
        return "重新测算后已不属于启动时的情形，请退回补充调查。"
    then = (determined.monthly_max, determined.care_fee, determined.one_off_max)
    if determined.outcome == Outcome.APPROVED and then != (
        limit.monthly_max,
        limit.care_fee,
        limit.one_off_max,
    ):
        return "重新测算的金额上限与认定时不一致，请退回补充调查。"
    return None
