"""From cells to typed rows: finds the header, takes the rows below it, gathers the errors."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from common.spreadsheets.columns import (
    CellError,
    Column,
    Kind,
    RawCell,
    Row,
    SpreadsheetErrors,
    column_letter,
    take,
)

MOST_ERRORS = 200
# A title, a unit line and a date may stand above the header.
HEADER_WITHIN = 10
_TOTALS = re.compile(r"合\s*计|总\s*计")
# A cell as text, whatever it holds.
FREE = Column(key="", label="单元格", max_length=32_767)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was read. `total` is the last row 合计, where there is one: amounts typed, the rest as text."""

    rows: list[Row]
    total: Row | None = None
    places: dict[str, int] = field(default_factory=dict)

    def letter(self, key: str) -> str:
        """The letter of a column, or "" where the sheet has none of that key."""
        return column_letter(self.places.get(key, 0))


class Table:
    """Finds the header, takes the rows below it, gathers the errors."""

    def __init__(
        self, columns: Sequence[Column], max_rows: int, ignore_unknown: bool, has_header: bool = True
    ) -> None:
        self._columns = columns
        self._max_rows = max_rows
        self._ignore_unknown = ignore_unknown
        self._header_row: int | None = None if has_header else 0
        self._places: dict[str, int] = {}
        if not has_header:
            self._places = {column.key: place for place, column in enumerate(columns, start=1)}
        self._closest: set[str] = set()
        self._seen = 0
        self._rows: list[Row] = []
        self._errors: list[CellError] = []
        self._total: Row | None = None

    @property
    def begun(self) -> bool:
        """Is it known which column is where?"""
        return self._header_row is not None

    def row(self, number: int, cells: dict[int, RawCell], hidden: bool) -> None:
        """One row of the file, in order."""
        if not cells or len(self._errors) >= MOST_ERRORS:
            return
        if not self.begun:
            self._try_header(number, cells)
            return
        if self._total is not None:
            self._error(self._total.number, "", "“合计”行应在最后")
            self._total = None
        if _TOTALS.fullmatch(cells[min(cells)].text.strip()):
            self._take_total(number, cells)
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
            if self._seen >= HEADER_WITHIN:
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
        if not self._header_row and max(cells) > len(self._columns):
            extra = column_letter(len(self._columns) + 1)
            self._error(number, extra, f"多于约定的 {len(self._columns)} 列")
            return
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

    def _take_total(self, number: int, cells: dict[int, RawCell]) -> None:
        values: dict[str, Any] = {}
        for column in self._columns:
            place = self._places.get(column.key, 0)
            is_amount = Kind(column.kind) == Kind.AMOUNT
            shape = replace(column, required=False) if is_amount else FREE
            try:
                values[column.key] = take(cells.get(place), shape)
            except ValueError as error:
                self._error(number, column_letter(place), str(error))
        self._total = Row(number, values)

    def merged(self, first_row: int, last_row: int, column: int) -> None:
        """A merged range: above the header it is a title, below it hides cells."""
        if self._header_row is not None and last_row > self._header_row:
            place = max(first_row, self._header_row + 1)
            self._error(place, column_letter(column), "有合并单元格，请取消合并并逐行填写")

    def _error(self, row: int, column: str, message: str) -> None:
        if len(self._errors) < MOST_ERRORS:
            self._errors.append(CellError(row, column, message))

    def finish(self) -> Sheet:
        """What was read, or every error."""
        if self._errors:
            raise SpreadsheetErrors(sorted(self._errors, key=lambda error: error.row))
        if not self.begun:
            self._no_header()
        return Sheet(self._rows, self._total, self._places)


def _label(text: str) -> str:
    """Headers are compared without spaces, line breaks and a star for 必填."""
    return "".join(text.split()).strip("*＊")
