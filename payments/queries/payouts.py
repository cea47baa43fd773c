"""临时救助待发: instalments that wait for a pay-out list."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.urls import reverse

from cases.enums import Programme
from cases.models import Application
from common import clock
from common.money import show_yuan
from common.todo import Todo
from organisations.enums import Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from payments import perms
from payments.enums import OPEN_REQUESTS, TransferResult
from payments.models import Grant, HandOverRequest, Instalment, Payment, Transfer
from payments.queries.words import deadline_words, end_of
from payments.services.payouts import LEAD, not_listed, opens_on
from payments.terms import PaymentRules

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """One instalment as the list shows it. `why_not` says why it cannot be chosen yet."""

    instalment: Instalment
    n_parts: int
    level: str
    deadline: str
    why_not: str


def waiting_instalments(scope: Scope, *, place: Area | None = None, show: str = "ready") -> QuerySet:
    """Instalments in no list yet, by due day. `show`: `ready` (can be paid now), `later`, or `all`."""
    rows = _waiting_in(scope, *perms.BATCH_POSTS)
    if place is not None:
        rows = rows.filter(**{f"grant__{place.level}": place})
    if show == "ready":
        rows = rows.filter(_ready())
    elif show == "later":
        rows = rows.exclude(_ready())
    last = Instalment.objects.filter(grant=OuterRef("grant")).order_by("-number").values("number")
    return (
        rows.select_related("grant__application", "grant__township", "grant__village")
        .annotate(n_parts=Subquery(last[:1]))
        .order_by("due_on", "pk")
    )


def _waiting_in(scope: Scope, *posts: Post) -> QuerySet[Instalment]:
    seen = Grant.objects.visible_to(scope, *posts).order_by().values("pk")
    return not_listed().filter(grant__in=seen)


def _ready() -> Q:
    """Can it be paid now? (`services.payouts.opens_on`, as a condition)"""
    return Q(number=1) | Q(due_on__lte=clock.today() + LEAD)


def waiting_page(rows: QuerySet, after: int | None) -> tuple[list[Waiting], int | None]:
    """The rows after a key in the order of due days, and the key that continues them."""
    last = Instalment.objects.filter(pk=after).first() if after else None
    if last is not None:
        rows = rows.filter(Q(due_on__gt=last.due_on) | Q(due_on=last.due_on, pk__gt=last.pk))
    page = list(rows[: SHOWN + 1])
    following = page[SHOWN - 1].pk if len(page) > SHOWN else None
    asked = HandOverRequest.objects.filter(instalment__in=page, state__in=OPEN_REQUESTS)
    by_hand = set(asked.values_list("instalment", flat=True))
    return [_waiting(row, clock.today(), row.pk in by_hand) for row in page[:SHOWN]], following


def _waiting(row: Instalment, today: date, by_hand: bool) -> Waiting:
    level, words = deadline_words(row.due_on)
    begins = opens_on(row)
    why_not = f"{begins:%Y-%m-%d} 起可发放" if begins > today else ""
    if by_hand:
        why_not = "已申请现金或实物发放"
    return Waiting(row, row.n_parts, level, words, why_not)


@dataclass(slots=True)
class _Due:
    """What one payer has to list: how many, how much, and the one that is due first."""

    n: int
    total: Decimal
    soonest: Instalment


def payout_todos(user: User) -> Iterator[Todo]:
    """For the clerk of each payer: approved aid that waits, and instalments whose day has come (DT-8.4)."""
    scope = scope_of(user)
    if not scope.has(*perms.PAYMENT_POSTS):
        return
    ready = _waiting_in(scope, *perms.PAYMENT_POSTS).filter(_ready())
    for rows, stage in (
        (ready.filter(number=1), "待发临时救助"),
        (ready.filter(number__gt=1), "分期到日"),
    ):
        for area, due in _by_payer(rows).items():
            if perms.can_prepare(user, area):
                yield _payout_todo(area, due, stage)


def _by_payer(rows: QuerySet[Instalment]) -> dict[Area, _Due]:
    """By the area that pays for the township; where no rule says who pays, nobody has the task."""
    first = rows.select_related("grant__township__parent").order_by("grant__township_id", "due_on", "pk")
    soonest = list(first.distinct("grant__township_id"))
    if not soonest:
        return {}
    sums = rows.order_by().values("grant__township").annotate(n=Count("pk"), total=Sum("amount"))
    counted = {row["grant__township"]: row for row in sums}
    rules, found = PaymentRules(Programme.LINSHI, clock.today()), {}
    for part in sorted(soonest, key=lambda part: (part.due_on, part.pk)):
        township = part.grant.township
        for area in rules.payers([(township.parent, township)]):
            due = found.setdefault(area, _Due(0, Decimal("0.00"), part))
            due.n += counted[township.pk]["n"]
            due.total += counted[township.pk]["total"]
    return found


def _payout_todo(area: Area, due: _Due, stage: str) -> Todo:
    level, words = deadline_words(due.soonest.due_on)
    return Todo(
        number=f"{due.n} 期 {show_yuan(due.total)} 元",
        name=area.name,
        place=area.name,
        matter="临时救助发放",
        stage=stage,
        action="列入发放清单",
        url=reverse("payments:waiting"),
        due_at=end_of(due.soonest.due_on),
        level=level,
        deadline=words,
        why=tuple(due.soonest.due_why),
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One instalment and how far its money has come, in words."""

    instalment: Instalment
    words: str
    level: str


def parts_of(grant: Grant) -> list[Part]:
    """The instalments of a grant in order."""
    payments = {payment.instalment_id: payment for payment in grant_payments(grant)}
    rows = grant.instalments.select_related("hand_over__request").order_by("number")
    open_requests = HandOverRequest.objects.filter(
        instalment__grant=grant, hand_over__isnull=True, state__in=OPEN_REQUESTS
    )
    asked = {request.instalment_id: request for request in open_requests}
    return [_in_hand(row, asked.get(row.pk)) or _part(row, payments.get(row.pk)) for row in rows]


def _in_hand(row: Instalment, asked: HandOverRequest | None) -> Part | None:
    """In cash or goods, given or about to be; None for what goes to the bank."""
    given = getattr(row, "hand_over", None)
    if given is not None:
        return Part(row, f"{given.handed_on:%Y-%m-%d} 已发放{given.request.get_kind_display()}", "done")
    if asked is None:
        return None
    level = "late" if row.due_on < clock.today() else "soon"
    return Part(row, f"{asked.get_kind_display()}发放{asked.get_state_display()}", level)


def _part(row: Instalment, payment: Payment | None) -> Part:
    if row.advanced_on is not None:
        return Part(row, f"{row.advanced_on:%Y-%m-%d} 已从备用金先行支付", "done")
    if payment is None:
        begins = opens_on(row)
        if begins > clock.today():
            return Part(row, f"{begins:%Y-%m-%d} 起可发放", "muted")
        return Part(row, "待列入发放清单", "late" if row.due_on < clock.today() else "soon")
    last = payment.attempts[-1] if payment.attempts else None
    if last is not None and last.result == TransferResult.PAID:
        return Part(row, f"{last.paid_on:%Y-%m-%d} 已发放", "done")
    if last is not None and last.result == TransferResult.FAILED:
        return Part(row, f"发放失败，待补发：{last.failure}", "late")
    return Part(row, f"清单{payment.batch.get_state_display()}", "info")


def grant_panel(application: Application, user: User) -> dict:
    """救助金 on the 资金 tab of a case of 临时救助; its template is payments/_grant.html."""
    grant = Grant.objects.filter(application=application).first()
    return {
        "grant_panel": {
            "expected": application.programme == Programme.LINSHI,
            "grant": grant,
            "parts": parts_of(grant) if grant else [],
            "may_open": scope_of(user).covers(application.village, *perms.BENEFIT_POSTS),
        }
    }


def grant_payments(grant: Grant) -> list[Payment]:
    """What was listed and paid of a grant."""
    attempts = Prefetch(
        "transfers", Transfer.objects.select_related("bank_file").order_by("pk"), to_attr="attempts"
    )
    payments = Payment.objects.filter(instalment__grant=grant).select_related("batch__area", "instalment")
    return list(payments.prefetch_related(attempts).order_by("instalment__number", "pk"))
