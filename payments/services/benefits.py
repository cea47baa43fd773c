"""Opening benefits, and where their money goes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from cases.enums import EXCLUSIVE_PROGRAMMES, Programme
from cases.models import Application, CareAgreement, Member
from cases.queries import care_agreement
from common import clock
from common.errors import Refused
from common.masking import mask_account, mask_name
from organisations.models import User
from payments import perms
from payments.accounts import clean_account
from payments.enums import PayeeRelation, PaymentKind
from payments.models import Benefit, BenefitCover, BenefitRevision, Grant, PayeeChange
from payments.services.cards import refuse_miswritten_card
from payments.services.shared import refuse_part_of_fen, refuse_without_account, require
from payments.terms import say_month


@transaction.atomic
def open_benefit(
    *,
    application: Application,
    monthly: Decimal | None,
    care_fee: Decimal | None = None,
    starts_on: date,
    lines: Sequence[dict],
    rule_ids: Sequence[int],
    reason: str,
    decided_by: User,
    covered: Collection[str] | None = None,
    ends_on: date | None = None,
) -> Benefit:
    """What an approval causes: `monthly` yuan a month from `starts_on`, the first of the month after it
    (SY-A1.5a, SY-A2.5).

    `monthly` None opens the status 低边, which is never paid. For 特困 `care_fee` is the part of `monthly`
    that goes to the institution or carer of the service agreement (DT-7.1, DT-7.2), the rest to the person.
    `covered` are the keys of the members that the assessment covers; None means all who count. `ends_on`: the
    month from which it is no longer given, where that is known from the start (LC-4.4b). Refused
    without an account, without an agreement for a care fee, for a part of a fen, for a start in the month of
    the decision, when the application already has its benefit, and when a covered person is in receipt of an
    exclusive programme in the same months.
    """
    _refuse_bad_opening(application, monthly, starts_on)
    agreement = _care_agreement(application, monthly, care_fee)
    people = _covered_people(application, covered)
    _refuse_second_programme(people, starts_on)
    benefit = Benefit.objects.create(
        application=application,
        programme=application.programme,
        county_id=application.county_id,
        township_id=application.township_id,
        village_id=application.village_id,
        head_name=application.applicant_name,
        starts_on=starts_on,
        ends_on=ends_on,
        first_approved_at=application.decided_at or clock.now(),
        payee_name=application.payee_name,
        payee_bank=application.payee_bank,
        payee_account=application.payee_account,
        care_kind=agreement.kind if agreement else "",
        care_name=agreement.payee_name if agreement else "",
        care_bank=agreement.payee_bank if agreement else "",
        care_account=agreement.payee_account if agreement else None,
    )
    BenefitCover.objects.bulk_create(
        BenefitCover(benefit=benefit, person_id=person, starts_on=starts_on, ends_on=ends_on)
        for person in people
    )
    if monthly is not None:
        BenefitRevision.objects.create(
            benefit=benefit,
            monthly=monthly,
            care_fee=care_fee or Decimal("0.00"),
            valid_from=starts_on,
            lines=list(lines),
            rule_ids=list(rule_ids),
            reason=reason[:200],
            decided_by=decided_by,
            created_at=clock.now(),
        )
    return benefit


def _refuse_bad_opening(application: Application, monthly: Decimal | None, starts_on: date) -> None:
    if application.programme not in EXCLUSIVE_PROGRAMMES:
        raise Refused("临时救助按次发放，不开立按月待遇。")
    is_status = application.programme == Programme.DIBIAN
    if is_status != (monthly is None):
        raise Refused("低边只认定身份，不发放保障金；其他项目须有月保障金额。", field="monthly")
    if not is_status:
        refuse_without_account(application)
        refuse_part_of_fen(monthly, "月保障金额", "monthly")
    decided_on = timezone.localdate(application.decided_at) if application.decided_at else clock.today()
    if starts_on != clock.month_of(starts_on) or starts_on <= clock.month_of(decided_on):
        raise Refused("待遇从批准的下月起发放。", field="starts_on", clause="SY-A1.5a")
    if Benefit.objects.filter(application=application).exists():
        raise Refused("该申请已开立待遇。")


def _care_agreement(
    application: Application, monthly: Decimal | None, care_fee: Decimal | None
) -> CareAgreement | None:
    """Who gets the care fee; None where there is none."""
    if not care_fee:
        return None
    refuse_part_of_fen(care_fee, "照料护理费", "care_fee")
    if application.programme != Programme.TEKUN or monthly is None or care_fee >= monthly:
        raise Refused("照料护理费只随特困基本生活费发放，并小于月保障金额。", field="care_fee")
    agreement = care_agreement(application)
    if agreement is None:
        raise Refused("尚未签订供养服务协议，照料护理费没有收款人。", field="care_fee", clause="SY-A2.1a")
    return agreement


def _covered_people(application: Application, covered: Collection[str] | None) -> list[int]:
    """Persons covered: the members named, else all that live with the household and are not excluded."""
    members = Member.objects.filter(household=application.household_id)
    if covered is None:
        members = members.filter(co_living=True, excluded="")
    else:
        members = members.filter(pk__in=[int(key) for key in covered])
    return list(members.order_by("person").values_list("person", flat=True))


def _refuse_second_programme(people: Collection[int], starts_on: date) -> None:
    """A sentence for the clerk; the constraint nobody_in_two_exclusive_programmes holds it in any case."""
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gt=starts_on)
    other = (
        BenefitCover.objects.filter(lasting, person__in=people).select_related("benefit", "person").first()
    )
    if other is not None:
        raise Refused(
            f"{mask_name(other.person.name)}自 {say_month(other.starts_on)}起已享受"
            f"{other.benefit.get_programme_display()}，低保、低边、特困不能同时享受；"
            "须先停发原待遇，再从停发月起开立。",
            field="starts_on",
        )


@transaction.atomic
def correct_payee(
    *,
    benefit: Benefit,
    name: str,
    bank: str,
    account: str,
    reason: str,
    actor: User,
    relation: str = "",
    part: PaymentKind = PaymentKind.REGULAR,
) -> PayeeChange:
    """Lead the money of a household to another account from the next bank file on; CARE is the care fee.

    `relation`: whose account it is, where somebody has established that (a carer's stands in the agreement).
    The trace keeps both accounts masked. Whoever corrects an account after a batch was checked cannot make
    the bank file that pays to it (`payments.services.bank_files`).
    """
    benefit = (
        Benefit.objects.select_for_update(of=("self",))
        .select_related("village", "township")
        .get(pk=benefit.pk)
    )
    require(perms.can_correct_payee(actor, benefit))
    # A status has no money of its own, but it may be a group of the price subsidy (PL-T5).
    if benefit.is_status_only and not benefit.payments.filter(kind=PaymentKind.PRICE).exists():
        raise Refused("低边不发放保障金，没有收款账号。", field="account")
    if part == PaymentKind.CARE and not benefit.care_account:
        raise Refused("该待遇没有照料护理费。", field="account")
    if part == PaymentKind.CARE:
        return _lead_to(benefit, "care", (name, bank, account), reason, actor)
    return _lead_to(benefit, "payee", (name, bank, account, relation), reason, actor)


@transaction.atomic
def correct_grant_payee(
    *, grant: Grant, name: str, bank: str, account: str, reason: str, actor: User, relation: str = ""
) -> PayeeChange:
    """The same for the instalments of 临时救助 that are still to be paid."""
    grants = Grant.objects.select_for_update(of=("self",)).select_related("village", "township")
    grant = grants.get(pk=grant.pk)
    require(perms.can_correct_payee(actor, grant))
    return _lead_to(grant, "payee", (name, bank, account, relation), reason, actor)


def _lead_to(
    recipient: Benefit | Grant, prefix: str, payee: tuple[str, ...], reason: str, actor: User
) -> PayeeChange:
    """Change the columns named by the prefix, and keep the trace."""
    columns = [f"{prefix}_{name}" for name in ("name", "bank", "account", "relation")][: len(payee)]
    before = [getattr(recipient, column) for column in columns]
    name, bank, account, *relation = payee
    after = [name.strip(), bank.strip(), clean_account(account), *relation]
    refuse_miswritten_card(after[2], recipient)
    if before == after:
        raise Refused("收款信息没有变化。", field="account")
    for column, value in zip(columns, after, strict=True):
        setattr(recipient, column, value)
    owner = "benefit" if isinstance(recipient, Benefit) else "grant"
    label = "照料护理费：" if prefix == "care" else ""
    change = PayeeChange(
        stream=f"{owner}:{recipient.pk}",
        before=label + _describe(before),
        after=label + _describe(after),
        reason=reason.strip(),
        by=actor,
        at=clock.now(),
        **{owner: recipient},
    )
    _refuse_unfit(recipient, change, [column for column in columns if column in _FIELDS])
    recipient.save(update_fields=[*columns, f"{prefix}_digest"])
    change.save()
    return change


def _describe(payee: Sequence[str]) -> str:
    name, bank, account, *relation = payee
    labels = [PayeeRelation(code).label for code in relation if code in PayeeRelation]
    return "，".join(filter(None, (name, bank, mask_account(account), *labels)))


# Where the message of a column belongs on the form.
_FIELDS = {
    "payee_name": "name",
    "payee_bank": "bank",
    "care_name": "name",
    "care_bank": "bank",
    "payee_relation": "relation",
    "reason": "reason",
}


def _refuse_unfit(recipient: Benefit | Grant, change: PayeeChange, columns: Sequence[str]) -> None:
    for row, checked in ((recipient, columns), (change, ("reason",))):
        try:
            row.clean_fields(exclude={f.name for f in row._meta.fields} - set(checked))
        except ValidationError as error:
            column, messages = next(iter(error.message_dict.items()))
            raise Refused(messages[0], field=_FIELDS[column]) from None
