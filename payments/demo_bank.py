"""A bank for demonstrations and tests: it answers a bank file as the agreed form asks."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from datetime import date
from io import StringIO

from payments.answer_format import COLUMNS
from payments.models import BankFile


def answer_to(bank_file: BankFile, *, paid_on: date, failures: Mapping[int, str] | None = None) -> bytes:
    """The answer as a GB18030 text file: every line paid on a day, but for `failures` (line → reason)."""
    failures = failures or {}
    text = StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.label for column in COLUMNS])
    for transfer in bank_file.transfers.order_by("line"):
        reason = failures.get(transfer.line, "")
        writer.writerow(
            [
                bank_file.number,
                transfer.line,
                transfer.masked_account,
                transfer.amount,
                "失败" if reason else "成功",
                reason,
                "" if reason else paid_on.isoformat(),
            ]
        )
    return text.getvalue().encode("gb18030")
