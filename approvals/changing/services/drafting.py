"""Writing a change up, and what it rests on: everything before it is proposed."""

from __future__ import annotations

from datetime import date

from django.core.files.base import ContentFile
from django.db import transaction

from approvals.changing.assessing import outcome_of
from approvals.changing.declarations import ChangeEntry, EvidenceEntry
from approvals.changing.enums import ChangeKind, Reason
from approvals.changing.models import BenefitChange, Evidence
from approvals.changing.perms import can_edit, standing
from approvals.enums import EvidenceKind
from approvals.rechecking.records import kept_until
from approvals.texts import refuse_text
from cases.enums import Programme
from cases.models import Member
from common import clock
from common.errors import Refused
from common.uploads import clean_upload
from organisations.models import User
from payments.models import Benefit, BenefitRevision
from payments.perms import can_propose_change

_FACTS, _FINDING, _SCREENING = (
    model._meta.get_field(name).max_length
    for model, name in ((BenefitChange, "facts"), (Evidence, "finding"), (BenefitChange, "screening"))
)
_FILED = (EvidenceKind.STATEMENT, EvidenceKind.PROOF)


@transaction.atomic
def draft_change(*, benefit: Benefit, entry: ChangeEntry, actor: User) -> BenefitChange:
    """Begin a change of a benefit in force, with the amount that the rules of today give (SY-7.2).

    Refused while another one is under way, and where the calculation speaks against it.
    """
    benefit = _locked(benefit)
    if not (verdict := can_propose_change(actor, benefit)):
        raise Refused(verdict.reason)
    if benefit.changes.open().exists():
        raise Refused("该待遇已有正在办理的变更，请先办结或撤回。")
    change = BenefitChange(
        application=benefit.application,
        benefit=benefit,
        programme=benefit.programme,
        county_id=benefit.county_id,
        township_id=benefit.township_id,
        village_id=benefit.village_id,
        created_by=actor,
        created_at=clock.now(),
    )
    if objection := standing(change, actor).recusal:
        raise Refused(objection)
    _write(change, entry)
    return change


@transaction.atomic
def redraft(*, change: BenefitChange, entry: ChangeEntry, actor: User) -> BenefitChange:
    """Write a draft anew, with a new calculation."""
    _locked(change.benefit)
    change = BenefitChange.objects.with_all().select_for_update(of=("self",)).get(pk=change.pk)
    if not (verdict := can_edit(change, actor)):
        raise Refused(verdict.reason)
    _write(change, entry)
    return change


def _locked(benefit: Benefit) -> Benefit:
    """Nobody changes the benefit between the look and the draft."""
    rows = Benefit.objects.select_related("application__household", "township", "village", "county")
    return rows.select_for_update(of=("self",)).get(pk=benefit.pk)


def _write(change: BenefitChange, entry: ChangeEntry) -> None:
    """Check, compute and save."""
    today = clock.today()
    current = change.benefit.revisions.filter(valid_to__isnull=True).first()
    _refuse_unfit(change, current, entry, today)
    found = outcome_of(change.benefit, current, entry, today)
    change.kind, change.reason, change.facts = entry.kind, entry.reason, entry.facts.strip()
    change.died_on, change.member_id, change.member_gone = entry.died_on, entry.member, entry.member_gone
    change.income_kind, change.income, change.deposits = entry.income_kind, entry.income, entry.deposits
    change.screening = entry.screening.strip()
    change.was = current.monthly if current else None
    change.was_care = current.care_fee if current else None
    change.monthly, change.care_fee = found.monthly, found.care_fee
    change.phase_out_months = found.phase_out_months
    change.lines, change.rule_ids = list(found.lines), list(found.rule_ids)
    change.save()


def _refuse_unfit(
    change: BenefitChange, current: BenefitRevision | None, entry: ChangeEntry, today: date
) -> None:
    refuse_text(entry.facts, _FACTS, "事实和理由", "facts")
    if entry.screening:
        refuse_text(entry.screening, _SCREENING, "筛查情况", "screening")
    if entry.kind == ChangeKind.ADJUST and change.programme == Programme.DIBIAN:
        raise Refused("低边只认定身份，没有金额可以调整；不再符合的请选择停发。", field="kind")
    if entry.kind == ChangeKind.ADJUST and change.benefit.ends_on is not None:
        raise Refused(f"该待遇已定于 {change.benefit.ends_on:%Y-%m} 起停发，不能再调整金额。", field="kind")
    if current is not None and current.valid_from > clock.next_month(today):
        raise Refused(
            f"该待遇自 {current.valid_from:%Y-%m} 起已有另一项批准的金额，请待其生效后再提出变更。",
            field="kind",
        )
    if (entry.reason == Reason.DEATH) != (entry.died_on is not None):
        raise Refused("原因为死亡的须填写死亡日期，其他原因不填。", field="died_on")
    if entry.died_on is not None and entry.died_on > today:
        raise Refused("死亡日期不能晚于今天。", field="died_on")
    if entry.reason == Reason.VOLUNTARY and entry.kind != ChangeKind.TERMINATE:
        raise Refused("本人自愿退出的，请选择终止。", field="kind")
    _refuse_unfit_finding(change, entry)
    _refuse_what_is_kept(change, entry, today)


def _refuse_unfit_finding(change: BenefitChange, entry: ChangeEntry) -> None:
    """The findings name a member of this household, and are whole."""
    if (entry.income_kind != "") != (entry.income is not None):
        raise Refused("收入类别和核实后的月收入须同时填写。", field="income")
    says = entry.member_gone or entry.income is not None
    if says != (entry.member is not None):
        raise Refused("涉及成员与其核实情况（不再计入或核实后月收入）须同时填写。", field="member")
    if entry.member is None:
        return
    if not Member.objects.filter(pk=entry.member, household=change.application.household_id).exists():
        raise Refused("请选择本户成员。", field="member")


def _refuse_what_is_kept(change: BenefitChange, entry: ChangeEntry, today: date) -> None:
    """LC-3.4: what 一事一议 lets pass is no reason to stop while it holds; more money than that is."""
    keeping = kept_until(change.benefit, today)
    if keeping is None or entry.kind == ChangeKind.ADJUST or entry.reason != Reason.PROPERTY:
        return
    if entry.deposits is None or entry.deposits <= keeping.recheck.deposits:
        until = f"至 {keeping.valid_until}" if keeping.valid_until else ""
        raise Refused(
            f"该户存款已经一事一议认定继续保障{until}；存款增加的，填写核实后的货币财产。",
            field="reason",
            clause="LC-3.4",
        )


@transaction.atomic
def add_evidence(*, change: BenefitChange, entry: EvidenceEntry, actor: User) -> Evidence:
    """Enter what was found, with a scan of statements and proofs; nothing entered is altered afterwards."""
    change = BenefitChange.objects.with_all().select_for_update(of=("self",)).get(pk=change.pk)
    if not (verdict := can_edit(change, actor)):
        raise Refused(verdict.reason)
    refuse_text(entry.finding, _FINDING, "核查情况", "finding")
    if entry.found_on > clock.today():
        raise Refused("核查（出具）日期不能晚于今天。", field="found_on")
    if entry.kind == EvidenceKind.VISIT and not entry.second_visitor.strip():
        raise Refused("入户核查须由两人进行，请填写核查人二。", field="second_visitor", clause="JZ-12.3")
    if entry.kind in _FILED and entry.file is None:
        raise Refused("书面声明和证明材料须上传扫描件或照片。", field="file")
    evidence = Evidence(
        change=change,
        kind=entry.kind,
        found_on=entry.found_on,
        finding=entry.finding.strip(),
        second_visitor=entry.second_visitor.strip(),
        recorded_by=actor,
        recorded_at=clock.now(),
    )
    if entry.file is not None:
        clean = clean_upload(entry.file)
        evidence.content_type, evidence.sha256 = clean.content_type, clean.sha256
        evidence.file.save(clean.name, ContentFile(clean.content), save=False)
    evidence.save()
    return evidence
