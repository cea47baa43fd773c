"""Due dates worked out by hand from the documents and the State Council notices (`due_examples.csv`)."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from policy.deadlines import Due, due_for

pytestmark = pytest.mark.django_db

with (Path(__file__).parent / "due_examples.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row["id"], marks=pytest.mark.clause(row["clause"])) for row in ROWS]
)
def test_due_date_equals_the_one_worked_by_hand(row: dict[str, str], area, calendar) -> None:
    due = due_for(
        area=area(row["area"]),
        programme=row["programme"],
        step=row["step"],
        start=datetime.fromisoformat(row["start"]),
        check_days=int(row["check_days"]) if row["check_days"] else None,
        extended=bool(row["extended"]),
        calendar=calendar,
    )
    assert (due.first_day.isoformat(), due.due_at.isoformat()) == (row["first_day"], row["due_at"])
    assert (str(due.amount), due.unit, due.clause) == (row["amount"], row["unit"], row["clause"])
    assert (due.extended, due.provisional) == (bool(row["extended"]), row["provisional"] == "1")
    if row["skipped"] != "*":
        assert _skipped(due) == row["skipped"]
    assert due.why()


def _skipped(due: Due) -> str:
    return " ".join(f"{gap.first}~{gap.last}{gap.why}" for gap in due.skipped) or "-"


def test_there_are_enough_examples() -> None:
    assert len({row["id"] for row in ROWS}) == len(ROWS) >= 170
