"""Who is in receipt, and the money tab of a case."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from cases.models import Application
from common import clock
from common.masking import mask_name
from common.spreadsheets import Column, Kind
from organisations.enums import AreaLevel
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from payments import perms
from payments.enums import TransferResult
from payments.models import Benefit, BenefitRevision, Payment, Transfer

SHOWN = 50
EXPORT_MOST = 20_000
PAYMENTS_SHOWN = 24
EXPORT_COLUMNS = (
    Column("number", "申请编号", width=20),
    Column("head", "户主", width=14),
    Column("programme", "救助项目", width=16),
    Column("township", "街道（乡镇）", width=18),
    Column("village", "村（社区）", width=18),
    Column("monthly", "月保障金额（元）", Kind.AMOUNT, width=16),
    Column("starts", "起发月", width=10),
    Column("ends", "停发月", width=10),
    Column("account", "收款账号（脱敏）", width=24),
)


def _current(month: date) -> QuerySet[BenefitRevision]:
    """The revision that rules the month (or, before the start, the first)."""
    covers = Q(valid_to__isnull=True) | Q(valid_to__gt=month)
    return BenefitRevision.objects.filter(covers, benefit=OuterRef("pk")).order_by("valid_from")


def benefit_list(
    scope: Scope, *, place: Area | None = None, programme: str = "", status: str = ""
) -> QuerySet:
    """在册对象 within reach, newest first, each with its `monthly` amount of this month.

    `status`: `active` (paid this month or later), `ended`, or empty for all.
    """
    month = clock.month_of(clock.today())
    benefits = Benefit.objects.visible_to(scope, *perms.BENEFIT_POSTS)
    if place is not None:
        benefits = benefits.filter(**{place.level: place})
    if programme:
        benefits = benefits.filter(programme=programme)
    if status == "active":
        benefits = benefits.filter(Q(ends_on__isnull=True) | Q(ends_on__gt=month))
    elif status == "ended":
        benefits = benefits.filter(ends_on__lte=month)
    return (
        benefits.select_related("application", "township", "village")
        .annotate(monthly=Subquery(_current(month).values("monthly")[:1]))
        .order_by("-pk")
    )


def benefit_page(benefits: QuerySet, before: int | None) -> tuple[list[Benefit], int | None]:
    """The next rows below a key, and the key that continues them: the last page is as quick as the first."""
    if before is not None:
        benefits = benefits.filter(pk__lt=before)
    page = list(benefits[: SHOWN + 1])
    return page[:SHOWN], page[SHOWN - 1].pk if len(page) > SHOWN else None


def export_rows(benefits: QuerySet) -> Iterator[dict]:
    """Rows for the sheet, names and accounts masked as on the list."""
    for benefit in benefits.iterator(chunk_size=2000):
        yield {
            "number": benefit.application.number,
            "head": mask_name(benefit.head_name),
            "programme": benefit.get_programme_display(),
            "township": benefit.township.name,
            "village": benefit.village.name,
            "monthly": benefit.monthly,
            "starts": f"{benefit.starts_on:%Y-%m}",
            "ends": f"{benefit.ends_on:%Y-%m}" if benefit.ends_on else "",
            "account": benefit.masked_account,
        }


def places_to_choose(scope: Scope) -> QuerySet[Area]:
    """Townships below a county posting, villages below a township posting: what the list is narrowed to."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*perms.BENEFIT_POSTS):
        level = AreaLevel.VILLAGE if len(prefix) >= 9 else AreaLevel.TOWNSHIP
        condition |= Q(prefix__startswith=prefix, level=level)
    return Area.objects.filter(condition).order_by("code")


def _payments(benefit: Benefit) -> list[Payment]:
    attempts = Prefetch(
        "transfers", Transfer.objects.select_related("bank_file").order_by("pk"), to_attr="attempts"
    )
    payments = Payment.objects.filter(benefit=benefit).select_related("batch__area")
    return list(payments.prefetch_related(attempts).order_by("-month", "-pk")[:PAYMENTS_SHOWN])


@dataclass(slots=True)
class Money:
    """One benefit as its page and the money tab show it."""

    benefit: Benefit
    revisions: list[BenefitRevision]
    payments: list[Payment]
    changes: list


def money_of(benefit: Benefit) -> Money:
    """Revisions, the latest payments with their attempts, changes of the account."""
    return Money(
        benefit=benefit,
        revisions=list(benefit.revisions.select_related("decided_by").order_by("-valid_from")),
        payments=_payments(benefit),
        changes=list(benefit.payee_changes.select_related("by").order_by("-pk")[:50]),
    )


def overpaid(benefit: Benefit) -> list[Payment]:
    """Lines of sealed batches for months from the end of the benefit on that the bank did not refuse: what a
    late notice of a death leaves to be recovered, oldest month first.
    """
    if benefit.ends_on is None:
        return []
    result = Transfer.objects.filter(payment=OuterRef("pk")).order_by("-pk").values("result")[:1]
    late = benefit.payments.filter(month__gte=benefit.ends_on, batch__sealed_at__isnull=False)
    late = late.annotate(result=Subquery(result)).filter(
        Q(result__isnull=True) | ~Q(result=TransferResult.FAILED)
    )
    return list(late.select_related("batch__area").order_by("month", "pk"))


def money_panel(application: Application, user: User) -> dict:
    """All that the 资金 tab of a case shows; its template is payments/_money.html."""
    benefit = Benefit.objects.filter(application=application).select_related("village", "township").first()
    seen = scope_of(user).covers(application.village, *perms.BENEFIT_POSTS)
    return {
        "money": money_of(benefit) if benefit else None,
        "money_detail": bool(benefit) and seen,
        "money_state": application.get_state_display(),
    }
