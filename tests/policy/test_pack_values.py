"""What the documents say, read by hand, against what the packs answer (`pack_values.csv`).

`-`: no rule in force. `from`: the area whose rule it is, so a township that inherits is told from one that
overrides. The rows stand on both sides of each date on which a value changes.
"""

import csv
import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from organisations.enums import AreaLevel
from organisations.models import Area
from policy.assess import assess
from policy.deadlines import SHANGHAI, due_for
from policy.household import PLACEMENTS, Assets, Facts, LinshiFacts, MemberFacts, TekunFacts
from policy.models import Rule
from policy.rules import NoRuleInForce, RuleBook
from policy.steps import PROGRAMMES, STEPS

pytestmark = pytest.mark.django_db

with (Path(__file__).parent / "pack_values.csv").open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))


def _params():
    for row in ROWS:
        marks = pytest.mark.clause(row["clause"]) if row["clause"] else ()
        yield pytest.param(row, id=f"{row['area']}-{row['key']}-{row['on']}", marks=marks)


@pytest.mark.parametrize("row", list(_params()))
def test_the_pack_says_what_the_document_says(row: dict[str, str], area) -> None:
    book = RuleBook(area(row["area"]), date.fromisoformat(row["on"]))
    if row["value"] == "-":
        with pytest.raises(NoRuleInForce, match=row["key"]):
            book.rule(row["key"])
        return
    rule = book.rule(row["key"])
    found = (rule.value, rule.unit, rule.area.code, rule.clause_id or "", rule.certainty)
    assert found == (row["value"], row["unit"], row["from"], row["clause"], row["certainty"])


def test_there_are_enough_values_of_every_district() -> None:
    assert len({(row["area"], row["key"], row["on"]) for row in ROWS}) == len(ROWS) >= 140
    assert {row["area"][:4] for row in ROWS} == {"3303", "3306", "3508", "4108", "0000"}


@pytest.mark.clause("DT-7.3")
def test_care_grades_of_dongtou(area) -> None:
    grades = RuleBook(area("330305"), date(2023, 3, 1)).items("care.grades")
    assert [(grade["from"], grade["ratio"]) for grade in grades] == [
        ("0", "0.10"),
        ("1", "0.20"),
        ("3", "0.40"),
        ("4", "0.80"),
    ]


@pytest.mark.clause("L43-21")
def test_care_grades_of_the_nation_name_no_money(area) -> None:
    grades = RuleBook(area("000000"), date(2023, 3, 1)).items("care.grades")
    assert [grade["from"] for grade in grades] == ["0", "1", "4"]
    assert all("ratio" not in grade for grade in grades)


@pytest.mark.parametrize(
    ("county", "key", "clauses"),
    [
        pytest.param(
            "330302",
            "case_by_case.circumstances",
            [f"LC-3.{n}" for n in range(1, 8)],
            marks=pytest.mark.clause("LC-3.7"),
        ),
        pytest.param("330305", "case_by_case.circumstances", ["DT-4.1"], marks=pytest.mark.clause("DT-4.1")),
        pytest.param(
            "330604", "case_by_case.circumstances", ["SY-4.4a"], marks=pytest.mark.clause("SY-4.4a")
        ),
    ],
)
def test_circumstances_of_the_district(county: str, key: str, clauses: list[str], area) -> None:
    items = RuleBook(area(county), date(2023, 3, 1)).items(key)
    assert [item.get("clause") for item in items] == clauses


@pytest.mark.clause("LY-2.2")
@pytest.mark.clause("JZ-2.1")
@pytest.mark.parametrize("county", ["350802", "410802", "330305"])
def test_single_people_of_a_low_income_family(county: str, area) -> None:
    items = RuleBook(area(county), date(2023, 3, 1)).items("household.single_person")
    assert {"disability_1_2", "severe_illness"} <= {item["code"] for item in items}


# Which limits the documents give where; what is not here has no rule there and is an error, never a guess.
_NATION = {
    "dibao": "entrust_check publicity decision total refusal_notice announcement recovery_defence",
    "dibian": "entrust_check publicity decision total refusal_notice announcement recovery_defence",
    "tekun": "investigation publicity decision total refusal_notice termination_objection announcement"
    " recovery_defence",
    "linshi": "publicity total payment refusal_notice relief_completion announcement recovery_defence"
    " hand_over_receipt",
    "case_by_case": "",
}
_ALERTS = "alert_city_dispatch alert_county_dispatch alert_visit_initial alert_visit_new"
_OWN = {
    "330302": {
        "dibao": "investigation defence",
        "dibian": "defence",
        "tekun": "defence",
        "case_by_case": "appraisal feedback filing",
    },
    "330305": {
        "dibao": "investigation referral_feedback defence",
        "dibian": "referral_feedback defence",
        "tekun": "referral_feedback defence",
        "linshi": "referral_feedback emergency_relief",
        "case_by_case": "appraisal collective_review publicity emergency_relief referral_feedback",
    },
    "330604": {
        "dibao": "village_relay investigation defence",
        "dibian": "village_relay investigation defence",
        "tekun": "village_relay entrust_check defence",
        "linshi": "emergency_relief",
        "case_by_case": "emergency_relief",
    },
    "350802": dict.fromkeys(PROGRAMMES, _ALERTS)
    | dict.fromkeys(("dibao", "dibian", "tekun"), f"{_ALERTS} defence"),
    "410802": dict.fromkeys(("dibao", "dibian", "tekun"), "defence"),
}


@pytest.mark.parametrize("programme", PROGRAMMES)
@pytest.mark.parametrize("county", _OWN)
def test_exactly_the_steps_of_the_documents_have_a_limit(county: str, programme: str, area) -> None:
    wanted = f"{_NATION[programme]} {_OWN[county].get(programme, '')}".split()
    place, start = area(county), datetime(2026, 3, 2, 9, 0, tzinfo=SHANGHAI)
    answered = []
    for step in STEPS:
        try:
            answered.append(due_for(area=place, programme=programme, step=step, start=start).step)
        except NoRuleInForce:
            continue
    assert sorted(answered) == sorted(wanted)


def test_every_step_has_a_limit_somewhere(rule_tables) -> None:
    keys = Rule.objects.filter(key__startswith="deadline.").values_list("key", flat=True)
    assert {key.split(".")[2] for key in keys} == set(STEPS)


def _facts(programme: str, on: date, placement: str = "home") -> Facts:
    return Facts(
        programme=programme,
        on=on,
        members=(MemberFacts(key="A", relation="self", birth_date=date(1950, 5, 1)),),
        assets=Assets(),
        linshi=LinshiFacts("expenditure", "education", Decimal("1000.00")) if programme == "linshi" else None,
        tekun=TekunFacts(
            no_work_ability=True, no_income=True, supporter="none", self_care_failed=4, placement=placement
        )
        if programme == "tekun"
        else None,
    )


@pytest.mark.parametrize("day", [date(2022, 1, 1), date(2023, 1, 1), date(2024, 7, 1), date(2026, 3, 2)])
def test_every_programme_can_be_assessed_in_every_county(day: date, rule_tables) -> None:
    """Enough demo values that an office can try all four programmes anywhere from 2022 on."""
    counties = list(Area.objects.filter(level=AreaLevel.COUNTY))
    assert len(counties) == 21
    for county in counties:
        book = RuleBook(county, day)
        for programme in ("dibao", "dibian", "linshi"):
            assert assess(_facts(programme, day), book).eligible, (county, programme)
        for placement in PLACEMENTS:
            answer = assess(_facts("tekun", day, placement), book)
            assert answer.eligible
            assert answer.care_fee > 0, (county, placement)


def test_no_value_made_up_or_assumed_is_shipped_as_law(rule_tables) -> None:
    rules = Rule.objects.select_related("document")
    demo = rules.filter(certainty="demo")
    assert {rule.document_id for rule in demo} == {"DEMO"}
    assert not rules.filter(document="DEMO").exclude(certainty="demo").exists()
    assert not demo.filter(clause__isnull=False).exists()
    unexplained = [rule.key for rule in rules.exclude(certainty="law") if not rule.note]
    assert unexplained == []


def test_lists_of_materials_name_their_clause(rule_tables) -> None:
    for rule in Rule.objects.filter(key__startswith="materials."):
        assert all(item["label"] for item in json.loads(rule.value)), rule.key
        assert rule.clause_id
