"""From a sealed batch to the bytes that the bank gets.

The lines of a file are fixed by one INSERT … SELECT, in the transaction that gives the file its number and
books the money as on its way. Its bytes are written from those lines: at once for a small batch, by the
worker for a large one.
"""

from __future__ import annotations

from decimal import Decimal
from functools import partial
from hashlib import sha256
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import User
from payments import bank_format, perms
from payments.enums import BatchAction, BatchState, EntryKind, LedgerAccount, TransferResult
from payments.models import RECIPIENT_PLACES, BankFile, Batch, PayeeChange, Payment, Transfer
from payments.services.proxies import refuse_strangers
from payments.services.shared import book, lock_batch, note, require
from payments.services.sources import owner_join, payee_columns

# The bank's limit, and ours for a sheet that is read back; it also bounds the memory that one file takes.
LINES_A_FILE = 10_000
# A batch larger than this is written by the worker: a clerk should not wait on a page for longer than a few
# seconds.
LINES_AT_ONCE = 5_000

# What can be paid now: lines without an attempt that is pending or succeeded. In the order of the register.
# What is taken back (negative lines) comes off the line of the month itself: of the household, or of care.
# IS NOT TRUE and no NOT EXISTS: nearly every line of the past has been paid, from which the planner would
# gather that nothing is left here, and join a million lines as if they were one.
_TO_PAY = """
    CREATE TEMPORARY TABLE payments_to_pay ON COMMIT DROP AS
    SELECT p.id AS payment_id, p.amount + COALESCE(back.amount, 0) AS amount, {payee},
           row_number() OVER (ORDER BY t.code, v.code, b.id, p.month, p.id) - 1 AS place
    FROM payments_payment p
    LEFT JOIN (SELECT benefit_id, CASE kind WHEN 'care_fix' THEN 'care' ELSE 'regular' END AS kind,
                      sum(amount) AS amount
               FROM payments_payment WHERE batch_id = %(batch)s AND amount < 0 GROUP BY 1, 2) back
        ON back.benefit_id = p.benefit_id AND p.kind = back.kind AND p.month = %(month)s
    {owner}
    JOIN organisations_area t ON t.id = b.township_id
    JOIN organisations_area v ON v.id = b.village_id
    WHERE p.batch_id = %(batch)s AND p.amount > 0
      AND EXISTS (SELECT FROM payments_transfer done
                  WHERE done.payment_id = p.id AND done.result <> 'failed') IS NOT TRUE
"""
_PARTS = "SELECT place / %s, count(*), sum(amount) FROM payments_to_pay GROUP BY 1 ORDER BY 1"
_FILL = """
    INSERT INTO payments_transfer
        (bank_file_id, line, payment_id, payee_name, payee_bank, payee_account, amount, result, failure)
    SELECT f.id, due.place %% %(size)s + 1, due.payment_id, due.payee_name, due.payee_bank, due.payee_account,
           due.amount, 'pending', ''
    FROM payments_to_pay due
    JOIN payments_bankfile f ON f.batch_id = %(batch)s AND f.run = %(run)s
         AND f.sequence = %(first)s + due.place / %(size)s
"""


@transaction.atomic
def make_bank_files(*, batch: Batch, actor: User) -> list[BankFile]:
    """The first files of a sealed batch, with all its lines; the money is now with the bank (应付 → 在途)."""
    batch = lock_batch(batch.pk)
    require(perms.can_make_file(actor, batch))
    files = _make_run(batch, actor)
    batch.state = BatchState.SENT
    batch.save(update_fields=["state"])
    return files


@transaction.atomic
def retry_failed(*, batch: Batch, actor: User) -> list[BankFile]:
    """Another run of files with the lines that the bank could not pay, to the accounts as they stand now.

    Lines that are pending or paid never come again: the database refuses a second one
    (payment_never_paid_twice).
    """
    batch = lock_batch(batch.pk)
    require(perms.can_retry(actor, batch))
    return _make_run(batch, actor)


def _make_run(batch: Batch, actor: User) -> list[BankFile]:
    _refuse_own_accounts(batch, actor)
    # An account may have been corrected since the seal, or an agreement be over.
    refuse_strangers(batch, _still_to_pay(batch))
    # Refused before a number is given out, not when a worker writes the bytes.
    bank_format.layout_of(batch)
    parts = _lay_out(batch)
    if not parts:
        raise Refused("没有需要报送银行的明细：全部明细已发放成功或正在等待银行回复。")
    last = batch.bank_files.order_by("-sequence").first()
    run, first = (last.run + 1, last.sequence + 1) if last else (1, 1)
    files = [_new_file(batch, actor, run, first + part, n, total) for part, n, total in parts]
    _fill(batch, files)
    for file in files:
        book(
            batch,
            EntryKind.SENT,
            {LedgerAccount.IN_BANK: file.total, LedgerAccount.PAYABLE: -file.total},
            actor,
            bank_file=file,
        )
        note(
            batch,
            BatchAction.FILE_MADE,
            actor,
            f"{file.number}：{file.n_transfers} 笔 {show_yuan(file.total)} 元",
        )
    _write_soon(files)
    return files


def _still_to_pay(batch: Batch) -> QuerySet[Payment]:
    """Lines without an attempt that is pending or succeeded."""
    tried = Transfer.objects.filter(payment=OuterRef("pk")).exclude(result=TransferResult.FAILED)
    return Payment.objects.filter(~Exists(tried), batch=batch, amount__gt=0)


def _refuse_own_accounts(batch: Batch, actor: User) -> None:
    """Nobody both leads money to an account after the check and sends it there."""
    mine = PayeeChange.objects.filter(by=actor, at__gte=batch.checked_at)
    if not mine.exists():
        return
    still_to_pay = _still_to_pay(batch)
    grants = mine.filter(grant=OuterRef("instalment__grant"))
    if still_to_pay.filter(Exists(mine.filter(benefit=OuterRef("benefit"))) | Exists(grants)).exists():
        raise Refused("复核后有收款账号由您更正，代发文件须由另一名发放人员生成。")


def _new_file(batch: Batch, actor: User, run: int, sequence: int, n: int, total: Decimal) -> BankFile:
    return BankFile.objects.create(
        batch=batch,
        run=run,
        sequence=sequence,
        number=bank_format.file_number(batch, sequence),
        n_transfers=n,
        total=total,
        made_by=actor,
        made_at=clock.now(),
    )


def _lay_out(batch: Batch) -> list[tuple[int, int, Decimal]]:
    """Put what can be paid in its order, aside for `_fill`: each file's place, number of lines and total."""
    sql = _TO_PAY.replace("{owner}", owner_join(batch.programme))
    sql = sql.replace("{payee}", payee_columns(batch.programme))
    with connection.cursor() as cursor:
        cursor.execute(sql, {"batch": batch.pk, "month": batch.month})
        cursor.execute(_PARTS, [LINES_A_FILE])
        return cursor.fetchall()


def _fill(batch: Batch, files: list[BankFile]) -> None:
    parameters = {"batch": batch.pk, "size": LINES_A_FILE, "run": files[0].run, "first": files[0].sequence}
    with connection.cursor() as cursor:
        cursor.execute(_FILL, parameters)
        if cursor.rowcount != sum(file.n_transfers for file in files):
            raise RuntimeError(f"batch {batch.pk}: lines of the bank files do not match their count")
        cursor.execute("DROP TABLE payments_to_pay")


def _write_soon(files: list[BankFile]) -> None:
    if sum(file.n_transfers for file in files) <= LINES_AT_ONCE:
        for file in files:
            _write(file)
        return
    from payments.tasks import write_bank_file_task

    for file in files:
        transaction.on_commit(partial(write_bank_file_task.delay, file.pk))


@transaction.atomic
def write_bank_file(*, bank_file: BankFile) -> BankFile:
    """Write the bytes of a file whose lines are fixed; done once, harmless when asked again."""
    file = BankFile.objects.select_for_update(of=("self",)).select_related("batch__area").get(pk=bank_file.pk)
    if file.written_at is None:
        _write(file)
    return file


def _write(file: BankFile) -> None:
    """Both forms, checked against the control totals that were booked, then stored under a random name."""
    transfers = Transfer.objects.filter(bank_file=file).order_by("line")
    places = transfers.select_related(*(f"payment__{path}" for path in RECIPIENT_PLACES))
    rows = [bank_format.line(file, transfer) for transfer in places.iterator(chunk_size=2000)]
    if len(rows) != file.n_transfers or sum(row["amount"] for row in rows) != file.total:
        raise RuntimeError(f"bank file {file.pk}: its lines do not sum to its control totals")
    layout = bank_format.layout_of(file.batch)
    for form in ("xlsx", "csv"):
        content = getattr(bank_format, f"as_{form}")(file, rows, layout)
        getattr(file, form).save(f"bank/{uuid4().hex}.{form}", ContentFile(content), save=False)
        setattr(file, f"{form}_sha256", sha256(content).hexdigest())
    file.written_at = clock.now()
    file.save(update_fields=["xlsx", "xlsx_sha256", "csv", "csv_sha256", "written_at"])


def read_bank_file(bank_file: BankFile, form: str) -> bytes:
    """The stored bytes of a file (`xlsx` or `csv`): always those whose hash was recorded, or a refusal."""
    with getattr(bank_file, form).open("rb") as stored:
        content = stored.read()
    if sha256(content).hexdigest() != getattr(bank_file, f"{form}_sha256"):
        raise Refused("代发文件与生成时的校验值不符，请勿报送银行，并立即联系系统管理员。")
    return content
