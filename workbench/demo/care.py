"""The demo's people in 分散供养: some well cared for, some with a visit due, some with a gap (JZ-3.1)."""

from __future__ import annotations

from datetime import datetime, timedelta

from common import clock
from organisations.models import User
from payments import services
from payments.enums import CareFinding
from payments.models import Benefit
from payments.queries.care import people_at_home
from policy.deadlines import SHANGHAI
from policy.working_days import Calendar
from workbench.demo.declared import photo
from workbench.demo.staff import TOWNS

_KEYS = {code: key for key, (code, *_) in TOWNS.items()}
_ENDED = "照料人外出务工，已无法照料。"
# How many days ago each person was visited last, and whether the carer was gone then; in turn.
_VISITS = ((12, False), (40, True), (45, False), (35, True), (38, True), (20, False))


def tend_people(now: datetime, staff: dict[str, User], calendar: Calendar) -> None:
    """Visits in turn; where the carer was gone, every other person has another agreement by now."""
    for n, person in enumerate(people_at_home(Benefit.objects.all()).order_by("pk")):
        days, ended = _VISITS[n % len(_VISITS)]
        day = calendar.working_day_on_or_before(now.astimezone(SHANGHAI).date() - timedelta(days=days))
        key = _KEYS.get(person.township.code)
        if key is None or day < person.starts_on:
            continue
        at = datetime.combine(day, datetime.min.time(), SHANGHAI) + timedelta(hours=15)
        with clock.pretend(at):
            services.record_care_visit(
                benefit=person,
                visited_on=day,
                visitor="赵网格（演示）",
                finding=CareFinding.ENDED if ended else CareFinding.GOOD,
                note=_ENDED if ended else "",
                actor=staff[f"{key}-handler"],
            )
        if ended and n % 2:
            with clock.pretend(at + timedelta(days=3)):
                _sign_anew(person, key, staff, confirmed=n % 4 == 1)


def _sign_anew(person: Benefit, key: str, staff: dict[str, User], *, confirmed: bool) -> None:
    agreement = services.record_later_agreement(
        benefit=person,
        carer="钱照料（演示）",
        contact="",
        visitor="赵网格（演示）",
        signed_on=clock.today(),
        reason="原照料人外出务工",
        scan=photo(person.pk),
        actor=staff[f"{key}-handler"],
    )
    if confirmed:
        services.confirm_later_agreement(agreement=agreement, actor=staff[f"{key}-reviewer"])
