"""Reading and writing sheets: what clerks and banks really do in them."""

import csv
import io
import zipfile
from datetime import date
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
import tablib

from common.spreadsheets import (
    Column,
    Kind,
    SpreadsheetErrors,
    read_csv_rows,
    read_rows,
    read_table,
    write_csv,
    write_workbook,
)
from common.spreadsheets.import_format import GuardedXLSX
from tests.common.hostile import cell, header, pack, parts, rows, sheet, workbook

PEOPLE = [
    Column("name", "姓名", required=True, max_length=20),
    Column("account", "银行账号", kind=Kind.TEXT_EXACT),
    Column("amount", "金额", kind=Kind.AMOUNT),
    Column("count", "人数", kind=Kind.INTEGER),
    Column("on", "日期", kind=Kind.DATE),
]
HEADER = header("姓名", "银行账号", "金额", "人数", "日期")
RARE = "𠮷䶮㛃·买买提•𫍯"


def one(line: str, **options) -> dict:
    (row,) = read_rows(BytesIO(workbook(rows(HEADER, line), **options)), columns=PEOPLE)
    return row.values


def errors(*lines: str, columns=PEOPLE, **options) -> list[tuple[int, str, str]]:
    with pytest.raises(SpreadsheetErrors) as refusal:
        read_rows(BytesIO(workbook(rows(HEADER, *lines), **options)), columns=columns)
    return [tuple(error) for error in refusal.value.errors]


def test_what_is_written_is_read_back_exactly() -> None:
    people = [
        {
            "name": RARE,
            "account": "6228480402564890018",
            "amount": Decimal("585.10"),
            "count": 3,
            "on": date(2026, 3, 1),
        },
        {"name": "=1+1", "account": "0012", "amount": Decimal("-99999999999.99"), "count": 0, "on": None},
        {
            "name": "_x0041_ 换\n行",
            "account": "",
            "amount": Decimal("0.00"),
            "count": -1,
            "on": date(1931, 2, 28),
        },
    ]
    content = write_workbook("三月名册", PEOPLE, people, totals={"amount": Decimal("1.00")})

    read = read_rows(BytesIO(content), columns=PEOPLE)

    assert [row.values for row in read] == people
    assert [row.number for row in read] == [3, 4, 5]
    assert content == write_workbook("三月名册", PEOPLE, iter(people), totals={"amount": Decimal("1.00")})


@pytest.mark.parametrize(
    ("stored", "amount"),
    [
        ("585.1", "585.10"),
        ("585.10000000000002", "585.10"),
        ("1E3", "1000.00"),
        ("0.07000000000000001", "0.07"),
    ],
)
def test_a_number_is_the_amount_that_excel_shows(stored, amount) -> None:
    assert one(cell("A2", "赵") + cell("C2", stored, "n"))["amount"] == Decimal(amount)


@pytest.mark.parametrize(
    ("typed", "amount"), [("1,085.00", "1085.00"), (" 12.5 ", "12.50"), ("１２", "12.00")]
)
def test_an_amount_typed_as_text_is_taken(typed, amount) -> None:
    assert one(cell("A2", "赵") + cell("C2", typed))["amount"] == Decimal(amount)


@pytest.mark.parametrize("bad", ["0.125", "1E400", "-1E11", "99999999999999999999", "abc"])
def test_a_number_that_is_no_amount_is_refused_by_row_and_column(bad) -> None:
    ((row, column, message),) = errors(cell("A2", "赵") + cell("C2", bad, "n"))
    assert (row, column) == (2, "C")
    assert message.startswith("“金额”")


@pytest.mark.parametrize("bad", ["NaN", "Infinity", "十元", "1e999999", "1.005", "9" * 400, "100000000000"])
def test_a_text_that_is_no_amount_is_refused(bad) -> None:
    assert [error[:2] for error in errors(cell("A2", "赵") + cell("C2", bad))] == [(2, "C")]


def test_an_account_typed_as_a_number_is_refused_because_its_last_digits_are_gone() -> None:
    found = errors(
        cell("A2", "赵") + cell("B2", "6228480402564890000", "n"),
        cell("A3", "钱") + cell("B3", "6.22848040256489E+18", "n"),
    )
    assert [error[:2] for error in found] == [(2, "B"), (3, "B")]
    assert "文本格式" in found[0][2]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        (cell("E2", "46082", "n", "1"), date(2026, 3, 1)),
        (cell("E2", "46082.75", "n", "2"), date(2026, 3, 1)),
        (cell("E2", "2026-03-01T00:00:00", "d"), date(2026, 3, 1)),
        (cell("E2", "2026-03-01"), date(2026, 3, 1)),
        (cell("E2", "2026/3/1"), date(2026, 3, 1)),
        (cell("E2", "2026年3月1日"), date(2026, 3, 1)),
        (cell("E2", "20260301"), date(2026, 3, 1)),
        (cell("E2", "61", "n", "1"), date(1900, 3, 1)),
    ],
)
def test_dates_as_offices_write_them(written, day) -> None:
    assert one(cell("A2", "赵") + written)["on"] == day


def test_the_1904_calendar_is_followed() -> None:
    values = one(cell("A2", "赵") + cell("E2", "44620", "n", "1"), workbook_pr='<workbookPr date1904="1"/>')
    assert values["on"] == date(2026, 3, 1)


@pytest.mark.parametrize(
    "written",
    [
        cell("E2", "46082", "n"),
        cell("E2", "46082", "n", "3"),
        cell("E2", "60", "n", "1"),
        cell("E2", "99999999", "n", "1"),
        cell("E2", "2026-02-30"),
        cell("E2", "三月一日"),
    ],
)
def test_what_is_no_date_is_refused(written) -> None:
    ((row, column, message),) = errors(cell("A2", "赵") + written)
    assert (row, column) == (2, "E")
    assert "应为日期" in message


def test_a_date_in_an_amount_column_and_half_a_person_are_refused() -> None:
    found = errors(cell("A2", "赵") + cell("C2", "46082", "n", "1") + cell("D2", "1.5", "n"))
    assert [(error[1], error[2][:4]) for error in found] == [("C", "“金额”"), ("D", "“人数”")]


def test_text_columns_take_numbers_as_they_read() -> None:
    assert one(cell("A2", "12.0", "n"))["name"] == "12"
    assert one(cell("A2", "46082", "n", "1"))["name"] == "2026-03-01"


def test_shared_rich_and_annotated_texts_are_read_without_the_pinyin() -> None:
    strings = (
        "<sst><si><r><t>王</t></r><r><t xml:space='preserve'>小 </t></r></si>"
        "<si><t>重</t><rPh sb='0' eb='1'><t>CHONG</t></rPh></si>"
        "<si><t>a_x0000_b_x000A_c_xD800_</t></si></sst>"
    )
    data = rows(HEADER, cell("A2", "0", "s"), cell("A3", "1", "s"), cell("A4", "2", "s"))
    content = pack({**parts(sheet(data)), "xl/sharedStrings.xml": strings})
    assert [row["name"] for row in read_rows(BytesIO(content), columns=PEOPLE)] == ["王小", "重", "ab\nc"]


def test_formulas_give_their_value_and_are_refused_without_one() -> None:
    counted = '<c r="C2"><f>1+1</f><v>2</v></c>'
    assert one(cell("A2", "赵") + counted)["amount"] == Decimal("2.00")

    ((row, column, message),) = errors(cell("A2", "赵") + '<c r="C2"><f>1+1</f></c>')
    assert (row, column) == (2, "C")
    assert "公式" in message


def test_formula_errors_and_logical_values_are_named() -> None:
    found = errors(cell("A2", "#N/A", "e") + cell("C2", "1", "b"))
    assert [(error[1], "#N/A" in error[2] or "逻辑值" in error[2]) for error in found] == [
        ("A", True),
        ("C", True),
    ]


def test_every_error_is_reported_and_nothing_is_taken() -> None:
    found = errors(cell("B2", "1"), cell("A3", "名" * 21), cell("A4", "赵") + cell("C4", "x"))
    assert [error[:2] for error in found] == [(2, "A"), (3, "A"), (4, "C")]
    assert "没有填写" in found[0][2]
    assert "最长 20 字" in found[1][2]


def test_the_list_of_errors_ends_somewhere() -> None:
    assert len(errors(*[cell(f"B{n}", "1") for n in range(2, 500)])) == 200


def test_hidden_rows_and_merged_cells_are_errors() -> None:
    hidden = f'<row r="1">{HEADER}</row><row r="2" hidden="1">{cell("A2", "赵")}</row>'
    with pytest.raises(SpreadsheetErrors, match="第 2 行：该行被隐藏"):
        read_rows(BytesIO(workbook(hidden)), columns=PEOPLE)

    merged = '<mergeCells><mergeCell ref="B2:B3"/></mergeCells>'
    assert errors(cell("A2", "赵"), tail=merged) == [(2, "B", "有合并单元格，请取消合并并逐行填写")]


def test_a_title_above_empty_rows_between_and_a_total_below_are_passed_over() -> None:
    data = (
        f'<row r="1">{cell("A1", "三月名册")}</row><row r="3">{HEADER.replace("1", "3")}</row>'
        f'<row r="5">{cell("A5", "赵")}</row><row r="9">{cell("A9", "钱")}</row>'
        f'<row r="10">{cell("A10", "合 计")}{cell("C10", "2", "n")}</row>'
    )
    tail = '<mergeCells><mergeCell ref="A1:E1"/></mergeCells>'
    read = read_rows(BytesIO(workbook(data, tail=tail)), columns=PEOPLE)
    assert [(row.number, row["name"]) for row in read] == [(5, "赵"), (9, "钱")]


def test_a_total_in_the_middle_is_an_error() -> None:
    assert errors(cell("A2", "合计"), cell("A3", "赵")) == [(2, "", "“合计”行应在最后")]


def test_columns_are_found_by_name_in_any_order() -> None:
    data = rows(header("金 额*", "姓名"), cell("A2", "1", "n") + cell("B2", "赵"))
    (row,) = read_rows(BytesIO(workbook(data)), columns=PEOPLE)
    assert row.values == {"name": "赵", "account": "", "amount": Decimal("1.00"), "count": None, "on": None}


def test_missing_double_and_unknown_columns_are_named() -> None:
    def message(*labels: str) -> str:
        with pytest.raises(SpreadsheetErrors) as refusal:
            read_rows(BytesIO(workbook(rows(header(*labels)))), columns=PEOPLE)
        return str(refusal.value)

    assert "缺少以下列：姓名" in message("银行账号", "金额")
    assert "“姓名”这一列出现了两次" in message("姓名", "姓名")
    assert "B 列：不认识“银行帐号”" in message("姓名", "银行帐号")

    extra = rows(header("姓名", "备注"), cell("A2", "赵") + cell("B2", "x"))
    assert len(read_rows(BytesIO(workbook(extra)), columns=PEOPLE, ignore_unknown=True)) == 1


def test_only_one_visible_sheet_may_have_content() -> None:
    data, empty = sheet(rows(HEADER, cell("A2", "赵"))), sheet("")
    assert len(read_rows(BytesIO(pack(parts(empty, data))), columns=PEOPLE)) == 1
    hidden = pack(parts(data, data, states=("visible", "hidden")))
    assert len(read_rows(BytesIO(hidden), columns=PEOPLE)) == 1
    with pytest.raises(SpreadsheetErrors, match="几个工作表"):
        read_rows(BytesIO(pack(parts(data, data))), columns=PEOPLE)
    with pytest.raises(SpreadsheetErrors, match="没有可见"):
        read_rows(BytesIO(pack(parts(data, states=("hidden",)))), columns=PEOPLE)


def test_an_empty_sheet_has_no_header_and_too_many_rows_are_refused() -> None:
    with pytest.raises(SpreadsheetErrors, match="没有找到表头"):
        read_rows(BytesIO(workbook("")), columns=PEOPLE)
    content = workbook(rows(HEADER, *[cell(f"A{n}", "赵") for n in range(2, 6)]))
    assert len(read_rows(BytesIO(content), columns=PEOPLE, max_rows=4)) == 4
    with pytest.raises(SpreadsheetErrors, match="最多导入 3 行"):
        read_rows(BytesIO(content), columns=PEOPLE, max_rows=3)


def test_workbooks_of_other_programs_are_read() -> None:
    book = openpyxl.Workbook()
    book.active.append(["姓名", "银行账号", "金额", "人数", "日期"])
    book.active.append([RARE, "6228480402564890018", 585.1, 3, date(2026, 3, 1)])
    buffer = BytesIO()
    book.save(buffer)
    (row,) = read_rows(buffer, columns=PEOPLE)
    assert list(row.values.values()) == [RARE, "6228480402564890018", Decimal("585.10"), 3, date(2026, 3, 1)]


PAYLOADS = [
    *(
        "=1+1",
        "==1",
        "+1+1",
        "-1+1",
        "@SUM(1)",
        "\t=1",
        "\r=1",
        " =1",
        "　=1",
        "＝1",
        "＋1",
        "－1",
        "＠x",
        "\n=1",
    ),
    *(
        '=HYPERLINK("http://x")',
        "=cmd|' /C calc'!A0",
        "+cmd|' /C calc'!A0",
        "\ufeff=1",
        "\u200b=1",
        "'=1",
        "\xa0=1",
    ),
    *(
        "{=1}",
        "http://127.0.0.1",
        "mailto:a@b",
        "internal:x",
        "2026-03-01",
        "1E5",
        "00012",
        "TRUE",
        "-500",
        "+86138",
    ),
]


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_text_becomes_a_formula_a_number_or_a_link_in_a_workbook(payload) -> None:
    content = write_workbook(payload, PEOPLE, [{"name": payload, "account": payload, "amount": payload}])

    written = openpyxl.load_workbook(BytesIO(content)).active
    kinds = {written[place].data_type for place in ("A1", "A3", "B3", "C3")}
    assert kinds == {"s"}
    assert not any(written[place].hyperlink for place in ("A1", "A3", "B3"))
    with zipfile.ZipFile(BytesIO(content)) as archive:
        assert b"<f>" not in archive.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_no_text_of_a_csv_starts_dangerously(payload, encoding) -> None:
    content = write_csv(PEOPLE, [{"name": payload, "account": payload}], encoding=encoding).decode(encoding)
    (_, (first, second, *_)) = csv.reader(io.StringIO(content, newline=""))
    assert first == second
    if payload != "+86138":
        assert first.strip(" \u3000\xa0\n\ufeff\u200b")[:1] not in {*"=+-@\t\r＝＋－＠"}
    assert first.removeprefix("'").endswith(payload.removeprefix("'"))


def test_numbers_and_phones_stay_what_they_are_in_a_csv() -> None:
    row = {"name": "+8613800001234", "amount": Decimal("-500"), "count": -3, "on": date(2026, 3, 1)}
    lines = write_csv(PEOPLE, [row]).decode("utf-8-sig").splitlines()
    assert lines == ["姓名,银行账号,金额,人数,日期", "+8613800001234,,-500.00,-3,2026-03-01"]


def test_numbers_are_numbers_with_two_decimals_in_a_workbook() -> None:
    content = write_workbook(
        "表", PEOPLE, [{"name": "赵", "amount": Decimal("-500"), "count": 2, "on": date(2026, 3, 1)}]
    )
    written = openpyxl.load_workbook(BytesIO(content)).active
    assert (written["C3"].value, written["C3"].number_format, written["C3"].data_type) == (-500, "0.00", "n")
    assert (written["D3"].value, written["E3"].is_date) == (2, True)
    assert written["B3"].value is None
    assert [cell.value for cell in written[2]] == ["姓名", "银行账号", "金额", "人数", "日期"]


def test_a_number_with_more_digits_than_excel_keeps_is_no_number_column() -> None:
    with pytest.raises(ValueError, match="digits"):
        write_workbook("表", PEOPLE, [{"name": "赵", "count": 6228480402564890018}])
    with pytest.raises(ValueError, match="longer"):
        write_workbook("表", PEOPLE, [{"name": "长" * 32_768}])


def test_rare_characters_survive_gb18030_both_ways() -> None:
    content = write_csv(PEOPLE, [{"name": RARE, "account": "6228480402564890018"}], encoding="gb18030")
    assert RARE.encode("gb18030") in content
    assert b"\r\n" in content
    (row,) = read_csv_rows(BytesIO(content), columns=PEOPLE)
    assert (row["name"], row["account"]) == (RARE, "6228480402564890018")


def test_a_csv_is_read_in_either_encoding_with_the_same_checks() -> None:
    text = '姓名,银行账号,金额\r\n赵,6228480402564890018,"1,085.00"\r\n'
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        (row,) = read_csv_rows(BytesIO(text.encode(encoding)), columns=PEOPLE)
        assert row["amount"] == Decimal("1085.00")
    with pytest.raises(SpreadsheetErrors, match="第 3 行 C 列"):
        read_csv_rows(BytesIO((text + "钱,1,x\r\n").encode()), columns=PEOPLE)


def test_characters_that_no_sheet_holds_are_left_out() -> None:
    content = write_workbook("a\0b", PEOPLE, [{"name": "赵\0\x1f\ud800钱"}])
    assert read_rows(BytesIO(content), columns=PEOPLE)[0]["name"] == "赵钱"
    assert "赵钱" in write_csv(PEOPLE, [{"name": "赵\0\ud800钱"}]).decode("utf-8-sig")


def test_a_table_is_read_as_text_for_readers_with_their_own_header() -> None:
    data = rows(header("键", "值"), cell("A2", "a") + cell("C2", "1.50", "n"), cell("B3", "x"))
    assert read_table(BytesIO(workbook(data))) == [["键", "值"], ["a", "", "1.5"], ["", "x"]]


def test_rule_tables_go_through_the_same_reader_and_writer() -> None:
    data = tablib.Dataset(["=1+1", "6228480402564890018"], ["赵", ""], headers=["键", "值"])
    content = GuardedXLSX().export_data(data)
    assert openpyxl.load_workbook(BytesIO(content)).active["A2"].data_type == "s"

    read = GuardedXLSX().create_dataset(content)

    assert read.headers == ["键", "值"]
    assert list(read) == [("=1+1", "6228480402564890018"), ("赵", "")]
    with pytest.raises(SpreadsheetErrors, match="超出"):
        GuardedXLSX().create_dataset(workbook(f'<row r="20000">{cell("XFD20000", "x")}</row>'))
