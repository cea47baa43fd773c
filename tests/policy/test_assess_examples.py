"""Means tests worked out by hand from 民发〔2021〕57号 and the district documents (`worked_examples.csv`).

Members: `A wage=500 cost=100 ~bravery_award=300 !prison` (`~` exempt, `!` excluded, `!away` not co-living).
"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from policy.assess import assess
from policy.household import Assets, Facts, IncomeFact, MemberFacts

pytestmark = pytest.mark.django_db

with (Path(__file__).parent / "worked_examples.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def _member(text: str) -> MemberFacts:
    key, *words = text.split()
    pairs = [word.split("=") for word in words if "=" in word]
    marks = {word[1:] for word in words if word.startswith("!")}
    return MemberFacts(
        key=key,
        relation="self" if key == "A" else "other_supported",
        birth_date=date(1980, 5, 1),
        co_living="away" not in marks,
        excluded=next(iter(marks - {"away"}), ""),
        income=tuple(IncomeFact(k, Decimal(v)) for k, v in pairs if k[0] != "~" and k != "cost"),
        exempt_income=tuple(IncomeFact(k[1:], Decimal(v)) for k, v in pairs if k[0] == "~"),
        employment_cost=next((Decimal(v) for k, v in pairs if k == "cost"), Decimal("0.00")),
    )


def facts_of(row: dict[str, str]) -> Facts:
    return Facts(
        programme="dibao",
        on=date.fromisoformat(row["on"]),
        members=tuple(_member(text) for text in row["members"].split("|")),
        assets=Assets(
            Decimal(row["deposits"]), int(row["vehicles"]), int(row["houses"]), Decimal(row["capital"])
        ),
        rigid_expenditure_monthly=Decimal(row["rigid"]),
        standards={"dibao": Decimal(row["standard"])} if row["standard"] else {},
    )


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=row["id"], marks=pytest.mark.clause(row["clause"])) for row in ROWS]
)
def test_the_means_test_equals_the_one_worked_by_hand(row: dict[str, str], book) -> None:
    facts = facts_of(row)
    rules = book(row["area"], facts.on)
    result = assess(facts, rules)
    answer = result.as_json()
    assert (answer["outcome"], answer["monthly"] or "") == (row["outcome"], row["monthly"])
    assert result.eligible == (row["outcome"] == "eligible")
    amounts = {line["code"]: line["amount"] for line in answer["lines"]}
    assert amounts["per_capita_income"] == row["per_capita"]
    assert " ".join(line.code for line in result.lines if not line.passed) == row["failed"]
    assert answer["what_if"] == bool(row["standard"])
    counted = [member.key for member in facts.members if member.counted]
    assert answer["covered"] == (counted if row["outcome"] == "eligible" else [])
    assert amounts.get("monthly", "") == row["monthly"], "every amount of the answer stands in the lines"
    assert result.rule_ids == tuple(rules.used)


def test_there_are_enough_examples() -> None:
    assert len(ROWS) >= 40
