"""The answers to the questions about a month's money, for the page and its export."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from cases.queries.days import start_of
from common import clock
from common.money import show_yuan
from common.spreadsheets import Column, Kind
from organisations.enums import AreaLevel
from organisations.models import Area
from organisations.scope import Scope
from payments.enums import SEVERAL_LISTS, PaidProgramme
from payments.queries.accounts import shared_accounts
from payments.queries.price import oversight_parameters
from supervision.money.checks import QUESTIONS, TOTALS, Question
from supervision.money.notices import hung_otherwise
from supervision.perms import OVERSEERS

SHOWN = 50
EXPORT_COLUMNS = (
    Column("check", "核查事项", width=16),
    Column("number", "申请编号", width=20),
    Column("township", "街道（乡镇）", width=18),
    Column("expected", "应发（元）", Kind.AMOUNT, width=14),
    Column("found", "实列（元）", Kind.AMOUNT, width=14),
    Column("day", "日期", Kind.DATE, width=12),
    Column("note", "说明", width=40),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One case of which something is the matter. No name: the number leads to the case."""

    number: str
    township: str
    expected: Decimal | None
    found: Decimal | None
    day: date | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a question found: how many, and the first of them."""

    question: Question
    n: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Total:
    """A programme's month from four sides, in yuan. `listed` is what the lists hold of this very month."""

    programme: str
    n_register: int
    register: Decimal
    n_lines: int
    listed: Decimal
    lines: Decimal
    lists: Decimal
    owed: Decimal
    paid_in_books: Decimal
    paid_by_bank: Decimal

    @property
    def label(self) -> str:
        return PaidProgramme(self.programme).label

    @property
    def differences(self) -> list[str]:
        """Sentences, empty when all sides agree."""
        pairs = (
            ("批次合计与明细合计", self.lists, self.lines),
            ("分录计提与批次合计", self.owed, self.lists),
            ("分录已发放与银行入账", self.paid_in_books, self.paid_by_bank),
        )
        found = [
            f"{label}相差 {show_yuan(abs(one - other))} 元" for label, one, other in pairs if one != other
        ]
        if self.programme not in SEVERAL_LISTS and self.listed and self.listed != self.register:
            found.insert(0, f"当月名册与在册应发相差 {show_yuan(abs(self.listed - self.register))} 元")
        return found


def counties_of(scope: Scope) -> list[Area]:
    """The counties that the person oversees as a whole."""
    found = Area.objects.none()
    for prefix in scope.areas(*OVERSEERS):
        if len(prefix) <= 6:
            found |= Area.objects.filter(prefix__startswith=prefix, level=AreaLevel.COUNTY)
    return list(found.order_by("code"))


def answers(county: Area, month: date) -> list[Answer]:
    """Each question's answer for a county and month (its first day)."""
    parameters = _parameters(county, month)
    return [_answer(question, parameters) for question in QUESTIONS]


def _parameters(county: Area, month: date) -> dict:
    price = oversight_parameters(county, month)
    return {
        **price,
        "price_amounts": json.dumps(price["price_amounts"]),
        "county": county.pk,
        "month": month,
        "next_month": clock.next_month(month),
        "month_ends": start_of(clock.next_month(month)),
        "today": clock.today(),
    }


def _answer(question: Question, parameters: dict) -> Answer:
    rows = list(_rows(question, parameters, limit=SHOWN))
    return Answer(question, rows[0][0] if rows else 0, tuple(row for _, row in rows))


def _rows(question: Question, parameters: dict, *, limit: int | None) -> Iterator[tuple[int, Row]]:
    """(how many in all, the row), by place and number."""
    sql = f"""
        SELECT count(*) OVER (), a.number, t.name, q.expected, q.found, q.day
        FROM ({question.sql}) q
        JOIN cases_application a ON a.id = q.application_id
        JOIN organisations_area t ON t.id = q.township_id
        ORDER BY t.code, a.number LIMIT %(limit)s
    """  # noqa: S608 - our own text
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters | {"limit": limit})
        for n, *values in cursor:
            yield n, Row(*values)


def totals(county: Area, month: date) -> list[Total]:
    """名册、批次、分录、银行: by programme."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, {"county": county.pk, "month": month})
        return [Total(*row) for row in cursor.fetchall()]


def export_rows(county: Area, month: date) -> Iterator[dict]:
    """Everything that was found, question by question."""
    parameters = _parameters(county, month)
    for question in QUESTIONS:
        for _, row in _rows(question, parameters, limit=None):
            yield {
                "check": question.label,
                "number": row.number,
                "township": row.township,
                "expected": row.expected,
                "found": row.found,
                "day": row.day,
                "note": "",
            }
    yield from _shared_rows(county, month)
    yield from _hung_rows(county, month)


def _shared_rows(county: Area, month: date) -> Iterator[dict]:
    for account in shared_accounts(county, month):
        for use in account.uses:
            note = f"账号 {account.masked}，{len(account.uses)} 户使用"
            yield _plain_row("多户同一账号", use.number, use.township) | {"note": note}


def _hung_rows(county: Area, month: date) -> Iterator[dict]:
    for row in hung_otherwise(county, month):
        note = f"{row.village}{row.label}：在册 {row.n_register} 户，公示 {row.n_hung} 户"
        amounts = {"expected": row.register, "found": row.hung}
        yield _plain_row("公示与在册不符", "", row.township) | amounts | {"note": note}


def _plain_row(check: str, number: str, township: str) -> dict:
    return dict.fromkeys(column.key for column in EXPORT_COLUMNS) | {
        "check": check,
        "number": number,
        "township": township,
    }
