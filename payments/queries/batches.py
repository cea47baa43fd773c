"""What the pages of batches show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from common import clock
from common.verdict import ALLOWED, Verdict, denied
from organisations.models import Area, User
from organisations.scope import scope_of
from payments import perms
from payments.enums import BatchState, FundRequestState, PaidProgramme, TransferResult
from payments.models import (
    RECIPIENT_PLACES,
    BankFile,
    Batch,
    BatchEvent,
    Entry,
    Payment,
    Transfer,
    UnknownAnswer,
)
from payments.queries import batch_parts
from payments.queries.batch_parts import PARTS, SHOWN_FIRST, Tally
from payments.queries.due import paying_areas
from payments.queries.words import deadline_words
from payments.terms import PAID_MONTHLY, PaymentRules, say_month

LINES_SHOWN = 50
MONTHS_SHOWN = 13
_LEVELS = {BatchState.SETTLED: "done", BatchState.SENT: "info", BatchState.SEALED: "info"}


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One payer in one month, with or without its batch."""

    area: Area
    batch: Batch | None
    due_on: date
    why: list[str]
    level: str
    deadline: str
    may_prepare: Verdict | None = None

    @property
    def state_label(self) -> str:
        return self.batch.get_state_display() if self.batch else "待编制"

    @property
    def state_level(self) -> str:
        return _LEVELS.get(BatchState(self.batch.state), "soon") if self.batch else "soon"


def months_to_choose(today: date) -> list[tuple[str, str]]:
    """The next month, this one and the year before it, newest first."""
    first = clock.next_month(today)
    months = [clock.add_months(first, -back) for back in range(MONTHS_SHOWN + 1)]
    return [(f"{month:%Y-%m}", say_month(month)) for month in months]


def month_rows(user: User, programme: str, month: date) -> list[MonthRow]:
    """The payers within reach in a month: their batches, and those that have none although households are
    in receipt.
    """
    scope = scope_of(user)
    batches = Batch.objects.visible_to(scope, *perms.BATCH_POSTS).filter(month=month, programme=programme)
    rows = [_row(batch) for batch in batches.select_related("area").order_by("area__code", "run")]
    there = {row.area.pk for row in rows}
    if programme not in PAID_MONTHLY:
        return rows
    rules = PaymentRules(programme, month)
    for area in paying_areas(scope, programme, rules, *perms.BATCH_POSTS):
        if area.pk not in there:
            terms = rules.terms(area)
            level, words = deadline_words(terms.due_on)
            verdict = perms.can_prepare(user, area)
            rows.append(MonthRow(area, None, terms.due_on, list(terms.why), level, words, verdict))
    return sorted(rows, key=lambda row: row.area.code)


def _row(batch: Batch) -> MonthRow:
    level, words = deadline_words(batch.due_on)
    if batch.state == BatchState.SETTLED:
        level, words = "done", "已发放"
    return MonthRow(batch.area, batch, batch.due_on, batch.due_why, level, words)


def batch_lines(batch: Batch, *, after: int | None, show: str) -> tuple[list[Payment], int | None]:
    """A page of lines in order of key, and the key that continues it. `show`: failed, pending, or empty for
    all.
    """
    lines = Payment.objects.filter(batch=batch)
    if show == "failed":
        lines = lines.filter(Exists(_failed_of(OuterRef("pk"))), ~Exists(_live_of(OuterRef("pk"))))
    elif show == "pending":
        lines = lines.exclude(Exists(_live_of(OuterRef("pk")).filter(result=TransferResult.PAID)))
    if after is not None:
        lines = lines.filter(pk__gt=after)
    # The page first and then what belongs to it: joined at once, a plan may join the whole list.
    keys = list(lines.order_by("pk").values_list("pk", flat=True)[: LINES_SHOWN + 1])
    attempts = Transfer.objects.select_related("bank_file").order_by("pk")
    shown = Payment.objects.filter(pk__in=keys).select_related("person", *RECIPIENT_PLACES)
    shown = shown.prefetch_related(Prefetch("transfers", attempts, to_attr="attempts"))
    page = list(shown.order_by("pk"))
    return page[:LINES_SHOWN], page[LINES_SHOWN - 1].pk if len(page) > LINES_SHOWN else None


def _failed_of(payment: OuterRef) -> QuerySet[Transfer]:
    return Transfer.objects.filter(payment=payment, result=TransferResult.FAILED)


def _live_of(payment: OuterRef) -> QuerySet[Transfer]:
    return Transfer.objects.filter(payment=payment).exclude(result=TransferResult.FAILED)


def failed_lines(batch: Batch) -> QuerySet[Transfer]:
    """The last attempts that failed and have no later one that is pending or paid: what can be paid again."""
    return Transfer.objects.filter(
        ~Exists(_live_of(OuterRef("payment"))), bank_file__batch=batch, result=TransferResult.FAILED
    )


@dataclass(frozen=True, slots=True)
class Action:
    """A button: what may be done next, or why not."""

    label: str
    name: str
    verdict: Verdict
    style: str = ""


@dataclass(slots=True)
class BatchPage:
    """All of a batch's page but its lines: of files, entries and events the first, `more` names the parts of
    which there are others.
    """

    batch: Batch
    actions: list[Action]
    unknown: list[UnknownAnswer]
    balances: list[tuple[str, Decimal]]
    tally: Tally
    files: list[BankFile]
    entries: list[Entry]
    events: list[BatchEvent]
    more: set[str]

    @property
    def trace(self) -> list[dict]:
        """The events as the timeline shows them."""
        return [batch_parts.sentence(event) for event in self.events]


def batch_page(batch: Batch, user: User) -> BatchPage:
    """Files with their results, entries with their legs, the trace, and the buttons."""
    tally = batch_parts.tally_of(batch)
    unknown = UnknownAnswer.objects.filter(answer__bank_file__batch=batch)
    parts = {name: list(rows_of(batch)[: SHOWN_FIRST + 1]) for name, (_, rows_of) in PARTS.items()}
    return BatchPage(
        batch=batch,
        actions=_actions(batch, user, failed_lines(batch).count() if tally.failed else 0),
        unknown=list(unknown.select_related("answer__bank_file", "settled_by")[:200])
        if tally.unknown
        else [],
        balances=batch_parts.balances_of(batch) if parts["entries"] else [],
        tally=tally,
        more={name for name, rows in parts.items() if len(rows) > SHOWN_FIRST},
        **{name: rows[:SHOWN_FIRST] for name, rows in parts.items()},
    )


def _may_ask(user: User, batch: Batch) -> Verdict:
    if batch.fund_requests.filter(state=FundRequestState.ASKED).exists():
        return denied("已报送用款申请，待财政拨付。")
    return perms.can_ask_for_month(user, batch)


def _may_retry(user: User, batch: Batch, n_failed: int) -> Verdict:
    nothing_failed = denied("没有发放失败、需要补发的明细。")
    return perms.can_retry(user, batch) and (ALLOWED if n_failed else nothing_failed)


def _actions(batch: Batch, user: User, n_failed: int) -> list[Action]:
    """What the state offers; only that is asked about."""
    every = (
        ("重新编制", "prepare", perms.can_prepare_again, ""),
        ("复核通过", "check", perms.can_check, "primary"),
        ("报送用款申请", "ask_month", _may_ask, "primary"),
        ("封账", "seal", perms.can_seal, "primary"),
        ("生成代发文件", "bank_file", perms.can_make_file, "primary"),
        ("补发失败明细", "retry", partial(_may_retry, n_failed=n_failed), ""),
    )
    wanted = {
        BatchState.PREPARED: {"prepare", "check", "seal"},
        BatchState.CHECKED: {"prepare", "ask_month", "seal", "bank_file"},
        BatchState.SEALED: {"bank_file"},
        BatchState.SENT: {"retry"},
        BatchState.SETTLED: set(),
    }[BatchState(batch.state)]
    if batch.programme == PaidProgramme.LINSHI:
        wanted -= {"prepare"}
    if "ask_month" in wanted and not perms.is_allocated_monthly(batch):
        wanted -= {"ask_month"}
    return [
        Action(label, name, may(user, batch), style) for label, name, may, style in every if name in wanted
    ]
