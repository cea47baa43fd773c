"""The bank's answer: how its rows are held against the lines that were sent. Pure: no database.

The form is agreed with the bank once (`payments.answer_layout`; the page of a bank file explains it and
offers a template): one row for each line, matched by file number and line number, and believed only when
amount and account agree as well.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from common.masking import mask_account, mask_name
from common.money import show_yuan
from payments.enums import TransferResult

NOT_THERE = "回盘中没有该行"


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One row as the bank wrote it; `row` is its number in the sheet, `outcome` and `meaning`
    what its result says.
    """

    row: int
    file_number: str
    line: int
    payee: str
    account: str
    amount: Decimal
    result: str
    outcome: TransferResult | None
    meaning: str
    failure: str
    paid_on: date | None

    @property
    def is_paid(self) -> bool:
        return self.outcome == TransferResult.PAID


@dataclass(frozen=True, slots=True)
class Sent:
    """One line that was sent, and what is known of it so far."""

    pk: int
    line: int
    payee: str
    account: str
    amount: Decimal
    result: str
    paid_on: date | None

    @property
    def masked_account(self) -> str:
        return mask_account(self.account)


@dataclass(frozen=True, slots=True)
class Match:
    """A line with the answer it got."""

    sent: Sent
    result: TransferResult
    failure: str
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """A row that fits no line: what it says (masked) and why it is not believed."""

    row: int
    what: str
    why: str


@dataclass(slots=True)
class Reading:
    """An answer held against its file. `repeated` rows are known already; `missing` lines still wait."""

    matched: list[Match] = field(default_factory=list)
    repeated: int = 0
    unknown: list[Unknown] = field(default_factory=list)
    missing: list[Sent] = field(default_factory=list)

    def of(self, result: TransferResult) -> list[Match]:
        return [match for match in self.matched if match.result == result]

    @property
    def paid(self) -> list[Match]:
        return self.of(TransferResult.PAID)

    @property
    def failed(self) -> list[Match]:
        return self.of(TransferResult.FAILED)

    @property
    def paid_total(self) -> Decimal:
        return _sum(match.sent for match in self.paid)

    @property
    def failed_total(self) -> Decimal:
        return _sum(match.sent for match in self.failed)

    @property
    def missing_total(self) -> Decimal:
        return _sum(self.missing)


def _sum(lines: Iterable[Sent]) -> Decimal:
    return sum((line.amount for line in lines), Decimal("0.00"))


def hold_against(
    sent: Sequence[Sent], rows: Sequence[AnswerRow], *, number: str, made_on: date, today: date
) -> Reading:
    """Match the rows of an answer to the lines of the file `number`, made on `made_on`, as of `today`."""
    by_line = {line.line: line for line in sent}
    times = Counter(row.line for row in rows)
    reading = Reading()
    for row in rows:
        line = by_line.get(row.line)
        why = "同一行号出现多次" if times[row.line] > 1 else _why_not(row, line, number, made_on, today)
        if why:
            reading.unknown.append(Unknown(row.row, describe(row), why))
        elif line.result != TransferResult.PENDING:
            reading.repeated += 1
        else:
            reading.matched.append(_match(line, row))
    answered = {match.sent.pk for match in reading.matched}
    reading.missing = [
        line for line in sent if line.result == TransferResult.PENDING and line.pk not in answered
    ]
    return reading


def _match(line: Sent, row: AnswerRow) -> Match:
    if row.is_paid:
        return Match(line, TransferResult.PAID, "", row.paid_on)
    return Match(line, TransferResult.FAILED, row.failure or row.meaning, None)


def _why_not(row: AnswerRow, line: Sent | None, number: str, made_on: date, today: date) -> str:
    """Why a row cannot be believed; empty when it can. The first reason is enough."""
    checks: tuple[tuple[Callable[[], bool], str], ...] = (
        (lambda: bool(row.file_number) and row.file_number != number, "不是本代发文件的编号"),
        (lambda: line is None, "代发文件中没有该行号"),
        (lambda: row.amount != line.amount, "金额与代发文件不一致"),
        (
            lambda: bool(row.account) and not same_account(row.account, line.account),
            "收款账号与代发文件不一致",
        ),
        (
            lambda: bool(row.payee) and "*" not in row.payee and row.payee != line.payee,
            "收款人与代发文件不一致",
        ),
        (lambda: row.outcome is None, "结果应为回盘格式约定的写法"),
        (lambda: _contradicts(row, line), "该行此前已有不同的回盘结果"),
        (lambda: row.is_paid and row.paid_on is None, "成功的行缺少入账日期"),
        (
            lambda: row.is_paid and not made_on <= row.paid_on <= today,
            "入账日期应在代发文件生成之后、今天之前",
        ),
    )
    return next((why for fails, why in checks if fails()), "")


def _contradicts(row: AnswerRow, line: Sent) -> bool:
    if line.result == TransferResult.PENDING:
        return False
    return row.is_paid != (line.result == TransferResult.PAID)


def same_account(told: str, account: str) -> bool:
    """Does the account the bank names agree with ours? Where it masks, the digits it shows must fit in
    their places.
    """
    told = "".join(told.split())
    if "*" not in told:
        return told == account
    head, tail = told.split("*", 1)[0], told.rsplit("*", 1)[1]
    return len(tail) >= 4 and account.startswith(head) and account.endswith(tail)


def describe(row: AnswerRow) -> str:
    """The row in words without a full account, fit to be kept."""
    parts = [f"行号 {row.line}", f"金额 {show_yuan(row.amount)}", f"结果 {row.result}"]
    if row.account:
        parts.insert(1, f"账号 {mask_account(row.account)}")
    if row.file_number:
        parts.insert(0, f"文件编号 {row.file_number}")
    return "，".join(parts)[:200]


def template_rows(number: str, transfers: Iterable) -> Iterable[dict]:
    """The rows of an empty answer: everything but what the bank has to say."""
    for transfer in transfers:
        yield {
            "file_number": number,
            "line": transfer.line,
            "payee": mask_name(transfer.payee_name),
            "account": transfer.masked_account,
            "amount": transfer.amount,
        }


def returned_rows(
    number: str, rows: Iterable[AnswerRow], wrong: Mapping[int, str], missing: Iterable[Sent]
) -> Iterable[dict]:
    """What goes back to the bank: its rows that are not believed (`wrong`: row → why), then the lines it left
    out. It finds them by line number; names and accounts are masked.
    """
    told = set()
    for row in rows:
        if row.row not in wrong:
            continue
        told.add(row.line)
        yield {
            "file_number": row.file_number,
            "line": row.line,
            "payee": mask_name(row.payee),
            "account": mask_account(row.account),
            "amount": row.amount,
            "result": row.result,
            "failure": row.failure,
            "paid_on": row.paid_on,
            "problem": wrong[row.row],
        }
    for line in missing:
        if line.line not in told:
            yield {
                "file_number": number,
                "line": line.line,
                "payee": mask_name(line.payee),
                "account": line.masked_account,
                "amount": line.amount,
                "problem": NOT_THERE,
            }
