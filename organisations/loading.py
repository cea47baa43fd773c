"""The published area tree from `data/areas.csv` into the table.

Columns: code, prefix (see `Area`), name, level, parent (a code), abbreviation (of a county, for case
numbers), demo. Provinces to townships are the official codes of November 2024. Rows with demo = 1 are
villages made up for the demo (codes in the official form, names plausible, neither checked): an office leaves
them out with `load_areas --without-demo-villages` and enters its own.
"""

from __future__ import annotations

import csv
from pathlib import Path

from django.db import connection, transaction

from organisations.models import Area

AREAS_FILE = Path(__file__).parent / "data" / "areas.csv"
_UPDATED = ["prefix", "name", "abbreviation", "level", "parent"]


@transaction.atomic
def load_areas(*, demo_villages: bool = True) -> int:
    """Insert what is missing, correct what differs, by one statement; the number of rows in the file."""
    with AREAS_FILE.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if demo_villages or not row["demo"]]
    with connection.cursor() as cursor:
        # Two loads at once would hand out two ids for one code and hang children on the lost one.
        cursor.execute("LOCK TABLE organisations_area IN SHARE ROW EXCLUSIVE MODE")
    ids = dict(Area.objects.values_list("code", "pk"))
    missing = [row["code"] for row in rows if row["code"] not in ids]
    ids.update(zip(missing, _new_ids(len(missing)), strict=True))
    areas = [
        Area(
            pk=ids[row["code"]],
            code=row["code"],
            prefix=row["prefix"],
            name=row["name"],
            abbreviation=row["abbreviation"],
            level=row["level"],
            parent_id=ids[row["parent"]] if row["parent"] else None,
        )
        for row in rows
    ]
    Area.objects.bulk_create(areas, update_conflicts=True, unique_fields=["code"], update_fields=_UPDATED)
    return len(areas)


def _new_ids(count: int) -> list[int]:
    """Ids from the table's own sequence: children need the parent's id before either is inserted."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('organisations_area', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [new_id for (new_id,) in cursor.fetchall()]
