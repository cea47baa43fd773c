"""To the bank and back: files, answers, failures paid again, and the books."""

import csv
import datetime as dt
from decimal import Decimal
from hashlib import sha256
from io import BytesIO, StringIO

import openpyxl
import pytest
from django.conf import settings
from django.db.models import Sum

from common.append_only import broken_links
from common.errors import Refused
from common.spreadsheets import SpreadsheetErrors
from organisations.enums import Post
from payments import services
from payments.answer_format import same_account
from payments.demo_bank import answer_to
from payments.enums import BatchState
from payments.models import BankFile, Batch, BatchEvent, Entry, Leg, PayeeChange, Transfer, UnknownAnswer
from payments.services import bank_files
from payments.services.answers import read_answer
from payments.services.bank_files import read_bank_file
from tests.cases.builders import person_with
from tests.payments import builders

pytestmark = pytest.mark.django_db
NEXT_DAY = dt.date(2026, 3, 3)
HEADER = "代发文件编号,行号,收款账号,金额,结果,失败原因,入账日期"


@pytest.fixture
def payer(clock):
    payer = builders.town()
    builders.benefits(payer, "585.00", "1085.00", "0.01")
    return payer


def balances() -> dict[str, Decimal]:
    rows = Leg.objects.values_list("account").annotate(Sum("amount"))
    return {account: amount for account, amount in rows if amount}


def upload(text: str | bytes) -> BytesIO:
    return BytesIO(text if isinstance(text, bytes) else text.encode("gb18030"))


def test_the_file_has_all_lines_in_order_with_control_totals(payer):
    file = builders.sent(payer)
    assert (file.number, file.n_transfers, file.total) == ("330305001-DB-202603-01", 3, Decimal("1670.01"))
    rows = list(csv.reader(StringIO(read_bank_file(file, "csv").decode("gb18030"))))
    assert rows[0] == [
        "代发文件编号", "330305001-DB-202603-01", "发放单位", "北岙街道", "发放月份", "2026 年 3 月",
        "笔数", "3", "合计金额（元）", "1670.01",
    ]  # fmt: skip
    assert rows[1][:5] == ["行号", "收款人", "收款账号", "开户银行", "金额（元）"]
    assert rows[1][5:] == ["摘要", "所属月份", "街道（乡镇）", "村（社区）"]
    # By village: 望海村 (201) has the first and third household, 渔岙村 (202) the second.
    assert [(row[0], row[1], row[4], row[8]) for row in rows[2:]] == [
        ("1", "林0", "585.00", "望海村"),
        ("2", "林2", "0.01", "望海村"),
        ("3", "林1", "1085.00", "渔岙村"),
    ]
    assert {row[2] for row in rows[2:]} == {builders.ACCOUNT}


def test_the_sheet_holds_long_numbers_as_text_and_the_same_totals(payer):
    file = builders.sent(payer)
    sheet = openpyxl.load_workbook(BytesIO(read_bank_file(file, "xlsx"))).active
    rows = list(sheet.iter_rows(values_only=True))
    assert "330305001-DB-202603-01" in rows[0][0]
    assert "3 笔 1670.01 元" in rows[0][0]
    assert [row[2] for row in rows[2:5]] == [builders.ACCOUNT] * 3
    assert rows[5][0] == "合计"
    assert Decimal(str(rows[5][4])) == Decimal("1670.01")


def test_the_same_bytes_come_out_every_time_and_they_are_encrypted_on_disk(payer):
    file = builders.sent(payer)
    for form in ("csv", "xlsx"):
        content = read_bank_file(file, form)
        assert sha256(content).hexdigest() == getattr(file, f"{form}_sha256")
        assert read_bank_file(BankFile.objects.get(), form) == content
        stored = (settings.MEDIA_ROOT / getattr(file, form).name).read_bytes()
        assert builders.ACCOUNT.encode() not in stored
        assert stored != content


def test_a_file_changed_on_disk_is_not_handed_out(payer):
    file = builders.sent(payer)
    other = BytesIO(b"other")
    file.csv.storage.delete(file.csv.name)
    file.csv.storage.save(file.csv.name, other)
    with pytest.raises(Refused, match="校验值不符"):
        read_bank_file(file, "csv")


@pytest.mark.parametrize(
    "name", ["𠮷野家", "=cmd|' /C calc'!A0", "@SUM(1)", "＝1+1", "买买提·艾力", "+86", "😀"]
)
def test_rare_and_hostile_names_survive_and_run_nowhere(payer, name):
    builders.benefit(payer.villages[0], name=name)
    file = builders.sent(payer)
    sheet = openpyxl.load_workbook(BytesIO(read_bank_file(file, "xlsx"))).active
    cells = [cell for row in sheet.iter_rows() for cell in row]
    assert any(cell.value == name for cell in cells)
    assert not any(cell.data_type == "f" for cell in cells)
    rows = list(csv.reader(StringIO(read_bank_file(file, "csv").decode("gb18030"))))
    written = next(row[1] for row in rows[2:] if name in row[1])
    assert written[0] not in "=+-@＝＋－＠"


def test_a_file_comes_once_and_only_after_the_seal(payer):
    batch = builders.checked(payer)
    with pytest.raises(Refused, match="先封账"):
        services.make_bank_files(batch=batch, actor=payer.clerk)
    services.seal_batch(batch=batch, actor=payer.clerk)
    services.make_bank_files(batch=batch, actor=payer.clerk)
    with pytest.raises(Refused, match="已报送银行"):
        services.make_bank_files(batch=batch, actor=payer.clerk)
    with pytest.raises(Refused, match="没有需要报送"):
        services.retry_failed(batch=batch, actor=payer.clerk)


def test_money_moves_through_the_books_and_always_sums_to_0(payer):
    builders.sealed(payer)
    total = Decimal("1670.01")
    assert balances() == {"budget": -total, "payable": total}
    batch = payer_batch()
    (file,) = services.make_bank_files(batch=batch, actor=payer.clerk)
    assert balances() == {"budget": -total, "in_bank": total}
    builders.answered(payer, file, {3: "账户销户"})
    assert balances() == {"budget": -total, "paid": Decimal("585.01"), "payable": Decimal("1085.00")}
    (again,) = services.retry_failed(batch=batch, actor=payer.clerk)
    assert balances() == {
        "budget": -total,
        "paid": Decimal("585.01"),
        "in_bank": Decimal("1085.00"),
    }
    builders.answered(payer, again)
    assert balances() == {"budget": -total, "paid": total}
    assert payer_batch().state == BatchState.SETTLED
    assert broken_links(Entry) == []
    assert broken_links(BatchEvent) == []


def payer_batch() -> Batch:
    return Batch.objects.get()


def test_only_what_failed_goes_again_to_the_corrected_account(payer):
    file = builders.sent(payer)
    builders.answered(payer, file, {2: "户名不符", 3: "账户销户"})
    failed = file.transfers.get(line=3).payment
    with pytest.raises(Refused, match="经办岗或发放岗"):
        correct(failed.benefit, person_with(Post.REVIEWER, payer.area))
    change = correct(failed.benefit, person_with(Post.HANDLER, payer.area))
    builders.proxied(failed.benefit, "林大山")
    assert builders.ACCOUNT not in change.before + change.after
    assert change.after == "林大山，农业银行，***************4321"
    (again,) = services.retry_failed(batch=file.batch, actor=payer.clerk)
    assert (again.number, again.run, again.n_transfers) == ("330305001-DB-202603-02", 2, 2)
    assert again.total == Decimal("1085.01")
    sent = {t.payment_id: (t.payee_name, t.payee_account) for t in again.transfers.all()}
    assert sent[failed.pk] == ("林大山", "6228480000000004321")
    with pytest.raises(Refused, match="没有需要报送"):
        services.retry_failed(batch=file.batch, actor=payer.clerk)


def correct(benefit, actor, account="6228 4800 0000 0004 321") -> PayeeChange:
    return services.correct_payee(
        benefit=benefit, name="林大山", bank="农业银行", account=account, reason="凭新社保卡更正", actor=actor
    )


def test_nobody_leads_money_to_an_account_and_sends_it_there_alone(payer, clock):
    file = builders.sent(payer)
    builders.answered(payer, file, {3: "账户销户"})
    clock.shift(dt.timedelta(minutes=1))
    benefit = file.transfers.get(line=3).payment.benefit
    correct(benefit, payer.clerk)
    builders.proxied(benefit, "林大山")
    with pytest.raises(Refused, match="由您更正"):
        services.retry_failed(batch=file.batch, actor=payer.clerk)
    assert services.retry_failed(batch=file.batch, actor=payer.other)


@pytest.mark.parametrize("account", ["", "62170000x", "1234567", "1" * 31, "６２１７０００"])
def test_an_account_is_digits_of_a_likely_length(payer, account):
    with pytest.raises(Refused, match="账号"):
        correct(builders.benefit(payer.villages[0]), payer.clerk, account)


def test_the_same_account_again_is_no_correction(payer):
    benefit = builders.benefit(payer.villages[0], name="林大山")
    values = {"name": "林大山", "bank": benefit.payee_bank, "account": builders.ACCOUNT, "reason": "无"}
    with pytest.raises(Refused, match="没有变化"):
        services.correct_payee(benefit=benefit, actor=payer.clerk, **values)


def test_an_answer_is_shown_before_it_counts(payer, clock):
    file = builders.sent(payer)
    clock.shift(dt.timedelta(days=1))
    text = "\r\n".join(
        [
            HEADER,
            f"{file.number},1,***************8901,585.00,成功,,2026-03-03",
            f"{file.number},2,,0.01,失败,账户冻结,",
            f"{file.number},9,,5.00,成功,,2026-03-03",
            "别的文件,3,,1085.00,成功,,2026-03-03",
        ]
    )
    answer = services.upload_answer(bank_file=file, upload=upload(text), actor=payer.clerk)
    reading = read_answer(answer)
    assert [(m.sent.line, m.paid_on) for m in reading.paid] == [(1, NEXT_DAY)]
    assert [(m.sent.line, m.failure) for m in reading.failed] == [(2, "账户冻结")]
    assert [(row.row, row.why) for row in reading.unknown] == [
        (4, "代发文件中没有该行号"),
        (5, "不是本代发文件的编号"),
    ]
    assert [line.line for line in reading.missing] == [3]
    assert (reading.paid_total, reading.failed_total, reading.missing_total) == (
        Decimal("585.00"),
        Decimal("0.01"),
        Decimal("1085.00"),
    )
    assert not Transfer.objects.exclude(result="pending").exists()
    services.confirm_answer(answer=answer, actor=payer.clerk)
    results = dict(Transfer.objects.values_list("line", "result"))
    assert results == {1: "paid", 2: "failed", 3: "pending"}
    assert UnknownAnswer.objects.count() == 2
    assert payer_batch().state == BatchState.SENT


def test_the_same_answer_counts_once(payer):
    file = builders.sent(payer)
    first = builders.answered(payer, file)
    again = builders.answered(payer, file)
    assert again.pk == first.pk
    assert Entry.objects.filter(kind="answered").count() == 1
    assert balances() == {"budget": Decimal("-1670.01"), "paid": Decimal("1670.01")}


def test_the_same_rows_in_other_bytes_count_once(payer, clock):
    file = builders.sent(payer)
    clock.shift(dt.timedelta(days=1))
    content = answer_to(file, paid_on=NEXT_DAY)
    services.import_answer(bank_file=file, upload=upload(content), actor=payer.clerk)
    second = services.import_answer(
        bank_file=file, upload=upload(content.decode("gb18030").encode("utf-8-sig")), actor=payer.clerk
    )
    assert (second.n_paid, second.n_unknown) == (0, 0)
    assert balances() == {"budget": Decimal("-1670.01"), "paid": Decimal("1670.01")}


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("1,,585.01,成功,,2026-03-03", "金额与代发文件不一致"),
        ("1,***************8902,585.00,成功,,2026-03-03", "收款账号与代发文件不一致"),
        ("1,,585.00,处理中,,2026-03-03", "结果应为"),
        ("1,,585.00,成功,,", "缺少入账日期"),
        ("1,,585.00,成功,,2026-03-04", "入账日期应在"),
        ("1,,585.00,成功,,2026-03-01", "入账日期应在"),
        ("0,,585.00,成功,,2026-03-03", "没有该行号"),
    ],
)
def test_a_row_that_does_not_fit_is_not_believed(payer, clock, row, why):
    file = builders.sent(payer)
    clock.shift(dt.timedelta(days=1))
    text = f"{HEADER}\r\n{file.number},{row}\r\n"
    answer = services.import_answer(bank_file=file, upload=upload(text), actor=payer.clerk)
    unknown = answer.unknown.get()
    assert why in unknown.why
    assert builders.ACCOUNT not in unknown.what
    assert not Transfer.objects.exclude(result="pending").exists()
    assert balances() == {"budget": Decimal("-1670.01"), "in_bank": Decimal("1670.01")}


def test_two_rows_for_one_line_are_both_left_open(payer, clock):
    file = builders.sent(payer)
    clock.shift(dt.timedelta(days=1))
    rows = ["1,,585.00,成功,,2026-03-03", "1,,585.00,失败,户名不符,"]
    text = "\r\n".join([HEADER, *(f"{file.number},{row}" for row in rows)])
    answer = services.import_answer(bank_file=file, upload=upload(text), actor=payer.clerk)
    assert {row.why for row in answer.unknown.all()} == {"同一行号出现多次"}
    assert not Transfer.objects.exclude(result="pending").exists()


def test_a_later_contradiction_changes_nothing(payer, clock):
    file = builders.sent(payer)
    builders.answered(payer, file)
    clock.shift(dt.timedelta(days=2))
    text = f"{HEADER}\r\n{file.number},1,,585.00,失败,户名不符,\r\n"
    answer = services.import_answer(bank_file=file, upload=upload(text), actor=payer.clerk)
    assert answer.unknown.get().why == "该行此前已有不同的回盘结果"
    assert Transfer.objects.get(line=1).result == "paid"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "空"),
        (b"\x00\x01\x02", "CSV"),
        ("行号,金额\r\n1,585.00\r\n", "结果"),
        (HEADER + "\r\n", "没有明细行"),
        (HEADER + "\r\n,一,,585.00,成功,,\r\n", "行号"),
        (HEADER + "\r\n,1,,五百,成功,,\r\n", "金额"),
        (b"PK\x03\x04broken", "损坏"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_whole(payer, content, message):
    file = builders.sent(payer)
    with pytest.raises(Refused, match=message):
        services.upload_answer(bank_file=file, upload=upload(content), actor=payer.clerk)


def test_an_account_typed_as_a_number_is_refused_because_excel_lost_its_end(payer):
    file = builders.sent(payer)
    book = openpyxl.Workbook()
    book.active.append(HEADER.split(","))
    book.active.append([file.number, 1, 6217000012345678901, 585, "成功", "", dt.date(2026, 3, 2)])
    content = BytesIO()
    book.save(content)
    with pytest.raises(SpreadsheetErrors, match="收款账号"):
        services.upload_answer(bank_file=file, upload=content, actor=payer.clerk)


def test_a_sheet_is_taken_as_well(payer):
    file = builders.sent(payer)
    book = openpyxl.Workbook()
    book.active.append([*HEADER.split(","), "银行流水号"])
    book.active.append([file.number, 1, builders.ACCOUNT, 585, "成功", None, dt.date(2026, 3, 2), "A1"])
    content = BytesIO()
    book.save(content)
    answer = services.import_answer(bank_file=file, upload=content, actor=payer.clerk)
    assert (answer.n_paid, answer.paid_total) == (1, Decimal("585.00"))


@pytest.mark.parametrize(
    ("told", "agrees"),
    [
        ("6217000012345678901", True),
        ("6217 0000 1234 5678 901", True),
        ("***************8901", True),
        ("6217***********8901", True),
        ("6228***********8901", False),
        ("***************8902", False),
        ("6217***", False),
        ("*", False),
    ],
)
def test_accounts_agree_where_the_bank_shows_them(told, agrees):
    assert same_account(told, builders.ACCOUNT) is agrees


def test_unknown_rows_are_settled_once_with_words(payer, clock):
    file = builders.sent(payer)
    text = f"{HEADER}\r\n{file.number},9,,5.00,成功,,2026-03-02\r\n"
    unknown = services.import_answer(bank_file=file, upload=upload(text), actor=payer.clerk).unknown.get()
    with pytest.raises(Refused, match="处理结果"):
        services.settle_unknown(unknown=unknown, settlement=" ", actor=payer.clerk)
    services.settle_unknown(unknown=unknown, settlement="银行误报，已撤回", actor=payer.clerk)
    with pytest.raises(Refused, match="已处理"):
        services.settle_unknown(unknown=unknown, settlement="再次", actor=payer.clerk)


def test_previews_that_nobody_confirmed_are_deleted_with_their_files(
    payer, django_capture_on_commit_callbacks
):
    file = builders.sent(payer)
    content = answer_to(file, paid_on=dt.date(2026, 3, 2))
    answer = services.upload_answer(bank_file=file, upload=upload(content), actor=payer.clerk)
    assert (settings.MEDIA_ROOT / answer.file.name).exists()
    before = dt.datetime(2026, 3, 4, tzinfo=dt.UTC)
    assert services.discard_old_previews(before=dt.datetime(2026, 3, 1, tzinfo=dt.UTC)) == 0
    with django_capture_on_commit_callbacks(execute=True):
        assert services.discard_old_previews(before=before) == 1
    assert not file.answers.exists()
    assert not (settings.MEDIA_ROOT / answer.file.name).exists()


def test_a_large_batch_is_cut_into_files_and_each_is_answered_by_itself(payer, monkeypatch):
    monkeypatch.setattr(bank_files, "LINES_A_FILE", 2)
    files = services.make_bank_files(batch=builders.sealed(payer), actor=payer.clerk)
    assert [(f.number, f.n_transfers, f.total) for f in files] == [
        ("330305001-DB-202603-01", 2, Decimal("585.01")),
        ("330305001-DB-202603-02", 1, Decimal("1085.00")),
    ]
    assert [list(f.transfers.values_list("line", flat=True)) for f in files] == [[1, 2], [1]]
    builders.answered(payer, files[1])
    assert payer_batch().state == BatchState.SENT
    builders.answered(payer, files[0], {2: "账户冻结"})
    (again,) = services.retry_failed(batch=payer_batch(), actor=payer.clerk)
    assert (again.number, again.run, again.sequence) == ("330305001-DB-202603-03", 2, 3)
    builders.answered(payer, again)
    assert payer_batch().state == BatchState.SETTLED
