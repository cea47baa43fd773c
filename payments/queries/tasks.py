"""What a person should do next with money, for the workbench."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse

from cases.enums import Programme
from common import clock
from common.money import show_yuan
from common.todo import Todo
from organisations.models import Area, User
from organisations.scope import scope_of
from payments import perms
from payments.enums import BatchState, PaidProgramme, TransferResult
from payments.models import BankFile, Batch, Transfer, UnknownAnswer
from payments.queries.care import care_todos
from payments.queries.certificates import certificate_todos
from payments.queries.due import paying_areas
from payments.queries.fund_tasks import fund_tasks
from payments.queries.hand_overs import hand_over_todos
from payments.queries.payouts import payout_todos
from payments.queries.price_tasks import price_todos
from payments.queries.proxies import proxy_todos
from payments.queries.words import deadline_words, end_of
from payments.terms import PAID_MONTHLY, PaymentRules, Terms, say_month

SHOWN = 200


def tasks_for(user: User) -> list[Todo]:
    """Lists to prepare, check, seal and send; 临时救助 to list or hand over; price figures and the subsidy;
    answers to enter; failures to clear up; certificates to review; proxies; care agreements and visits of
    分散供养.
    """
    scope = scope_of(user)
    papers = [
        *care_todos(user),
        *certificate_todos(user),
        *hand_over_todos(user),
        *proxy_todos(user),
    ]
    if not scope.has(*perms.PAYMENT_POSTS, *perms.CHECKING.values()):
        return papers
    found = [todo for batch in _unfinished(user) for todo in _of_batch(user, batch)]
    for programme in PAID_MONTHLY:
        found += _to_prepare(user, programme)
    return [*papers, *found, *payout_todos(user), *price_todos(user), *fund_tasks(user)][:SHOWN]


def _unfinished(user: User):
    """Batches within reach that are not settled, with what is open in each."""
    transfers = Transfer.objects.filter(bank_file__batch=OuterRef("pk"))
    paid_later = Transfer.objects.filter(payment=OuterRef("payment")).exclude(result=TransferResult.FAILED)
    posts = (*perms.PAYMENT_POSTS, *perms.CHECKING.values())
    return (
        Batch.objects.visible_to(scope_of(user), *posts)
        .filter(~Q(state=BatchState.SETTLED) | Exists(_open_unknown()))
        .select_related("area")
        .annotate(
            waits=Exists(transfers.filter(result=TransferResult.PENDING)),
            failed=Exists(transfers.filter(~Exists(paid_later), result=TransferResult.FAILED)),
            unknown=Exists(_open_unknown()),
            unwritten=Exists(BankFile.objects.filter(batch=OuterRef("pk"), written_at__isnull=True)),
        )
        .order_by("due_on", "area__code")[:SHOWN]
    )


def _open_unknown():
    return UnknownAnswer.objects.filter(answer__bank_file__batch=OuterRef("pk"), settled_at__isnull=True)


def _of_batch(user: User, batch: Batch) -> Iterator[Todo]:
    steps = {
        BatchState.PREPARED: ("待复核", "复核名册", perms.can_check),
        BatchState.CHECKED: ("待封账", "封账", perms.can_seal),
        BatchState.SEALED: ("待报送银行", "生成代发文件", perms.can_make_file),
    }
    if batch.state in steps:
        stage, action, may = steps[BatchState(batch.state)]
        if may(user, batch):
            yield _todo(batch, stage, action)
        return
    if not scope_of(user).covers(batch.area, *perms.PAYMENT_POSTS):
        return
    if batch.unwritten:
        yield _todo(batch, "代发文件正在生成", "查看进度")
    elif batch.waits:
        yield _todo(batch, "待银行回盘", "导入银行回盘")
    if batch.failed:
        yield _todo(batch, "有发放失败的明细", "更正并补发")
    if batch.unknown:
        yield _todo(batch, "回盘有无法匹配的行", "处理挂账")


def _todo(batch: Batch, stage: str, action: str) -> Todo:
    level, words = deadline_words(batch.due_on)
    return Todo(
        number=f"{batch.n_payments} 笔 {show_yuan(batch.total)} 元",
        name=batch.area.name,
        place=batch.area.name,
        matter=f"{say_month(batch.month)}{PaidProgramme(batch.programme).short}发放",
        stage=stage,
        action=action,
        url=reverse("payments:batch", args=[batch.pk]),
        due_at=end_of(batch.due_on),
        level=level,
        deadline=words,
        why=tuple(batch.due_why),
    )


def _to_prepare(user: User, programme: str) -> Iterator[Todo]:
    """Payers of the person's own post that have no batch of this month yet."""
    month = clock.month_of(clock.today())
    scope = scope_of(user)
    if not scope.has(*perms.PAYMENT_POSTS):
        return
    rules = PaymentRules(programme, month)
    there = set(Batch.objects.filter(month=month, programme=programme).values_list("area_id", flat=True))
    for area in paying_areas(scope, programme, rules, *perms.PAYMENT_POSTS):
        if area.pk not in there and perms.can_prepare(user, area):
            yield _prepare_todo(area, programme, month, rules.terms(area))


def _prepare_todo(area: Area, programme: str, month: date, terms: Terms) -> Todo:
    level, words = deadline_words(terms.list_on)
    return Todo(
        number=f"{month:%Y-%m}",
        name=area.name,
        place=area.name,
        matter=f"{say_month(month)}{Programme(programme).short}发放",
        stage="待编制名册",
        action="编制名册",
        url=f"{reverse('payments:batches')}?month={month:%Y-%m}",
        due_at=end_of(terms.list_on),
        level=level,
        deadline=words,
        why=terms.why,
    )
