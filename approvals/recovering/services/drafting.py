"""Writing a recovery up: grounds, months and amounts, and how it shall come back."""

from __future__ import annotations

from django.db import transaction

from approvals.recovering.declarations import RecoveryEntry
from approvals.recovering.enums import IN_PROCEDURE, Ground, Way
from approvals.recovering.instalments import MOST_PARTS
from approvals.recovering.models import Recovery
from approvals.recovering.perms import can_edit, can_open, standing
from approvals.relief.enums import Finding
from approvals.relief.models import EmergencyRelief
from approvals.texts import refuse_text
from cases.models import Application
from common import clock
from common.errors import Refused
from organisations.models import User
from payments import services as payments
from payments.models import Benefit, Debt, Grant
from payments.queries import paid_lines

_FACTS, _DEBTOR = (Recovery._meta.get_field(name).max_length for name in ("facts", "debtor"))


@transaction.atomic
def draft_recovery(*, application: Application, entry: RecoveryEntry, actor: User) -> Recovery:
    """Begin a recovery of what was overpaid to a case; the months are claimed from now on.

    Refused while another one is in procedure, and for more than the household was paid.
    """
    application = _locked(application)
    if not (verdict := can_open(actor, application)):
        raise Refused(verdict.reason)
    if application.recoveries.filter(state__in=sorted(IN_PROCEDURE)).exists():
        raise Refused("该户已有正在办理的追缴，请先办结或撤回。")
    recovery = Recovery(
        application=application,
        programme=application.programme,
        county_id=application.county_id,
        township_id=application.township_id,
        village_id=application.village_id,
        name=application.applicant_name,
        created_by=actor,
        created_at=clock.now(),
    )
    if objection := standing(recovery, actor).recusal:
        raise Refused(objection)
    _aim(recovery, entry)
    _write(recovery, entry)
    return recovery


@transaction.atomic
def redraft(*, recovery: Recovery, entry: RecoveryEntry, actor: User) -> Recovery:
    """Write a draft anew, with other months or amounts."""
    _locked(recovery.application)
    recovery = Recovery.objects.with_all().select_for_update(of=("self",)).get(pk=recovery.pk)
    if not (verdict := can_edit(recovery, actor)):
        raise Refused(verdict.reason)
    if (entry.ground == Ground.RELIEF) != (recovery.relief_id is not None):
        raise Refused("追缴的款项不能改换，请撤回后另行提出。", field="ground")
    _write(recovery, entry)
    return recovery


def _locked(application: Application) -> Application:
    """Nobody opens a second one between the look and the draft."""
    rows = Application.objects.select_related("township", "village", "county")
    return rows.select_for_update(of=("self",)).get(pk=application.pk)


def _aim(recovery: Recovery, entry: RecoveryEntry) -> None:
    """What was paid: the benefit, the grant, or the relief of the case."""
    application = recovery.application
    if entry.ground == Ground.RELIEF:
        closed = EmergencyRelief.objects.filter(application=application, finding=Finding.RECOVER)
        recovery.relief = closed.select_related("fund_move__fund").first()
        if recovery.relief is None:
            raise Refused("该申请没有认定为“不符合，追回”的急难先行救助。", field="ground")
        return
    recovery.benefit = Benefit.objects.filter(application=application).first()
    if recovery.benefit is not None:
        recovery.name = recovery.benefit.head_name
        return
    recovery.grant = Grant.objects.filter(application=application).first()
    if recovery.grant is None:
        raise Refused("该申请没有发放过待遇或临时救助。")


def _write(recovery: Recovery, entry: RecoveryEntry) -> None:
    """Check, claim and save."""
    _refuse_unfit(recovery, entry)
    recovery.ground, recovery.facts = entry.ground, entry.facts.strip()
    recovery.evidence, recovery.found_on = entry.evidence, entry.found_on
    recovery.debtor, recovery.way = entry.debtor.strip(), entry.way
    recovery.n_parts = entry.n_parts if entry.way == Way.INSTALMENTS else 1
    recovery.debt = _claim(recovery, entry)
    recovery.save()


def _claim(recovery: Recovery, entry: RecoveryEntry) -> Debt:
    """The months in the books: with a draft, in place of what it claimed before."""
    before = recovery.debt if recovery.pk else None
    application = recovery.application
    if recovery.relief is not None:
        move = recovery.relief.fund_move
        return before or payments.claim_relief(application=application, fund_move=move)
    if before is not None:
        payments.unclaim(debt=before)
    lines = {line.key: line for line in paid_lines(application)}
    if gone := [key for key, _ in entry.months if key not in lines]:
        raise Refused(f"所选月份中有 {len(gone)} 笔已另行抵扣或追缴，请刷新后重新选择。", field="months")
    claims = [payments.Claim(lines[key], due) for key, due in entry.months]
    return payments.claim_back(application=application, claims=claims, debt=before)


def _refuse_unfit(recovery: Recovery, entry: RecoveryEntry) -> None:
    refuse_text(entry.facts, _FACTS, "事实和理由", "facts")
    refuse_text(entry.debtor, _DEBTOR, "缴款人", "debtor")
    today = clock.today()
    if entry.found_on > today:
        raise Refused("核查（出具）日期不能晚于今天。", field="found_on")
    if entry.way == Way.INSTALMENTS and not 2 <= entry.n_parts <= MOST_PARTS:
        raise Refused(f"分期缴回的期数应为 2 至 {MOST_PARTS}。", field="n_parts")
    if entry.way == Way.SET_OFF and not recovery.has_coming_months(today):
        raise Refused("只有仍在发放的待遇可以抵扣，请选择一次或分期缴回。", field="way")
