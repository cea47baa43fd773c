"""The demo's money: months of 低保 and 特困, and 临时救助 as it falls due; lists are checked, sealed, sent
and answered. The running month is prepared only, and what came in the last days still waits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from io import BytesIO

from django.utils import timezone

from cases.enums import Programme
from common import clock
from common.clock import add_months, month_of
from common.errors import Refused
from organisations.enums import AreaLevel
from organisations.models import Area, User
from payments import services
from payments.demo_bank import answer_to
from payments.models import Batch, Instalment
from payments.perms import is_allocated_monthly
from payments.services.payouts import not_listed, opens_on
from payments.terms import PAID_MONTHLY, PaymentRules
from policy.deadlines import SHANGHAI
from policy.working_days import Calendar
from workbench.demo.staff import TOWNS

_FAILURES = ("户名不符", "账户已冻结")
# How long the clerk of the demo has not looked at 临时救助待发.
_WAITS = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Payer:
    """An area that pays by the rules, with its people and the townships it pays for."""

    area: Area
    clerk: User
    checker: User
    townships: list[Area]


def pay_months(*, today: date, staff: dict[str, User], calendar: Calendar, n_months: int = 4) -> None:
    """The last `n_months` months of each payer; this month's list is prepared where the 1st has passed."""
    for back in range(n_months - 1, -1, -1):
        month = add_months(month_of(today), -back)
        for programme in PAID_MONTHLY:
            for payer in payers_of(programme, month, staff):
                _pay_month(payer, programme, month, calendar, today)


def pay_grants(*, today: date, staff: dict[str, User], calendar: Calendar) -> None:
    """Each instalment of 临时救助 on the first working day on which it may be paid (DT-8.4)."""
    for payer in payers_of(Programme.LINSHI, month_of(today), staff):
        due: dict[date, list[int]] = defaultdict(list)
        for part in not_listed().filter(grant__township__in=payer.townships).select_related("grant"):
            due[_pay_day(part, calendar)].append(part.pk)
        for day, parts in sorted(due.items()):
            if _next_working_day(calendar, day) > today - _WAITS:
                continue
            with clock.pretend(_at(day, 10)):
                batch = services.prepare_payout(instalments=parts, actor=payer.clerk)
            settle_list(batch, payer, day, calendar)


def _pay_day(part: Instalment, calendar: Calendar) -> date:
    decided_on = timezone.localdate(part.grant.decided_at)
    first = decided_on + timedelta(days=1) if part.number == 1 else opens_on(part)
    return calendar.working_day_on_or_after(max(first, decided_on))


def payers_of(programme: str, month: date, staff: dict[str, User]) -> Iterator[Payer]:
    """The areas that pay a programme for the demo's townships, with their people."""
    rules, found = PaymentRules(programme, month), {}
    for key, (code, _) in TOWNS.items():
        township = Area.objects.select_related("parent").get(code=code)
        (area,) = rules.payers([(township.parent, township)])
        by_county = area.level == AreaLevel.COUNTY
        posts = (f"{key[:2]}-payments", f"{key[:2]}-finance")
        if not by_county:
            posts = (f"{key}-town-payments", f"{key}-approver")
        payer = found.setdefault(area.pk, Payer(area, *(staff[post] for post in posts), []))
        payer.townships.append(township)
    yield from found.values()


def _pay_month(payer: Payer, programme: str, month: date, calendar: Calendar, today: date) -> None:
    if Batch.objects.filter(area=payer.area, programme=programme, month=month).exists():
        return
    day = calendar.working_day_on_or_after(month)
    if day > today:
        return
    with clock.pretend(_at(day, 10)):
        try:
            batch = services.prepare_month(
                area=payer.area, programme=programme, month=month, actor=payer.clerk
            )
        except Refused:
            return  # nobody is in receipt there yet
    if month != month_of(today):
        settle_list(batch, payer, day, calendar, some_fail=month == add_months(month_of(today), -1))


def settle_list(
    batch: Batch, payer: Payer, day: date, calendar: Calendar, *, some_fail: bool = False
) -> None:
    """Checked by the second person, sealed and sent on the day; the bank answers on the next."""
    with clock.pretend(_at(day, 14)):
        batch = services.check_batch(batch=batch, actor=payer.checker)
        if is_allocated_monthly(batch):
            request = services.ask_for_month(batch=batch, actor=payer.clerk)
            services.allocate_funds(request=request, actor=payer.checker)
        services.seal_batch(batch=batch, actor=payer.clerk)
        files = services.make_bank_files(batch=batch, actor=payer.clerk)
    paid_on = _next_working_day(calendar, day)
    for file in files:
        services.write_bank_file(bank_file=file)
        n_failing = min(2, file.n_transfers - 1) if some_fail else 0
        failures = {n + 1: _FAILURES[n % 2] for n in range(n_failing)}
        answer = BytesIO(answer_to(file, paid_on=paid_on, failures=failures))
        answer.name = "answer.csv"
        with clock.pretend(_at(paid_on, 15)):
            services.import_answer(bank_file=file, upload=answer, actor=payer.clerk)


def _next_working_day(calendar: Calendar, day: date) -> date:
    return calendar.working_day_on_or_after(day + timedelta(days=1))


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 10), SHANGHAI)
