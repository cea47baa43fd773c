"""Whether a case waits for the joint meeting, what it said, and who of its members must stay away."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import F, QuerySet

from approvals.conferring.enums import FINAL
from approvals.conferring.models import JointItem
from approvals.models import Proposal, Step
from approvals.settling.records import book_of, meeting_of, settlement_of
from cases.enums import ApplicationState as State
from cases.models import Application, CheckReport
from cases.queries import is_emergency
from organisations.enums import Post
from organisations.models import Area
from policy.rules import RuleBook

REQUIRED, LEAST = "meeting.joint.required", "meeting.joint.min_people"


def is_required(book: RuleBook) -> bool:
    return book.has(REQUIRED) and book.flag(REQUIRED)


def meeting_due(application: Application) -> bool:
    """JZ-5.1: the township decides collectively. Not for 急难, which is helped first (JZ-4.2); and 一事一议
    that a meeting determined has had its meeting.
    """
    book = book_of(application)
    if not is_required(book) or is_emergency(application):
        return False
    return settlement_of(application) is None or not meeting_of(book)


def clause_of(application: Application) -> str:
    """The clause that asks for the meeting, in brackets."""
    book = book_of(application)
    clause = book.rule(REQUIRED).clause_id if book.has(REQUIRED) else ""
    return f"（{clause}）" if clause else ""


def pending_proposal(application: Application) -> Proposal | None:
    """The opinion of this round that a meeting must have seen; None where none must."""
    rounds = application.proposals.filter(investigation_round=application.investigation_round)
    return rounds.filter(meeting_due=True).last()


def conclusion_on(proposal: Proposal) -> JointItem | None:
    """What a meeting decided about the opinion."""
    return proposal.joint_items.filter(conclusion__in=FINAL).select_related("meeting").first()


def waiting_proposals() -> QuerySet[Proposal]:
    """Opinions of cases that stand before the approver and have not been through a meeting."""
    due = Proposal.objects.filter(
        meeting_due=True,
        application__state=State.DECIDING,
        investigation_round=F("application__investigation_round"),
    )
    return due.exclude(joint_items__conclusion__in=FINAL)


def waiting_in(township: Area) -> QuerySet[Proposal]:
    """Those of one township, oldest first."""
    rows = waiting_proposals().filter(application__township=township)
    places = ("village", "township", "county", "household", "created_by")
    return rows.select_related(*(f"application__{name}" for name in places)).order_by("pk")


def must_stay_away(application: Application, names: Iterable[str]) -> dict[str, str]:
    """Who of the named may not vote, with the reason: the household itself, and who handled the case.

    By name, since not every member of a township's meeting has an account; namesakes are told apart by what
    the clerk writes behind the name.
    """
    own, handled = _household(application), _handlers(application)
    reasons = {}
    for name in names:
        if name in own:
            reasons[name] = "是该户成员"
        elif name in handled:
            reasons[name] = "经办过此件"
    return reasons


def _household(application: Application) -> set[str]:
    members = application.household.members.select_related("person")
    return {member.person.name for member in members}


def _handlers(application: Application) -> set[str]:
    """Registered, visited, checked or moved it, in any post but the one that decides."""
    steps = Step.objects.filter(application=application, actor__isnull=False).exclude(post=Post.APPROVER)
    names = set(steps.order_by().values_list("actor__name", flat=True).distinct())
    for visit in application.visits.select_related("first_visitor", "second_visitor"):
        second = visit.second_visitor.name if visit.second_visitor else visit.second_visitor_name
        names |= {visit.first_visitor.name, second}
    reports = CheckReport.objects.filter(check_entrusted__application=application)
    return names | {application.created_by.name, *reports.values_list("recorded_by__name", flat=True)}
