"""Renewing 一事一议 before it lapses: asked for, determined, filed and told, each by who may (LC-4.4b)."""

from __future__ import annotations

import json
from decimal import Decimal

from django.db import transaction

from approvals.deadlines import start_deadlines
from approvals.documents.service import make_document
from approvals.enums import DeadlineState, DocumentKind, Outcome
from approvals.rechecking import perms
from approvals.rechecking.enums import Result
from approvals.rechecking.models import EconomicRecheck, Keeping
from approvals.rechecking.papers import matter_of
from approvals.rechecking.services import RecheckEntry, as_it_is_now, basis, found_by, locked, record
from approvals.settling import records as settled
from approvals.settling import services as settling
from approvals.settling.circumstances import FACTS, check
from approvals.settling.declarations import MeetingEntry, Told
from approvals.settling.enums import Action, Body
from approvals.settling.models import CaseByCase, Feedback, Filing
from approvals.settling.services.following import send, tell
from approvals.settling.services.referring import FACT_LENGTH
from approvals.settling.services.shared import locked_settlement, require, said, trace
from approvals.workflow import FEEDBACK, FILING
from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.enums import Post
from organisations.models import User
from policy.assess import assess
from policy.lines import Assessment
from policy.means.case_limits import limit_of
from policy.rules import RuleBook

_OPINION = 2000


@transaction.atomic
def ask_for_renewal(
    *, settlement: CaseByCase, entry: RecheckEntry, facts: dict[str, str], actor: User
) -> EconomicRecheck:
    """Look again at means and circumstance, by the rules of today, as the first step to another term.

    Refused before its time and after the lapse, and beside the field for facts that do not meet the clause.
    One whose means test no longer points to the circumstance is kept with that result and goes no further.
    """
    settlement = locked_settlement(settlement)
    benefit, current = locked(settlement.application.benefit)
    require(perms.can_renew(actor, settlement, benefit))
    today, code = clock.today(), settlement.circumstance
    book, found = RuleBook(benefit.township, today), found_by(benefit, current, entry)
    assessment = assess(found, book)
    established = {
        fact.name: said(facts.get(fact.name, "") or "", fact.name, f"“{fact.label}”", FACT_LENGTH)
        for fact in FACTS[code]
    }
    checked = check(code, established, found, book, today)
    limit = limit_of(found, book, benefit.covers.count())
    recheck = record(
        benefit,
        entry,
        actor,
        _result(settlement, assessment, book),
        (*assessment.lines, *limit.lines),
        rule_ids=list(book.used),
        settlement=settlement,
        renewal=settlement.renewals.count() + 1,
        facts=json.dumps(established, ensure_ascii=False, sort_keys=True),
        checked=checked,
        monthly_max=limit.monthly_max,
        appraisal_required=settled.needs_appraisal(book),
        filing_first=settled.files_first(book),
    )
    words = f"第 {recheck.renewal} 次续期复核：{recheck.get_result_display()}；{'；'.join(checked)}"
    trace(settlement.application, Action.REVIEW, actor, Post.HANDLER, words, recheck.recorded_at)
    return recheck


def _result(settlement: CaseByCase, assessment: Assessment, book: RuleBook) -> str:
    """Within the same circumstance still; else eligible by the ordinary rules, or not at all."""
    offered = {item["code"] for item in settled.offered(settlement.application, assessment, book)}
    if settlement.circumstance in offered:
        return Result.BY_CASE
    return Result.CONTINUES if assessment.eligible else Result.CHANGE_DUE


@transaction.atomic
def determine_renewal(
    *,
    recheck: EconomicRecheck,
    outcome: Outcome,
    meeting: MeetingEntry | None,
    opinion: str,
    actor: User,
) -> Keeping:
    """Give another term or not. Given, the benefit goes on with it; refused, it lapses at its end."""
    recheck = _locked(recheck)
    settlement = recheck.settlement
    benefit, current = locked(recheck.benefit)
    recheck.benefit = benefit
    require(perms.can_determine(actor, recheck))
    if settled.meeting_of(RuleBook(benefit.township, clock.today())) and meeting is None:
        raise Refused("请登记会议。", field="held_at", clause="LC-4.3a")
    now, renewal = clock.now(), None
    rests_on = basis(recheck, outcome, meeting, now)
    if outcome == Outcome.APPROVED:
        _refuse_unfiled(recheck)
        _refuse_above_limit(recheck, current.monthly if current is not None else None)
        renewal = settling.renew(settlement=settlement, actor=actor, at=now)
    keeping = Keeping.objects.create(
        recheck=recheck,
        outcome=outcome,
        renewal=renewal,
        valid_until=renewal.valid_until if renewal is not None else None,
        opinion=said(opinion, "opinion", "认定意见", _OPINION),
        by=actor,
        at=now,
        **rests_on,
    )
    _start_limits(recheck, keeping)
    if renewal is None:
        kind, matter = DocumentKind.RENEWAL_REFUSAL, matter_of(keeping)
        make_document(application=recheck.application, kind=kind, actor=actor, matter=matter)
    until = f"同意，续期至 {keeping.valid_until}" if renewal else f"不同意，{settlement.holds_until} 期满失效"
    words = f"第 {recheck.renewal} 次续期认定：{until}"
    trace(settlement.application, Action.RENEW, actor, Post.REVIEWER, words, now)
    return keeping


def _locked(recheck: EconomicRecheck) -> EconomicRecheck:
    """As it is now, its settlement and application locked until commit."""
    settlement = locked_settlement(recheck.settlement)
    recheck = as_it_is_now(recheck)
    recheck.settlement, recheck.application = settlement, settlement.application
    return recheck


def _refuse_unfiled(recheck: EconomicRecheck) -> None:
    if recheck.filing_first and not settled.filed_first(recheck.settlement, recheck.renewal):
        raise Refused("续期须先报区民政局备案并收到备案意见，再予认定。", field="outcome", clause="SY-4.4a")


def _refuse_above_limit(recheck: EconomicRecheck, monthly: Decimal | None) -> None:
    """What goes on is the amount in force, which must still lie within the limit (LC-3.5, DT-4.2)."""
    most = recheck.monthly_max
    if monthly is not None and most is not None and monthly > most:
        raise Refused(
            f"现月金额 {show_yuan(monthly)} 元超过一事一议上限 {show_yuan(most)} 元，"
            "请先办理待遇变更，再重新复核。",
            field="outcome",
        )


def _start_limits(recheck: EconomicRecheck, keeping: Keeping) -> None:
    """Feedback and filing are due from now (LC-4.3b); a limit of the last time that still runs goes on."""
    due = [FEEDBACK]
    if keeping.outcome == Outcome.APPROVED and not recheck.filing_first:
        due.append(FILING)
    running = recheck.application.deadlines.filter(state=DeadlineState.RUNNING).values_list("step", flat=True)
    limits = [limit for limit in due if limit.step not in set(running)]
    start_deadlines(application=recheck.application, limits=limits, now=keeping.at)


@transaction.atomic
def file_renewal(*, recheck: EconomicRecheck, body: Body, remark: str, actor: User) -> Filing:
    """Send a renewal to a body that the rules name; before its determination where that comes first."""
    recheck = _locked(recheck)
    require(perms.can_file(actor, recheck))
    return send(settlement=recheck.settlement, renewal=recheck.renewal, body=body, remark=remark, actor=actor)


@transaction.atomic
def tell_of_renewal(*, recheck: EconomicRecheck, told: Told, actor: User) -> Feedback:
    """The family was told whether it goes on, and when it ends otherwise (LC-4.3b)."""
    recheck = _locked(recheck)
    require(perms.can_feed_back(actor, recheck))
    return tell(
        settlement=recheck.settlement,
        renewal=recheck.renewal,
        since=recheck.keeping.at,
        told=told,
        actor=actor,
    )
