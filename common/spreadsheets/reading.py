"""Rows of a sheet by the labels of its header, all or nothing."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import IO

from common.spreadsheets.columns import CellError, Column, RawCell, Row, SpreadsheetErrors, take
from common.spreadsheets.package import BROKEN, DAMAGE, Package, read_upload, refuse_other_formats
from common.spreadsheets.sheets import Workbook
from common.spreadsheets.table import FREE, HEADER_WITHIN, Sheet, Table

MAX_ROWS = 20_000
MAX_COLUMNS = 60


def read_rows(
    file: IO[bytes], *, columns: Sequence[Column], max_rows: int = MAX_ROWS, ignore_unknown: bool = False
) -> list[Row]:
    """The data rows of an .xlsx upload, or SpreadsheetErrors with every error: all or nothing.

    The header is the first row (of ten) that names all required columns; order does not matter. A column the
    header names and `columns` does not is an error unless `ignore_unknown`. Empty rows and a last row that
    begins with 合计 are skipped; hidden and merged rows are errors, since nobody saw what would be imported.
    """
    return read_sheet(file, columns=columns, max_rows=max_rows, ignore_unknown=ignore_unknown).rows


def read_sheet(
    file: IO[bytes],
    *,
    columns: Sequence[Column],
    max_rows: int = MAX_ROWS,
    ignore_unknown: bool = False,
    has_header: bool = True,
) -> Sheet:
    """The same with the row 合计. Without a header the columns stand in their order from A on."""
    table = Table(columns, max_rows, ignore_unknown, has_header)
    _read_workbook(file, lambda book: book.feed(table.row, table.merged), max_rows)
    return table.finish()


def read_table(file: IO[bytes], *, max_rows: int = MAX_ROWS) -> list[list[str]]:
    """All rows with content as text, first column on, for readers with a header of their own."""
    rows: list[list[str]] = []

    def keep(number: int, cells: dict[int, RawCell], hidden: bool) -> None:
        if cells:
            rows.append([take(cells.get(place), FREE) for place in range(1, max(cells) + 1)])

    _read_workbook(file, lambda book: book.feed(keep, lambda *merge: None), max_rows)
    return rows


def _read_workbook(file: IO[bytes], consume: Callable[[Workbook], None], max_rows: int) -> None:
    content = read_upload(file, extension=".xlsx")
    refuse_other_formats(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            consume(Workbook(Package(archive), max_row=max_rows + HEADER_WITHIN + 1, max_column=MAX_COLUMNS))
    except DAMAGE:
        raise SpreadsheetErrors.of_file(BROKEN) from None


def read_csv_rows(
    file: IO[bytes], *, columns: Sequence[Column], max_rows: int = MAX_ROWS, ignore_unknown: bool = False
) -> list[Row]:
    """The same for a CSV upload in UTF-8 (with or without mark) or GB 18030; every cell is text."""
    table = Table(columns, max_rows, ignore_unknown)
    for number, line in _lines(_decode(_read_text(file), ("utf-8-sig", "gb18030")), ","):
        table.row(number, _text_cells(line), False)
    return table.finish().rows


def read_text_sheet(
    file: IO[bytes],
    *,
    columns: Sequence[Column],
    encoding: str,
    separator: str = ",",
    max_rows: int = MAX_ROWS,
    ignore_unknown: bool = False,
    has_header: bool = True,
) -> Sheet:
    """The same in an agreed form. A row with fewer cells than the first is an error: it was cut off.

    Valid UTF-8 counts for more than `encoding`: somebody saved the file so, and no other text looks like it.
    """
    text = _decode(_read_text(file), tuple(dict.fromkeys(("utf-8-sig", encoding))))
    table = Table(columns, max_rows, ignore_unknown, has_header)
    width = 0
    for number, line in _lines(text, separator):
        cells = _text_cells(line)
        if cells and len(line) < width:
            raise SpreadsheetErrors(
                [CellError(number, "", f"该行只有 {len(line)} 列，应为 {width} 列，文件可能不完整")]
            )
        table.row(number, cells, False)
        width = width or (len(line) if table.begun else 0)
    return table.finish()


def _read_text(file: IO[bytes]) -> bytes:
    content = read_upload(file, extension=".csv")
    if b"\0" in content:
        raise SpreadsheetErrors.of_file("这不是文本格式的 CSV 文件。")
    return content


def _decode(content: bytes, encodings: Sequence[str]) -> str:
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    names = " 或 ".join({"utf-8-sig": "UTF-8", "gb18030": "GB18030"}[encoding] for encoding in encodings)
    raise SpreadsheetErrors.of_file(f"无法识别文件编码，请存为 {names} 编码。")


def _lines(text: str, separator: str) -> Iterator[tuple[int, list[str]]]:
    """The lines of the text with their numbers, as cells."""
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    try:
        for number, line in enumerate(lines, start=1):
            if len(line) > MAX_COLUMNS:
                raise SpreadsheetErrors([CellError(number, "", f"超过 {MAX_COLUMNS} 列")])
            yield number, line
    except csv.Error:
        raise SpreadsheetErrors.of_file("CSV 格式有误：引号不配对或单元格过长。") from None


def _text_cells(line: Sequence[str]) -> dict[int, RawCell]:
    return {place: RawCell("text", cell) for place, cell in enumerate(line, start=1) if cell.strip()}
