"""On which dates what is open falls due: as decided, and anew when a household falls on harder times."""

from __future__ import annotations

from datetime import date

from approvals.recovering.models import Part, Plan, Recovery
from common import clock
from common.money import FEN

MOST_PARTS = 36


def instalments(recovery: Recovery, n_parts: int, first: date, plan: Plan | None = None) -> list[Part]:
    """Even parts of what is open, a month apart, the last one with what does not divide.

    What was made good before counts in `in_all` from the first part on.
    """
    still = recovery.debt.open
    each = (still / n_parts).quantize(FEN, rounding="ROUND_DOWN")
    parts, in_all = [], recovery.debt.owed - still
    for number in range(1, n_parts + 1):
        amount = each if number < n_parts else recovery.debt.owed - in_all
        in_all += amount
        part = Part(recovery=recovery, plan=plan, number=number, amount=amount, in_all=in_all)
        part.due_on = _months_later(first, number - 1)
        parts.append(part)
    return parts


def _months_later(day: date, months: int) -> date:
    """The same day of a later month, its last day where it has no such day."""
    first = clock.add_months(day, months)
    last = (clock.next_month(first) - first).days
    return first.replace(day=min(day.day, last))
