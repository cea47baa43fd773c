"""What waits to be done about money in hand, for the workbench."""

from __future__ import annotations

from collections.abc import Iterator

from django.urls import reverse

from common import clock
from common.money import show_yuan
from common.todo import Todo
from organisations.enums import AreaLevel, Post
from organisations.models import Area, User
from organisations.scope import Scope, scope_of
from payments.enums import FundRequestState
from payments.queries.funds import fund_requests, fund_rows, quarter_of, say_quarter, without_advance


def fund_tasks(user: User) -> Iterator[Todo]:
    """Requests for finance, the advances of the quarter for civil affairs, a reserve that is short."""
    scope = scope_of(user)
    if scope.has(Post.DISTRICT_FINANCE):
        yield from _requests(scope)
    if scope.has(Post.DISTRICT_PAYMENTS):
        yield from _advances(scope)
    if scope.has(Post.TOWN_PAYMENTS):
        yield from _short(scope)


def _requests(scope: Scope) -> Iterator[Todo]:
    for row in fund_requests(scope, state=FundRequestState.ASKED):
        yield Todo(
            number=f"{show_yuan(row.amount)} 元",
            name=row.area.name,
            place=row.county.name,
            matter=f"{row.get_purpose_display()}{row.get_kind_display()}",
            stage="待财政拨付",
            action="处理用款申请",
            url=reverse("payments:funds"),
        )


def _advances(scope: Scope) -> Iterator[Todo]:
    """DT-8.1: each quarter, for each township."""
    prefixes = scope.areas(Post.DISTRICT_PAYMENTS)
    counties = Area.objects.filter(prefix__in=prefixes, level=AreaLevel.COUNTY)
    quarter = quarter_of(clock.today())
    for county, missing in without_advance(counties, quarter):
        yield Todo(
            number=say_quarter(quarter),
            name=county.name,
            place=county.name,
            matter="救助资金季度预拨",
            stage=f"{missing} 个街道（乡镇）尚未申请",
            action="申请预拨",
            url=reverse("payments:fund_request"),
            why=("救助资金按季度预拨（DT-8.1）。",),
        )


def _short(scope: Scope) -> Iterator[Todo]:
    """DT-8.3, SY-4.4c: a warning until the reserve is filled up."""
    for row in fund_rows(scope):
        if row.is_short:
            yield Todo(
                number=f"{show_yuan(row.fund.balance)} 元",
                name=row.fund.area.name,
                place=row.fund.area.name,
                matter="临时救助备用金",
                stage="低于最低留存",
                action="申请追加",
                url=reverse("payments:fund_request"),
                level="late",
                deadline="低于最低留存",
                why=(f"{row.minimum.words}（{row.minimum.clause}）。",),
            )
