"""What the bank answered: looked at first, then confirmed once. Only the bank's answer makes a payment
paid.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from hashlib import sha256
from typing import IO
from uuid import uuid4

from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.utils import timezone

from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.models import User
from payments import perms
from payments.answer_format import AnswerRow, Match, Reading, Sent, hold_against, returned_rows
from payments.answer_layout import PROBLEM, answer_layout_of, is_workbook, read_answer_rows, write_rows
from payments.enums import BatchAction, BatchState, EntryKind, LedgerAccount, TransferResult
from payments.models import BankAnswer, BankFile, Batch, Payment, Transfer, UnknownAnswer
from payments.services.shared import book, lock_batch, note, require

MAX_BYTES = 10 * 1024 * 1024


def upload_answer(*, bank_file: BankFile, upload: IO[bytes], actor: User) -> BankAnswer:
    """Keep an answer (.xlsx or text, in the form of the payer's bank) for the preview; nothing is booked yet.

    The same bytes again give the answer that is there already, confirmed or not. Refused with every error
    by row and column when the sheet cannot be read, does not sum up, or answers another file.
    """
    return _keep(bank_file, upload, actor)[0]


@transaction.atomic
def _keep(bank_file: BankFile, upload: IO[bytes], actor: User) -> tuple[BankAnswer, list[AnswerRow]]:
    bank_file = BankFile.objects.select_related("batch__area").get(pk=bank_file.pk)
    require(perms.can_answer(actor, bank_file))
    upload.seek(0)
    content = upload.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise Refused("回盘文件不能超过 10 MB。", field="file")
    layout = answer_layout_of(bank_file.batch)
    rows = read_answer_rows(content, layout, number=bank_file.number)
    if not rows:
        raise Refused("回盘文件中没有明细行。", field="file")
    digest = sha256(content).hexdigest()
    # Only now: a hostile file may take seconds to read, and the batch is not held for that long.
    lock_batch(bank_file.batch_id)
    known = BankAnswer.objects.filter(bank_file=bank_file, sha256=digest).first()
    if known:
        return known, rows
    answer = BankAnswer(bank_file=bank_file, sha256=digest, uploaded_by=actor, uploaded_at=clock.now())
    answer.file.save(f"answers/{uuid4().hex}", ContentFile(content), save=False)
    answer.save()
    return answer, rows


def read_answer(answer: BankAnswer) -> Reading:
    """The preview: the answer held against its file as both stand now. Writes nothing."""
    return _hold(answer.bank_file, _stored_rows(answer, _content(answer)))


def _content(answer: BankAnswer) -> bytes:
    with answer.file.open("rb") as stored:
        return stored.read()


def _stored_rows(answer: BankAnswer, content: bytes) -> list[AnswerRow]:
    return read_answer_rows(content, answer_layout_of(answer.bank_file.batch))


def returned_answer(answer: BankAnswer) -> tuple[bytes, bool]:
    """What goes back to the bank, in the form of its answer with a column 问题: rows that are not believed
    and lines that are missing. With it, whether that is a sheet (as the answer was) or text.

    Of a confirmed answer these are the rows put aside then, and the lines that still wait.
    """
    content = _content(answer)
    rows, layout = _stored_rows(answer, content), answer_layout_of(answer.bank_file.batch)
    reading = _hold(answer.bank_file, rows)
    if answer.confirmed_at is None:
        wrong = {row.row: row.why for row in reading.unknown}
    else:
        wrong = dict(answer.unknown.values_list("row", "why"))
    back = returned_rows(answer.bank_file.number, rows, wrong, reading.missing)
    as_sheet = is_workbook(content)
    return write_rows((*layout.columns, PROBLEM), back, layout, as_sheet=as_sheet), as_sheet


def _hold(bank_file: BankFile, rows: Sequence[AnswerRow]) -> Reading:
    transfers = Transfer.objects.filter(bank_file=bank_file).order_by("line")
    columns = transfers.values_list(
        "pk", "line", "payee_name", "payee_account", "amount", "result", "paid_on"
    )
    sent = [Sent(*values) for values in columns.iterator(chunk_size=2000)]
    made_on = timezone.localdate(bank_file.made_at)
    return hold_against(sent, rows, number=bank_file.number, made_on=made_on, today=clock.today())


def confirm_answer(*, answer: BankAnswer, actor: User) -> BankAnswer:
    """Take an answer over: lines become paid or failed, the ledger follows, the batch is settled when all
    are paid.

    Confirming again changes nothing. Rows that fit no line are kept for somebody to settle (挂账); their
    lines stay pending, so they are not paid a second time.
    """
    return _confirm(answer, actor)


@transaction.atomic
def _confirm(answer: BankAnswer, actor: User, rows: Sequence[AnswerRow] | None = None) -> BankAnswer:
    """`rows`: what was read of it a moment ago, where nobody looked at a preview."""
    batch = lock_batch(answer.bank_file.batch_id)
    answer = BankAnswer.objects.select_for_update(of=("self",)).select_related("bank_file").get(pk=answer.pk)
    answer.bank_file.batch = batch
    require(perms.can_answer(actor, answer.bank_file))
    if answer.confirmed_at is not None:
        return answer
    reading = read_answer(answer) if rows is None else _hold(answer.bank_file, rows)
    _apply(answer.bank_file, reading.matched)
    _keep_unknown(answer, reading)
    _close(answer, reading, actor)
    _book(batch, answer, reading, actor)
    _settle(batch, actor)
    return answer


def import_answer(*, bank_file: BankFile, upload: IO[bytes], actor: User) -> BankAnswer:
    """Upload and confirm in one go, for callers that have nobody to show a preview to."""
    with transaction.atomic():
        answer, rows = _keep(bank_file, upload, actor)
        return _confirm(answer, actor, rows)


def _apply(bank_file: BankFile, matched: Sequence[Match]) -> None:
    """One statement for all lines; a line that was answered meanwhile would be missed, so the number must
    agree. The file is named although the lines would do: else whatever is pending anywhere would be read.
    """
    columns = [
        [match.sent.pk for match in matched],
        [match.result.value for match in matched],
        [match.failure for match in matched],
        [match.paid_on for match in matched],
        bank_file.pk,
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE payments_transfer t SET result = a.result, failure = a.failure, paid_on = a.paid_on
            FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::date[]) AS a (id, result, failure, paid_on)
            WHERE t.id = a.id AND t.bank_file_id = %s AND t.result = 'pending'
            """,
            columns,
        )
        if cursor.rowcount != len(matched):
            raise RuntimeError("lines of a bank file were answered while their batch was locked")


def _keep_unknown(answer: BankAnswer, reading: Reading) -> None:
    UnknownAnswer.objects.bulk_create(
        UnknownAnswer(answer=answer, row=row.row, what=row.what, why=row.why) for row in reading.unknown
    )


def _close(answer: BankAnswer, reading: Reading, actor: User) -> None:
    answer.n_paid, answer.paid_total = len(reading.paid), reading.paid_total
    answer.n_failed, answer.failed_total = len(reading.failed), reading.failed_total
    answer.n_unknown = len(reading.unknown)
    answer.confirmed_by, answer.confirmed_at = actor, clock.now()
    answer.save()


def _book(batch: Batch, answer: BankAnswer, reading: Reading, actor: User) -> None:
    """在途 → 已发放 for what was paid, → 应付 again for what came back."""
    if reading.matched:
        legs = {
            LedgerAccount.PAID: answer.paid_total,
            LedgerAccount.PAYABLE: answer.failed_total,
            LedgerAccount.IN_BANK: -(answer.paid_total + answer.failed_total),
        }
        book(batch, EntryKind.ANSWERED, legs, actor, answer=answer)
    text = (
        f"{answer.bank_file.number}：成功 {answer.n_paid} 笔 {show_yuan(answer.paid_total)} 元，"
        f"失败 {answer.n_failed} 笔 {show_yuan(answer.failed_total)} 元，无法匹配 {answer.n_unknown} 行"
    )
    note(batch, BatchAction.ANSWERED, actor, text)


def _settle(batch: Batch, actor: User) -> None:
    waiting = Transfer.objects.filter(bank_file__batch=batch, result=TransferResult.PENDING)
    # Of a hundred files ninety-nine end here: whether each line was paid is asked once, not after each file.
    if batch.state != BatchState.SENT or waiting.exists():
        return
    unpaid = Payment.objects.filter(batch=batch, amount__gt=0).exclude(transfers__result=TransferResult.PAID)
    if unpaid.exists():
        return
    batch.state, batch.settled_at = BatchState.SETTLED, clock.now()
    batch.save(update_fields=["state", "settled_at"])
    note(batch, BatchAction.SETTLED, actor, f"{batch.n_payments} 笔全部发放成功")


@transaction.atomic
def settle_unknown(*, unknown: UnknownAnswer, settlement: str, actor: User) -> UnknownAnswer:
    """Say how a row that fitted no line was cleared up with the bank (退回、人工核对 …)."""
    unknown = (
        UnknownAnswer.objects.select_for_update(of=("self",))
        .select_related("answer__bank_file__batch__area")
        .get(pk=unknown.pk)
    )
    require(perms.can_answer(actor, unknown.answer.bank_file))
    settlement = settlement.strip()
    if unknown.settled_at is not None:
        raise Refused("该行已处理。")
    if not settlement or len(settlement) > 200:
        raise Refused("请填写处理结果，不超过 200 字。", field="settlement")
    unknown.settlement, unknown.settled_by, unknown.settled_at = settlement, actor, clock.now()
    unknown.save(update_fields=["settlement", "settled_by", "settled_at"])
    return unknown


def discard_old_previews(*, before: datetime) -> int:
    """Delete answers that were uploaded before an instant and never confirmed: they hold account numbers.
    How many.
    """
    old = BankAnswer.objects.filter(confirmed_at__isnull=True, uploaded_at__lt=before)
    with transaction.atomic():
        answers = list(old.select_for_update(of=("self",), skip_locked=True))
        for answer in answers:
            transaction.on_commit(partial(answer.file.storage.delete, answer.file.name))
            answer.delete()
    return len(answers)
