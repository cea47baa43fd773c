"""What the pages of funds show: who has how much, what must stay, what is asked for, and each change."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from cases.queries.days import start_of
from common import clock
from common.spreadsheets import Column, Kind
from organisations.enums import AreaLevel, Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from payments import perms
from payments.enums import FundPurpose, FundRequestKind, FundRequestState
from payments.models import Fund, FundMove, FundRequest
from payments.reserve import Minimum, Minimums
from policy.models import Rule

SHOWN = 200
MONTHS_SHOWN = 12
# From one bar of the chart to the next, in its own units.
BAR_STEP = 50
_NO_MINIMUM = Minimum(None, "", "")
EXPORT_COLUMNS = (
    Column("at", "日期", Kind.DATE, width=12),
    Column("kind", "事项", width=14),
    Column("note", "说明", width=40),
    Column("amount", "金额（元）", Kind.AMOUNT, width=16),
    Column("balance", "余额（元）", Kind.AMOUNT, width=16),
    Column("by", "经手人", width=14),
)


@dataclass(frozen=True, slots=True)
class FundRow:
    """One fund with what must stay in it."""

    fund: Fund
    minimum: Minimum

    @property
    def is_short(self) -> bool:
        return self.minimum.broken_by(self.fund.balance)


def fund_rows(scope: Scope) -> list[FundRow]:
    """The funds within reach, by place."""
    minimums = Minimums(clock.today())
    funds = Fund.objects.visible_to(scope, *perms.BATCH_POSTS).select_related("area")[:SHOWN]
    return [FundRow(fund, minimum_for(fund, minimums)) for fund in funds]


def minimum_for(fund: Fund, minimums: Minimums) -> Minimum:
    """Only 临时救助 of a township keeps a reserve."""
    if fund.purpose == FundPurpose.LINSHI and fund.area.level == AreaLevel.TOWNSHIP:
        return minimums.of(fund.area)
    return _NO_MINIMUM


def fund_requests(scope: Scope, *, state: str = "") -> QuerySet[FundRequest]:
    """Requests within reach, newest first."""
    condition = Q(pk__in=())
    for prefix in scope.areas(*perms.BATCH_POSTS):
        condition |= Q(area__prefix__startswith=prefix)
    rows = FundRequest.objects.filter(condition).select_related("area", "county", "asked_by", "decided_by")
    return rows.filter(state=state) if state else rows


def fund_moves(fund: Fund) -> QuerySet[FundMove]:
    """Each change of a balance, newest first."""
    return fund.moves.select_related("by", "entry__batch__area", "request").order_by("-pk")


def export_moves(fund: Fund) -> Iterator[dict]:
    """The whole statement for finance, oldest first."""
    for move in fund.moves.select_related("by").order_by("pk").iterator():
        yield {
            "at": timezone.localdate(move.at),
            "kind": move.get_kind_display(),
            "note": "；".join(filter(None, [move.note, move.reason])),
            "amount": move.amount,
            "balance": move.balance_after,
            "by": move.by.display_name,
        }


def areas_to_fund(user: User) -> list[Area]:
    """Those for which the person can ask for money: the own payer, for the district all below it."""
    scope = scope_of(user)
    found = Area.objects.none()
    for prefix in scope.areas(Post.DISTRICT_PAYMENTS):
        found |= Area.objects.filter(
            prefix__startswith=prefix, level__in=[AreaLevel.COUNTY, AreaLevel.TOWNSHIP]
        )
    for prefix in scope.areas(Post.TOWN_PAYMENTS):
        found |= Area.objects.filter(prefix=prefix)
    return list(found.select_related("parent").order_by("code"))


def quarter_of(day: date) -> date:
    """The first day of the quarter."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def say_quarter(quarter: date) -> str:
    """`2026 年第 2 季度`."""
    return f"{quarter.year} 年第 {(quarter.month + 2) // 3} 季度"


def quarters_to_choose(today: date) -> list[tuple[str, str]]:
    """This quarter, the next and the last."""
    this = quarter_of(today)
    return [
        (found.isoformat(), say_quarter(found))
        for found in (clock.add_months(this, 3), this, clock.add_months(this, -3))
    ]


def without_advance(counties: Iterable[Area], quarter: date) -> list[tuple[Area, int]]:
    """(county, how many of its townships) without an advance of the quarter for 临时救助, where the rules
    want one (DT-8.1).
    """
    rules = Rule.objects.in_force(quarter).filter(key="funds.advance_every").select_related("area")
    prefixes = [rule.area.prefix for rule in rules]
    asked = FundRequest.objects.filter(
        area=OuterRef("pk"), quarter=quarter, purpose=FundPurpose.LINSHI, kind=FundRequestKind.ADVANCE
    ).exclude(state=FundRequestState.REFUSED)
    found = []
    for county in counties:
        if any(county.prefix.startswith(prefix) for prefix in prefixes):
            missing = county.children.filter(~Exists(asked), level=AreaLevel.TOWNSHIP).count()
            if missing:
                found.append((county, missing))
    return found


@dataclass(frozen=True, slots=True)
class Balance:
    """The balance at the end of a month, for the chart; `height` in hundredths of the highest, `place` counts
    the months from 0.
    """

    month: date
    amount: Decimal
    height: int
    place: int

    @property
    def x(self) -> int:
        """The left edge of the bar."""
        return self.place * BAR_STEP

    @property
    def top(self) -> int:
        """The upper edge of the bar: 0 is the top of the chart."""
        return 100 - self.height


def balances(fund: Fund, today: date) -> list[Balance]:
    """The last twelve months, from the balance of today backwards."""
    since = clock.add_months(clock.month_of(today), 1 - MONTHS_SHOWN)
    moves = fund.moves.filter(at__gte=start_of(since)).values("at", "amount")
    changes: dict[date, Decimal] = {}
    for move in moves:
        month = clock.month_of(timezone.localdate(move["at"]))
        changes[month] = changes.get(month, Decimal(0)) + move["amount"]
    amount, month, found = fund.balance, clock.month_of(today), []
    for _ in range(MONTHS_SHOWN):
        found.append((month, amount))
        amount -= changes.get(month, Decimal(0))
        month = clock.add_months(month, -1)
    highest = max((each for _, each in found), default=Decimal(0)) or Decimal(1)
    return [
        Balance(m, each, int(each * 100 / highest), place) for place, (m, each) in enumerate(reversed(found))
    ]
