"""救助金发放明细 on paper: one a day at most, with the last four digits of accounts."""

from __future__ import annotations

from datetime import date

from approvals.documents import parts
from approvals.documents.registry import Form, register
from approvals.enums import DocumentKind
from approvals.models import Document
from approvals.statement import Statement, cases_of_the_office, statement_of
from cases.models import Application
from common import clock
from payments.enums import TransferResult
from payments.models import Transfer
from payments.queries.statement import StatementRow, statement_years

_PREFIX = "statement:"
# Two years on paper, newest first; what lies before stands in the totals.
YEARS = 2


def matter_of(day: date) -> str:
    """`statement:2026-11-26`."""
    return f"{_PREFIX}{day:%Y-%m-%d}"


def _matters(application: Application) -> list[str]:
    """Those that were made, and that of today where there is something to tell."""
    made = Document.objects.filter(application=application, kind=DocumentKind.MONEY_STATEMENT)
    known = list(made.order_by("pk").values_list("matter", flat=True))
    today = matter_of(clock.today())
    if today not in known and statement_years(cases_of_the_office(application)):
        known.append(today)
    return known


def _statements(application: Application, matter: str) -> list[Statement] | None:
    """The latest years; None for another matter, or where nothing was paid."""
    if not matter.startswith(_PREFIX):
        return None
    cases = cases_of_the_office(application)
    latest = statement_of(application, cases)
    if not latest.years:
        return None
    earlier = [each.year for each in latest.years[1:YEARS]]
    return [latest, *(statement_of(application, cases, year) for year in earlier)]


def _data(application: Application, statements: list[Statement]) -> dict:
    return {
        "applicant": {"name": application.applicant_name},
        "years": [
            {
                "year": each.year,
                "n": each.n,
                "due": parts.yuan(each.due),
                "paid": parts.yuan(each.paid),
            }
            for each in statements[0].years
        ],
        "statements": [
            {"year": found.year, "rows": [_line(row) for row in found.rows]} for found in statements
        ],
    }


def _line(row: StatementRow) -> dict:
    return {
        "month": parts.month(row.month),
        "number": row.number,
        "kind": row.kind,
        "due": parts.yuan(row.due),
        "paid": parts.yuan(row.paid),
        "so_far": parts.yuan(row.paid_so_far),
        "what": [_attempt(attempt) for attempt in row.attempts] + ([row.note] if row.note else []),
    }


def _attempt(attempt: Transfer) -> str:
    """`2026-03-10 入账，尾号 8901，DT…001 第 3 行`."""
    if attempt.result == TransferResult.PAID:
        how = f"{attempt.paid_on:%Y-%m-%d} 入账"
    else:
        how = f"失败：{attempt.failure}" if attempt.result == TransferResult.FAILED else "待银行回复"
    return f"{how}，尾号 {attempt.masked_account[-4:]}，{attempt.bank_file.number} 第 {attempt.line} 行"


register(
    Form(
        DocumentKind.MONEY_STATEMENT,
        "救助金发放明细",
        "社救明",
        "还没有发放，没有明细。",
        _statements,
        _data,
        matters=_matters,
    )
)
