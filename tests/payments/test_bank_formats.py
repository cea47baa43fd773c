"""A new bank is a rule and no code: columns, names, order, encoding and totals come from the rule tables."""

import csv
import datetime as dt
from hashlib import sha256
from io import BytesIO, StringIO

import openpyxl
import pytest

from common.errors import Refused
from payments import bank_format, services
from payments.models import BankFile, Transfer
from payments.services.bank_files import read_bank_file
from policy.keys import KEYS
from policy.models import Document, Rule
from tests.payments import builders

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

OTHER_BANK = """
payee｜户名
account｜账户
amount｜交易金额
line｜序号
file_number｜批次
"""


@pytest.fixture
def payer():
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00")
    return payer


def rule(payer, key: str, value: str) -> None:
    """A published rule of the payer's own bank."""
    document = Document.objects.get_or_create(
        code="T-BANK", defaults={"title": "代发协议", "status": "in_force"}
    )[0]
    value, unit = KEYS[key].clean(value)
    Rule.objects.create(
        area=payer.area,
        key=key,
        value=value,
        unit=unit,
        document=document,
        valid_from=dt.date(2026, 1, 1),
        drafted_by=payer.clerk,
        published_by=payer.checker,
        published_at=builders.decider().date_joined,
    )


def other_bank(payer) -> None:
    rule(payer, "payments.bank.columns", OTHER_BANK)
    rule(payer, "payments.bank.encoding", "utf-8-sig")
    rule(payer, "payments.bank.control_line", "false")
    rule(payer, "payments.bank.total_line", "false")


def test_another_bank_gets_its_own_file(payer):
    other_bank(payer)
    file = builders.sent(payer)
    content = read_bank_file(file, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(StringIO(content.decode("utf-8-sig")))) == [
        ["户名", "账户", "交易金额", "序号", "批次"],
        ["林0", builders.ACCOUNT, "585.00", "1", file.number],
        ["林1", builders.ACCOUNT, "1085.00", "2", file.number],
    ]
    sheet = list(openpyxl.load_workbook(BytesIO(read_bank_file(file, "xlsx"))).active.values)
    assert sheet[0] == ("户名", "账户", "交易金额", "序号", "批次")
    assert len(sheet) == 3


def test_its_mark_of_encoding_stands_once_before_the_control_line(payer):
    rule(payer, "payments.bank.encoding", "utf-8-sig")
    content = read_bank_file(builders.sent(payer), "csv")
    assert content.count(b"\xef\xbb\xbf") == 1
    assert content.decode("utf-8-sig").startswith("代发文件编号,330305001-DB-202603-01")


def test_a_file_without_what_it_needs_is_refused_before_it_gets_a_number(payer):
    rule(payer, "payments.bank.columns", "payee｜户名\naccount｜账户\nline｜序号")
    batch = builders.sealed(payer)
    with pytest.raises(Refused, match="代发文件格式规则缺少列：金额"):
        services.make_bank_files(batch=batch, actor=payer.clerk)
    assert not BankFile.objects.exists()


def test_a_rule_names_only_what_a_file_can_hold(payer):
    with pytest.raises(ValueError, match="“id_number”不在可选的 line（行号）"):
        KEYS["payments.bank.columns"].clean("id_number｜身份证号")


def test_written_again_after_a_restart_a_file_has_the_same_bytes(payer, clock):
    """Nothing of the moment, of the process or of its memory is in it: only the lines and the rules."""
    file = builders.sent(payer)
    clock.shift(dt.timedelta(days=40))
    again = BankFile.objects.select_related("batch__area").get()
    transfers = Transfer.objects.filter(bank_file=again).order_by("line")
    rows = [bank_format.line(again, transfer) for transfer in transfers]
    layout = bank_format.layout_of(again.batch)
    for form in ("xlsx", "csv"):
        content = getattr(bank_format, f"as_{form}")(again, rows, layout)
        assert sha256(content).hexdigest() == getattr(file, f"{form}_sha256")
