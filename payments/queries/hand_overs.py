"""Cash and goods instead of the bank: one instalment with its request, and what waits to be done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from decimal import Decimal

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from cases.enums import Programme
from common import clock
from common.money import show_yuan
from common.todo import Todo
from organisations.enums import Post
from organisations.models import Area, User
from organisations.queries import holders
from organisations.scope import Scope, scope_of
from payments import perms
from payments.enums import OPEN_REQUESTS, HandOverKind, HandOverState
from payments.models import Grant, HandOver, HandOverRequest, Instalment
from payments.queries.words import deadline_words, end_of
from payments.services.hand_overs import WITNESSES, kinds_allowed
from payments.services.payouts import payer_of
from payments.terms import PaymentRules

SHOWN = 100
_GRANT = "grant__application", "grant__township__parent", "grant__village"


def instalments_in_reach(scope: Scope) -> QuerySet[Instalment]:
    """Of grants that somebody who sees benefits may look at."""
    seen = Grant.objects.visible_to(scope, *perms.BENEFIT_POSTS).order_by().values("pk")
    return Instalment.objects.filter(grant__in=seen, number__gt=0).select_related(*_GRANT)


def handed(instalment: Instalment) -> HandOver | None:
    """What was given in the hand, if it was."""
    rows = HandOver.objects.select_related(
        "request__asked_by", "request__decided_by", "handed_by", "second", "fund_move", "receipt__kept_by"
    )
    return rows.filter(instalment=instalment).first()


def requests_of(instalment: Instalment) -> list[HandOverRequest]:
    """Newest first; only the newest can be open."""
    return list(instalment.hand_over_requests.select_related("asked_by", "decided_by").order_by("-pk"))


def hand_over_page(instalment: Instalment, user: User) -> dict:
    """What the page of one instalment shows and offers, but for its forms."""
    grant, requests = instalment.grant, requests_of(instalment)
    newest = requests[0] if requests else None
    payer, given = payer_of(grant.township), handed(instalment)
    listed = instalment.payments.exists()
    may = {"ask": None, "decide": None, "give": None, "receipt": None}
    if given is not None:
        may["receipt"] = None if hasattr(given, "receipt") else perms.can_ask_hand_over(user, grant)
    elif not listed and (newest is None or newest.state == HandOverState.REFUSED):
        may["ask"] = perms.can_ask_hand_over(user, grant)
    elif not listed:
        may["decide"] = perms.can_decide_hand_over(user, newest, payer)
        may["give"] = perms.can_hand_over(user, newest, payer)
    return {
        "instalment": instalment,
        "grant": grant,
        "payer": payer,
        "newest": newest,
        "requests": requests,
        "given": given,
        "receipt": getattr(given, "receipt", None),
        "listed": listed,
        "kinds": kinds_allowed(grant.township, clock.today()),
        "may": may,
    }


def staff_beside(request: HandOverRequest, user: User) -> list[User]:
    """Who may stand beside the person who hands over: not who approved."""
    here = holders(request.instalment.grant.village, *WITNESSES)
    return list(here.exclude(pk__in=[user.pk, request.decided_by_id or 0]))


@dataclass(frozen=True, slots=True)
class Town:
    """What one township gave in cash and in goods, in yuan, and how many receipts are missing."""

    name: str
    given: int
    cash: Decimal
    goods: Decimal
    without_receipt: int


def request_rows(scope: Scope, show: str) -> QuerySet[HandOverRequest]:
    """Requests within reach, newest first. `show`: `open` (to approve or to hand over), `receipt` (given, the
    signed receipt not filed), `given`, or all.
    """
    rows = HandOverRequest.objects.filter(scope.filter(*perms.BENEFIT_POSTS, path="instalment__grant__"))
    narrowed = {
        "open": Q(state__in=OPEN_REQUESTS, hand_over__isnull=True),
        "receipt": Q(hand_over__isnull=False, hand_over__receipt__isnull=True),
        "given": Q(hand_over__isnull=False),
    }
    rows = rows.filter(narrowed.get(show, Q()))
    given = ("hand_over__handed_by", "hand_over__second", "hand_over__receipt", "asked_by", "decided_by")
    return rows.select_related(*(f"instalment__{name}" for name in _GRANT), *given).order_by("-pk")


def given_by_town(scope: Scope, year: int) -> list[Town]:
    """What was handed over in a year, by township."""
    reach = scope.filter(*perms.BENEFIT_POSTS, path="instalment__grant__")
    rows = HandOver.objects.filter(reach, handed_on__year=year).order_by()

    def worth(kind: HandOverKind) -> Coalesce:
        return Coalesce(Sum("instalment__amount", filter=Q(request__kind=kind)), Decimal("0.00"))

    towns = rows.values(name=F("instalment__grant__township__name")).annotate(
        given=Count("pk"),
        cash=worth(HandOverKind.CASH),
        goods=worth(HandOverKind.GOODS),
        without_receipt=Count("pk", filter=Q(receipt__isnull=True)),
    )
    return [
        Town(**{field.name: town[field.name] for field in fields(Town)})
        for town in towns.order_by("instalment__grant__township__code")
    ]


def hand_over_todos(user: User) -> Iterator[Todo]:
    """Requests to approve, approved ones to hand over, and signed receipts that are still to come."""
    scope = scope_of(user)
    if not scope.has(*perms.CHECKING.values(), *perms.PAYEE_POSTS):
        return
    rules = PaymentRules(Programme.LINSHI, clock.today())
    if scope.has(*perms.CHECKING.values()):
        for row in _open(scope, HandOverState.ASKED, *perms.CHECKING.values()):
            if perms.can_decide_hand_over(user, row, _payer(row, rules)):
                yield _todo(row.instalment, f"{row.get_kind_display()}发放待批准", "批准或退回")
    if scope.has(*perms.PAYMENT_POSTS):
        for row in _open(scope, HandOverState.APPROVED, *perms.PAYMENT_POSTS):
            if perms.can_hand_over(user, row, _payer(row, rules)):
                yield _todo(row.instalment, f"待发放{row.get_kind_display()}", "发放并登记")
    if scope.has(*perms.PAYEE_POSTS):
        yield from _receipts(scope)


def _payer(row: HandOverRequest, rules: PaymentRules) -> Area:
    return payer_of(row.instalment.grant.township, rules)


def _open(scope: Scope, state: HandOverState, *posts: Post) -> QuerySet[HandOverRequest]:
    reach = scope.filter(*posts, path="instalment__grant__")
    rows = HandOverRequest.objects.filter(reach, state=state, hand_over__isnull=True)
    return rows.select_related(*(f"instalment__{name}" for name in _GRANT)).order_by("pk")[:SHOWN]


def _receipts(scope: Scope) -> Iterator[Todo]:
    """Until the scan is there, whatever the day."""
    reach: Q = scope.filter(*perms.PAYEE_POSTS, path="instalment__grant__")
    rows = HandOver.objects.filter(reach, receipt__isnull=True)
    rows = rows.select_related(*(f"instalment__{name}" for name in _GRANT)).order_by("receipt_due_at", "pk")
    for row in rows[:SHOWN]:
        yield _todo(row.instalment, "领取签收未补", "上传签字的领取单", row)


def _todo(instalment: Instalment, stage: str, action: str, given: HandOver | None = None) -> Todo:
    grant = instalment.grant
    due_on = timezone.localdate(given.receipt_due_at) if given else instalment.due_on
    level, words = deadline_words(due_on)
    return Todo(
        number=f"{grant.application.number} {show_yuan(instalment.amount)} 元",
        name=grant.application.masked_name,
        place=f"{grant.township.name}{grant.village.name}",
        matter="临时救助现金实物",
        stage=stage,
        action=action,
        url=reverse("payments:hand_over", args=[instalment.pk]),
        due_at=given.receipt_due_at if given else end_of(due_on),
        level=level,
        deadline=words,
        why=tuple(given.receipt_why if given else instalment.due_why),
    )
