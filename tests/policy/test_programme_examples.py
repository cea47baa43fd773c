"""All four programmes, worked out by hand from the clauses (`programme_examples.csv`).

Members: `A @1950-01-01 rel=spouse wage=500 cost=100 ~bravery_award=300 dis=mental2 ill !prison` (`@` born,
`~` exempt, `!` excluded). Lines: `code=amount`, `code` (is there), `-code` (is not). `*`: not what the
example is about.
"""

import csv
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from policy.assess import assess
from policy.household import Assets, Disability, Facts, IncomeFact, LinshiFacts, MemberFacts, TekunFacts
from policy.models import Rule
from policy.rules import RuleBook

pytestmark = pytest.mark.django_db

_INCOME = ("wage", "business", "property", "transfer", "other")
with (Path(__file__).parent / "programme_examples.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def _pairs(text: str) -> dict[str, str]:
    return dict(word.split("=") for word in text.split() if "=" in word)


def _member(text: str) -> MemberFacts:
    key, *words = text.split()
    values = _pairs(text)
    born = next((word[1:] for word in words if word.startswith("@")), "1980-05-01")
    kind = values.get("dis", "")
    return MemberFacts(
        key=key,
        relation=values.get("rel", "self" if key == "A" else "other_supported"),
        birth_date=date.fromisoformat(born),
        excluded=next((word[1:] for word in words if word.startswith("!")), ""),
        disability=Disability(kind[:-1], int(kind[-1])) if kind else None,
        severe_illness="ill" in words,
        income=tuple(IncomeFact(name, Decimal(values[name])) for name in _INCOME if name in values),
        exempt_income=tuple(IncomeFact(n[1:], Decimal(v)) for n, v in values.items() if n[0] == "~"),
        employment_cost=Decimal(values.get("cost", "0.00")),
    )


def _linshi(text: str) -> LinshiFacts:
    said = _pairs(text)
    return LinshiFacts(
        said["kind"],
        said["cause"],
        Decimal(said["requested"]),
        Decimal(said["residual"]),
        repeat_same_cause=said["repeat"] == "y",
    )


def _tekun(text: str) -> TekunFacts:
    said = _pairs(text)
    return TekunFacts(
        no_work_ability=said["work"] == "y",
        no_income=said["income"] == "y",
        supporter=said["supporter"],
        self_care_failed=int(said["failed"]),
        placement=said["place"],
    )


def facts_of(row: dict[str, str]) -> Facts:
    assets = {name: Decimal(value) for name, value in _pairs(row["assets"]).items()}
    return Facts(
        programme=row["programme"],
        on=date.fromisoformat(row["on"]),
        members=tuple(_member(text) for text in row["members"].split("|")),
        assets=Assets(**assets) if assets else None,
        rigid_expenditure_monthly=Decimal(row["rigid"] or "0.00"),
        purpose=row["purpose"] or "application",
        standards={name: Decimal(value) for name, value in _pairs(row["standards"]).items()},
        linshi=_linshi(row["block"]) if row["programme"] == "linshi" else None,
        tekun=_tekun(row["block"]) if row["programme"] == "tekun" else None,
        current_monthly=Decimal(row["current"]) if row["current"] else None,
    )


def _params():
    """A row may prove several clauses."""
    return [
        pytest.param(row, id=row["id"], marks=[pytest.mark.clause(one) for one in row["clause"].split()])
        for row in ROWS
    ]


@pytest.mark.parametrize("row", _params())
def test_the_answer_equals_the_one_worked_by_hand(row: dict[str, str], book) -> None:
    facts = facts_of(row)
    answer = assess(facts, book(row["area"], facts.on)).as_json()
    said = {name: answer[name] or "" for name in ("outcome", "authority", "monthly", "one_off_max")}
    said["covered"], said["circumstances"] = " ".join(answer["covered"]), " ".join(answer["circumstances"])
    said["failed"] = " ".join(line["code"] for line in answer["lines"] if not line["passed"])
    assert said == {name: said[name] if row[name] == "*" else row[name] for name in said}
    amounts = {line["code"]: line["amount"] for line in answer["lines"]}
    for wanted in row["lines"].split():
        code, _, amount = wanted.partition("=")
        if code.startswith("-"):
            assert code[1:] not in amounts
        else:
            assert code in amounts
            assert not amount or amounts[code] == amount
    for name in ("monthly", "one_off_max"):
        assert not answer[name] or amounts[name] == answer[name], "every amount stands in the lines"


def test_there_are_enough_examples() -> None:
    """With those of the first issue more than 150, each of its own."""
    assert len({row["id"] for row in ROWS}) == len(ROWS) >= 140


@pytest.mark.clause("LC-3.7")
def test_a_township_may_determine_circumstances_of_its_own(area) -> None:
    township = area("330302006")
    own = Rule(
        area=township,
        key="case_by_case.township_circumstances",
        value='[{"code": "flood", "label": "房屋被淹"}]',
        valid_from=date(2023, 1, 1),
        clause_id="LC-3.7",
    )
    worker = _member("A wage=5000.00")
    facts = Facts("dibao", date(2023, 3, 1), (worker,), standards={"dibao": Decimal("1085.00")})
    found = assess(facts, RuleBook(township, facts.on, drafts=[own]))
    assert (found.outcome, found.circumstances) == ("case_by_case", ("LC-3.7",))
    for place in (township, area("330302023")):
        assert assess(facts, RuleBook(place, facts.on)).outcome == "ineligible"


@pytest.mark.clause("LY-2.3")
@pytest.mark.clause("JZ-2.2")
@pytest.mark.parametrize(
    ("town", "rigid", "cost"),
    [("350802001", "LY-2.3", "L57-13"), ("410802001", "JZ-2.2", "JZ-2.2"), ("330305001", "L57-13", "L57-13")],
)
def test_what_is_taken_off_the_income_names_the_rule_that_takes_it(area, town, rigid, cost) -> None:
    worker = _member("A wage=500 cost=100")
    facts = Facts("dibao", date(2026, 3, 2), (worker,), Assets(), rigid_expenditure_monthly=Decimal(50))
    clauses = {line.code: line.clause for line in assess(facts, RuleBook(area(town), facts.on)).lines}
    assert (clauses["rigid_expenditure"], clauses["employment_cost"]) == (rigid, cost)
