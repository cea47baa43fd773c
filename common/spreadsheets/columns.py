"""What a column holds, and how a cell is taken for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from enum import StrEnum
from functools import lru_cache
from typing import Any, NamedTuple

from common.errors import Refused
from common.money import FEN, parse_yuan

_MOST_YUAN = Decimal(10) ** 11
_EXCEL_DIGITS = Context(prec=15, rounding=ROUND_HALF_EVEN)
_DATE_TEXT = re.compile(r"(\d{4})(?:[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{2})(\d{2}))")
_SHOWN = 40


class Kind(StrEnum):
    """`text_exact` is for numbers that are names (ID, account): number cells lose digits past the 15th."""

    TEXT = "text"
    TEXT_EXACT = "text_exact"
    AMOUNT = "amount"
    INTEGER = "integer"
    DATE = "date"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `key` in the code, `label` in the header. `max_length` and `required` bind readers only.

    `day_format` (as of strftime) binds days that are text to one way of writing: `03/04` is no guess then,
    and a day that lost its last digit is no other day.
    """

    key: str
    label: str
    kind: Kind | str = Kind.TEXT
    required: bool = False
    max_length: int = 200
    width: int = 14
    day_format: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the sheet with its number as Excel shows it. Empty cells are "" (text) or None."""

    number: int
    values: dict[str, Any]

    def __getitem__(self, key: str) -> Any:
        return self.values[key]


class CellError(NamedTuple):
    """Row 0 and column "" mean the file as a whole."""

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        place = f"第 {self.row} 行" if self.row else ""
        place += f" {self.column} 列" if self.column else ""
        return f"{place.strip()}：{self.message}" if place else self.message


class SpreadsheetErrors(Refused):
    """Nothing of the sheet was taken; `errors` says why, by row and column, at most the first 200."""

    def __init__(self, errors: list[CellError], *, field: str = "file") -> None:
        first = str(errors[0])
        text = first if len(errors) == 1 else f"表格有 {len(errors)} 处错误，整份未导入。{first}"
        super().__init__(text, field=field)
        self.errors = errors

    @classmethod
    def of_file(cls, message: str) -> SpreadsheetErrors:
        """An error of the file as a whole."""
        return cls([CellError(0, "", message)])


class RawCell(NamedTuple):
    """A cell as the file has it. `kind`: text, number, date (a number shown as one), bool or error."""

    kind: str
    text: str
    epoch_1904: bool = False


def column_letter(index: int) -> str:
    """1 → A, 27 → AA."""
    letters = ""
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def take(cell: RawCell | None, column: Column) -> Any:
    """The typed value of a cell; ValueError with a Chinese sentence when it is none of the column's kind."""
    text = cell.text.strip() if cell else ""
    if not text:
        if column.required:
            raise ValueError(f"“{column.label}”没有填写")
        return "" if column.kind in (Kind.TEXT, Kind.TEXT_EXACT) else None
    if cell.kind == "error":
        raise ValueError(f"“{column.label}”是公式错误值 {text[:_SHOWN]}，请改为实际内容")
    if cell.kind == "bool":
        raise ValueError(f"“{column.label}”是逻辑值，请改为文字")
    return _TAKERS[column.kind](cell, text, column)


def _text(cell: RawCell, text: str, column: Column) -> str:
    if cell.kind == "date":
        text = _day(cell, text, column).isoformat()
    elif cell.kind == "number":
        text = _plain_number(text)
    if len(text) > column.max_length:
        raise ValueError(f"“{column.label}”最长 {column.max_length} 字，现为 {len(text)} 字")
    return text


def _text_exact(cell: RawCell, text: str, column: Column) -> str:
    if cell.kind != "text":
        raise ValueError(
            f"“{column.label}”是按数字录入的，超过 15 位的末尾数字会丢失；请把该列设为文本格式后重新录入"
        )
    return _text(cell, text, column)


def _amount(cell: RawCell, text: str, column: Column) -> Decimal:
    if cell.kind == "date":
        raise ValueError(f"“{column.label}”应为金额，现为日期")
    if cell.kind == "number":
        # Excel keeps 585.1 as 585.10000000000002; its own precision is fifteen digits.
        text = str(_decimal(text, column).normalize(_EXCEL_DIGITS))
    try:
        amount = parse_yuan(text[:_SHOWN])
    except ValueError as error:
        raise ValueError(f"“{column.label}”{error}") from None
    if abs(amount) >= _MOST_YUAN:
        raise ValueError(f"“{column.label}”金额过大")
    return amount.quantize(FEN)


def _integer(cell: RawCell, text: str, column: Column) -> int:
    number = _decimal(text, column) if cell.kind != "date" else None
    if number is None or number != number.to_integral_value() or abs(number) >= 10**15:
        raise ValueError(f"“{column.label}”应为整数，现为“{text[:_SHOWN]}”")
    return int(number)


def _decimal(text: str, column: Column) -> Decimal:
    try:
        number = Decimal(text[:_SHOWN])
    except InvalidOperation:
        raise ValueError(f"“{column.label}”应为数字，现为“{text[:_SHOWN]}”") from None
    if not number.is_finite() or abs(number.adjusted()) > 15:
        raise ValueError(f"“{column.label}”的数字“{text[:_SHOWN]}”不合理")
    return number


def _plain_number(text: str) -> str:
    """`12.0` → `12`, `1E3` → `1000`: how a number reads in a text column."""
    try:
        number = Decimal(text[:_SHOWN]).normalize(_EXCEL_DIGITS)
    except InvalidOperation:
        raise ValueError(f"“{text[:_SHOWN]}”不是数字") from None
    if not number.is_finite() or abs(number.adjusted()) > 15:
        raise ValueError(f"数字“{text[:_SHOWN]}”不合理")
    return f"{number:f}"


def _day(cell: RawCell, text: str, column: Column) -> date:
    if cell.kind == "number":
        raise ValueError(_no_day(text, column) + "；请把单元格设为日期格式")
    try:
        if cell.kind == "date":
            return _from_serial(text, cell.epoch_1904)
        if column.day_format:
            return _written_as(text, column.day_format)
        match = _DATE_TEXT.fullmatch(text)
        return date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5]))
    except (ValueError, TypeError, OverflowError, InvalidOperation):
        raise ValueError(_no_day(text, column)) from None


def _no_day(text: str, column: Column) -> str:
    example = date(2026, 3, 1).strftime(column.day_format or "%Y-%m-%d")
    return f"“{column.label}”应为日期，如 {example}，现为“{text[:_SHOWN]}”"


# A bank's answer has some thousand rows of the same day.
@lru_cache(maxsize=64)
def _written_as(text: str, day_format: str) -> date:
    """The day, when it is written just so; strptime alone would take `2026-3-1` as well."""
    day = datetime.strptime(text, day_format).date()  # noqa: DTZ007 - a day has no zone
    if day.strftime(day_format) != text:
        raise ValueError
    return day


def _from_serial(text: str, epoch_1904: bool) -> date:
    """Days since 1899-12-30 or 1904-01-01; Excel believes in 29 February 1900, so no earlier day is taken."""
    if "-" in text[1:]:
        return date.fromisoformat(text[:10])
    days = int(Decimal(text[:_SHOWN]).to_integral_value(rounding="ROUND_FLOOR"))
    if not epoch_1904 and days < 61:
        raise ValueError
    return (date(1904, 1, 1) if epoch_1904 else date(1899, 12, 30)) + timedelta(days=days)


_TAKERS = {
    Kind.TEXT: _text,
    Kind.TEXT_EXACT: _text_exact,
    Kind.AMOUNT: _amount,
    Kind.INTEGER: _integer,
    Kind.DATE: _day,
}
