"""The draw: pure functions that anybody can repeat in any language from seed, ratio and frame.

Per stratum `ceil(ratio × count)` items, at least one, in ascending order of `sha256("{seed}:{id}")`
(lower-case hex, UTF-8). No random generator is involved: the same input gives the same sample everywhere.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256

METHOD = "sha256-ceil-1"
ID = "id"
STRATUM = "township"
# One line of a frame: id and stratum.
Row = tuple[str, str]
# Plain decimal notation: what another program reads as the same number without thinking.
_RATIO = re.compile(r"[0-9]{1,20}(\.[0-9]{1,60})?|\.[0-9]{1,60}", re.ASCII)


class BadInput(ValueError):
    """A seed, ratio or frame that cannot be drawn from. `field` names which of them."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}：{message}")
        self.field = field


@dataclass(frozen=True, slots=True)
class Stratum:
    """One group of the frame: how many it has, and the ids drawn from it in the order drawn."""

    count: int
    drawn: tuple[str, ...]

    def as_json(self) -> dict:
        """The form in which the command prints it and a run keeps it."""
        return {"count": self.count, "drawn": list(self.drawn)}


def parse_ratio(text: str) -> Decimal:
    """`0.30` as an exact decimal in (0, 1]; BadInput otherwise."""
    if not _RATIO.fullmatch(text):
        raise BadInput("--ratio", f"“{text}”不是小数，请写成 0.30 这样的形式。")
    ratio = Decimal(text)
    if not 0 < ratio <= 1:
        raise BadInput("--ratio", f"“{text}”应大于 0 且不超过 1。")
    return ratio


def sample_size(ratio: Decimal, count: int) -> int:
    """`ceil(ratio × count)` in whole numbers, so that no rounding can tip it; at least one of a stratum."""
    numerator, denominator = ratio.as_integer_ratio()
    return -(-numerator * count // denominator)


def ticket(seed: str, item: str) -> str:
    """What an item is sorted by."""
    return sha256(f"{seed}:{item}".encode()).hexdigest()


def draw(seed: str, ratio: Decimal, frame: Iterable[Row]) -> dict[str, Stratum]:
    """The sample of a frame of `(id, stratum)` by stratum; the order of the frame is irrelevant."""
    strata: dict[str, list[str]] = {}
    for item, stratum in frame:
        strata.setdefault(stratum, []).append(item)
    return {
        stratum: Stratum(len(items), _smallest(seed, items, sample_size(ratio, len(items))))
        for stratum, items in sorted(strata.items())
    }


def _smallest(seed: str, items: list[str], size: int) -> tuple[str, ...]:
    return tuple(sorted(items, key=lambda item: ticket(seed, item))[:size])


def dealt(seed: str, inspectors: Iterable[str]) -> list[str]:
    """The order in which inspectors are dealt cases in turn: by `sha256("{seed}:inspector:{inspector}")`."""
    return sorted(inspectors, key=lambda inspector: ticket(seed, f"inspector:{inspector}"))


def frame_csv(rows: Iterable[Row]) -> str:
    """The one text of a frame of `(id, township)`: header, ascending by id, LF at the end of each line."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow((ID, STRATUM))
    writer.writerows(sorted(rows))
    return text.getvalue()


def frame_sha256(content: bytes) -> str:
    """The fingerprint of a frame file: SHA-256 of its bytes, lower-case hex."""
    return sha256(content).hexdigest()


def read_frame(content: bytes, stratum: str | None = None, *, name: str = "FRAME.csv") -> list[Row]:
    """`(id, stratum)` of each line of a frame file; the stratum is `""` where no column is named.

    A byte order mark is passed over and wholly blank lines are left out. BadInput says what is wrong and
    where: not UTF-8, no header or no lines, first column not `id`, a column missing or there twice, an id
    empty or repeated.
    """
    lines = _lines(content, name)
    if not lines:
        raise BadInput(name, "文件是空的，第一行应为表头，第一列为 id。")
    header = lines[0][1]
    if header[0] != ID:
        raise BadInput(name, f"表头第一列应为 id，现为“{header[0][:40]}”。")
    column = _column(header, stratum, name)
    rows = [_row(number, cells, header, column, name) for number, cells in lines[1:]]
    if not rows:
        raise BadInput(name, "只有表头，没有可供抽取的记录。")
    repeated = [item for item, n in Counter(item for item, _ in rows).items() if n > 1]
    if repeated:
        raise BadInput(name, f"id 重复：{'、'.join(item[:40] for item in repeated[:5])}。")
    return rows


def _lines(content: bytes, name: str) -> list[tuple[int, list[str]]]:
    """Line numbers and cells of the lines that have any."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(name, f"不是 UTF-8 编码（第 {error.start + 1} 字节）。") from None
    if "\x00" in text:
        raise BadInput(name, "含有空字符（NUL），不是合格的 CSV。")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if cells]
    except csv.Error as error:
        raise BadInput(name, f"第 {reader.line_num} 行不是合格的 CSV：{error}。") from None


def _column(header: list[str], stratum: str | None, name: str) -> int | None:
    if stratum is None:
        return None
    if stratum not in header:
        raise BadInput("--stratum", f"{name} 中没有“{stratum}”列，现有：{'、'.join(header)}。")
    if header.count(stratum) > 1:
        raise BadInput("--stratum", f"{name} 中有不止一个“{stratum}”列。")
    return header.index(stratum)


def _row(number: int, cells: list[str], header: list[str], column: int | None, name: str) -> Row:
    if len(cells) != len(header):
        raise BadInput(name, f"第 {number} 行有 {len(cells)} 列，表头有 {len(header)} 列。")
    if not cells[0].strip():
        raise BadInput(name, f"第 {number} 行的 id 为空。")
    if column is None:
        return cells[0], ""
    if not cells[column].strip():
        raise BadInput(name, f"第 {number} 行的“{header[column]}”为空，不知道归入哪一组。")
    return cells[0], cells[column]
