"""A bank for demonstrations and tests: it answers a bank file in the form of its payer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from common.masking import mask_name
from payments.answer_layout import AnswerLayout, answer_layout_of, write_rows
from payments.enums import TransferResult
from payments.models import BankFile, Transfer


def answer_to(bank_file: BankFile, *, paid_on: date, failures: Mapping[int, str] | None = None) -> bytes:
    """The answer as a text file: every line paid on a day, but for `failures` (line → reason)."""
    layout = answer_layout_of(bank_file.batch)
    failures = failures or {}
    transfers = list(bank_file.transfers.order_by("line"))
    rows = [_row(bank_file, line, paid_on, failures.get(line.line, ""), layout) for line in transfers]
    if layout.has_total_line:
        total = sum(transfer.amount for transfer in transfers)
        rows.append({layout.columns[0].key: "合计", "amount": total, "result": f"{len(transfers)} 笔"})
    return write_rows(layout.columns, rows, layout)


def _row(bank_file: BankFile, transfer: Transfer, paid_on: date, reason: str, layout: AnswerLayout) -> dict:
    result = TransferResult.FAILED if reason else TransferResult.PAID
    return {
        "file_number": bank_file.number,
        "line": transfer.line,
        "payee": mask_name(transfer.payee_name),
        "account": transfer.masked_account,
        "amount": transfer.amount,
        "result": _word(layout, result, reason),
        "failure": reason,
        "paid_on": "" if reason else layout.say_day(paid_on),
    }


def _word(layout: AnswerLayout, result: TransferResult, reason: str) -> str:
    """The code that means just this, else the first of its kind."""
    words = layout.words_for(result)
    return next((word for word in words if layout.meanings[word] == reason), words[0])
