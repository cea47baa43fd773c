"""The demo's money in hand: each quarter 洞头 advances its townships 临时救助; 上虞 knows its population."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

from common import clock
from organisations.models import Area, Population, User
from payments import services
from payments.enums import FundPurpose, FundRequestKind
from payments.models import FundRequest
from payments.queries.funds import quarter_of, say_quarter
from policy.deadlines import SHANGHAI
from policy.working_days import Calendar
from workbench.demo.staff import TOWNS

_ADVANCE = Decimal("50000.00")
_POPULATION = {"sy": 68_214, "sy2": 41_236}


def fill_funds(*, today: date, staff: dict[str, User], calendar: Calendar) -> None:
    """The advances of a year (DT-8.1), and the numbers that SY-4.4c counts with."""
    for months in (-9, -6, -3, 0):
        quarter = clock.add_months(quarter_of(today), months)
        day = calendar.working_day_on_or_after(quarter)
        for key in ("dt", "dt2"):
            if day <= today:
                _advance(Area.objects.get(code=TOWNS[key][0]), quarter, day, staff)
    for key, hukou in _POPULATION.items():
        township = Area.objects.get(code=TOWNS[key][0])
        Population.objects.get_or_create(area=township, year=today.year - 1, defaults={"hukou": hukou})


def _advance(township: Area, quarter: date, day: date, staff: dict[str, User]) -> None:
    if FundRequest.objects.filter(area=township, quarter=quarter).exists():
        return
    with clock.pretend(datetime.combine(day, time(9, 20), SHANGHAI)):
        request = services.ask_for_funds(
            area=township,
            purpose=FundPurpose.LINSHI,
            kind=FundRequestKind.ADVANCE,
            quarter=quarter,
            amount=_ADVANCE,
            reason=f"{say_quarter(quarter)}临时救助资金预拨",
            actor=staff["dt-payments"],
        )
        services.allocate_funds(request=request, actor=staff["dt-finance"])
