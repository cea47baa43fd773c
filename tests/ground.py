"""The ground that most tests stand on: areas, published rules, calendar. Loaded once, copied from then on.

Reading the packs and checking some 1,500 rows takes a good part of what a test of a case takes, and it is the
same rows each time. What loading does is proven in `tests/policy`; here it is only wanted as a beginning.
"""

from __future__ import annotations

import datetime as dt

from django.db import connection
from django.utils import timezone

from organisations.loading import load_areas
from organisations.models import Area
from policy.calendar_loading import load_calendar
from policy.models import CalendarDay, CalendarYear, Clause, Document, Rule
from policy.packs import load_packs
from tests.cases.builders import Places, build_places

TABLES = [model._meta.db_table for model in (Area, Document, Clause, Rule, CalendarYear, CalendarDay)]
# By the hour of loading (it stands in the rows), and with the villages of the demo or without.
_copies: dict[tuple[dt.datetime, bool], list[bytes]] = {}


def lay_ground(*, demo_villages: bool = False) -> Places:
    """The places, the published packs and the official calendar, loaded at this hour."""
    wanted = (timezone.now(), demo_villages)
    if any(model.objects.exists() for model in (Area, Document, CalendarYear)):
        return _load(demo_villages=demo_villages)
    if wanted not in _copies:
        places = _load(demo_villages=demo_villages)
        # Unless time stands still, no other test asks for this hour.
        if timezone.now() == wanted[0]:
            _copies[wanted] = _copied_out()
        return places
    _copy_in(_copies[wanted])
    return build_places(materials=False)


def _load(*, demo_villages: bool) -> Places:
    places = build_places(materials=False)
    load_areas(demo_villages=demo_villages)
    load_packs(now=timezone.now())
    load_calendar(now=timezone.now())
    return places


def _copied_out() -> list[bytes]:
    with connection.cursor() as cursor:
        copies = []
        for table in TABLES:
            with cursor.copy(f"COPY {table} TO STDOUT") as rows:
                copies.append(b"".join(bytes(block) for block in rows))
        return copies


def _copy_in(copies: list[bytes]) -> None:
    """Past the triggers, which have seen these rows when they were loaded; their ids are nobody else's."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, copied in zip(TABLES, copies, strict=True):
            with cursor.copy(f"COPY {table} FROM STDIN") as rows:
                rows.write(copied)
        cursor.execute("SET session_replication_role = DEFAULT")
        # Tests roll back what they write, so vacuum notes these tables as empty, and the planner would look
        # through all of one for each row of another. What is noted here outlives the test.
        cursor.execute("SELECT FROM pg_class WHERE oid = %s::regclass AND reltuples <= 0", [TABLES[0]])
        if cursor.fetchone() is not None:
            cursor.execute(f"ANALYZE {', '.join(TABLES)}")
