"""The rule tables as an office has them after set-up: areas, calendar, packs; loaded once a module.

The module's tests run inside the transaction of `rule_tables`, each in a savepoint of its own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.db import transaction

from organisations.loading import load_areas
from organisations.models import Area
from policy.calendar_loading import load_calendar
from policy.packs import LoadReport, load_packs

LOADED_AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def rule_tables(django_db_setup: None, django_db_blocker) -> Iterator[LoadReport]:
    with django_db_blocker.unblock(), transaction.atomic():
        load_areas(demo_villages=False)
        load_calendar(now=LOADED_AT)
        yield load_packs(now=LOADED_AT)
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def area(rule_tables: LoadReport):
    """`area("330305")` with its chain at hand."""
    return lambda code: Area.objects.get(code=code)
