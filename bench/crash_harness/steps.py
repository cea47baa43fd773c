"""The month as a list of steps: what a clerk, the worker or finance does next, and how one sees that it is
done. After a crash the first step that is not done is begun again, as a person would who looks at the page.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from io import BytesIO

import time_machine
from django.utils import timezone

from bench.crash_harness.world import World, when
from config.celery import app
from payments import services, tasks
from payments.demo_bank import answer_to
from payments.enums import BatchAction, FundMoveKind, FundRequestState
from payments.models import (
    BankFile,
    Batch,
    BatchEvent,
    Benefit,
    FundMove,
    FundRequest,
    Grant,
    Instalment,
    PayeeChange,
    UnknownAnswer,
)
from payments.services import bank_files
from payments.services.payouts import not_listed, opens_on
from tests.payments.builders import ACCOUNT

_REASON = "核对无误，先行支付"
_UNKNOWN_ROW = "X-9999,9999,6217********0000,1.00,成功,,{day}\r\n"
_OTHER_ACCOUNT = ACCOUNT[:-1] + "9"


@dataclass(frozen=True, slots=True)
class Step:
    """`day` of the month and `minute` after nine: when it happens. `act` does it, `done` tells that it is."""

    name: str
    act: Callable[[World], object]
    done: Callable[[World], bool]
    day: int = 2
    minute: int = 0


def run(world: World, step: Step) -> None:
    """Do a step at its time."""
    with time_machine.travel(when(world.month, step.day, step.minute), tick=False):
        step.act(world)


def run_all(world: World, steps: Sequence[Step]) -> None:
    for step in steps:
        run(world, step)


def first_undone(world: World, steps: Sequence[Step], start: int = 0) -> int:
    """Where a person would go on who looks at the pages; the steps before `start` are known to be done."""
    return next((n for n in range(start, len(steps)) if not steps[n].done(world)), len(steps))


def a_month() -> list[Step]:
    """Money in hand, 低保 with all its turns, 特困 with its care, two pay-out lists of 临时救助."""
    return [*_funds(), *_dibao(), *_tekun(), *_linshi(), _settle_unknown()]


def batch_of(world: World, programme: str, number: int = 1) -> Batch | None:
    return Batch.objects.filter(
        area=world.payer.area, programme=programme, month=world.month, run=number
    ).first()


def _reached(programme: str, action: BatchAction, times: int = 1, number: int = 1) -> Callable[[World], bool]:
    """Has the batch come so far, so many times?"""

    def done(world: World) -> bool:
        batch = batch_of(world, programme, number)
        return bool(batch) and BatchEvent.objects.filter(batch=batch, action=action).count() >= times

    return done


def _requests(world: World, programme: str, **values: object) -> int:
    return FundRequest.objects.filter(area=world.payer.area, purpose=programme, **values).count()


def _ask(programme: str, amount: str) -> Callable[[World], object]:
    return lambda world: services.ask_for_funds(
        area=world.payer.area,
        purpose=programme,
        kind="top_up",
        amount=Decimal(amount),
        reason="当月所需",
        actor=world.payer.clerk,
    )


def _allocate(programme: str) -> Callable[[World], object]:
    def act(world: World) -> object:
        asked = FundRequest.objects.filter(purpose=programme, state=FundRequestState.ASKED)
        return services.allocate_funds(request=asked.get(), actor=world.finance)

    return act


def _funds() -> list[Step]:
    steps = []
    for programme, amount in (("dibao", "1000.00"), ("linshi", "50000.00")):
        steps += [
            Step(
                f"{programme} 申请资金",
                _ask(programme, amount),
                lambda w, p=programme: _requests(w, p) > 0,
            ),
            Step(
                f"{programme} 财政拨付",
                _allocate(programme),
                lambda w, p=programme: _requests(w, p, state=FundRequestState.ALLOCATED) > 0,
            ),
        ]
    relief = Step(
        "急难先行支付",
        lambda w: services.pay_from_reserve(
            township=w.payer.area,
            amount=Decimal("300.00"),
            actor=w.payer.clerk,
            note="先行救助",
            reason=_REASON,
        ),
        lambda w: FundMove.objects.filter(kind=FundMoveKind.RELIEF).exists(),
    )
    return [*steps, relief]


def _prepare(programme: str, *, by_job: bool = False) -> Step:
    def act(world: World) -> object:
        return services.prepare_month(
            area=world.payer.area,
            programme=programme,
            month=world.month,
            actor=None if by_job else world.payer.clerk,
        )

    return Step(f"{programme} 编制", act, _reached(programme, BatchAction.PREPARED))


def _check(programme: str, times: int = 1, number: int = 1, day: int = 2) -> Step:
    return Step(
        f"{programme} 复核 {times}",
        lambda w: services.check_batch(batch=batch_of(w, programme, number), actor=w.payer.checker),
        _reached(programme, BatchAction.CHECKED, times, number),
        day,
    )


def _seal(programme: str, number: int = 1, day: int = 2) -> Step:
    return Step(
        f"{programme} 封账",
        lambda w: services.seal_batch(
            batch=batch_of(w, programme, number), actor=w.payer.clerk, reason=_REASON
        ),
        _reached(programme, BatchAction.SEALED, 1, number),
        day,
    )


def _file(programme: str, number: int = 1, day: int = 2) -> Step:
    return Step(
        f"{programme} 代发文件",
        lambda w: services.make_bank_files(batch=batch_of(w, programme, number), actor=w.payer.clerk),
        _reached(programme, BatchAction.FILE_MADE, 1, number),
        day,
    )


def _answer(
    programme: str,
    done: BatchAction,
    failures: dict[int, str] | None = None,
    number: int = 1,
    **values: object,
) -> Step:
    def act(world: World) -> object:
        return answer_last(world, batch_of(world, programme, number), failures)

    name = f"{programme} 回盘" if done == BatchAction.ANSWERED else f"{programme} 全部到账"
    return Step(name, act, _reached(programme, done, 1, number), **values)


def answer_last(world: World, batch: Batch, failures: dict[int, str] | None = None) -> object:
    """The bank answers the last file; when lines failed it also sends a row that fits nothing."""
    file = BankFile.objects.filter(batch=batch).order_by("sequence").last()
    today = timezone.localdate()
    content = answer_to(file, paid_on=today, failures=failures)
    if failures:
        content += _UNKNOWN_ROW.format(day=today.isoformat()).encode("gb18030")
    return services.import_answer(bank_file=file, upload=BytesIO(content), actor=world.payer.clerk)


def _retry(programme: str) -> Step:
    return Step(
        f"{programme} 失败重发",
        lambda w: services.retry_failed(batch=batch_of(w, programme), actor=w.payer.clerk),
        _reached(programme, BatchAction.FILE_MADE, 2),
    )


def _failed_owner(world: World, programme: str) -> Benefit | Grant:
    failed = batch_of(world, programme).payments.filter(transfers__result="failed").order_by("pk")
    return failed.first().recipient


def _correct_payee(programme: str) -> Step:
    """Another clerk than the one who makes the next file."""

    def act(world: World) -> object:
        owner = _failed_owner(world, programme)
        values = {"name": owner.payee_name, "bank": owner.payee_bank, "account": _OTHER_ACCOUNT}
        values |= {"reason": "换卡", "actor": world.payer.other}
        if isinstance(owner, Grant):
            return services.correct_grant_payee(grant=owner, **values)
        return services.correct_payee(benefit=owner, **values)

    def done(world: World) -> bool:
        owner = _failed_owner(world, programme)
        name = "grant" if isinstance(owner, Grant) else "benefit"
        return PayeeChange.objects.filter(**{name: owner}).exists()

    return Step(f"{programme} 更正账户", act, done)


def _settle_unknown() -> Step:
    def act(world: World) -> object:
        rows = UnknownAnswer.objects.filter(settled_at__isnull=True).order_by("pk")
        return [
            services.settle_unknown(unknown=row, settlement="银行误报", actor=world.payer.clerk)
            for row in rows
        ]

    return Step("挂账处理", act, lambda w: not UnknownAnswer.objects.filter(settled_at__isnull=True).exists())


def _dibao() -> list[Step]:
    def ask(world: World) -> object:
        return services.ask_for_month(batch=batch_of(world, "dibao"), actor=world.payer.clerk)

    def back(world: World) -> object:
        return services.return_batch(
            batch=batch_of(world, "dibao"), reason="一户待核实", actor=world.payer.checker
        )

    return [
        _prepare("dibao", by_job=True),
        _check("dibao"),
        Step("dibao 报送用款", ask, lambda w: _requests(w, "dibao", kind="month") > 0),
        Step("dibao 退回", back, _reached("dibao", BatchAction.RETURNED)),
        _check("dibao", 2),
        Step("dibao 再报用款", ask, lambda w: _requests(w, "dibao", kind="month") > 1),
        Step(
            "dibao 当月拨付",
            _allocate("dibao"),
            lambda w: _requests(w, "dibao", kind="month", state=FundRequestState.ALLOCATED) > 0,
        ),
        _seal("dibao"),
        _file("dibao"),
        _answer("dibao", BatchAction.ANSWERED, {1: "账户销户", 3: "户名不符"}),
        _correct_payee("dibao"),
        _retry("dibao"),
        _answer("dibao", BatchAction.SETTLED),
    ]


@contextmanager
def _left_to_the_worker() -> Iterator[None]:
    """As if every batch were large."""
    at_once, bank_files.LINES_AT_ONCE = bank_files.LINES_AT_ONCE, 0
    app.conf.task_always_eager = True
    try:
        yield
    finally:
        bank_files.LINES_AT_ONCE, app.conf.task_always_eager = at_once, False


def _tekun() -> list[Step]:
    """Its file is left to the worker, who runs here in the same process after the commit (Celery's eager
    mode): a death in between loses the message, and the sweeper finds the file.
    """

    def by_worker(world: World) -> object:
        with _left_to_the_worker():
            return services.make_bank_files(batch=batch_of(world, "tekun"), actor=world.payer.clerk)

    def sweep(world: World) -> object:
        with _left_to_the_worker():
            return tasks.sweep_batches()

    def written(world: World) -> bool:
        return not BankFile.objects.filter(written_at__isnull=True).exists()

    numbered = _reached("tekun", BatchAction.FILE_MADE)
    return [
        _prepare("tekun"),
        _check("tekun"),
        _seal("tekun"),
        Step("tekun 文件编号", by_worker, numbered),
        Step("tekun 写文件", sweep, lambda w: numbered(w) and written(w), minute=5),
        _answer("tekun", BatchAction.ANSWERED, {2: "账户状态异常"}, minute=6),
        _retry("tekun"),
        _answer("tekun", BatchAction.SETTLED, minute=6),
    ]


def _linshi() -> list[Step]:
    """The first list loses an instalment before it is checked; the second takes what became due since."""

    def prepare(world: World) -> object:
        ready = [part.pk for part in not_listed().order_by("pk") if opens_on(part) <= timezone.localdate()]
        return services.prepare_payout(instalments=ready, actor=world.payer.clerk)

    def take_out(world: World) -> object:
        last = batch_of(world, "linshi").payments.order_by("pk").last()
        return services.take_out(payment=last, actor=world.payer.clerk)

    def all_listed(world: World) -> bool:
        return not not_listed().exists() and Instalment.objects.exists()

    return [
        Step("linshi 列清单", prepare, _reached("linshi", BatchAction.PREPARED)),
        Step("linshi 移出", take_out, _reached("linshi", BatchAction.PREPARED, 2)),
        _check("linshi"),
        _seal("linshi"),
        _file("linshi"),
        _answer("linshi", BatchAction.ANSWERED, {1: "账户销户"}),
        _correct_payee("linshi"),
        _retry("linshi"),
        _answer("linshi", BatchAction.SETTLED),
        Step("linshi 第二份清单", prepare, all_listed, 18),
        _check("linshi", 1, 2, 18),
        _seal("linshi", 2, 18),
        _file("linshi", 2, 18),
        _answer("linshi", BatchAction.SETTLED, None, 2, day=18),
    ]
