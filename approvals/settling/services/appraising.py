"""民主评议: kept as it was held, valid or not."""

from __future__ import annotations

import json

from django.core.files.base import ContentFile
from django.db import transaction

from approvals.deadlines import end_deadlines, start_deadlines
from approvals.settling import perms, records
from approvals.settling.declarations import AppraisalEntry
from approvals.settling.enums import VOTING, Action, Capacity, Purpose
from approvals.settling.models import Appraisal, CaseByCase
from approvals.settling.services.shared import locked, require, said, trace
from approvals.workflow import APPRAISAL, COLLECTIVE_REVIEW
from cases.enums import AttachmentKind
from cases.models import Application, Attachment
from common import clock
from common.errors import Refused
from common.uploads import clean_upload
from organisations.enums import Post
from organisations.models import User
from policy.rules import RuleBook

_MIN, _OBSERVER = "appraisal.case_by_case.min_people", "appraisal.case_by_case.observer"


@transaction.atomic
def record_appraisal(*, application: Application, entry: AppraisalEntry, actor: User) -> Appraisal:
    """Keep a meeting with its signed sheet. One that does not meet the rules stays on record as invalid, with
    the reasons, and counts for nothing (LC-4.2b); what cannot have been (votes that do not sum) is Refused.
    """
    application = locked(application.pk)
    settlement = _settlement_for(application, entry, actor)
    book, now = records.book_of(application), clock.now()
    since = settlement.referred_at if settlement else application.received_at
    if not since <= entry.held_at <= now:
        raise Refused("评议时间须在启动之后、不晚于现在。", field="held_at", clause="LC-4.2a")
    _refuse_impossible(entry)
    defects = defects_of(entry, book)
    appraisal = Appraisal.objects.create(
        application=application,
        settlement=settlement,
        purpose=entry.purpose,
        held_at=entry.held_at,
        place=said(entry.place, "place", "评议地点", 100),
        chair=said(entry.chair, "chair", "主持人", 60),
        attendance=json.dumps(_attendance(entry), ensure_ascii=False),
        **{f"n_{capacity.value}": len(entry.present.get(capacity, ())) for capacity in Capacity},
        n_recused=len(entry.recused),
        min_people=_least(book),
        observer_needed=_watched(book),
        n_for=entry.n_for,
        n_against=entry.n_against,
        n_abstained=entry.n_abstained,
        opinions=said(entry.opinions, "opinions", "评议意见", 2000),
        minutes=said(entry.minutes, "minutes", "会议记录", 4000),
        evidence=entry.evidence.strip()[:500],
        sheet=_keep_sheet(application, entry, actor),
        valid=not defects,
        defects=defects,
        recorded_by=actor,
        recorded_at=now,
    )
    if appraisal.valid and settlement is not None:
        _run_clocks(application, settlement, appraisal)
    trace(application, Action.APPRAISE, actor, Post.HANDLER, _words(appraisal), now)
    return appraisal


def _settlement_for(application: Application, entry: AppraisalEntry, actor: User) -> CaseByCase | None:
    if entry.purpose != Purpose.CASE_BY_CASE:
        require(perms.can_appraise_ordinary(actor, application, entry.purpose))
        return None
    settlement = records.settlement_of(application)
    if settlement is None:
        raise Refused("本轮没有启动一事一议。")
    settlement.application = application
    require(perms.can_do(actor, settlement, Action.APPRAISE))
    return settlement


def _least(book: RuleBook) -> int:
    return book.integer(_MIN) if book.has(_MIN) else 0


def _watched(book: RuleBook) -> bool:
    return book.has(_OBSERVER) and book.flag(_OBSERVER)


def _refuse_impossible(entry: AppraisalEntry) -> None:
    """Nobody twice, nobody recused who was not there, as many votes as voters."""
    names = [name for people in entry.present.values() for name in people]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"到会人员重复：{'、'.join(twice)}；同名的请加注。", field="staff")
    voters = [name for capacity in VOTING for name in entry.present.get(capacity, ())]
    if strange := [name for name in entry.recused if name not in voters]:
        raise Refused(f"回避人员不在到会人员中：{'、'.join(strange)}。", field="recused")
    n_voters = len(voters) - len(entry.recused)
    n_votes = entry.n_for + entry.n_against + entry.n_abstained
    if n_votes != n_voters:
        raise Refused(
            f"同意、不同意、弃权合计 {n_votes} 票，参加表决 {n_voters} 人（纪（工）委代表和回避人员不表决），"
            "请核对。",
            field="n_for",
        )


def defects_of(entry: AppraisalEntry, book: RuleBook) -> list[str]:
    """Why the meeting is invalid by the rules (LC-4.2b, DT-4.1), in sentences; empty when it is valid."""
    defects, least = [], _least(book)
    n_voters = sum(len(entry.present.get(capacity, ())) for capacity in VOTING) - len(entry.recused)
    if n_voters < least:
        defects.append(f"参加评议 {n_voters} 人，少于 {least} 人")
    defects += [f"没有{capacity.label}参加" for capacity in VOTING if not entry.present.get(capacity)]
    if _watched(book) and not entry.present.get(Capacity.OBSERVER):
        defects.append("没有纪（工）委代表到场监督")
    return defects


def _attendance(entry: AppraisalEntry) -> dict[str, list[str]]:
    people = {capacity.value: list(entry.present.get(capacity, ())) for capacity in Capacity}
    return people | {"recused": list(entry.recused)}


def _keep_sheet(application: Application, entry: AppraisalEntry, actor: User) -> Attachment:
    """The signed sheet, cleaned like every upload; Refused (field `sheet`) when it is none."""
    clean = clean_upload(entry.sheet, field="sheet")
    sheet = Attachment(
        application=application,
        kind=AttachmentKind.APPRAISAL,
        investigation_round=application.investigation_round,
        content_type=clean.content_type,
        size=len(clean.content),
        sha256=clean.sha256,
        uploaded_by=actor,
        uploaded_at=clock.now(),
    )
    sheet.file.save(clean.name, ContentFile(clean.content), save=False)
    sheet.save()
    return sheet


def _run_clocks(application: Application, settlement: CaseByCase, appraisal: Appraisal) -> None:
    """The limit of the appraisal ends on its day; that of the meeting after it begins (DT-4.2)."""
    end_deadlines(application=application, limits=(APPRAISAL,), at=appraisal.held_at)
    if records.determination_of(settlement) is None:
        start_deadlines(application=application, limits=(COLLECTIVE_REVIEW,), now=appraisal.held_at)


def _words(appraisal: Appraisal) -> str:
    votes = f"同意 {appraisal.n_for}、不同意 {appraisal.n_against}、弃权 {appraisal.n_abstained}"
    met = f"{appraisal.get_purpose_display()}民主评议，参加 {appraisal.n_voters} 人，{votes}"
    return f"{met}；{'有效' if appraisal.valid else '无效：' + '；'.join(appraisal.defects)}"
