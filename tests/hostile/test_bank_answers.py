"""Answers of a bank that are damaged, altered, or made to harm: refused with row and column, nothing done.

For each of the three forms of the packs: 洞头 (commas, header), 上虞 (bars, no header, total),
焦作 (tabs, total).
"""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import openpyxl
import pytest
from django.apps import apps

from common.errors import Refused
from payments import services
from payments.answer_layout import answer_layout_of, read_answer_rows
from payments.demo_bank import answer_to
from payments.models import BankFile
from tests.payments import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = dt.date(2026, 3, 2)
CUTS = 100
MEGABYTES = 300
PAYERS = [
    pytest.param(builders.town, id="洞头"),
    pytest.param(builders.district, id="上虞"),
    pytest.param(builders.allocated_county, id="焦作"),
]
every_bank = pytest.mark.parametrize("make", PAYERS)


def rows_everywhere() -> dict[str, int]:
    """How many rows each table of money and of traces has."""
    rooms = [apps.get_app_config(label) for label in ("payments", "cases", "organisations")]
    return {model.__name__: model.objects.count() for room in rooms for model in room.get_models()}


class Desk:
    """A file that went to the bank, and somebody who hands an answer in."""

    def __init__(self, make: Callable[[], builders.Payer], *amounts: str) -> None:
        self.payer = make()
        builders.benefits(self.payer, *(amounts or ("585.00", "1085.00", "300.00")))
        self.file: BankFile = builders.sent(self.payer)
        self.layout = answer_layout_of(self.file.batch)
        self.good = answer_to(self.file, paid_on=DAY, failures={3: "账户已销户"})
        self.before = rows_everywhere()

    def hand_in(self, content: bytes) -> None:
        services.upload_answer(bank_file=self.file, upload=BytesIO(content), actor=self.payer.clerk)

    def refuses(self, content: bytes, *words: str) -> None:
        with pytest.raises(Refused) as refused:
            self.hand_in(content)
        text = str(refused.value)
        assert all(word in text for word in words), text
        assert rows_everywhere() == self.before


@every_bank
def test_an_answer_cut_anywhere_is_refused_or_lacks_whole_lines(make):
    """With a total in the last row nothing is read that lacks a line; else no line that was cut counts."""
    desk = Desk(make)
    whole = read_answer_rows(desk.good, desk.layout)
    step = max(len(desk.good) // CUTS, 1)
    for end in range(0, len(desk.good), step):
        try:
            rows = read_answer_rows(desk.good[:end], desk.layout)
        except Refused:
            continue
        if desk.layout.has_total_line:
            assert rows == whole, end
        else:
            # Cut before its day, a row that says 成功 is put aside: 成功的行缺少入账日期.
            cut = [row for row in rows if row not in whole]
            assert all(row.is_paid and row.paid_on is None for row in cut), end
    desk.refuses(desk.good[: len(desk.good) // 3])


@every_bank
def test_noise_in_an_answer_is_refused(make):
    desk = Desk(make)
    desk.refuses(desk.good.replace(b"585.00", b"585\x00.00"), "不是文本格式")
    desk.refuses(b"\x00" * 100, "不是文本格式")
    desk.refuses(b"\xef\xbb\xbf", "没有")
    desk.refuses(desk.good[:10] + b"\xff\xff" + desk.good[10:], "编码")


@every_bank
def test_an_amount_of_too_many_digits_or_a_changed_type_names_row_and_column(make):
    desk = Desk(make)
    row = 2 if desk.layout.has_header else 1
    letter = "ABCDEFGH"[[column.key for column in desk.layout.columns].index("amount")]
    place = f"第 {row} 行 {letter} 列"
    desk.refuses(desk.good.replace(b"585.00", b"585.001", 1), place)
    words = "五百".encode(desk.layout.encoding.removesuffix("-sig"))
    desk.refuses(desk.good.replace(b"585.00", words, 1), place)
    desk.refuses(desk.good.replace(b"585.00", b"1e99", 1), place)


@pytest.mark.parametrize("make", PAYERS[1:])
def test_a_changed_amount_or_a_doubled_row_no_longer_sums_up(make):
    desk = Desk(make)
    desk.refuses(desk.good.replace(b"1085.00", b"1085.01", 1), "合计", "列")
    lines = desk.good.splitlines(keepends=True)
    desk.refuses(b"".join([*lines[:2], lines[1], *lines[2:]]), "合计")
    desk.refuses(b"".join([*lines[:1], *lines[2:]]), "合计")


@every_bank
def test_an_answer_of_another_month_is_refused_whole(make):
    desk = Desk(make)
    other = desk.good.replace(b"-202603-", b"-202602-")
    desk.refuses(other, "另一份代发文件", "第", "列")


def test_a_mark_of_utf_8_and_names_of_four_bytes_do_no_harm():
    """𠮷 is four bytes in GB18030; 上虞's answer names the payee."""
    payer = builders.district()
    builders.benefit(payer.villages[0], name="𠮷小花")
    file = builders.sent(payer)
    text = f"{file.number}|1||𠮷小花|585.00|20260302|0000\r\n合计||||585.00||\r\n"
    for encoding in ("gb18030", "utf-8-sig", "utf-8"):
        answer = services.upload_answer(
            bank_file=file, upload=BytesIO(text.encode(encoding)), actor=payer.clerk
        )
        assert read_answer_rows(text.encode(encoding), answer_layout_of(file.batch))[0].payee == "𠮷小花"
        assert answer.confirmed_at is None


def sheet(file: BankFile, *, account: object = "", amount: object = 585) -> bytes:
    book = openpyxl.Workbook()
    book.active.append("代发文件编号,行号,收款账号,金额,结果,失败原因,入账日期".split(","))
    book.active.append([file.number, 1, account, amount, "成功", None, DAY])
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def test_formulas_and_lost_digits_in_a_sheet_name_row_and_column():
    desk = Desk(builders.town)
    desk.refuses(sheet(desk.file, amount="=500+85"), "第 2 行 D 列", "公式没有计算结果")
    desk.refuses(sheet(desk.file, account=6217000012345678901), "第 2 行 C 列", "超过 15 位的末尾数字会丢失")
    desk.refuses(sheet(desk.file, account=6.217000012345679e18), "第 2 行 C 列")


def test_bombs_and_foreign_entities_are_refused():
    desk = Desk(builders.town)
    for content in _bombs():
        desk.refuses(content, "文件")


def _bombs() -> list[bytes]:
    return [make() for make in (_zip_bomb, _laughs)]


def _zip_bomb() -> bytes:
    """A sheet of 200 MB of blanks in 200 KB."""
    return _rewritten("xl/worksheets/sheet1.xml", lambda text: text + b" " * 200 * 1024 * 1024)


def _laughs() -> bytes:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "哈"}">' for n in range(10))
    head = f'<?xml version="1.0"?><!DOCTYPE lolz [{entities}]>'.encode()
    return _rewritten("xl/worksheets/sheet1.xml", lambda text: head + text.split(b"?>", 1)[-1])


def _rewritten(part: str, change: Callable[[bytes], bytes]) -> bytes:
    content = BytesIO()
    plain = openpyxl.Workbook()
    plain.active.append(["行号"])
    plain.save(content)
    changed = BytesIO()
    with zipfile.ZipFile(content) as old, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name)
            new.writestr(name, change(text) if name == part else text)
    return changed.getvalue()


READ = """
import sys
from io import BytesIO
from common.errors import Refused
from common.spreadsheets import Column, read_sheet
for path in sys.argv[1:]:
    try:
        read_sheet(BytesIO(open(path, "rb").read()), columns=[Column("line", "行号", required=True)])
    except Refused:
        continue
    raise SystemExit("taken")
# Not ru_maxrss: that of a child begins with what its parent had.
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(int(peak.split()[1]) // 1024)
"""


def test_bombs_cost_no_memory(tmp_path: Path):
    """In a process of its own, so that its peak is that of reading them."""
    paths = []
    for n, content in enumerate(_bombs()):
        paths.append(tmp_path / f"{n}.xlsx")
        paths[-1].write_bytes(content)
    root = Path(__file__).resolve().parents[2]
    done = subprocess.run(
        [sys.executable, "-c", READ, *map(str, paths)], capture_output=True, text=True, cwd=root, check=True
    )
    assert int(done.stdout) <= MEGABYTES
