"""The cells of a workbook, row by row, with nothing filled in between them."""

from __future__ import annotations

import re
from collections.abc import Callable

from common.spreadsheets.columns import CellError, RawCell, SpreadsheetErrors, column_letter
from common.spreadsheets.package import BROKEN, Package, unescape

# Built-in number formats that show a date, the East Asian ones included (ECMA-376 part 1, 18.8.30).
_DATE_FORMATS = frozenset([*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)])
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\[[^\]]*\]')
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_MOST_STRINGS = 500_000
_LONGEST = 32_767

OnRow = Callable[[int, dict[int, RawCell], bool], None]
OnMerge = Callable[[int, int, int], None]


class Workbook:
    """One workbook of which one visible sheet has content."""

    def __init__(self, package: Package, *, max_row: int, max_column: int) -> None:
        self._package = package
        self.max_row, self.max_column = max_row, max_column
        self.epoch_1904 = False
        root = [path for kind, path in package.relations("").values() if kind == "officeDocument"]
        if len(root) != 1 or not package.has(root[0]):
            raise SpreadsheetErrors.of_file(BROKEN)
        self._path = root[0]
        self._relations = package.relations(self._path)
        self._sheets = self._visible_sheets()

    def _visible_sheets(self) -> list[str]:
        found: list[str] = []

        def note(tag: str, attributes: dict[str, str]) -> None:
            if tag == "workbookPr":
                self.epoch_1904 = attributes.get("date1904") in ("1", "true")
            if tag == "sheet" and attributes.get("state", "visible") == "visible":
                ids = [value for name, value in attributes.items() if name.rsplit(":", 1)[-1] == "id"]
                kind, path = self._relations.get(ids[0] if ids else "", ("", ""))
                if kind == "worksheet":
                    found.append(path)

        self._package.walk(self._path, note)
        return found

    def _part(self, kind: str) -> str | None:
        paths = [path for its_kind, path in self._relations.values() if its_kind == kind]
        return paths[0] if paths and self._package.has(paths[0]) else None

    def feed(self, on_row: OnRow, on_merge: OnMerge) -> None:
        """Each row with content to `on_row` (number, cells by column, hidden), each merge to `on_merge`."""
        strings, dates = self._strings(), self._date_styles()
        if not self._sheets:
            raise SpreadsheetErrors.of_file("文件中没有可见的工作表。")
        filled = 0
        for path in self._sheets:
            sheet = _Sheet(self, strings, dates, on_row, on_merge)
            # Until a sheet shows its first cell nobody knows whether it is the one.
            sheet.first = filled == 0
            self._package.walk(path, sheet.start, sheet.end, sheet.text)
            filled += sheet.filled

    def _strings(self) -> list[str]:
        path = self._part("sharedStrings")
        if path is None:
            return []
        reader = _SharedStrings()
        self._package.walk(path, reader.start, reader.end, reader.text)
        return reader.strings

    def _date_styles(self) -> frozenset[int]:
        """Indices of the cell styles that show a number as a date."""
        path = self._part("styles")
        if path is None:
            return frozenset()
        custom: dict[str, str] = {}
        styles: list[str] = []
        inside = [False]

        def start(tag: str, attributes: dict[str, str]) -> None:
            if tag == "numFmt":
                custom[attributes.get("numFmtId", "")] = attributes.get("formatCode", "")
            elif tag == "cellXfs":
                inside[0] = True
            elif tag == "xf" and inside[0]:
                styles.append(attributes.get("numFmtId", "0"))

        def end(tag: str) -> None:
            if tag == "cellXfs":
                inside[0] = False

        self._package.walk(path, start, end)
        return frozenset(index for index, style in enumerate(styles) if _shows_date(style, custom))


def _shows_date(number: str, custom: dict[str, str]) -> bool:
    if number in custom:
        code = _NOT_FORMAT.sub("", custom[number].split(";")[0]).lower()
        return any(letter in code for letter in "ymdh年月日") and "general" not in code
    return number.isdigit() and int(number) in _DATE_FORMATS


class _SharedStrings:
    """Texts by index; readings above Chinese characters (`rPh`) are no part of them."""

    def __init__(self) -> None:
        self.strings: list[str] = []
        self._parts: list[str] = []
        self._take = self._phonetic = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "si":
            self._parts = []
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "t":
            self._take = not self._phonetic

    def text(self, data: str) -> None:
        if self._take:
            self._parts.append(data)

    def end(self, tag: str) -> None:
        if tag == "t":
            self._take = False
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "si":
            if len(self.strings) >= _MOST_STRINGS:
                raise SpreadsheetErrors.of_file("文件中的文字过多，请分成几份上传。")
            self.strings.append(unescape("".join(self._parts)))


class _Sheet:
    """Callbacks for one worksheet part. Cells without content leave no trace."""

    def __init__(
        self,
        book: Workbook,
        strings: list[str],
        dates: frozenset[int],
        on_row: OnRow,
        on_merge: OnMerge,
    ) -> None:
        self._book, self._strings, self._dates = book, strings, dates
        self._on_row, self._on_merge = on_row, on_merge
        self.first = True
        self.filled = False
        self._row = self._column = 0
        self._hidden = self._taking = self._phonetic = self._formula = False
        self._cells: dict[int, RawCell] = {}
        self._kind = self._style = ""
        self._parts: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "c":
            self._start_cell(attributes)
        elif tag in ("v", "t"):
            self._taking = not self._phonetic
        elif tag == "f":
            self._formula = True
        elif tag == "row":
            self._row = self._row + 1 if "r" not in attributes else self._next_row(attributes["r"])
            self._column, self._cells = 0, {}
            self._hidden = attributes.get("hidden") in ("1", "true")
        elif tag == "rPh":
            self._phonetic = True
        elif tag == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _next_row(self, text: str) -> int:
        number = int(text)
        # Rows that go backwards would be two rows under one number on the clerk's screen.
        if number <= self._row:
            raise SpreadsheetErrors.of_file(BROKEN)
        return number

    def _start_cell(self, attributes: dict[str, str]) -> None:
        row, column = _place(attributes["r"]) if "r" in attributes else (self._row, self._column + 1)
        if row != self._row or column <= self._column:
            raise SpreadsheetErrors.of_file(BROKEN)
        self._column = column
        self._kind, self._style = attributes.get("t", "n"), attributes.get("s", "0")
        self._parts, self._formula = [], False

    def text(self, data: str) -> None:
        if self._taking:
            self._parts.append(data)

    def end(self, tag: str) -> None:
        if tag in ("v", "t"):
            self._taking = False
        elif tag == "c":
            self._end_cell()
        elif tag == "rPh":
            self._phonetic = False
        elif tag == "row" and self._cells:
            self._on_row(self._row, self._cells, self._hidden)

    def _end_cell(self) -> None:
        text = "".join(self._parts)
        if not text.strip():
            if self._formula:
                raise self._refusal("公式没有计算结果，请用 Excel 打开并保存一次，或把公式粘贴为数值")
            return
        cell = self._cell(text)
        if not cell.text.strip():
            return
        if self._row > self._book.max_row or self._column > self._book.max_column:
            raise self._refusal(f"内容超出允许的范围（{self._book.max_row} 行、{self._book.max_column} 列）")
        if len(cell.text) > _LONGEST:
            raise self._refusal("单元格内容过长")
        if not self.first:
            raise SpreadsheetErrors.of_file("文件中有几个工作表都有内容，请只保留要导入的一个。")
        self.filled = True
        self._cells[self._column] = cell

    def _cell(self, text: str) -> RawCell:
        if self._kind == "s":
            index = int(text)
            if not 0 <= index < len(self._strings):
                raise SpreadsheetErrors.of_file(BROKEN)
            return RawCell("text", self._strings[index])
        if self._kind in ("inlineStr", "str"):
            return RawCell("text", unescape(text))
        if self._kind == "b":
            return RawCell("bool", text)
        if self._kind == "e":
            return RawCell("error", text)
        dated = self._kind == "d" or (self._style.isdigit() and int(self._style) in self._dates)
        return RawCell("date" if dated else "number", text, self._book.epoch_1904)

    def _merge(self, reference: str) -> None:
        first, _, last = reference.partition(":")
        (first_row, column), (last_row, _) = _place(first), _place(last or first)
        self._on_merge(first_row, last_row, column)

    def _refusal(self, message: str) -> SpreadsheetErrors:
        return SpreadsheetErrors([CellError(self._row, column_letter(self._column), message)])


def _place(reference: str) -> tuple[int, int]:
    """`B12` → (12, 2)."""
    match = _REFERENCE.fullmatch(reference)
    if match is None:
        raise SpreadsheetErrors.of_file(BROKEN)
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]), column
