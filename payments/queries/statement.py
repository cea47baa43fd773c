"""发放明细: all that became of the money of one person, line by line, year by year."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum
from django.db.models.functions import ExtractYear

from cases.models import Application
from payments.enums import TransferResult
from payments.models import HandOver, Instalment, Payment, Transfer

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class StatementRow:
    """One line: due for a month, and what the bank made of it. `paid_so_far`: of the year, after this line.

    `attempts` are the lines of bank files, oldest first; `note` says how it came otherwise.
    """

    number: str
    month: date
    kind: str
    due: Decimal
    paid: Decimal
    attempts: tuple[Transfer, ...] = ()
    note: str = ""
    paid_so_far: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class YearTotal:
    """What was due and paid for the months of a year."""

    year: int
    n: int
    due: Decimal
    paid: Decimal


def cases_of_the_same_person(application: Application) -> QuerySet[Application]:
    """The case itself, and all others of whose household its applicant is a member."""
    shared = Q(household__members__person__memberships__household=application.household_id) & Q(
        household__members__person__memberships__relation="self"
    )
    others = Application.objects.filter(shared).order_by().values("pk")
    return Application.objects.filter(Q(pk=application.pk) | Q(pk__in=others))


def _lines(applications: Collection[int]) -> QuerySet[Payment]:
    """Only of sealed lists: what is still being prepared is no money yet."""
    whose = Q(benefit__application__in=applications) | Q(instalment__grant__application__in=applications)
    return Payment.objects.filter(whose, batch__sealed_at__isnull=False)


def _advanced(applications: Collection[int]) -> QuerySet[Instalment]:
    return Instalment.objects.filter(grant__application__in=applications, advanced_on__isnull=False)


def _handed(applications: Collection[int]) -> QuerySet[HandOver]:
    return HandOver.objects.filter(instalment__grant__application__in=applications)


def statement_years(applications: Collection[int]) -> list[YearTotal]:
    """The years for which something was listed, given in advance or handed over, newest first."""
    lines = _lines(applications).order_by().values(year=ExtractYear("month"))
    lines = lines.annotate(n=Count("pk"), due=Sum("amount"))
    found = {row["year"]: (row["n"], row["due"], NOTHING) for row in lines}
    settled = Transfer.objects.filter(payment__in=_lines(applications), result=TransferResult.PAID)
    for row in settled.order_by().values(year=ExtractYear("payment__month")).annotate(paid=Sum("amount")):
        n, due, _ = found[row["year"]]
        found[row["year"]] = n, due, row["paid"]
    given = _advanced(applications).order_by().values(year=ExtractYear("advanced_on"))
    handed = _handed(applications).order_by().values(year=ExtractYear("handed_on"))
    for row in [
        *given.annotate(n=Count("pk"), paid=Sum("amount")),
        *handed.annotate(n=Count("pk"), paid=Sum("instalment__amount")),
    ]:
        n, due, paid = found.get(row["year"], (0, NOTHING, NOTHING))
        found[row["year"]] = n + row["n"], due + row["paid"], paid + row["paid"]
    return [YearTotal(year, *found[year]) for year in sorted(found, reverse=True)]


def statement_rows(applications: Collection[int], year: int) -> list[StatementRow]:
    """The lines of a year by month, each with its attempts, and the running total of what was paid."""
    attempts = Prefetch(
        "transfers", Transfer.objects.select_related("bank_file").order_by("pk"), to_attr="attempts"
    )
    lines = _lines(applications).filter(month__year=year).prefetch_related(attempts)
    lines = lines.annotate(
        of_benefit=F("benefit__application__number"), of_grant=F("instalment__grant__application__number")
    )
    given = _advanced(applications).filter(advanced_on__year=year).select_related("grant__application")
    handed = _handed(applications).filter(handed_on__year=year)
    handed = handed.select_related("instalment__grant__application", "request").order_by("handed_on", "pk")
    return running(
        [
            *(_row(line) for line in lines.order_by("month", "pk")),
            *(_given(row) for row in given),
            *(_in_hand(row) for row in handed),
        ]
    )


def running(rows: Iterable[StatementRow]) -> list[StatementRow]:
    """In order of months, with what was paid so far."""
    total, found = NOTHING, []
    for row in sorted(rows, key=lambda row: row.month):
        total += row.paid
        found.append(replace(row, paid_so_far=total))
    return found


def _row(line: Payment) -> StatementRow:
    paid = sum((t.amount for t in line.attempts if t.result == TransferResult.PAID), NOTHING)
    return StatementRow(
        number=line.of_benefit or line.of_grant,
        month=line.month,
        kind=line.get_kind_display(),
        due=line.amount,
        paid=paid,
        attempts=tuple(line.attempts),
        note="从当月金额中抵扣" if line.amount < 0 else "",
    )


def _given(row: Instalment) -> StatementRow:
    return StatementRow(
        number=row.grant.application.number,
        month=row.advanced_on.replace(day=1),
        kind="急难先行救助",
        due=row.amount,
        paid=row.amount,
        note=f"{row.advanced_on:%Y-%m-%d} 从备用金先行支付",
    )


def _in_hand(row: HandOver) -> StatementRow:
    amount = row.instalment.amount
    return StatementRow(
        number=row.instalment.grant.application.number,
        month=row.handed_on.replace(day=1),
        kind=f"临时救助（{row.request.get_kind_display()}）",
        due=amount,
        paid=amount,
        note=f"{row.handed_on:%Y-%m-%d} {row.instalment.label}以{row.request.get_kind_display()}发放",
    )
