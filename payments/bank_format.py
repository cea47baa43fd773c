"""The file for the bank: control totals, then one line for each transfer, as .xlsx and as text.

Which columns, under which names, in which order and encoding are rules of the payer (`payments.bank.*`): a
new bank is a rule and no code. Long numbers are text in both forms, and nothing in them can become a formula
(`common.spreadsheets`).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from io import StringIO

from common.errors import Refused
from common.spreadsheets import Column, Kind, write_csv, write_plain_workbook, write_workbook
from payments.enums import SEVERAL_LISTS, PaidProgramme
from payments.models import BankFile, Batch, Transfer
from payments.terms import say_month
from policy.catalogue.bank import BANK_COLUMNS
from policy.rules import RuleBook

_KINDS = {"line": Kind.INTEGER, "account": Kind.TEXT_EXACT, "amount": Kind.AMOUNT}
_WIDTHS = {"line": 8, "account": 26, "bank": 26, "summary": 10, "month": 10, "file_number": 30}
# Without these no bank can pay, and no answer can be matched.
_NEEDED = ("line", "payee", "account", "amount")
SEPARATORS = {"comma": ",", "tab": "\t", "bar": "|"}
# Banks print two to four characters on the statement of the account (facts.md 10).
SUMMARY = {
    PaidProgramme.DIBAO: "低保金",
    PaidProgramme.DIBIAN: "低边补助",
    PaidProgramme.TEKUN: "特困供养",
    PaidProgramme.LINSHI: "临时救助",
    PaidProgramme.PRICE_SUBSIDY: "价格补贴",
}
CARE_SUMMARY = "照料护理"
_INITIALS = {
    PaidProgramme.DIBAO: "DB",
    PaidProgramme.DIBIAN: "DBB",
    PaidProgramme.TEKUN: "TK",
    PaidProgramme.LINSHI: "LS",
    PaidProgramme.PRICE_SUBSIDY: "JG",
}


def file_number(batch: Batch, sequence: int) -> str:
    """`330305001-DB-202604-01`: payer, programme, month, and the running number of the file among theirs.

    临时救助 and the price subsidy may have several lists a month, so their number comes before it:
    `330305001-LS-202604-02-01`.
    """
    run = f"-{batch.run:02d}" if batch.programme in SEVERAL_LISTS else ""
    initials = _INITIALS[PaidProgramme(batch.programme)]
    return f"{batch.area.prefix}-{initials}-{batch.month:%Y%m}{run}-{sequence:02d}"


def line(file: BankFile, transfer: Transfer) -> dict:
    """One row, by the codes of all columns that a file can have."""
    payment = transfer.payment
    return {
        "line": transfer.line,
        "payee": transfer.payee_name,
        "account": transfer.payee_account,
        "bank": transfer.payee_bank,
        "amount": transfer.amount,
        "summary": CARE_SUMMARY if payment.goes_to_care else SUMMARY[PaidProgramme(file.batch.programme)],
        "month": f"{payment.month:%Y-%m}",
        "township": payment.recipient.township.name,
        "village": payment.recipient.village.name,
        "file_number": file.number,
    }


@dataclass(frozen=True, slots=True)
class Layout:
    """How a bank wants its files."""

    columns: tuple[Column, ...]
    encoding: str
    separator: str
    has_control_line: bool
    has_total_line: bool


def layout_of(batch: Batch) -> Layout:
    """The form of the payer's bank by the rules of the month; Refused where it lacks a column it needs."""
    book = RuleBook(batch.area, batch.month)
    items = book.items("payments.bank.columns")
    codes = {item["code"] for item in items}
    if missing := [label for code, label in BANK_COLUMNS if code in _NEEDED and code not in codes]:
        raise Refused(f"代发文件格式规则缺少列：{'、'.join(missing)}。请联系规则管理人员补充。")
    return Layout(
        tuple(
            Column(code, item["label"], _KINDS.get(code, Kind.TEXT), width=_WIDTHS.get(code, 16))
            for item in items
            if (code := item["code"])
        ),
        book.text("payments.bank.encoding"),
        SEPARATORS[book.text("payments.bank.separator")],
        book.flag("payments.bank.control_line"),
        book.flag("payments.bank.total_line"),
    )


def as_xlsx(file: BankFile, rows: Sequence[dict], layout: Layout) -> bytes:
    """The sheet: where the bank wants them, the control totals in the title and again as its last line."""
    title = f"代发文件 {file.number}　{file.batch.title}　共 {file.n_transfers} 笔 {file.total} 元"
    if file.batch.bearer:
        title += f"　费用承担：{file.batch.bearer}"
    totals = {"payee": f"{file.n_transfers} 笔", "amount": file.total} if layout.has_total_line else None
    if layout.has_control_line:
        return write_workbook(title, layout.columns, rows, totals=totals)
    return write_plain_workbook(layout.columns, rows, totals=totals)


def as_csv(file: BankFile, rows: Sequence[dict], layout: Layout) -> bytes:
    """The same as text, the control totals in its first line. GB18030 holds every character a name can
    have.
    """
    form = {"separator": layout.separator}
    if not layout.has_control_line:
        return write_csv(layout.columns, rows, encoding=layout.encoding, **form)
    head = StringIO(newline="")
    csv.writer(head, delimiter=layout.separator, lineterminator="\r\n").writerow(
        [
            "代发文件编号",
            file.number,
            "发放单位",
            file.batch.area.name,
            "发放月份",
            say_month(file.batch.month),
        ]
        + ["笔数", file.n_transfers, "合计金额（元）", file.total]
        + (["费用承担", file.batch.bearer] if file.batch.bearer else [])
    )
    # The mark of the encoding, where it has one, stands before the first line only.
    body = write_csv(layout.columns, rows, encoding=layout.encoding.removesuffix("-sig"), **form)
    return head.getvalue().encode(layout.encoding) + body
