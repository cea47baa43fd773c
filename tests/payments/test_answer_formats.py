"""The bank's answer in the form that the rules of the payer give it: the banks of the packs and a new one."""

import csv
import datetime as dt
from decimal import Decimal
from io import BytesIO, StringIO

import openpyxl
import pytest

from common.errors import Refused
from common.spreadsheets import SpreadsheetErrors
from organisations.enums import Post
from payments import services
from payments.demo_bank import answer_to
from payments.models import BankAnswer, Transfer, UnknownAnswer
from payments.services.answers import returned_answer
from payments.services.bank_files import read_bank_file
from policy.keys import KEYS
from policy.models import Document
from policy.services import draft_rule, publish_rule
from tests.cases.builders import person_with
from tests.payments import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
DAY = dt.date(2026, 3, 2)
CARDS = "行号,代发批次,社会保障卡号,实发金额,处理状态,入账日,备注"
HEADER = "代发文件编号,行号,收款账号,金额,结果,失败原因,入账日期"


def upload(payer, file, content: bytes | str):
    content = content if isinstance(content, bytes) else content.encode("gb18030")
    return services.upload_answer(bank_file=file, upload=BytesIO(content), actor=payer.clerk)


BANKS = [
    pytest.param(builders.town, ",", "gb18030", HEADER, id="洞头"),
    pytest.param(builders.district, "|", "gb18030", None, id="上虞"),
    pytest.param(
        builders.allocated_county,
        "\t",
        "utf-8-sig",
        "行号,代发批次,社会保障卡号,实发金额,处理状态,入账日,备注",
        id="焦作",
    ),
]


@pytest.mark.parametrize(("payer", "separator", "encoding", "header"), BANKS)
def test_each_bank_is_written_to_and_answers_in_its_own_form(payer, separator, encoding, header):
    payer = payer()
    builders.benefits(payer, "585.00", "1085.00")
    file = builders.sent(payer)
    sent = list(csv.reader(StringIO(read_bank_file(file, "csv").decode(encoding)), delimiter=separator))
    assert {"585.00", "1085.00"} <= {cell for row in sent for cell in row}
    content = answer_to(file, paid_on=DAY, failures={2: "账户已销户"})
    lines = list(csv.reader(StringIO(content.decode(encoding)), delimiter=separator))
    assert (lines[0] == header.split(",")) if header else lines[0][1] == "1"
    answer = services.import_answer(bank_file=file, upload=BytesIO(content), actor=payer.clerk)
    assert (answer.n_paid, answer.paid_total, answer.n_failed) == (1, Decimal("585.00"), 1)
    assert Transfer.objects.get(line=2).failure == "账户已销户"
    assert Transfer.objects.get(line=1).paid_on == DAY


def test_the_code_of_a_bank_tells_the_reason_of_a_failure():
    """上虞's bank writes E101 and no words."""
    payer = builders.district()
    builders.benefits(payer, "585.00")
    file = builders.sent(payer)
    content = f"{file.number}|1|{builders.ACCOUNT}|林0|585.00||E101\r\n合计||||585.00||1 笔\r\n"
    services.import_answer(bank_file=file, upload=BytesIO(content.encode("gb18030")), actor=payer.clerk)
    assert Transfer.objects.get().failure == "户名账号不符"


def new_rule(payer, key: str, value: str) -> None:
    """Drafted by one person, published by another."""
    writer, publisher = (person_with(post, payer.area) for post in (Post.RULE_WRITER, Post.RULE_PUBLISHER))
    draft = draft_rule(
        area=payer.area, key=key, value=value, valid_from=dt.date(2026, 3, 1), actor=writer,
        document=Document.objects.get(code="DEMO"), note="换代发银行",
    )  # fmt: skip
    publish_rule(rule=draft, actor=publisher)


NEW_BANK = {
    "payments.bank.columns": "file_number｜批号\nline｜笔序\npayee｜姓名\naccount｜卡号\namount｜应发",
    "payments.bank.separator": "bar",
    "payments.bank.control_line": "false",
    "payments.answer.columns": (
        "line｜笔序\npayee｜姓名\namount｜实发\nresult｜状态\nfailure｜说明\npaid_on｜日期"
    ),
    "payments.answer.separator": "tab",
    "payments.answer.date_format": "DD/MM/YYYY",
    "payments.answer.results": "Y｜已记账｜paid\nN｜未记账｜failed",
    "payments.answer.total_line": "true",
}


def test_a_rule_writer_gives_a_fourth_bank_its_form(clock):
    """Drafted by one, published by another: then a file goes out and its answer comes in, without code."""
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00")
    for key, value in NEW_BANK.items():
        new_rule(payer, key, value)
    file = builders.sent(payer)
    sent = read_bank_file(file, "csv").decode("gb18030").splitlines()
    assert sent[0] == "批号|笔序|姓名|卡号|应发"
    assert sent[1] == f"{file.number}|1|林0|{builders.ACCOUNT}|585.00"
    text = "笔序\t姓名\t实发\t状态\t说明\t日期\n1\t林0\t585.00\tY\t\t02/03/2026\n2\t林1\t1085.00\tN\t\t\n"
    answer = upload(payer, file, text + "合计\t\t1670.00\t2\t\t\n")
    services.confirm_answer(answer=answer, actor=payer.clerk)
    assert list(Transfer.objects.values_list("line", "result", "failure", "paid_on")) == [
        (1, "paid", "", DAY),
        (2, "failed", "未记账", None),
    ]


@pytest.fixture
def payer():
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00", "0.01", "300.00")
    return payer


def mixed(number: str) -> str:
    """One line right, one with another amount, one that was never sent; the others are missing."""
    rows = [
        f"{number},1,{builders.ACCOUNT},585.00,成功,,2026-03-02",
        f"{number},2,{builders.ACCOUNT},585.00,成功,,2026-03-02",
        f"{number},9,{builders.ACCOUNT},5.00,成功,,2026-03-02",
    ]
    return "\r\n".join([HEADER, *rows, ""])


def test_what_is_wrong_goes_back_to_the_bank_in_its_form_with_the_reason(payer):
    file = builders.sent(payer)
    answer = upload(payer, file, mixed(file.number))
    sent = {line.line: line for line in file.transfers.all()}
    content, is_sheet = returned_answer(answer)
    rows = list(csv.reader(StringIO(content.decode("gb18030"))))
    masked = sent[1].masked_account
    assert not is_sheet
    assert rows[0] == [*HEADER.split(","), "问题"]
    assert rows[1:] == [
        [file.number, "2", masked, "585.00", "成功", "", "2026-03-02", "金额与代发文件不一致"],
        [file.number, "9", masked, "5.00", "成功", "", "2026-03-02", "代发文件中没有该行号"],
        [file.number, "3", masked, f"{sent[3].amount}", "", "", "", "回盘中没有该行"],
        [file.number, "4", masked, f"{sent[4].amount}", "", "", "", "回盘中没有该行"],
    ]
    services.confirm_answer(answer=answer, actor=payer.clerk)
    again, _ = returned_answer(BankAnswer.objects.get())
    assert again == content


def test_a_sheet_goes_back_as_a_sheet(payer):
    file = builders.sent(payer)
    book = openpyxl.Workbook()
    for line in mixed(file.number).splitlines():
        book.active.append(line.split(","))
    content = BytesIO()
    book.save(content)
    returned, is_sheet = returned_answer(upload(payer, file, content.getvalue()))
    rows = list(openpyxl.load_workbook(BytesIO(returned)).active.values)
    assert is_sheet
    assert [row[-1] for row in rows] == [
        "问题", "金额与代发文件不一致", "代发文件中没有该行号", "回盘中没有该行", "回盘中没有该行",
    ]  # fmt: skip


def with_total(file, total: str) -> str:
    rows = [f"{t.line}|{t.amount}" for t in file.transfers.order_by("line")]
    body = "".join(f"{file.number}|{r.split('|')[0]}|||{r.split('|')[1]}|20260302|0000\r\n" for r in rows)
    return body + total


@pytest.mark.parametrize(
    ("total", "message"),
    [
        ("", "末行应为合计，现在没有"),
        ("合计||||1670.01||2 笔\r\n", "第 3 行 E 列：合计为 1,670.01 元，各行相加为 1,670.00 元"),
        ("合计||||1670.00||3 笔\r\n", "第 3 行 G 列：合计为 3 笔，实有 2 行"),
        ("合计||||||\r\n", "第 3 行 E 列：合计没有填写"),
        ("合计||||多||\r\n", "第 3 行 E 列：“金额”"),
        ("合计||||1670.00||\r\n合计||||1670.00||\r\n", "“合计”行应在最后"),
    ],
)
def test_a_total_that_does_not_fit_refuses_the_answer_whole(total, message):
    payer = builders.district()
    builders.benefits(payer, "585.00", "1085.00")
    file = builders.sent(payer)
    with pytest.raises(SpreadsheetErrors) as refused:
        upload(payer, file, with_total(file, total))
    assert message in str(refused.value)
    assert not BankAnswer.objects.exists()


def test_an_answer_to_another_file_is_refused_whole(payer):
    file = builders.sent(payer)
    with pytest.raises(SpreadsheetErrors, match="第 2 行 A 列：这是另一份代发文件的回盘") as refused:
        upload(payer, file, mixed("330305001-DB-202602-01"))
    assert [error.row for error in refused.value.errors] == [2, 3, 4]


def test_a_form_without_what_it_needs_is_refused(payer):
    new_rule(payer, "payments.answer.columns", "line｜笔序\namount｜实发\nresult｜状态")
    with pytest.raises(Refused, match="回盘格式规则缺少列：入账日期"):
        upload(payer, builders.sent(payer), "笔序,实发,状态\r\n1,585.00,成功\r\n")


def test_a_result_of_a_rule_says_paid_or_failed():
    with pytest.raises(ValueError, match="每一项的条件应为 paid（成功） 或 failed（失败）"):
        KEYS["payments.answer.results"].clean("00｜成功")


def test_the_payee_that_the_bank_names_must_be_ours():
    payer = builders.district()
    builders.benefits(payer, "585.00")
    file = builders.sent(payer)
    text = f"{file.number}|1||林别|585.00|20260302|0000\r\n合计||||585.00||\r\n"
    services.import_answer(bank_file=file, upload=BytesIO(text.encode("gb18030")), actor=payer.clerk)
    assert UnknownAnswer.objects.get().why == "收款人与代发文件不一致"
