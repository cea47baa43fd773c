"""发放明细 of a person: what payments knows of it, and emergency relief whose papers are still to come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.utils import timezone

from approvals.relief.enums import ReliefState
from approvals.relief.models import EmergencyRelief
from cases.models import Application
from common import clock
from organisations.models import User
from organisations.scope import scope_of
from payments import perms
from payments.queries.statement import (
    StatementRow,
    YearTotal,
    cases_of_the_same_person,
    running,
    statement_rows,
    statement_years,
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One year of it, and the totals of every year."""

    year: int
    years: list[YearTotal]
    rows: list[StatementRow]


def cases_for(application: Application, user: User) -> list[int]:
    """The cases of the person, as far as the reader's posts reach."""
    reach = scope_of(user).filter(*perms.BENEFIT_POSTS)
    return list(cases_of_the_same_person(application).filter(reach).values_list("pk", flat=True))


def cases_of_the_office(application: Application) -> list[int]:
    """For paper: those of the office that puts it out."""
    cases = cases_of_the_same_person(application).filter(township=application.township_id)
    return list(cases.values_list("pk", flat=True))


def statement_of(application: Application, cases: Collection[int], year: int | None = None) -> Statement:
    """The year asked for, else the last one with money, of the cases."""
    relief = _relief_of(application, cases)
    years = _with_relief(statement_years(cases), relief)
    chosen = next((each.year for each in years if each.year == year), None)
    if chosen is None:
        chosen = years[0].year if years else clock.today().year
    mine = [row for row in relief if row.month.year == chosen]
    return Statement(chosen, years, running([*statement_rows(cases, chosen), *mine]))


def _relief_of(application: Application, cases: Collection[int]) -> list[StatementRow]:
    """Given at once, its application not yet granted; from then on it is an instalment of the grant."""
    digests = application.household.members.filter(relation="self").values("person__id_digest")
    paid = EmergencyRelief.objects.filter(
        id_digest__in=digests, state=ReliefState.PAID, township__in=_townships(cases)
    )
    return [
        StatementRow(
            number=relief.number,
            month=timezone.localdate(relief.paid_at).replace(day=1),
            kind="急难先行救助",
            due=relief.amount,
            paid=relief.amount,
            note=f"{timezone.localdate(relief.paid_at):%Y-%m-%d} 从备用金支付，待补办手续",
        )
        for relief in paid.order_by("pk")
    ]


def _townships(cases: Collection[int]):
    return Application.objects.filter(pk__in=cases).order_by().values("township")


def _with_relief(years: list[YearTotal], relief: list[StatementRow]) -> list[YearTotal]:
    found = {each.year: each for each in years}
    for row in relief:
        was = found.get(row.month.year, YearTotal(row.month.year, 0, row.due * 0, row.paid * 0))
        found[was.year] = YearTotal(was.year, was.n + 1, was.due + row.due, was.paid + row.paid)
    return [found[year] for year in sorted(found, reverse=True)]
