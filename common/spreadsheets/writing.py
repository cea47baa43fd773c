"""Sheets for banks, bureaus and auditors. Text stays text, in Excel and in anything that reads the CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from common.spreadsheets.columns import Column, Kind

_NUMBERS = frozenset({Kind.AMOUNT, Kind.INTEGER})
# The same rows give the same bytes: a file downloaded twice has one hash.
_MADE_ON = datetime(2000, 1, 1)  # noqa: DTZ001 - a constant, no instant
_LONGEST = 32_767
_DANGEROUS = "=+-@\t\r＝＋－＠"
_PHONE = re.compile(r"\+[0-9]{6,15}")
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def write_workbook(
    title: str,
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    totals: Mapping[str, Any] | None = None,
) -> bytes:
    """An .xlsx with a title line, the header, the rows and, with `totals`, a last line 合计.

    Amounts are numbers with two decimals, integers numbers, dates dates; every other cell is written as text,
    so an ID keeps all digits and nothing becomes a formula. Memory does not grow with the number of rows.
    """
    return _workbook(columns, rows, title=title, totals=totals)


def write_plain_workbook(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    totals: Mapping[str, Any] | None = None,
    has_header: bool = True,
) -> bytes:
    """The same with the header in the first line: a table for programs and for importing again."""
    return _workbook(columns, rows, totals=totals, has_header=has_header)


def _workbook(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    title: str = "",
    totals: Mapping[str, Any] | None = None,
    has_header: bool = True,
) -> bytes:
    buffer = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        book.set_properties({"title": clean_text(title), "created": _MADE_ON})
        formats = _formats(book)
        sheet = book.add_worksheet()
        number = _write_head(sheet, title, columns, formats) if has_header else 0
        for row in rows:
            _write_row(sheet, number, columns, row, formats)
            number += 1
        if totals is not None:
            last = {columns[0].key: "合计", **totals}
            _write_row(sheet, number, columns, last, formats, bold=True)
    return buffer.getvalue()


def _formats(book: xlsxwriter.Workbook) -> dict[str, Format]:
    line = {"border": 1, "valign": "vcenter"}
    shapes = {
        "text": {**line, "num_format": "@"},
        "amount": {**line, "num_format": "0.00"},
        "integer": {**line, "num_format": "0"},
        "date": {**line, "num_format": "yyyy-mm-dd", "align": "left"},
    }
    formats = {name: book.add_format(shape) for name, shape in shapes.items()}
    formats |= {f"{name}_bold": book.add_format({**shape, "bold": True}) for name, shape in shapes.items()}
    head = {**line, "bold": True, "align": "center", "text_wrap": True, "bg_color": "#E8EEF5"}
    formats["head"] = book.add_format(head)
    formats["title"] = book.add_format(
        {"bold": True, "font_size": 14, "align": "center", "valign": "vcenter"}
    )
    return formats


def _write_head(sheet: Worksheet, title: str, columns: Sequence[Column], formats: dict[str, Format]) -> int:
    """Title and header; the number of the first row below them."""
    head = 1 if title else 0
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(head)
    sheet.freeze_panes(head + 1, 0)
    for place, column in enumerate(columns):
        sheet.set_column(place, place, column.width)
    if title:
        if len(columns) > 1:
            sheet.merge_range(0, 0, 0, len(columns) - 1, "", formats["title"])
        sheet.write_string(0, 0, clean_text(title), formats["title"])
    for place, column in enumerate(columns):
        sheet.write_string(head, place, clean_text(column.label), formats["head"])
    return head + 1


def _write_row(
    sheet: Worksheet,
    number: int,
    columns: Sequence[Column],
    row: Mapping[str, Any],
    formats: dict[str, Format],
    *,
    bold: bool = False,
) -> None:
    for place, column in enumerate(columns):
        value, kind = row.get(column.key), Kind(column.kind)
        suffix = "_bold" if bold else ""
        if kind in _NUMBERS and isinstance(value, (int, Decimal)):
            sheet.write_number(number, place, _exact_float(value), formats[kind.value + suffix])
        elif kind == Kind.DATE and isinstance(value, date):
            sheet.write_datetime(number, place, value, formats["date" + suffix])
        elif value is None or value == "":
            sheet.write_blank(number, place, None, formats["text" + suffix])
        else:
            sheet.write_string(number, place, _cell_text(value), formats["text" + suffix])


def _exact_float(value: int | Decimal) -> float:
    """The number as Excel keeps it; one that would lose digits there is refused loudly."""
    number = float(value)
    if Decimal(repr(number)) != value or abs(number) >= 1e13:
        raise ValueError("the number has more digits than a spreadsheet keeps; write it as text")
    return number


def clean_text(value: Any) -> str:
    """Without the characters that no sheet can hold."""
    return _UNWRITABLE.sub("", str(value))


def _cell_text(value: Any) -> str:
    text = clean_text(value)
    if len(text) > _LONGEST:
        raise ValueError("the text is longer than a cell can hold")
    return text


def write_csv(
    columns: Sequence[Column],
    rows: Iterable[Mapping[str, Any]],
    *,
    encoding: str = "utf-8-sig",
    separator: str = ",",
    has_header: bool = True,
) -> bytes:
    """CSV with CRLF; `utf-8-sig` for Excel, `gb18030` for banks: both hold every character.

    A text that a spreadsheet would run (first visible character = + - @ or their wide forms, or a tab) gets
    an apostrophe in front; numbers typed as numbers and plain international phone numbers do not.
    """
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=separator, lineterminator="\r\n")
    if has_header:
        writer.writerow(_inert(clean_text(column.label)) for column in columns)
    for row in rows:
        writer.writerow(_csv_cell(row.get(column.key), column) for column in columns)
    return buffer.getvalue().encode(encoding)


def _csv_cell(value: Any, column: Column) -> str:
    kind = Kind(column.kind)
    if value is None:
        return ""
    if kind == Kind.AMOUNT and isinstance(value, (int, Decimal)):
        return f"{value:.2f}"
    if kind == Kind.INTEGER and isinstance(value, int):
        return str(value)
    if kind == Kind.DATE and isinstance(value, date):
        return value.strftime(column.day_format or "%Y-%m-%d")
    return _inert(clean_text(value))


def _inert(text: str) -> str:
    # Tab and return are themselves dangerous as a first character, so only spaces are looked past.
    first = text.lstrip(" \u3000\xa0\n\v\f\ufeff\u200b")[:1]
    return f"'{text}" if first and first in _DANGEROUS and not _PHONE.fullmatch(text) else text
