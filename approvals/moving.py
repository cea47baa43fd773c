"""One move under way, and what several moves do: sign an opinion, hang it out."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from approvals.conferring.records import meeting_due
from approvals.documents.parts import hotlines
from approvals.enums import Level, Outcome
from approvals.models import Proposal
from cases.enums import Placement
from cases.models import Application
from cases.queries import care_agreement, tekun_declaration
from organisations.models import User
from policy.deadlines import Due
from policy.lines import Assessment
from publicity import services as publicity
from publicity.models import Notice

HOTLINE_LENGTH = Notice._meta.get_field("hotlines").base_field.max_length


@dataclass(slots=True)
class Moving:
    """One move under way. `data` is what the screen gave beside the opinion."""

    application: Application
    actor: User | None
    opinion: str
    now: datetime
    data: dict
    changes: list[str] = field(default_factory=list)


def propose(
    moving: Moving, assessment: Assessment, given: dict[str, object], *, authority: Level, n_covered: int = 0
) -> Proposal:
    """Sign the opinion; `given` (the columns that it gives) is empty for an unfavourable one."""
    application = moving.application
    return Proposal.objects.create(
        application=application,
        programme=application.programme,
        investigation_round=application.investigation_round,
        outcome=Outcome.APPROVED if given else Outcome.REFUSED,
        authority=authority,
        lines=[line.as_json() for line in assessment.lines],
        rule_ids=list(assessment.rule_ids),
        n_covered=n_covered if given else 0,
        meeting_due=meeting_due(application),
        reason=moving.opinion,
        by=moving.actor,
        at=moving.now,
        **given,
    )


def publish(moving: Moving, proposal: Proposal, due: Due) -> None:
    """Hang out what is proposed until it is due to be taken down."""
    application = moving.application
    publicity.post_notice(
        application=application,
        actor=moving.actor,
        n_members=application.n_members,
        n_covered=proposal.n_covered,
        monthly=proposal.monthly,
        amount=proposal.amount,
        board=board_of(application),
        ends_at=due.due_at,
        hotlines=[number[:HOTLINE_LENGTH] for number in hotlines(application)],
        at=moving.now,
    )


def board_of(application: Application) -> str:
    """Where it hangs: in the village; for somebody in an institution in the institution too (SY-A2.6)."""
    boards = [application.village.name]
    said = tekun_declaration(application)
    agreement = care_agreement(application)
    if said is not None and said.placement == Placement.INSTITUTION and agreement is not None:
        boards.append(agreement.name)
    return "、".join(boards)
