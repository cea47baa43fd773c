"""The file for the bank: control totals, then one line for each transfer, as .xlsx and as GB18030 text.

Long numbers are text in both, and nothing in them can become a formula (`common.spreadsheets`).
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO

from cases.enums import Programme
from common.spreadsheets import Column, Kind, write_csv, write_workbook
from payments.models import BankFile, Batch, Transfer
from payments.terms import say_month

COLUMNS = (
    Column("line", "行号", Kind.INTEGER, width=8),
    Column("payee", "收款人", width=16),
    Column("account", "收款账号", Kind.TEXT_EXACT, width=26),
    Column("bank", "开户银行", width=26),
    Column("amount", "金额（元）", Kind.AMOUNT, width=14),
    Column("summary", "摘要", width=10),
    Column("month", "所属月份", width=10),
    Column("township", "街道（乡镇）", width=16),
    Column("village", "村（社区）", width=16),
)
# Banks print two to four characters on the statement of the account (facts.md 10).
SUMMARY = {
    Programme.DIBAO: "低保金",
    Programme.DIBIAN: "低边补助",
    Programme.TEKUN: "特困供养",
    Programme.LINSHI: "临时救助",
}
CARE_SUMMARY = "照料护理"
_INITIALS = {Programme.DIBAO: "DB", Programme.DIBIAN: "DBB", Programme.TEKUN: "TK", Programme.LINSHI: "LS"}


def file_number(batch: Batch, sequence: int) -> str:
    """`330305001-DB-202604-01`: payer, programme, month, and the running number of the file among theirs.

    临时救助 has several lists a month, so their number comes before it: `330305001-LS-202604-02-01`.
    """
    run = f"-{batch.run:02d}" if batch.programme == Programme.LINSHI else ""
    initials = _INITIALS[Programme(batch.programme)]
    return f"{batch.area.prefix}-{initials}-{batch.month:%Y%m}{run}-{sequence:02d}"


def line(file: BankFile, transfer: Transfer) -> dict:
    """One row, by the keys of COLUMNS."""
    payment = transfer.payment
    return {
        "line": transfer.line,
        "payee": transfer.payee_name,
        "account": transfer.payee_account,
        "bank": transfer.payee_bank,
        "amount": transfer.amount,
        "summary": CARE_SUMMARY if payment.goes_to_care else SUMMARY[Programme(file.batch.programme)],
        "month": f"{payment.month:%Y-%m}",
        "township": payment.recipient.township.name,
        "village": payment.recipient.village.name,
    }


def as_xlsx(file: BankFile, rows: Sequence[dict]) -> bytes:
    """The sheet: the control totals in the title and again as its last line, 合计."""
    title = f"代发文件 {file.number}　{file.batch.title}　共 {file.n_transfers} 笔 {file.total} 元"
    if file.batch.bearer:
        title += f"　费用承担：{file.batch.bearer}"
    totals = {"payee": f"{file.n_transfers} 笔", "amount": file.total}
    return write_workbook(title, COLUMNS, rows, totals=totals)


def as_csv(file: BankFile, rows: Sequence[dict]) -> bytes:
    """The same as text, the control totals in its first line. GB18030 holds every character a name can
    have.
    """
    head = StringIO(newline="")
    csv.writer(head, lineterminator="\r\n").writerow(
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
    return head.getvalue().encode("gb18030") + write_csv(COLUMNS, rows, encoding="gb18030")
