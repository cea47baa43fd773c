"""Which rules change what households are paid, and from which month on."""

from __future__ import annotations

from datetime import date

from cases.enums import Programme
from common import clock

# Help with a monthly amount; 低边 is a status.
PAID = (Programme.DIBAO, Programme.TEKUN)
# Keys that change amounts, by programme.
AMOUNT_KEYS = {
    Programme.DIBAO: ("standard.dibao",),
    Programme.TEKUN: ("standard.tekun", "min_wage", "care.grades", "care.home_share"),
}


def effective_month(valid_from: date) -> date:
    """The first month that a rule in force from a day governs whole: that month, or the next (月 are paid
    whole).
    """
    month = clock.month_of(valid_from)
    return month if valid_from == month else clock.next_month(valid_from)
