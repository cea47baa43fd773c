"""The rule tables as an office has them after set-up: areas, calendar, packs; loaded once a module.

The module's tests run inside the transaction of `rule_tables`, each in a savepoint of its own.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from functools import cache

import pytest
from django.db import connection, transaction

from organisations.loading import load_areas
from organisations.models import Area, User
from policy.calendar_loading import load_calendar
from policy.calendars import working_calendar
from policy.models import Rule, RuleClosure
from policy.packs import LoadReport, load_packs
from policy.rules import RuleBook
from policy.working_days import Calendar

LOADED_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def rule_tables(django_db_setup: None, django_db_blocker) -> Iterator[LoadReport]:
    with django_db_blocker.unblock(), transaction.atomic():
        load_areas(demo_villages=False)
        load_calendar(now=LOADED_AT)
        report = load_packs(now=LOADED_AT)
        # After each test Django looks at deferred constraints: not at the tables' again and again.
        connection.check_constraints()
        yield report
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def area(rule_tables: LoadReport):
    """`area("330305")` with its chain at hand."""
    return lambda code: Area.objects.get(code=code)


@pytest.fixture(scope="module")
def book(area) -> Callable[[str, date], RuleBook]:
    """`book("330305001", day)`: the rules there and then, read once a module, with nothing consulted yet."""
    read = cache(lambda code, on: RuleBook(area(code), on))
    return lambda code, on: read(code, on).fresh()


@pytest.fixture(scope="module")
def calendar(rule_tables: LoadReport) -> Calendar:
    """The calendar of the tables, read once a module."""
    return working_calendar()


def end(rule: Rule, on: date) -> None:
    """Close a published rule on a day, with the record of it that the database asks for."""
    closer, _ = User.objects.get_or_create(username="closer", defaults={"name": "停用"})
    RuleClosure.objects.create(
        stream=f"rules:{rule.area_id}",
        rule=rule,
        closes_on=on,
        reason="测试",
        closed_by=closer,
        closed_at=LOADED_AT,
    )
    Rule.objects.filter(pk=rule.pk).update(valid_to=on)
