"""When the validity of 一事一议 is reminded of, and when it can be renewed (LC-4.4b)."""

from __future__ import annotations

from datetime import date, timedelta

# Reminded from the first of these days before the end on, urgently from the second.
REMIND_DAYS = (60, 30)
# From so many days before the end on, that day the first: when people are reminded, they can act.
RENEWABLE_DAYS = REMIND_DAYS[0]


def renewable_from(until: date) -> date:
    """The first day on which what holds until then can be renewed."""
    return until - timedelta(days=RENEWABLE_DAYS)
