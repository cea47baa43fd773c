"""Locks and transactions taken out of the code in turn: two sessions at once, deaths at every boundary."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from io import BytesIO

import time_machine
from django.db import connection
from django.utils import timezone

from bench.crash_harness import guards, walk
from bench.crash_harness.controls import Row, correct, price_figure, subsidise
from bench.crash_harness.doom import survives
from bench.crash_harness.guards import Place
from bench.crash_harness.month import a_month
from bench.crash_harness.place import go_back, keep
from bench.crash_harness.recovery import pay_in
from bench.crash_harness.removal import without_advisory_lock, without_atomic, without_lock
from bench.crash_harness.steps import Step, batch_of, run
from bench.crash_harness.world import World, when
from payments import services
from payments.demo_bank import answer_to
from payments.models import BankFile, Benefit, FundRequest, Grant, PriceIndex, UnknownAnswer
from payments.services.payouts import not_listed
from tests.payments import builders
from tests.payments.test_races import at_once

_LOCK, _ATOMIC, _ADVISORY = "行锁", "事务", "咨询锁"
_OTHER = "6217000099999999990"
# What is told where nothing needs to notice, in one sentence each.
EXPLAINED = {
    ("answers", "_confirm", "lock"): "批次行锁（lock_batch）已先取得，此处为同一顺序的第二道",
    ("answers", "_keep", "atomic"): "只写一行，事务仅用于持有批次行锁",
    ("answers", "import_answer", "atomic"): "内含的上传与确认各为一个事务，重复上传得到同一份回盘",
    ("answers", "settle_unknown", "atomic"): "只写一行，事务仅用于持有行锁",
    ("answers", "discard_old_previews", "lock"): "只删除未确认的预览，不涉及资金；删两次与一次相同",
    ("answers", "discard_old_previews", "atomic"): "只删除未确认的预览，不涉及资金；下次清理补上",
    ("bank_files", "write_bank_file", "atomic"): "只写一行，事务仅用于持有行锁",
    ("funds", "ask_for_funds", "atomic"): "只写一行，由唯一约束把关",
    ("funds", "ask_for_month", "atomic"): "只写一行，事务仅用于持有批次行锁",
    ("hand_overs", "ask_hand_over", "atomic"): "只写一行，事务仅用于持有发放单位行锁",
    ("hand_overs", "decide_hand_over", "atomic"): "只写一行，事务仅用于持有发放单位行锁",
    ("hand_overs", "keep_receipt", "atomic"): "只写一行，事务仅用于持有发放单位行锁",
    ("funds", "refuse_funds", "atomic"): "只写一行，事务仅用于持有行锁",
    ("changes", "prolong_benefit", "atomic"): "只写一行，事务仅用于持有待遇行锁",
    ("debts", "unclaim", "atomic"): "一条语句，事务仅用于持有应追缴款行锁",
    ("debts", "confirm_debt", "atomic"): "只写一行，事务仅用于持有应追缴款行锁",
    ("debts", "release_debt", "atomic"): "只写一行，事务仅用于持有应追缴款行锁",
    ("debts", "ask_waiver", "atomic"): "只写一行，事务仅用于持有应追缴款行锁",
    ("debts", "decide_waiver", "atomic"): "只写一行，合计由同一语句的触发器写，事务仅用于持有行锁",
    ("debts", "decide_waiver", "lock"): "应追缴款行锁（lock_debt）已先取得，此处为同一顺序的第二道",
    ("funds", "book_back", "lock"): "余额由触发器写入；只为与支付同一加锁顺序（先资金，后账簿）",
    ("price_figures", "enter_figure", "atomic"): "只写一行，事务仅用于持有设区市行锁",
    ("price_figures", "correct_figure", "atomic"): "只写一行，事务仅用于持有设区市行锁",
    ("price_figures", "confirm_figure", "atomic"): "只写一行，事务仅用于持有设区市行锁",
}


def _pay_relief(world: World, amount: str) -> object:
    return services.pay_from_reserve(
        township=world.payer.area,
        amount=Decimal(amount),
        actor=world.payer.clerk,
        note="先行救助",
        reason="急难",
    )


def _allocate(world: World) -> object:
    request = FundRequest.objects.order_by("pk").last()
    return services.allocate_funds(request=request, actor=world.finance)


def _payout(world: World) -> object:
    parts = [part.pk for part in not_listed().filter(number=1)]
    return services.prepare_payout(instalments=parts, actor=world.payer.clerk)


def _seal(world: World, programme: str = "dibao") -> object:
    return services.seal_batch(batch=batch_of(world, programme), actor=world.payer.clerk)


def _return(world: World) -> object:
    return services.return_batch(batch=batch_of(world, "dibao"), reason="待核实", actor=world.payer.checker)


def _write(world: World) -> object:
    return services.write_bank_file(bank_file=BankFile.objects.order_by("pk").last())


def _unwrite() -> None:
    """As the crash left it: the lines are fixed, the bytes are not there."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE payments_bankfile DISABLE TRIGGER USER")
        cursor.execute("UPDATE payments_bankfile SET written_at = NULL, xlsx_sha256 = '', csv_sha256 = ''")
        cursor.execute("ALTER TABLE payments_bankfile ENABLE TRIGGER USER")


def _settle(world: World) -> object:
    row = UnknownAnswer.objects.order_by("pk").first()
    return services.settle_unknown(unknown=row, settlement="银行误报", actor=world.payer.clerk)


def _lead(world: World, model: type[Benefit] | type[Grant]) -> object:
    owner = model.objects.filter(payee_name__gt="").order_by("pk").first()
    values = {"name": owner.payee_name, "bank": owner.payee_bank, "account": _OTHER, "reason": "换卡"}
    if model is Grant:
        return services.correct_grant_payee(grant=owner, actor=world.payer.other, **values)
    return services.correct_payee(benefit=owner, actor=world.payer.other, **values)


def _revise(world: World) -> object:
    benefit = Benefit.objects.filter(programme="dibao").order_by("pk").last()
    return services.revise_benefit(
        benefit=benefit,
        monthly=Decimal("700.00"),
        care_fee=Decimal("0.00"),
        valid_from=world.month,
        lines=[],
        rule_ids=[],
        reason="复核",
        source="change:9",
        decided_by=builders.decider(),
    )


def _end(world: World) -> object:
    """The last household: no figure of the month depends on what is rolled back afterwards."""
    benefit = Benefit.objects.filter(programme="dibao").order_by("pk").last()
    return services.end_benefit(benefit=benefit, ends_on=world.month, reason="死亡", source="change:8")


Act = Callable[[World], object]
# Each lock: before which step of the month two meet at it, and what the two do.
RACES: dict[tuple[str, str], tuple[str, Act, Act]] = {
    ("shared", "lock_batch"): ("dibao 封账", _seal, _seal),
    ("payouts", "lock_payer"): ("linshi 列清单", _payout, _payout),
    ("funds", "_lock_fund"): (
        "急难先行支付",
        lambda w: _pay_relief(w, "30000.00"),
        lambda w: _pay_relief(w, "30000.01"),
    ),
    ("funds", "_lock_asked"): ("linshi 财政拨付", _allocate, _allocate),
    ("funds", "withdraw_month"): ("dibao 退回", _allocate, _return),
    ("bank_files", "write_bank_file"): ("tekun 写文件", _write, _write),
    ("answers", "settle_unknown"): ("挂账处理", _settle, _settle),
    ("benefits", "correct_payee"): (
        "dibao 申请资金",
        lambda w: _lead(w, Benefit),
        lambda w: _lead(w, Benefit),
    ),
    ("benefits", "correct_grant_payee"): (
        "linshi 列清单",
        lambda w: _lead(w, Grant),
        lambda w: _lead(w, Grant),
    ),
    ("changes", "_locked"): ("dibao 申请资金", _revise, _revise),
    ("debts", "lock_debt"): (
        "免追申请",
        lambda w: pay_in(w, "50.00", "PJ-2"),
        lambda w: pay_in(w, "50.00", "PJ-3"),
    ),
    ("price_figures", "_lock"): (
        "linshi 第二份清单",
        lambda w: correct(PriceIndex.objects.get()),
        lambda w: correct(PriceIndex.objects.get(replaces=None)),
    ),
}


def _upload(world: World) -> object:
    file = BankFile.objects.order_by("pk").last()
    content = answer_to(file, paid_on=timezone.localdate(), failures={1: "账户销户"})
    return services.upload_answer(bank_file=file, upload=BytesIO(content), actor=world.payer.clerk)


def _confirm(world: World) -> object:
    """The same bytes again are the same answer."""
    return services.confirm_answer(answer=_upload(world), actor=world.payer.clerk)


def _open(world: World) -> object:
    """Each time for an application of its own: the number is that of the process."""
    return builders.benefit(world.payer.villages[0], starts_on=world.month, number=f"P-{os.getpid()}")


def _grant(world: World) -> object:
    days = (when(world.month, 5).date(), when(world.month, 20).date())
    return builders.granted(world.payer.villages[0], "100.00", "50.00", days=days, number=f"P-{os.getpid()}")


# Transactions: the step that is killed at each boundary; these are walked before the step named.
_BESIDE = {
    ("changes", "revise_benefit"): ("dibao 申请资金", _revise),
    ("changes", "end_benefit"): ("dibao 申请资金", _end),
    ("answers", "_confirm"): ("dibao 回盘", _confirm),
    ("benefits", "open_benefit"): ("dibao 申请资金", _open),
    ("grants", "open_grant"): ("dibao 申请资金", _grant),
    ("price_lists", "prepare_subsidy"): ("linshi 第二份清单", lambda w: subsidise(PriceIndex.objects.get())),
}
_STEPS = {
    ("batches", "prepare_month"): "dibao 编制",
    ("batches", "check_batch"): "dibao 复核 1",
    ("batches", "return_batch"): "dibao 退回",
    ("batches", "seal_batch"): "dibao 封账",
    ("bank_files", "make_bank_files"): "dibao 代发文件",
    ("bank_files", "retry_failed"): "dibao 失败重发",
    ("funds", "allocate_funds"): "dibao 财政拨付",
    ("funds", "pay_from_reserve"): "急难先行支付",
    ("hand_overs", "hand_over"): "现金发放",
    ("debts", "_taken_once"): "追缴认定",
    ("debts", "take_repayment"): "追缴缴回",
    ("payouts", "prepare_payout"): "linshi 列清单",
    ("payouts", "take_out"): "linshi 移出",
    ("benefits", "correct_payee"): "dibao 更正账户",
    ("benefits", "correct_grant_payee"): "linshi 更正账户",
}


def _shape(outcomes: list[object]) -> list[str]:
    """What came of a race: what was returned by its type, what was refused by its words."""
    return [
        f"{type(outcome).__name__}：{str(outcome).splitlines()[0]}"
        if isinstance(outcome, Exception)
        else type(outcome).__name__
        for outcome in outcomes
    ]


def _race(world: World, step: Step, first: Act, second: Act) -> list[str]:
    with time_machine.travel(when(world.month, step.day, step.minute), tick=False):
        return _shape(at_once(lambda: first(world), lambda: second(world)))


def _look_at_lock(world: World, step: Step, place: Place) -> Row:
    _, first, second = RACES[place.module, place.function]
    if place.function == "write_bank_file":
        _unwrite()
        keep()
    expected = _race(world, step, first, second)
    go_back()
    with without_lock(place):
        found = _race(world, step, first, second)
    go_back()
    by = f"两人同时：第二人「{expected[1]}」变为「{found[1]}」" if found != expected else ""
    return Row(str(place), _LOCK, by)


def _look_at_atomic(world: World, step: Step, place: Place) -> Row:
    """Killed at each boundary without its transaction, until something is broken or cannot be begun again."""
    by = ""
    assert survives(lambda: run(world, step), 0), "with its transaction the step comes to its end"
    go_back()
    with without_atomic(place):
        try:
            outcome = walk.every_boundary(world, step, stop=True)
            by = f"崩溃后审计：{outcome.broken[0]}" if outcome.broken else ""
        except AssertionError:
            by = "没有它则步骤被数据库拒绝或中断后无法继续"
    go_back()
    return Row(str(place), _ATOMIC, by)


def of_the_code(world: World) -> Iterator[Row]:
    """Every lock and transaction of the services, each looked at in the month where it is taken."""
    places = guards.of_the_code()
    todo = {(place.module, place.function, place.kind): place for place in places}
    for key, sentence in EXPLAINED.items():
        if todo.pop(key, None):
            yield Row(".".join(key[:2]), _LOCK if key[2] == "lock" else _ATOMIC, sentence)
    with time_machine.travel(when(world.month, 18), tick=False):
        price_figure(world)
    for step in a_month():
        here = [(key, place) for key, place in todo.items() if _met_at(key) == step.name]
        if here or step.name == "tekun 封账":
            keep()
        for key, place in here:
            del todo[key]
            if place.kind == "lock":
                yield _look_at_lock(world, step, place)
            else:
                yield _look_at_atomic(world, _beside(key, step), place)
        if step.name == "tekun 封账":
            yield _look_at_chain(world, step)
        run(world, step)
    for place in todo.values():
        yield Row(str(place), _LOCK if place.kind == "lock" else _ATOMIC, "")


def _met_at(key: tuple[str, str, str]) -> str | None:
    module, function, kind = key
    if kind == "lock":
        return RACES.get((module, function), (None,))[0]
    return _STEPS.get((module, function)) or _BESIDE.get((module, function), (None,))[0]


def _beside(key: tuple[str, str, str], step: Step) -> Step:
    """What the month itself does not do, as a step of that moment; done when something came of it."""
    if key[:2] not in _BESIDE:
        return step
    before = walk.progress()
    act = _BESIDE[key[:2]][1]
    return Step(key[1], act, lambda world: walk.progress() != before, step.day, step.minute)


def _look_at_chain(world: World, step: Step) -> Row:
    """Two batches of one payer are booked at once: both append to the same chain."""

    def other(world: World) -> object:
        return _pay_relief(world, "1.00")

    expected = _race(world, step, step.act, other)
    go_back()
    with without_advisory_lock("ledger_entry_chain"):
        found = _race(world, step, step.act, other)
    go_back()
    by = f"两人同时：「{expected[1]}」变为「{found[1]}」" if found != expected else ""
    return Row("账簿链 pg_advisory_xact_lock", _ADVISORY, by)
