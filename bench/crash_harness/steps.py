"""The month as a list of steps: what a clerk, the worker or finance does next, and how one sees that it is
done. After a crash the first step that is not done is begun again, as a person would who looks at the page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BytesIO

import time_machine
from django.utils import timezone

from bench.crash_harness.world import World, when
from payments import services
from payments.demo_bank import answer_to
from payments.enums import BatchAction
from payments.models import (
    BankFile,
    Batch,
    BatchEvent,
    Benefit,
    Grant,
    PayeeChange,
    UnknownAnswer,
)
from tests.payments.builders import ACCOUNT

REASON = "核对无误，先行支付"
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


def batch_of(world: World, programme: str, number: int = 1) -> Batch | None:
    return Batch.objects.filter(
        area=world.payer.area, programme=programme, month=world.month, run=number
    ).first()


def reached(programme: str, action: BatchAction, times: int = 1, number: int = 1) -> Callable[[World], bool]:
    """Has the batch come so far, so many times?"""

    def done(world: World) -> bool:
        batch = batch_of(world, programme, number)
        return bool(batch) and BatchEvent.objects.filter(batch=batch, action=action).count() >= times

    return done


def prepare(programme: str, *, by_job: bool = False) -> Step:
    def act(world: World) -> object:
        return services.prepare_month(
            area=world.payer.area,
            programme=programme,
            month=world.month,
            actor=None if by_job else world.payer.clerk,
        )

    return Step(f"{programme} 编制", act, reached(programme, BatchAction.PREPARED))


def check(programme: str, times: int = 1, number: int = 1, day: int = 2) -> Step:
    return Step(
        f"{programme} 复核 {times}",
        lambda w: services.check_batch(batch=batch_of(w, programme, number), actor=w.payer.checker),
        reached(programme, BatchAction.CHECKED, times, number),
        day,
    )


def seal(programme: str, number: int = 1, day: int = 2) -> Step:
    return Step(
        f"{programme} 封账",
        lambda w: services.seal_batch(
            batch=batch_of(w, programme, number), actor=w.payer.clerk, reason=REASON
        ),
        reached(programme, BatchAction.SEALED, 1, number),
        day,
    )


def file(programme: str, number: int = 1, day: int = 2) -> Step:
    return Step(
        f"{programme} 代发文件",
        lambda w: services.make_bank_files(batch=batch_of(w, programme, number), actor=w.payer.clerk),
        reached(programme, BatchAction.FILE_MADE, 1, number),
        day,
    )


def answer(
    programme: str,
    done: BatchAction,
    failures: dict[int, str] | None = None,
    number: int = 1,
    **values: object,
) -> Step:
    def act(world: World) -> object:
        return answer_last(world, batch_of(world, programme, number), failures)

    name = f"{programme} 回盘" if done == BatchAction.ANSWERED else f"{programme} 全部到账"
    return Step(name, act, reached(programme, done, 1, number), **values)


def answer_last(world: World, batch: Batch, failures: dict[int, str] | None = None) -> object:
    """The bank answers the last file; when lines failed it also sends a row that fits nothing."""
    file = BankFile.objects.filter(batch=batch).order_by("sequence").last()
    today = timezone.localdate()
    content = answer_to(file, paid_on=today, failures=failures)
    if failures:
        content += _UNKNOWN_ROW.format(day=today.isoformat()).encode("gb18030")
    return services.import_answer(bank_file=file, upload=BytesIO(content), actor=world.payer.clerk)


def retry(programme: str) -> Step:
    return Step(
        f"{programme} 失败重发",
        lambda w: services.retry_failed(batch=batch_of(w, programme), actor=w.payer.clerk),
        reached(programme, BatchAction.FILE_MADE, 2),
    )


def _failed_owner(world: World, programme: str) -> Benefit | Grant:
    failed = batch_of(world, programme).payments.filter(transfers__result="failed").order_by("pk")
    return failed.first().recipient


def correct_payee(programme: str) -> Step:
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


def settle_unknown() -> Step:
    def act(world: World) -> object:
        rows = UnknownAnswer.objects.filter(settled_at__isnull=True).order_by("pk")
        return [
            services.settle_unknown(unknown=row, settlement="银行误报", actor=world.payer.clerk)
            for row in rows
        ]

    return Step("挂账处理", act, lambda w: not UnknownAnswer.objects.filter(settled_at__isnull=True).exists())
