"""The demo's price subsidy in 焦作 and 龙岩: one month that set nothing off, one that was paid, and the last
one, which waits for its second look (焦作) or for the check of its list (龙岩).
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal

from common import clock
from common.clock import add_months, month_of, next_month
from common.errors import Refused
from organisations.models import User
from payments import services
from payments.enums import PaidProgramme
from payments.models import PriceIndex
from payments.price import city_of
from policy.deadlines import SHANGHAI
from policy.price import Figures
from policy.working_days import Calendar
from workbench.demo.money import Payer, payers_of, settle_list

# Changes in percent of the third last, second last and last month: food and general prices.
_FIGURES = {3: ("2.6", "4.1"), 2: ("3.6", "6.4"), 1: ("3.7", "6.2")}
_PUBLISHED_ON = 11
_CITIES = {"4108": "jz", "3508": "ly"}


def pay_price_subsidies(*, today: date, staff: dict[str, User], calendar: Calendar) -> None:
    """Figures as they were published, and what they set off."""
    for back, (cpi, food) in _FIGURES.items():
        month = add_months(month_of(today), -back)
        day = calendar.working_day_on_or_after(next_month(month).replace(day=_PUBLISHED_ON))
        if day > today:
            continue
        for payer in payers_of(PaidProgramme.PRICE_SUBSIDY, month, staff):
            key = _CITIES.get(payer.area.prefix[:4])
            if key is not None:
                figures = Figures(Decimal(cpi), Decimal(food))
                waits = key == "jz" and back == 1
                _tell(payer, month, figures, day, calendar, waits=waits, paid=back > 1)


def _tell(
    payer: Payer,
    month: date,
    figures: Figures,
    day: date,
    calendar: Calendar,
    *,
    waits: bool,
    paid: bool,
) -> None:
    city = city_of(payer.area)
    if PriceIndex.objects.filter(area=city, month=month).exists():
        return
    with clock.pretend(datetime.combine(day, time(15, 10), SHANGHAI)):
        figure = services.enter_figure(
            city=city,
            month=month,
            figures=figures,
            published_on=day,
            source=f"国家统计局{city.name}调查队（演示）",
            actor=payer.clerk,
        )
        if waits:
            return
        services.confirm_figure(figure=figure, actor=payer.checker)
        try:
            batch = services.prepare_subsidy(area=payer.area, month=month, actor=payer.clerk)
        except Refused:
            return  # not set off, or nobody was in receipt yet
    if paid:
        settle_list(batch, payer, calendar.working_day_on_or_after(day + timedelta(days=1)), calendar)
