"""Writing down a meeting with all its cases: all of it or nothing."""

from __future__ import annotations

import json
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from approvals import perms as case_perms
from approvals.conferring import perms, records
from approvals.conferring.declarations import CaseEntry, JointEntry
from approvals.conferring.enums import Conclusion
from approvals.conferring.models import JointItem, JointMeeting
from approvals.models import Proposal
from approvals.settling.enums import Action
from approvals.settling.services.shared import locked, require, said, trace
from cases.enums import ApplicationState as State
from cases.models import Application
from common import clock
from common.errors import Refused
from common.uploads import clean_upload
from organisations.enums import Post
from organisations.models import Area, User

_NAME, _OPINION, _MINUTES = 60, 500, 4000


@transaction.atomic
def record_meeting(*, township: Area, entry: JointEntry, actor: User) -> JointMeeting:
    """Keep a meeting, its signed minutes and what it said to each case (JZ-5.1).

    Refused for the field `<application>-<name>` where a case does not add up, was not before the approver
    when the meeting was held, or was voted on by somebody who must stay away.
    """
    require(perms.can_record(actor, township))
    now = clock.now()
    if not entry.cases:
        raise Refused("请勾选本次会议研究的申请。")
    if entry.held_at > now:
        raise Refused("会议时间不能晚于现在。", field="held_at")
    names = _members(entry)
    cases = [_brought(case, township, entry, names, actor) for case in _in_order(entry.cases)]
    meeting = _keep(township, entry, actor, now)
    for case, application, proposal in cases:
        item = _keep_item(meeting, case, application, proposal)
        trace(application, Action.CONFER, actor, Post.HANDLER, _words(meeting, item), now)
    return meeting


def _in_order(cases: list[CaseEntry]) -> list[CaseEntry]:
    """Always the same order of locks, so that two clerks do not wait for each other."""
    return sorted(cases, key=lambda case: case.application_id)


def _members(entry: JointEntry) -> list[str]:
    names = [name for name, _ in entry.present]
    if not names:
        raise Refused("请填写参加人员。", field="present")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refused(f"参加人员重复：{'、'.join(twice)}；同名的请加注。", field="present")
    if entry.chair.strip() not in names:
        raise Refused("主持人须在参加人员中。", field="chair")
    return names


def _brought(
    case: CaseEntry, township: Area, entry: JointEntry, names: list[str], actor: User
) -> tuple[CaseEntry, Application, Proposal]:
    """The case as it is now, with the opinion that was conferred on."""
    application = locked(case.application_id)
    field = f"{application.pk}-conclusion"
    proposal = records.pending_proposal(application)
    in_time = proposal is not None and application.state == State.DECIDING
    if application.township_id != township.pk or not in_time or records.conclusion_on(proposal):
        raise Refused(f"{application.number} 不在待联审联批之列，请刷新后重新勾选。", field=field)
    if entry.held_at < proposal.at:
        raise Refused(f"{application.number} 的初审意见在会议之后才签署，请核对会议时间。", field="held_at")
    if not (verdict := perms.can_bring(actor, application)):
        raise Refused(f"{application.number}：{verdict.reason}", field=field)
    _check_recusals(case, application, names)
    _check_votes(case, application, names)
    return case, application, proposal


def _check_recusals(case: CaseEntry, application: Application, names: list[str]) -> None:
    """JZ-12.1: a relative, and whoever handled the case, is there but does not vote."""
    field = f"{application.pk}-recused"
    if strange := [name for name in case.recused if name not in names]:
        raise Refused(f"回避人员不在参加人员中：{'、'.join(strange)}。", field=field)
    away = records.must_stay_away(application, names) | _declared(application, names)
    voting = {name: reason for name, reason in away.items() if name not in case.recused}
    if voting:
        words = "；".join(f"{name}{reason}" for name, reason in sorted(voting.items()))
        raise Refused(f"{words}，须回避，不参加表决。同名的请在姓名后加注。", field=field)


def _declared(application: Application, names: list[str]) -> dict[str, str]:
    """Relatives on record, of the members who have an account in the township or above it."""
    prefix = application.township.prefix
    above = [prefix[:length] for length in range(len(prefix) + 1)]
    users = User.objects.filter(name__in=names, postings__area__prefix__in=above).distinct()
    found = {}
    for user in users:
        if any(check(application, user) for check in case_perms.RECUSALS):
            found[user.name] = "是该户申报的近亲属"
    return found


def _check_votes(case: CaseEntry, application: Application, names: list[str]) -> None:
    """The conclusion follows the votes; as many vote as the rules of the place ask."""
    voters = len(names) - len(set(case.recused))
    agreed = voters - case.n_against - case.n_abstained
    if agreed < 0:
        raise Refused(
            f"不同意和弃权合计超过参加表决的 {voters} 人，请核对。", field=f"{application.pk}-n_against"
        )
    if case.conclusion == Conclusion.DEFERRED:
        return
    field, least = f"{application.pk}-conclusion", _least(application)
    if voters < least:
        raise Refused(f"参加表决 {voters} 人，少于规定的 {least} 人，只能缓议。", field=field)
    passed = 2 * agreed > voters
    if passed != (case.conclusion == Conclusion.APPROVED):
        raise Refused(f"参加表决 {voters} 人，同意 {agreed} 人，与研究结论不一致。", field=field)


def _least(application: Application) -> int:
    """NoRuleInForce where a meeting is required and nobody has said how many make one."""
    return records.book_of(application).integer(records.LEAST)


def _keep(township: Area, entry: JointEntry, actor: User, now: datetime) -> JointMeeting:
    clean = clean_upload(entry.scan, field="scan")
    meeting = JointMeeting(
        county=township.parent,
        township=township,
        held_at=entry.held_at,
        place=said(entry.place, "place", "会议地点", 100),
        chair=said(entry.chair, "chair", "主持人", _NAME),
        attendance=json.dumps(entry.present, ensure_ascii=False),
        n_present=len(entry.present),
        minutes=said(entry.minutes, "minutes", "会议记录", _MINUTES),
        scan_type=clean.content_type,
        scan_sha256=clean.sha256,
        recorded_by=actor,
        recorded_at=now,
    )
    meeting.scan.save(clean.name, ContentFile(clean.content), save=False)
    meeting.save()
    return meeting


def _keep_item(
    meeting: JointMeeting, case: CaseEntry, application: Application, proposal: Proposal
) -> JointItem:
    recused = sorted(set(case.recused))
    return JointItem.objects.create(
        meeting=meeting,
        application=application,
        proposal=proposal,
        conclusion=case.conclusion,
        n_present=meeting.n_present,
        n_recused=len(recused),
        n_for=meeting.n_present - len(recused) - case.n_against - case.n_abstained,
        n_against=case.n_against,
        n_abstained=case.n_abstained,
        min_people=_least(application),
        recused=json.dumps(recused, ensure_ascii=False),
        opinion=said(case.opinion, f"{application.pk}-opinion", "研究意见", _OPINION),
    )


def _words(meeting: JointMeeting, item: JointItem) -> str:
    votes = f"同意 {item.n_for}、不同意 {item.n_against}、弃权 {item.n_abstained}"
    away = f"，{item.n_recused} 人回避" if item.n_recused else ""
    return f"参加表决 {item.n_voters} 人{away}，{votes}；结论：{item.get_conclusion_display()}"
