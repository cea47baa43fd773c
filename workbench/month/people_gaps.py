"""Gaps of single people: their account, agreement, change, or money that came back."""

from __future__ import annotations

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse

from approvals.changing.enums import Reason
from approvals.changing.models import BenefitChange
from approvals.changing.perms import READERS as CHANGE_READERS
from cases.enums import ApplicationState, CarerKind, Programme
from cases.models import Application
from cases.queries.days import start_of
from common import clock
from common.masking import mask_name
from common.money import show_yuan
from organisations.models import Area
from payments.accounts import is_miswritten_card
from payments.enums import BatchState, PaymentKind, TransferResult
from payments.holders import led_elsewhere
from payments.models import Benefit, Grant, Instalment, Payment, Transfer
from payments.queries.care import CareState, people_at_home
from payments.services.payouts import not_listed
from payments.terms import say_day, say_month
from policy.models import Rule
from policy.rules import RuleBook
from workbench.month.places import Look
from workbench.month.rows import GapRow

__all__ = ["CHANGE_READERS"]
_PLACES = ("application", "township", "village")
_OPEN = (BatchState.PREPARED, BatchState.CHECKED)


def _place(row: Benefit | Grant | Application | BenefitChange) -> str:
    return f"{row.township.name}{row.village.name}"


def in_receipt(look: Look) -> QuerySet[Benefit]:
    """Benefits of the place in force in the month."""
    lasting = Q(ends_on__isnull=True) | Q(ends_on__gt=look.month)
    rows = Benefit.objects.filter(look.within(), lasting, starts_on__lte=look.month)
    return rows.select_related(*_PLACES).order_by("pk")


def show_benefit(benefit: Benefit) -> GapRow:
    account = benefit.masked_account or "未登记"
    detail = f"{benefit.get_programme_display()} · 账号 {account}"
    return _of_benefit(benefit, detail)


def _of_benefit(benefit: Benefit, detail: str) -> GapRow:
    name, url = mask_name(benefit.head_name), reverse("payments:benefit", args=[benefit.pk])
    return GapRow(benefit.application.number, name, _place(benefit), detail, url)


def changes(look: Look) -> QuerySet[BenefitChange]:
    """Decided before the month (or the person dead before it) and still not in effect: what is served within
    a month takes effect in the next (SY-A1.6), what is decided within this one concerns the next.
    """
    should_be = Q(decided_at__lt=start_of(look.month)) | Q(reason=Reason.DEATH, died_on__lt=look.month)
    lasting = Q(benefit__ends_on__isnull=True) | Q(benefit__ends_on__gt=look.month)
    rows = BenefitChange.objects.open().filter(look.within(), should_be, lasting)
    return rows.select_related("application", "benefit", "township", "village").order_by("pk")


def show_change(change: BenefitChange) -> GapRow:
    what = f"{change.get_kind_display()}（{change.get_reason_display()}）"
    url = reverse("changing:change", args=[change.pk])
    detail = f"{what} · {change.get_state_display()}"
    return GapRow(change.application.number, change.masked_name, _place(change), detail, url)


def without_account(look: Look) -> QuerySet[Benefit]:
    """低边 is a status and may have no account; on a list of the price subsidy it needs one (JZ-9.1)."""
    lines = Payment.objects.filter(benefit=OuterRef("pk"), kind=PaymentKind.PRICE, batch__state__in=_OPEN)
    rows = Benefit.objects.filter(look.within(), Exists(lines), payee_account__isnull=True)
    return rows.select_related(*_PLACES).order_by("pk")


def led_to_strangers(look: Look) -> QuerySet[Benefit]:
    """Paid to somebody who is neither of the household nor a proxy, on the first day left of the month."""
    return led_elsewhere(in_receipt(look), max(look.month, clock.today()))


def show_holder(benefit: Benefit) -> GapRow:
    return _of_benefit(benefit, f"收款人 {mask_name(benefit.payee_name)} · 无有效代领协议")


def applications_without_account(look: Look) -> QuerySet[Application]:
    """Published or before the decision, for money, and nobody to pay it to."""
    lacking = Q(payee_account__isnull=True) | Q(payee_account="") | Q(payee_name="")
    states = (ApplicationState.PUBLISHED, ApplicationState.DECIDING)
    rows = Application.objects.filter(look.within(), lacking, state__in=states)
    return rows.exclude(programme=Programme.DIBIAN).select_related("township", "village").order_by("pk")


def show_application(application: Application) -> GapRow:
    detail = f"{application.get_programme_display()} · {application.get_state_display()}"
    url, name = reverse("workbench:case", args=[application.number]), mask_name(application.applicant_name)
    return GapRow(application.number, name, _place(application), detail, url)


def _checks_cards(look: Look) -> bool:
    return RuleBook(look.area, look.month).flag("payments.account.luhn")


def miswritten(look: Look) -> QuerySet[Benefit]:
    """Cards with a wrong digit, where the bank has them checked: read one by one, as they are encrypted."""
    rows = in_receipt(look)
    if not _checks_cards(look):
        return rows.none()
    accounts = rows.values_list("pk", "payee_account", "care_account").iterator(chunk_size=2000)
    wrong = [pk for pk, *pair in accounts if any(is_miswritten_card(account or "") for account in pair)]
    return rows.filter(pk__in=wrong)


def miswritten_grants(look: Look) -> QuerySet[Grant]:
    """The same for 临时救助 of which a part is still to be listed."""
    waiting = Exists(not_listed().filter(grant=OuterRef("pk")))
    rows = Grant.objects.filter(look.within(), waiting).select_related(*_PLACES).order_by("pk")
    if not _checks_cards(look):
        return rows.none()
    accounts = rows.values_list("pk", "payee_account").iterator(chunk_size=2000)
    return rows.filter(pk__in=[pk for pk, account in accounts if is_miswritten_card(account)])


def show_grant(grant: Grant) -> GapRow:
    url, name = reverse("payments:grant", args=[grant.pk]), mask_name(grant.head_name)
    return GapRow(grant.application.number, name, _place(grant), f"账号 {grant.masked_account}", url)


def without_care(look: Look) -> QuerySet[Benefit]:
    """Cared for at home without an agreement in force."""
    people = people_at_home(Benefit.objects.filter(look.within(), starts_on__lte=look.month))
    return people.exclude(care_state=CareState.SIGNED)


def show_care(benefit: Benefit) -> GapRow:
    carer = f"原照料人 {mask_name(benefit.carer)}" if benefit.carer else "未登记照料人"
    return _of_benefit(benefit, f"{CareState(benefit.care_state).label} · {carer}")


def without_pocket_money(look: Look) -> QuerySet[Benefit]:
    """In an institution, where a rule gives pocket money, and the person's own money goes to the account of
    the care fee.
    """
    ruled = Rule.objects.in_force(look.month).filter(key="tekun.pocket_money.ratio")
    places = Area.objects.filter(prefix__in=ruled.values("area__prefix"))
    rows = in_receipt(look).filter(programme=Programme.TEKUN, care_kind=CarerKind.INSTITUTION)
    return rows.filter(
        Q(county__in=places) | Q(township__in=places) | Q(county__parent__in=places),
        payee_digest=F("care_digest"),
    )


def unlisted_aid(look: Look) -> QuerySet[Instalment]:
    """Approved parts that fall due by the end of the month and are in no list."""
    due = Q(number=1) | Q(due_on__lt=clock.next_month(look.month))
    rows = not_listed().filter(look.within("grant__"), due)
    return rows.select_related(*(f"grant__{place}" for place in _PLACES)).order_by("due_on", "pk")


def show_instalment(part: Instalment) -> GapRow:
    grant = part.grant
    detail = f"{part.label} {show_yuan(part.amount)} 元 · {say_day(part.due_on)}前发放"
    url, name = reverse("payments:grant", args=[grant.pk]), mask_name(grant.head_name)
    return GapRow(grant.application.number, name, _place(grant), detail, url)


def failed(look: Look) -> QuerySet[Transfer]:
    """The last attempts of lines that came back, of this month and before. A settled batch has none, and
    those that are not settled are few.
    """
    live = Transfer.objects.filter(payment=OuterRef("payment")).exclude(result=TransferResult.FAILED)
    later = Transfer.objects.filter(payment=OuterRef("payment"), pk__gt=OuterRef("pk"))
    here = look.within("payment__benefit__") | look.within("payment__instalment__grant__")
    rows = Transfer.objects.filter(
        here,
        ~Exists(live),
        ~Exists(later),
        result=TransferResult.FAILED,
        bank_file__batch__state=BatchState.SENT,
        bank_file__batch__month__lte=look.month,
    )
    place = Coalesce("payment__benefit__township", "payment__instalment__grant__township")
    owners = ("payment__benefit", "payment__instalment__grant")
    return (
        rows.annotate(place=place)
        .select_related(*(f"{owner}__{each}" for owner in owners for each in _PLACES))
        .order_by("pk")
    )


def show_failed(transfer: Transfer) -> GapRow:
    payment = transfer.payment
    owner = payment.recipient
    page = "payments:grant" if payment.instalment_id else "payments:benefit"
    detail = f"{say_month(payment.month)} {show_yuan(payment.amount)} 元 · {transfer.failure or '银行退回'}"
    name, url = mask_name(owner.head_name), reverse(page, args=[owner.pk])
    return GapRow(owner.application.number, name, _place(owner), detail, url)
