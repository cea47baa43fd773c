"""How a payer's bank writes its answers, by rules (`payments.answer.*`): read so, and returned so with what
is wrong. A new bank is a rule and no code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from io import BytesIO

from common.errors import Refused
from common.money import show_yuan
from common.spreadsheets import (
    CellError,
    Column,
    Kind,
    Sheet,
    SpreadsheetErrors,
    read_sheet,
    read_text_sheet,
    write_csv,
    write_plain_workbook,
)
from payments.answer_format import AnswerRow
from payments.bank_format import SEPARATORS
from payments.enums import TransferResult
from payments.models import Batch
from policy.catalogue.bank import ANSWER_COLUMNS
from policy.rules import RuleBook

_XLSX = b"PK"
# Without these no line can be found, believed and dated.
_NEEDED = ("line", "amount", "result", "paid_on")
_SHAPES = {
    "file_number": {"max_length": 40, "width": 30},
    "line": {"kind": Kind.INTEGER, "required": True, "width": 8},
    "payee": {"max_length": 100},
    "account": {"kind": Kind.TEXT_EXACT, "max_length": 40, "width": 24},
    "amount": {"kind": Kind.AMOUNT, "required": True, "width": 12},
    "result": {"required": True, "max_length": 20, "width": 10},
    "failure": {"width": 24},
    "paid_on": {"kind": Kind.DATE, "width": 12},
}
_DAYS = {"YYYY-MM-DD": "%Y-%m-%d", "YYYYMMDD": "%Y%m%d", "YYYY/MM/DD": "%Y/%m/%d", "DD/MM/YYYY": "%d/%m/%Y"}
_COUNT = re.compile(r"([0-9]{1,6})\s*笔?")
PROBLEM = Column("problem", "问题", width=40)


@dataclass(frozen=True, slots=True)
class AnswerLayout:
    """`outcomes` and `meanings` tell what the bank's word or code for a result says."""

    columns: tuple[Column, ...]
    encoding: str
    separator: str
    has_header: bool
    has_total_line: bool
    day_format: str
    outcomes: Mapping[str, TransferResult]
    meanings: Mapping[str, str]

    def say_day(self, day: date) -> str:
        return day.strftime(self.day_format)

    def word_for(self, result: TransferResult) -> str:
        """The first word by which the bank says so."""
        return next(word for word, outcome in self.outcomes.items() if outcome == result)

    def words_for(self, result: TransferResult) -> list[str]:
        return [word for word, outcome in self.outcomes.items() if outcome == result]

    @property
    def paid_words(self) -> list[str]:
        return self.words_for(TransferResult.PAID)

    @property
    def failed_words(self) -> list[str]:
        return self.words_for(TransferResult.FAILED)


def answer_layout_of(batch: Batch) -> AnswerLayout:
    """The form of the answers of the payer's bank in the month; Refused where it lacks a column it needs."""
    book = RuleBook(batch.area, batch.month)
    items = book.items("payments.answer.columns")
    codes = {item["code"] for item in items}
    if missing := [label for code, label in ANSWER_COLUMNS if code in _NEEDED and code not in codes]:
        raise Refused(f"回盘格式规则缺少列：{'、'.join(missing)}。请联系规则管理人员补充。")
    day_format = _DAYS[book.text("payments.answer.date_format")]
    results = book.items("payments.answer.results")
    return AnswerLayout(
        columns=tuple(_column(item["code"], item["label"], day_format) for item in items),
        encoding=book.text("payments.answer.encoding"),
        separator=SEPARATORS[book.text("payments.answer.separator")],
        has_header=book.flag("payments.answer.header"),
        has_total_line=book.flag("payments.answer.total_line"),
        day_format=day_format,
        outcomes={item["code"]: TransferResult(item["condition"]) for item in results},
        meanings={item["code"]: item["label"] for item in results},
    )


def _column(code: str, label: str, day_format: str) -> Column:
    return Column(code, label, **_SHAPES[code], day_format=day_format if code == "paid_on" else "")


def is_workbook(content: bytes) -> bool:
    """The first bytes, not a name, say which kind of file it is."""
    return content.startswith(_XLSX)


def read_answer_rows(content: bytes, layout: AnswerLayout, *, number: str = "") -> list[AnswerRow]:
    """The rows of an answer; SpreadsheetErrors with row and column when one cannot be read, when the last
    row 合计 does not fit the others, or when all rows are those of another file than `number`.
    """
    shape = {"columns": layout.columns, "ignore_unknown": layout.has_header, "has_header": layout.has_header}
    if is_workbook(content):
        sheet = read_sheet(BytesIO(content), **shape)
    else:
        text = {"encoding": layout.encoding, "separator": layout.separator}
        sheet = read_text_sheet(BytesIO(content), **shape, **text)
    _refuse_wrong_total(sheet, layout)
    rows = [_row(row.number, row.values, layout) for row in sheet.rows]
    _refuse_other_file(rows, sheet, number)
    return rows


def _row(number: int, values: Mapping, layout: AnswerLayout) -> AnswerRow:
    result = values["result"]
    return AnswerRow(
        row=number,
        file_number=values.get("file_number", ""),
        line=values["line"],
        payee=values.get("payee", ""),
        account=values.get("account", ""),
        amount=values["amount"],
        result=result,
        outcome=layout.outcomes.get(result),
        meaning=layout.meanings.get(result, ""),
        failure=values.get("failure", ""),
        paid_on=values["paid_on"],
    )


def _refuse_wrong_total(sheet: Sheet, layout: AnswerLayout) -> None:
    """The sum, and the number of rows where the line tells one, must be those of the rows above."""
    total = sheet.total
    if total is None:
        if layout.has_total_line:
            raise SpreadsheetErrors.of_file("回盘末行应为合计，现在没有；文件可能不完整，请向银行重新索取。")
        return
    summed = sum(row["amount"] for row in sheet.rows)
    if total["amount"] != summed:
        told = "没有填写" if total["amount"] is None else f"为 {show_yuan(total['amount'])} 元"
        message = f"合计{told}，各行相加为 {show_yuan(summed)} 元"
        raise SpreadsheetErrors([CellError(total.number, sheet.letter("amount"), message)])
    for key, text in total.values.items():
        counted = _COUNT.fullmatch(text) if isinstance(text, str) else None
        if counted and int(counted[1]) != len(sheet.rows):
            message = f"合计为 {counted[1]} 笔，实有 {len(sheet.rows)} 行"
            raise SpreadsheetErrors([CellError(total.number, sheet.letter(key), message)])


def _refuse_other_file(rows: Sequence[AnswerRow], sheet: Sheet, number: str) -> None:
    if not number or not rows or not all(row.file_number and row.file_number != number for row in rows):
        return
    letter = sheet.letter("file_number")
    message = f"这是另一份代发文件的回盘，不是 {number} 的"
    raise SpreadsheetErrors([CellError(row.row, letter, message) for row in rows[:200]])


def write_rows(
    columns: Sequence[Column], rows: Iterable[Mapping], layout: AnswerLayout, *, as_sheet: bool = False
) -> bytes:
    """Rows in the form of the bank, as text or as a sheet."""
    if as_sheet:
        return write_plain_workbook(columns, rows, has_header=layout.has_header)
    form = {"encoding": layout.encoding, "separator": layout.separator, "has_header": layout.has_header}
    return write_csv(columns, rows, **form)
