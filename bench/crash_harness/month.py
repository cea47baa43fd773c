"""The month that is killed: money in hand, three programmes, failures, corrections, and two pay-out lists."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from io import BytesIO

from django.utils import timezone

from bench.crash_harness.recovery import recovery
from bench.crash_harness.steps import (
    REASON,
    Step,
    answer,
    batch_of,
    check,
    correct_payee,
    file,
    prepare,
    reached,
    retry,
    seal,
    settle_unknown,
)
from bench.crash_harness.world import IN_HAND, World
from config.celery import app
from payments import services, tasks
from payments.enums import BatchAction, FundMoveKind, FundRequestState
from payments.models import (
    BankFile,
    FundMove,
    FundRequest,
    HandOver,
    HandOverReceipt,
    HandOverRequest,
    Instalment,
)
from payments.services import bank_files
from payments.services.payouts import not_listed, opens_on


def a_month() -> list[Step]:
    """Money in hand, 低保 with all its turns, 特困 with its care, two pay-out lists of 临时救助."""
    return [*_funds(), *_dibao(), *_tekun(), *_in_hand(), *recovery(), *_linshi(), settle_unknown()]


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
            reason=REASON,
        ),
        lambda w: FundMove.objects.filter(kind=FundMoveKind.RELIEF).exists(),
    )
    return [*steps, relief]


def _dibao() -> list[Step]:
    def ask(world: World) -> object:
        return services.ask_for_month(batch=batch_of(world, "dibao"), actor=world.payer.clerk)

    def back(world: World) -> object:
        return services.return_batch(
            batch=batch_of(world, "dibao"), reason="一户待核实", actor=world.payer.checker
        )

    return [
        prepare("dibao", by_job=True),
        check("dibao"),
        Step("dibao 报送用款", ask, lambda w: _requests(w, "dibao", kind="month") > 0),
        Step("dibao 退回", back, reached("dibao", BatchAction.RETURNED)),
        check("dibao", 2),
        Step("dibao 再报用款", ask, lambda w: _requests(w, "dibao", kind="month") > 1),
        Step(
            "dibao 当月拨付",
            _allocate("dibao"),
            lambda w: _requests(w, "dibao", kind="month", state=FundRequestState.ALLOCATED) > 0,
        ),
        seal("dibao"),
        file("dibao"),
        answer("dibao", BatchAction.ANSWERED, {1: "账户销户", 3: "户名不符"}),
        correct_payee("dibao"),
        retry("dibao"),
        answer("dibao", BatchAction.SETTLED),
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

    numbered = reached("tekun", BatchAction.FILE_MADE)
    return [
        prepare("tekun"),
        check("tekun"),
        seal("tekun"),
        Step("tekun 文件编号", by_worker, numbered),
        Step("tekun 写文件", sweep, lambda w: numbered(w) and written(w), minute=5),
        answer("tekun", BatchAction.ANSWERED, {2: "账户状态异常"}, minute=6),
        retry("tekun"),
        answer("tekun", BatchAction.SETTLED, minute=6),
    ]


def _in_hand() -> list[Step]:
    """One grant in cash: asked for, agreed to, handed over, signed for."""

    def part() -> Instalment:
        return Instalment.objects.get(amount=IN_HAND, grant__amount=IN_HAND)

    def ask(world: World) -> object:
        return services.ask_hand_over(
            instalment=part(), kind="cash", reason="无银行账户", actor=world.payer.other
        )

    def decide(world: World) -> object:
        return services.decide_hand_over(
            request=part().hand_over_requests.get(), approved=True, actor=world.payer.checker
        )

    def give(world: World) -> object:
        entry = services.Handing(
            day=timezone.localdate(),
            second=world.payer.other,
            received_by=part().grant.head_name,
            receipt_signed=True,
            reason=REASON,
        )
        return services.hand_over(
            request=part().hand_over_requests.get(), entry=entry, actor=world.payer.clerk
        )

    def sign(world: World) -> object:
        scan = BytesIO(b"%PDF-1.4 signed %%EOF")
        return services.keep_receipt(hand_over=part().hand_over, upload=scan, actor=world.payer.clerk)

    return [
        Step("现金申请", ask, lambda w: HandOverRequest.objects.exists()),
        Step("现金批准", decide, lambda w: HandOverRequest.objects.filter(state="approved").exists()),
        Step("现金发放", give, lambda w: HandOver.objects.exists()),
        Step("现金签收", sign, lambda w: HandOverReceipt.objects.exists()),
    ]


def _linshi() -> list[Step]:
    """The first list loses an instalment before it is checked; the second takes what became due since."""

    def choose(world: World) -> object:
        ready = [part.pk for part in not_listed().order_by("pk") if opens_on(part) <= timezone.localdate()]
        return services.prepare_payout(instalments=ready, actor=world.payer.clerk)

    def take_out(world: World) -> object:
        last = batch_of(world, "linshi").payments.order_by("pk").last()
        return services.take_out(payment=last, actor=world.payer.clerk)

    def all_listed(world: World) -> bool:
        return not not_listed().exists() and Instalment.objects.exists()

    return [
        Step("linshi 列清单", choose, reached("linshi", BatchAction.PREPARED)),
        Step("linshi 移出", take_out, reached("linshi", BatchAction.PREPARED, 2)),
        check("linshi"),
        seal("linshi"),
        file("linshi"),
        answer("linshi", BatchAction.ANSWERED, {1: "账户销户"}),
        correct_payee("linshi"),
        retry("linshi"),
        answer("linshi", BatchAction.SETTLED),
        Step("linshi 第二份清单", choose, all_listed, 18),
        check("linshi", 1, 2, 18),
        seal("linshi", 2, 18),
        file("linshi", 2, 18),
        answer("linshi", BatchAction.SETTLED, None, 2, day=18),
    ]
