"""Rows of a sheet by the labels of its header, all or nothing."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from typing import IO, Any

from common.spreadsheets.columns import (
    CellError,
    Column,
    RawCell,
    Row,
    SpreadsheetErrors,
    column_letter,
    take,
)
from common.spreadsheets.package import BROKEN, DAMAGE, Package, read_upload, refuse_other_formats
from common.spreadsheets.sheets import Workbook

MAX_ROWS = 20_000
MAX_COLUMNS = 60
MOST_ERRORS = 200
# A title, a unit line and a date may stand above the header.
_HEADER_WITHIN = 10
_TOTALS = re.compile(r"合\s*计|总\s*计")


def read_rows(
    file: IO[bytes], *, columns: Sequence[Column], max_rows: int = MAX_ROWS, ignore_unknown: bool = False
) -> list[Row]:
    """The data rows of an .xlsx upload, or SpreadsheetErrors with every error: all or nothing.

    The header is the first row (of ten) that names all required columns; order does not matter. A column the
    header names and `columns` does not is an error unless `ignore_unknown`. Empty rows and a last row that
    begins with 合计 are skipped; hidden and merged rows are errors, since nobody saw what would be imported.
    """
    table = _Table(columns, max_rows, ignore_unknown)
    _read_workbook(file, lambda book: book.feed(table.row, table.merged), max_rows)
    return table.finish()


def read_table(file: IO[bytes], *, max_rows: int = MAX_ROWS) -> list[list[str]]:
    """All rows with content as text, first column on, for readers with a header of their own."""
    rows: list[list[str]] = []

    def keep(number: int, cells: dict[int, RawCell], hidden: bool) -> None:
        if cells:
            free = Column(key="", label="单元格", max_length=32_767)
            rows.append([take(cells.get(place), free) for place in range(1, max(cells) + 1)])

    _read_workbook(file, lambda book: book.feed(keep, lambda *merge: None), max_rows)
    return rows


def _read_workbook(file: IO[bytes], consume: Callable[[Workbook], None], max_rows: int) -> None:
    content = read_upload(file, extension=".xlsx")
    refuse_other_formats(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            consume(Workbook(Package(archive), max_row=max_rows + _HEADER_WITHIN + 1, max_column=MAX_COLUMNS))
    except DAMAGE:
        raise SpreadsheetErrors.of_file(BROKEN) from None


def read_csv_rows(
    file: IO[bytes], *, columns: Sequence[Column], max_rows: int = MAX_ROWS, ignore_unknown: bool = False
) -> list[Row]:
    """The same for a CSV upload in UTF-8 (with or without mark) or GB 18030; every cell is text."""
    content = read_upload(file, extension=".csv")
    if b"\0" in content:
        raise SpreadsheetErrors.of_file("这不是文本格式的 CSV 文件。")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("gb18030")
        except UnicodeDecodeError:
            raise SpreadsheetErrors.of_file("无法识别文件编码，请存为 UTF-8 或 GB18030 编码。") from None
    table = _Table(columns, max_rows, ignore_unknown)
    try:
        for number, line in enumerate(csv.reader(io.StringIO(text, newline=""), strict=True), start=1):
            if len(line) > MAX_COLUMNS:
                raise SpreadsheetErrors([CellError(number, "", f"超过 {MAX_COLUMNS} 列")])
            cells = {place: RawCell("text", cell) for place, cell in enumerate(line, start=1) if cell.strip()}
            table.row(number, cells, False)
    except csv.Error:
        raise SpreadsheetErrors.of_file("CSV 格式有误：引号不配对或单元格过长。") from None
    return table.finish()


class _Table:
    """Finds the header, takes the rows below it, gathers the errors."""

    def __init__(self, columns: Sequence[Column], max_rows: int, ignore_unknown: bool) -> None:
        self._columns = columns
        self._max_rows = max_rows
        self._ignore_unknown = ignore_unknown
        self._header_row = 0
        self._places: dict[str, int] = {}
        self._closest: set[str] = set()
        self._seen = 0
        self._rows: list[Row] = []
        self._errors: list[CellError] = []
        self._totals: int | None = None

    def row(self, number: int, cells: dict[int, RawCell], hidden: bool) -> None:
        """One row of the file, in order."""
        if not cells or len(self._errors) >= MOST_ERRORS:
            return
        if not self._header_row:
            self._try_header(number, cells)
            return
        if self._totals is not None:
            self._error(self._totals, "", "“合计”行应在最后")
            self._totals = None
        if _TOTALS.fullmatch(cells[min(cells)].text.strip()):
            self._totals = number
            return
        if hidden:
            self._error(number, "", "该行被隐藏，请取消隐藏或删除后再导入")
            return
        if len(self._rows) >= self._max_rows:
            raise SpreadsheetErrors.of_file(f"一次最多导入 {self._max_rows} 行，请分成几份上传。")
        self._take(number, cells)

    def _try_header(self, number: int, cells: dict[int, RawCell]) -> None:
        self._seen += 1
        labels = {place: _label(cell.text) for place, cell in cells.items()}
        known = {_label(column.label) for column in self._columns}
        found = known & set(labels.values())
        self._closest = max(self._closest, found, key=len)
        required = {_label(column.label) for column in self._columns if column.required} or known
        if not required <= found:
            if self._seen >= _HEADER_WITHIN:
                self._no_header()
            return
        self._header_row = number
        self._check_header(number, labels, known)
        by_label = {label: place for place, label in labels.items()}
        self._places = {
            column.key: by_label[_label(column.label)]
            for column in self._columns
            if _label(column.label) in by_label
        }

    def _check_header(self, number: int, labels: dict[int, str], known: set[str]) -> None:
        names = list(labels.values())
        for place, label in labels.items():
            if label in known and names.count(label) > 1:
                self._error(number, column_letter(place), f"“{label}”这一列出现了两次")
            elif label and label not in known and not self._ignore_unknown:
                allowed = "、".join(column.label for column in self._columns)
                self._error(
                    number, column_letter(place), f"不认识“{label[:40]}”这一列，可用的列为：{allowed}"
                )

    def _no_header(self) -> None:
        missing = [column.label for column in self._columns if _label(column.label) not in self._closest]
        raise SpreadsheetErrors.of_file(
            f"没有找到表头，缺少以下列：{'、'.join(missing)}。请使用系统导出的模板。"
        )

    def _take(self, number: int, cells: dict[int, RawCell]) -> None:
        if not any(place in cells for place in self._places.values()):
            return
        values: dict[str, Any] = {}
        for column in self._columns:
            place = self._places.get(column.key)
            try:
                values[column.key] = take(cells.get(place) if place else None, column)
            except ValueError as error:
                self._error(number, column_letter(place or 0), str(error))
        self._rows.append(Row(number, values))

    def merged(self, first_row: int, last_row: int, column: int) -> None:
        """A merged range: above the header it is a title, below it hides cells."""
        if self._header_row and last_row > self._header_row:
            place = max(first_row, self._header_row + 1)
            self._error(place, column_letter(column), "有合并单元格，请取消合并并逐行填写")

    def _error(self, row: int, column: str, message: str) -> None:
        if len(self._errors) < MOST_ERRORS:
            self._errors.append(CellError(row, column, message))

    def finish(self) -> list[Row]:
        """The rows, or every error."""
        if self._errors:
            raise SpreadsheetErrors(sorted(self._errors, key=lambda error: error.row))
        if not self._header_row:
            self._no_header()
        return self._rows


def _label(text: str) -> str:
    """Headers are compared without spaces, line breaks and a star for 必填."""
    return "".join(text.split()).strip("*＊")
