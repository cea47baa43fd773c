"""The demo's months of money: prepared, checked, sealed, sent and answered; the running month is prepared."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from io import BytesIO

from common import clock
from common.clock import add_months, month_of
from common.errors import Refused
from organisations.models import Area, User
from payments import services
from payments.demo_bank import answer_to
from payments.models import Batch
from policy.deadlines import SHANGHAI
from policy.working_days import Calendar
from workbench.demo.staff import DISTRICTS, TOWNS

_PROGRAMME = "dibao"
# Who prepares and who checks, by payer.
_CLERKS = {
    TOWNS["dt"][0]: ("dt-town-payments", "dt-approver"),
    TOWNS["dt2"][0]: ("dt2-town-payments", "dt2-approver"),
    **{DISTRICTS[key]: (f"{key}-payments", f"{key}-finance") for key in ("sy", "lc", "ly", "jz")},
}
_FAILURES = ("户名不符", "账户已冻结")


def pay_months(*, today: date, staff: dict[str, User], calendar: Calendar, n_months: int = 4) -> None:
    """The last `n_months` months of each payer; this month's list is prepared where the 1st has passed."""
    for back in range(n_months - 1, -1, -1):
        month = add_months(month_of(today), -back)
        for code, (clerk, checker) in _CLERKS.items():
            area = Area.objects.get(code=code)
            _pay(area, month, staff[clerk], staff[checker], calendar, today)


def _pay(area: Area, month: date, clerk: User, checker: User, calendar: Calendar, today: date) -> None:
    if Batch.objects.filter(area=area, programme=_PROGRAMME, month=month).exists():
        return
    day = calendar.working_day_on_or_after(month)
    if day > today:
        return
    with clock.pretend(_at(day, 10)):
        try:
            batch = services.prepare_month(area=area, programme=_PROGRAMME, month=month, actor=clerk)
        except Refused:
            return  # nobody is in receipt there yet
    if month == month_of(today):
        return
    with clock.pretend(_at(day, 14)):
        services.check_batch(batch=batch, actor=checker)
        services.seal_batch(batch=batch, actor=clerk)
        files = services.make_bank_files(batch=batch, actor=clerk)
    paid_on = calendar.working_day_on_or_after(day + timedelta(days=1))
    last_month = month == add_months(month_of(today), -1)
    for file in files:
        services.write_bank_file(bank_file=file)
        failures = (
            {n + 1: _FAILURES[n % 2] for n in range(min(2, file.n_transfers - 1))} if last_month else {}
        )
        answer = BytesIO(answer_to(file, paid_on=paid_on, failures=failures))
        answer.name = "answer.csv"
        with clock.pretend(_at(paid_on, 15)):
            services.import_answer(bank_file=file, upload=answer, actor=clerk)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour, 10), SHANGHAI)
