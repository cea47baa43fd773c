"""The price figures of a city: entered by one person, confirmed by another, corrected by a new figure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.db import transaction

from common import clock
from common.errors import Refused
from organisations.models import Area, User
from payments import perms
from payments.models import PriceIndex
from payments.models.price import HIGHEST, LOWEST
from payments.services.shared import require
from payments.terms import say_month
from policy.price import Figures

_LABELS = {"cpi": "居民消费价格", "food": "食品价格", "scpi": "低收入居民基本生活费用价格"}
_HUNDREDTH = Decimal("0.01")


@transaction.atomic
def enter_figure(
    *, city: Area, month: date, figures: Figures, published_on: date, source: str, actor: User
) -> PriceIndex:
    """The first figure of a city and month (its first day); it counts once another has confirmed it."""
    _lock(city, actor)
    if PriceIndex.objects.filter(area=city, month=month).exists():
        raise Refused(f"{city.name} {say_month(month)}的指数已经录入；数字有误的请用更正。", field="month")
    return _create(city, month, figures, published_on, source, actor)


@transaction.atomic
def correct_figure(
    *,
    figure: PriceIndex,
    figures: Figures,
    published_on: date,
    source: str,
    reason: str,
    actor: User,
) -> PriceIndex:
    """A new figure that names the old one and why. The old one counts until the new one is confirmed."""
    _lock(figure.area, actor)
    if PriceIndex.objects.filter(replaces=figure).exists():
        raise Refused("该条指数已被更正，请对最后一条更正。")
    if not reason.strip():
        raise Refused("请填写更正理由。", field="reason")
    if figure.figures == figures and figure.published_on == published_on:
        raise Refused("数字和发布日期没有变化。", field="cpi")
    return _create(
        figure.area,
        figure.month,
        figures,
        published_on,
        source,
        actor,
        replaces=figure,
        reason=reason.strip()[:200],
    )


@transaction.atomic
def confirm_figure(*, figure: PriceIndex, actor: User) -> PriceIndex:
    """Another person has compared it with what was published: from now on it counts."""
    _lock(figure.area, actor)
    figure = PriceIndex.objects.select_related("area").get(pk=figure.pk)
    require(perms.can_confirm_figure(actor, figure))
    if PriceIndex.objects.filter(replaces=figure).exists():
        raise Refused("该条指数已被更正，请复核更正后的一条。")
    figure.confirmed_by, figure.confirmed_at = actor, clock.now()
    figure.save(update_fields=["confirmed_by", "confirmed_at"])
    return figure


def _lock(city: Area, actor: User) -> None:
    """Who may, and one at a time: the figures of a city form a chain."""
    require(perms.can_enter_figures(actor, city))
    Area.objects.select_for_update(no_key=True).get(pk=city.pk)


def _create(
    city: Area,
    month: date,
    figures: Figures,
    published_on: date,
    source: str,
    actor: User,
    **values: object,
) -> PriceIndex:
    _refuse_bad_days(month, published_on)
    for name, label in _LABELS.items():
        _refuse_bad_change(getattr(figures, name), label, name)
    if not source.strip():
        raise Refused("请填写发布单位及文件。", field="source")
    return PriceIndex.objects.create(
        area=city,
        month=month,
        cpi=figures.cpi,
        food=figures.food,
        scpi=figures.scpi,
        published_on=published_on,
        source=source.strip()[:200],
        entered_by=actor,
        entered_at=clock.now(),
        **values,
    )


def _refuse_bad_days(month: date, published_on: date) -> None:
    if month != clock.month_of(month):
        raise Refused("指数月份应为某月 1 日。", field="month")
    if published_on < clock.next_month(month):
        raise Refused(f"{say_month(month)}的指数在该月结束后才发布，请核对发布日期。", field="published_on")
    if published_on > clock.today():
        raise Refused("发布日期不能晚于今天。", field="published_on")


def _refuse_bad_change(value: Decimal | None, label: str, field: str) -> None:
    if value is None:
        return
    if not LOWEST <= value <= HIGHEST or value != value.quantize(_HUNDREDTH):
        raise Refused(
            f"{label}同比涨幅应在 {LOWEST} 与 {HIGHEST} 之间、最多两位小数，如 3.2 表示上涨 3.2%。",
            field=field,
        )
