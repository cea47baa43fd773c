"""Hostile workbooks: each is refused with a sentence, quickly and in little memory."""

import random
import resource
import subprocess
import sys
import zipfile
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from common.spreadsheets import Column, SpreadsheetErrors, read_csv_rows, read_rows, write_workbook
from common.spreadsheets import package as limits
from tests.common.hostile import MACRO_TYPE, cell, header, pack, parts, rows, sheet, workbook

COLUMNS = [Column("name", "姓名", required=True), Column("account", "账号", kind="text_exact")]
GOOD = rows(header("姓名", "账号"), cell("A2", "王𠮷") + cell("B2", "6228480402564890018"))


def refusal(content: bytes, name: str = "a.xlsx") -> str:
    with pytest.raises(SpreadsheetErrors) as error:
        read_rows(SimpleUploadedFile(name, content), columns=COLUMNS)
    assert error.value.field == "file"
    return str(error.value)


def test_the_plain_workbook_of_these_tests_is_good() -> None:
    (row,) = read_rows(BytesIO(workbook(GOOD)), columns=COLUMNS)
    assert (row.number, row["name"], row["account"]) == (2, "王𠮷", "6228480402564890018")


@pytest.mark.parametrize("reference", ["XFD1", "XFD20000", "A1048576", "BI2", "A20012"])
def test_a_cell_far_away_is_refused_by_its_place(reference) -> None:
    number = "".join(filter(str.isdigit, reference))
    data = f'<row r="{number}">{cell(reference, "x")}</row>'
    assert "超出允许的范围" in refusal(workbook(data))


def test_empty_styled_cells_far_away_cost_nothing() -> None:
    styled = '<row r="1048576"><c r="A1048576" s="1"/><c r="XFD1048576" s="1"/></row>'
    assert len(read_rows(BytesIO(workbook(GOOD + styled)), columns=COLUMNS)) == 1


def test_a_zip_bomb_is_refused_by_what_it_promises() -> None:
    content = {**parts(sheet(GOOD)), "xl/media/zeros.bin": b"\0" * 60_000_000}
    assert "过大" in refusal(pack(content))


def test_a_bomb_within_the_size_is_refused_by_its_ratio() -> None:
    content = {**parts(sheet(GOOD)), "xl/media/zeros.bin": b"\0" * 40_000_000}
    assert "过大" in refusal(pack(content))


def test_a_bomb_that_lies_about_its_size_is_not_unpacked_further_than_it_said() -> None:
    """The directory says 100 bytes, the part holds 60 MB: reading stops at what was promised."""
    content = bytearray(pack({**parts(sheet(GOOD)), "xl/sharedStrings.xml": "<sst>" + " " * 60_000_000}))
    place = content.rindex(b"xl/sharedStrings.xml")  # in the central directory, size is 22 bytes before
    content[place - 22 : place - 18] = (100).to_bytes(4, "little")
    assert refusal(bytes(content))


def test_unpacking_is_counted_over_all_parts(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MAX_UNPACKED", 1500)
    monkeypatch.setattr(limits.Package, "_refuse_bombs", lambda self, entries: None)
    assert "过大" in refusal(workbook(GOOD))


def test_too_many_entries_are_refused() -> None:
    assert "过大" in refusal(pack({**parts(sheet(GOOD)), **{f"x/{n}": b"" for n in range(1000)}}))


def test_a_slow_workbook_is_given_up(monkeypatch) -> None:
    monkeypatch.setattr(limits, "MAX_SECONDS", -1)
    assert "超时" in refusal(workbook(GOOD))


LAUGHS = '<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
XXE = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'


@pytest.mark.parametrize("prolog", [LAUGHS, XXE, '<!DOCTYPE x SYSTEM "http://127.0.0.1/x.dtd">'])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
def test_a_document_type_is_refused_in_every_part(prolog, part) -> None:
    content = parts(sheet(GOOD))
    content[part] = content[part].replace("?>", "?>" + prolog, 1)
    assert "已损坏" in refusal(pack(content))


def test_a_document_type_in_another_encoding_is_refused_too() -> None:
    content = parts(sheet(GOOD))
    text = sheet(GOOD, prolog=XXE).replace('encoding="UTF-8"', 'encoding="UTF-16"')
    assert "已损坏" in refusal(pack({**content, "xl/worksheets/sheet1.xml": text.encode("utf-16")}))


def test_a_reference_outside_the_archive_reads_nothing() -> None:
    content = parts(sheet(GOOD))
    rels = "xl/_rels/workbook.xml.rels"
    for target in ("../../../../etc/passwd", "file:///etc/passwd", "http://127.0.0.1/sheet.xml"):
        changed = content[rels].replace("worksheets/sheet1.xml", target)
        assert "已损坏" in refusal(pack({**content, rels: changed}))


def test_macros_are_refused_under_any_name() -> None:
    assert "宏" in refusal(pack({**parts(sheet(GOOD)), "xl/vbaProject.bin": b"x"}))
    assert "宏" in refusal(workbook(GOOD, content_type=MACRO_TYPE))


def test_wrong_extension_old_format_and_password_get_their_own_advice() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    assert ".xlsx" in refusal(workbook(GOOD), "a.xlsm")
    assert "旧版" in refusal(ole)
    assert "密码" in refusal(ole + "EncryptedPackage".encode("utf-16-le"))
    assert "空的" in refusal(b"")
    assert "已损坏" in refusal(b"%PDF-1.7")
    assert "已损坏" in refusal(pack({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}))


def test_an_entry_encrypted_by_the_zip_itself_is_refused() -> None:
    content = bytearray(workbook(GOOD))
    place = content.rindex(b"PK\x01\x02")
    content[place + 8] |= 1
    assert "密码" in refusal(bytes(content))


def test_two_parts_of_one_name_are_refused() -> None:
    buffer = BytesIO(workbook(GOOD))
    with (
        zipfile.ZipFile(buffer, "a") as archive,
        pytest.warns(UserWarning, match="Duplicate name"),
    ):
        archive.writestr("xl/worksheets/sheet1.xml", sheet(rows(header("姓名", "账号"), cell("A2", "别人"))))
    assert "已损坏" in refusal(buffer.getvalue())


@pytest.mark.parametrize(
    "data",
    [
        '<row r="2"><c r="A2"><v>1</v></c></row><row r="1"/>',
        '<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>',
        '<row r="1"><c r="A7"><v>1</v></c></row>',
        '<row r="1"><c r="$$"><v>1</v></c></row>',
        '<row r="-1"><c r="A1" t="s"><v>0</v></c></row>',
        '<row r="x"/>',
        '<row r="1"><c r="A1" t="s"><v>9999999</v></c></row>',
        '<row r="1"><c r="A1" t="s"><v>-1</v></c></row>',
        f'<row r="{"9" * 5000}"/>',
        "<row",
    ],
)
def test_sheets_that_contradict_themselves_are_refused(data) -> None:
    assert "已损坏" in refusal(workbook(data))


def good_file() -> bytes:
    people = [{"name": f"赵{n}", "account": f"62284804025648{n:05}"} for n in range(30)]
    return write_workbook("名册", COLUMNS, people)


def test_cut_at_any_place_it_is_refused() -> None:
    content = good_file()
    places = random.Random(3).sample(range(len(content)), 100)
    for place in places:
        refusal(content[:place])


def test_with_a_flipped_bit_it_is_refused_or_reads_the_same() -> None:
    """A flip may hit what nobody reads; but never may one change a name or a number unseen."""
    content = good_file()
    expected = read_rows(BytesIO(content), columns=COLUMNS)
    noise = random.Random(5)
    refused = 0
    for _ in range(1000):
        damaged = bytearray(content)
        damaged[noise.randrange(len(damaged))] ^= 1 << noise.randrange(8)
        try:
            assert read_rows(BytesIO(bytes(damaged)), columns=COLUMNS) == expected
        except SpreadsheetErrors:
            refused += 1
    assert refused > 300


def test_csv_of_other_formats_and_with_broken_quotes_is_refused() -> None:
    for content in (
        b"\0\1",
        workbook(GOOD),
        b'"a',
        b"\xff\xff\xff",
        "姓名\n".encode() + b'"' + b"x" * 200_000,
    ):
        with pytest.raises(SpreadsheetErrors):
            read_csv_rows(SimpleUploadedFile("a.csv", content), columns=COLUMNS)


MEASURE = """
import resource, sys, django
from django.conf import settings
settings.configure()
from common.spreadsheets import Column, SpreadsheetErrors, read_rows
columns = [Column("name", "姓名", required=True), Column("account", "账号", kind="text_exact")]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
with open(sys.argv[1], "rb") as file:
    try:
        read_rows(file, columns=columns, ignore_unknown=True)
    except SpreadsheetErrors:
        pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def many_strings() -> bytes:
    """A sheet just inside the limits of size, entries and ratio, made of as many small strings as fit."""
    noise = random.Random(11)
    strings = "".join(f"<si><t>{noise.randrange(10**7)}</t></si>" for _ in range(400_000))
    content = {**parts(sheet(GOOD)), "xl/sharedStrings.xml": f"<sst>{strings}</sst>"}
    return pack(content)


def many_cells() -> bytes:
    """60 columns in 6,000 rows, of which two columns are asked for."""
    lines = [header("姓名", "账号")]
    for number in range(2, 6002):
        lines.append(
            "".join(f'<c r="{_letter(place)}{number}"><v>{number * place}</v></c>' for place in range(60))
        )
    return workbook(rows(*lines))


def _letter(place: int) -> str:
    return chr(65 + place) if place < 26 else chr(64 + place // 26) + chr(65 + place % 26)


@pytest.mark.parametrize("make", [many_strings, many_cells])
def test_the_largest_workbooks_stay_within_memory_and_time(make, tmp_path) -> None:
    """trust.md U1: at most 300 MB and 10 s. Measured in a process of its own: a peak never falls."""
    path = tmp_path / "a.xlsx"
    path.write_bytes(make())
    assert path.stat().st_size < limits.MAX_BYTES
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True, timeout=60
    )
    assert int(done.stdout) < 200 * 1024
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 10
