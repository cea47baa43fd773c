"""What the moves of 一事一议 cause; added to the effects of the one table when the room is loaded."""

from __future__ import annotations

from dataclasses import replace

from approvals.authority import decider_of
from approvals.deadlines import find_due
from approvals.effects import EFFECTS
from approvals.given import as_given
from approvals.models import Proposal
from approvals.moving import Moving, propose, publish
from approvals.relief.services import advance_of, relief_behind
from approvals.settling import records, services
from approvals.settling.declarations import Award
from approvals.workflow import SETTLED_PUBLICITY
from common.errors import Refused
from policy.calendars import working_calendar
from policy.lines import Assessment
from policy.rules import RuleBook


def _refer(moving: Moving) -> None:
    settlement = services.open_settlement(
        application=moving.application,
        referral=moving.data.get("referral"),
        actor=moving.actor,
        at=moving.now,
    )
    moving.changes.append(f"情形：{settlement.label}（{settlement.clause}）")
    moving.changes += settlement.checked
    if settlement.urgent:
        moving.changes.append("急难，民主评议事后补办")


def _settle_at_once(moving: Moving) -> Proposal:
    """What the township determined becomes the opinion that is published or confirmed."""
    application, award = moving.application, moving.data.get("award")
    if not isinstance(award, Award):
        raise Refused("请选择保障人员。", field="covered")
    book = records.book_of(application)
    assessment = records.assess_by(application, book)
    given = services.weigh(application, award, book)
    if award.amount is not None:
        advance_of(relief_behind(application), award.amount)
    explained = _with_limit(assessment, given.limit.lines, book)
    n_covered = len(given.covered)
    determined = services.determine(
        application=application,
        meeting=moving.data.get("meeting"),
        given=given,
        propose=lambda: propose(
            moving, explained, given.columns, authority=decider_of(application).level, n_covered=n_covered
        ),
        actor=moving.actor,
        at=moving.now,
    )
    moving.changes.append(f"认定保障 {n_covered} 人，{as_given(determined.proposal)}")
    return determined.proposal


def _with_limit(assessment: Assessment, lines: tuple, book: RuleBook) -> Assessment:
    """The calculation with the lines of the limit, and every rule that either consulted."""
    return replace(assessment, lines=(*assessment.lines, *lines), rule_ids=tuple(book.used))


def _settle(moving: Moving) -> None:
    proposal = _settle_at_once(moving)
    programme = SETTLED_PUBLICITY.programme
    due = find_due(moving.application, "publicity", moving.now, working_calendar(), programme=programme)
    publish(moving, proposal, due)


def _settle_against(moving: Moving) -> None:
    application = moving.application
    assessment = records.assess_by(application, records.book_of(application))
    services.determine(
        application=application,
        meeting=moving.data.get("meeting"),
        given=None,
        propose=lambda: propose(moving, assessment, {}, authority=decider_of(application).level),
        actor=moving.actor,
        at=moving.now,
    )
    moving.changes.append("认定：不同意")


def install() -> None:
    """Called once, when the applications are loaded."""
    EFFECTS.update(
        {
            "refer": _refer,
            "settle": _settle,
            "settle_at_once": _settle_at_once,
            "settle_against": _settle_against,
        }
    )
