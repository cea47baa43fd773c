"""Opening benefits, and where their money goes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from cases.models import Application
from common import clock
from common.errors import Refused
from common.masking import mask_account
from common.money import to_fen
from organisations.models import User
from payments import perms
from payments.accounts import clean_account
from payments.models import Benefit, BenefitRevision, PayeeChange
from payments.services.shared import require


@transaction.atomic
def open_benefit(
    *,
    application: Application,
    monthly: Decimal,
    starts_on: date,
    lines: Sequence[dict],
    rule_ids: Sequence[int],
    reason: str,
    decided_by: User,
) -> Benefit:
    """What an approval causes: `monthly` yuan a month from `starts_on`, the first of the month after it
    (SY-A1.5a).

    The money goes to the account of the application. Refused without one, for a part of a fen, for a start in
    the month of the decision, or when the application already has its benefit.
    """
    _refuse_bad_opening(application, monthly, starts_on)
    benefit = Benefit.objects.create(
        application=application,
        programme=application.programme,
        county_id=application.county_id,
        township_id=application.township_id,
        village_id=application.village_id,
        head_name=application.applicant_name,
        starts_on=starts_on,
        first_approved_at=application.decided_at or clock.now(),
        payee_name=application.payee_name,
        payee_bank=application.payee_bank,
        payee_account=application.payee_account,
    )
    BenefitRevision.objects.create(
        benefit=benefit,
        monthly=monthly,
        valid_from=starts_on,
        lines=list(lines),
        rule_ids=list(rule_ids),
        reason=reason[:200],
        decided_by=decided_by,
        created_at=clock.now(),
    )
    return benefit


def _refuse_bad_opening(application: Application, monthly: Decimal, starts_on: date) -> None:
    if not application.payee_account or not application.payee_name:
        raise Refused("申请未登记收款人和收款账号，不能开立待遇；请先补登收款信息。", field="payee_account")
    if (
        not isinstance(monthly, Decimal)
        or not monthly.is_finite()
        or monthly <= 0
        or monthly != to_fen(monthly)
    ):
        raise Refused("月保障金额应为大于 0、精确到分的金额。", field="monthly")
    decided_on = timezone.localdate(application.decided_at) if application.decided_at else clock.today()
    if starts_on != clock.month_of(starts_on) or starts_on <= clock.month_of(decided_on):
        raise Refused("待遇从批准的下月起发放。", field="starts_on", clause="SY-A1.5a")
    if Benefit.objects.filter(application=application).exists():
        raise Refused("该申请已开立待遇。")


@transaction.atomic
def correct_payee(
    *, benefit: Benefit, name: str, bank: str, account: str, reason: str, actor: User
) -> PayeeChange:
    """Lead the money of a household to another account from the next bank file on.

    The trace keeps both accounts masked. Whoever corrects an account after a batch was checked cannot make
    the bank file that pays to it (`payments.services.bank_files`).
    """
    benefit = (
        Benefit.objects.select_for_update(of=("self",))
        .select_related("village", "township")
        .get(pk=benefit.pk)
    )
    require(perms.can_correct_payee(actor, benefit))
    before = _describe(benefit)
    unchanged = (benefit.payee_name, benefit.payee_bank, benefit.payee_account)
    benefit.payee_name, benefit.payee_bank, benefit.payee_account = (
        name.strip(),
        bank.strip(),
        clean_account(account),
    )
    if unchanged == (benefit.payee_name, benefit.payee_bank, benefit.payee_account):
        raise Refused("收款信息没有变化。", field="account")
    change = PayeeChange(
        stream=f"benefit:{benefit.pk}",
        benefit=benefit,
        before=before,
        after=_describe(benefit),
        reason=reason.strip(),
        by=actor,
        at=clock.now(),
    )
    _refuse_unfit(benefit, change)
    benefit.save(update_fields=["payee_name", "payee_bank", "payee_account"])
    change.save()
    return change


def _describe(benefit: Benefit) -> str:
    return "，".join(
        filter(None, (benefit.payee_name, benefit.payee_bank, mask_account(benefit.payee_account)))
    )


# Where the message of a column belongs on the form.
_FIELDS = {"payee_name": "name", "payee_bank": "bank", "reason": "reason"}


def _refuse_unfit(benefit: Benefit, change: PayeeChange) -> None:
    for row, columns in ((benefit, ("payee_name", "payee_bank")), (change, ("reason",))):
        try:
            row.clean_fields(exclude={f.name for f in row._meta.fields} - set(columns))
        except ValidationError as error:
            column, messages = next(iter(error.message_dict.items()))
            raise Refused(messages[0], field=_FIELDS[column]) from None
