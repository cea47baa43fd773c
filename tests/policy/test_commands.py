"""`manage.py rules`, `due`, `assess` as outsiders call them (interfaces.md)."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

pytestmark = pytest.mark.django_db

INTERFACE_EXAMPLE = """
{"area": "330305001", "programme": "dibao", "on": "2023-03-01", "purpose": "application",
 "standards": {"dibao": "1085.00", "dibian": "1627.50", "min_wage": "2280.00", "tekun": "1410.50"},
 "members": [{"key": "A", "relation": "self", "birth_date": "1980-05-01", "co_living": true, "excluded": null,
   "disability": {"kind": "mental", "grade": 2}, "severe_illness": false,
   "income": [{"kind": "wage", "monthly": "500.00"}],
   "exempt_income": [{"kind": "bravery_award", "monthly": "300.00"}], "employment_cost": "0.00"}],
 "assets": {"deposits": "12000.00", "vehicles": 0, "non_residential_houses": 0, "registered_capital": "0.00"},
 "rigid_expenditure_monthly": "0.00",
 "linshi": {"kind": "expenditure", "cause": "medical", "requested": "8000.00", "residual_medical": "20000.00",
            "repeat_same_cause": false},
 "tekun": {"no_work_ability": true, "no_income": true, "supporter": "none", "self_care_failed": 4,
           "placement": "institution"}}
"""


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def refused(*arguments: str) -> CommandError:
    with pytest.raises(CommandError) as refusal:
        run(*arguments)
    return refusal.value


def due(
    *more: str, area: str = "330305", step: str = "total", start: str = "2023-02-16T09:00:00+08:00"
) -> tuple:
    where = ["--area", area, "--programme", "dibao", "--step", step, "--start", start]
    return ("due", *where, *more)


def test_rules_as_json(rule_tables) -> None:
    rules = json.loads(run("rules", "--area", "330305001", "--on", "2023-03-01", "--json"))
    total = next(rule for rule in rules if rule["key"] == "deadline.dibao.total")
    assert total == {
        "key": "deadline.dibao.total",
        "value": "20",
        "unit": "cd",
        "area": "330305",
        "clause": "DT-1.2",
        "document": "关于进一步完善温州市洞头区社会救助管理工作的通知（征求意见稿）",
        "valid_from": "2021-09-01",
        "valid_to": None,
    }
    areas = [rule["area"] for rule in rules]
    assert areas.index("330305") < areas.index("330000") < areas.index("000000")
    standard = next(rule for rule in rules if rule["key"] == "standard.dibao")
    assert (standard["value"], standard["unit"]) == ("1085.00", "yuan/month")


def test_rules_of_a_city_and_as_a_table(rule_tables) -> None:
    keys = {r["key"] for r in json.loads(run("rules", "--area", "350800", "--on", "2023-03-01", "--json"))}
    assert "deadline.dibao.total" in keys
    assert "min_wage" not in keys
    table = run("rules", "--area", "330604", "--on", "2023-03-01")
    assert "低保 · 办结期限" in table
    assert "20 个工作日" in table


@pytest.mark.clause("DT-1.2")
def test_due_as_json_has_exactly_the_agreed_fields(rule_tables) -> None:
    assert json.loads(run(*due("--json", start="2023-02-13T09:00:00+08:00"))) == {
        "step": "total",
        "clause": "DT-1.2",
        "amount": 20,
        "unit": "cd",
        "first_day": "2023-02-14",
        "due_at": "2023-03-06T23:59:59+08:00",
        "skipped": [{"from": "2023-03-05", "to": "2023-03-05", "why": "周末"}],
        "extended": False,
        "provisional": False,
    }


def test_due_says_why_in_sentences(rule_tables) -> None:
    text = run(*due())
    assert "2023 年 2 月 16 日受理，当日不计" in text
    assert "20 天（自然日）满于 3 月 8 日 24:00" in text
    assert "DT-1.2" in text


def test_a_start_without_offset_is_beijing_time(rule_tables) -> None:
    assert run(*due("--json", start="2023-02-16T23:30:00")) == run(*due("--json"))


@pytest.mark.clause("DT-1.2")
@pytest.mark.parametrize("more", [("--check-days", "10"), ("--check-days", "15"), ()])
def test_an_extension_without_ground_is_refused_with_the_clause(rule_tables, more: tuple[str, ...]) -> None:
    error = refused(*due("--extended", *more, "--json"))
    assert error.returncode == 2
    assert "DT-1.2" in str(error)


@pytest.mark.clause("DT-1.2")
def test_sixteen_days_of_checking_allow_the_extension(rule_tables) -> None:
    answer = json.loads(run(*due("--extended", "--check-days", "16", "--json")))
    assert (answer["amount"], answer["extended"]) == (30, True)


def test_a_step_without_extension_rule_cannot_be_extended(rule_tables) -> None:
    error = refused(*due("--extended", step="publicity"))
    assert error.returncode == 2
    assert "ZJR-T2" in str(error)


def test_a_wider_areas_extension_does_not_lengthen_a_nearer_limit(rule_tables) -> None:
    """临时救助 of 洞头 has 15 days and no extension; the nation's 45 days belong to the nation's 30."""
    error = refused(
        "due",
        "--area",
        "330305",
        "--programme",
        "linshi",
        "--step",
        "total",
        "--start",
        "2023-02-16",
        "--extended",
    )
    assert "DT-3.1" in str(error)


def test_no_rule_is_exit_one_and_names_rule_area_and_day(rule_tables) -> None:
    error = refused(*due(step="village_relay"))
    assert error.returncode == 1
    for word in ("deadline.dibao.village_relay", "洞头区", "2023-02-16"):
        assert word in str(error)


@pytest.mark.clause("SY-0.1")
def test_an_application_received_before_2023_follows_the_rules_of_its_day(rule_tables) -> None:
    before = json.loads(run(*due("--json", area="330604", start="2022-12-31T23:59:59+08:00")))
    after = json.loads(run(*due("--json", area="330604", start="2023-01-01T00:00:00+08:00")))
    assert (before["amount"], before["clause"]) == (30, "L57-22")
    assert (after["amount"], after["clause"]) == (20, "SY-4.2b")
    assert (
        refused(*due(area="330604", step="village_relay", start="2022-12-31T23:59:59+08:00")).returncode == 1
    )


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (due(area="999999"), "area"),
        (due(step="nonsense"), "step"),
        (due(start="yesterday"), "start"),
        (due(start="9999-12-31"), "start"),
        (due("--check-days", "-1"), "check-days"),
        (due("--check-days", "many"), "check-days"),
        (("rules", "--area", "330305", "--on", "2023-02-30"), "on"),
        (("rules", "--area", "33\x0005", "--on", "2023-02-03"), "area"),
    ],
)
def test_bad_arguments_name_the_field(rule_tables, arguments: tuple[str, ...], word: str) -> None:
    assert word in str(refused(*arguments))


@pytest.fixture
def request_file(tmp_path: Path):
    def write(text: str) -> str:
        path = tmp_path / "request.json"
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_assess_answers_the_interface_example(rule_tables, request_file) -> None:
    answer = json.loads(run("assess", request_file(INTERFACE_EXAMPLE), "--json"))
    assert answer["outcome"] == "eligible"
    assert answer["authority"] == "township"
    assert answer["monthly"] == "585.00"
    assert answer["one_off_max"] is None
    assert answer["covered"] == ["A"]
    assert answer["what_if"] is True
    assert answer["circumstances"] == []
    lines = {line["code"]: line for line in answer["lines"]}
    assert lines["per_capita_income"]["label"] == "人均月收入"
    assert lines["per_capita_income"]["amount"] == "500.00"
    assert lines["exempt_income"]["amount"] == "0.00"
    assert "每月 585.00 元" in run("assess", request_file(INTERFACE_EXAMPLE))


def test_assess_without_standards_uses_the_table(rule_tables, request_file) -> None:
    data = json.loads(INTERFACE_EXAMPLE)
    del data["standards"]
    answer = json.loads(run("assess", request_file(json.dumps(data)), "--json"))
    assert (answer["monthly"], answer["what_if"]) == ("585.00", False)
    assert any(line["formula"] == "演示值" for line in answer["lines"])


def test_a_missing_standard_is_exit_one(rule_tables, request_file) -> None:
    data = json.loads(INTERFACE_EXAMPLE) | {"area": "350802001", "on": "2020-12-31"}
    del data["standards"]
    assert refused("assess", request_file(json.dumps(data))).returncode == 1


def test_the_block_of_the_programme_must_be_there(rule_tables, request_file) -> None:
    data = json.loads(INTERFACE_EXAMPLE) | {"programme": "linshi"}
    del data["linshi"]
    error = refused("assess", request_file(json.dumps(data)))
    assert error.returncode == 2
    assert str(error).startswith("linshi：")


def test_an_unreadable_file_is_exit_two(rule_tables, tmp_path: Path) -> None:
    assert refused("assess", str(tmp_path / "nothing.json")).returncode == 2
    (tmp_path / "latin.json").write_bytes(b"\xff\xfe{")
    assert refused("assess", str(tmp_path / "latin.json")).returncode == 2


def test_clauses_say_what_carries_them(rule_tables) -> None:
    found = {row["id"]: row for row in json.loads(run("clauses", "--json"))}
    assert "deadline.dibao.total" in found["DT-1.2"]["rules"]
    assert found["DT-1.2"]["areas"] == ["330305"]
    assert any(name.startswith("tests/policy/") for name in found["DT-1.2"]["tests"])
    assert any(name.startswith("cases/services/") for name in found["SY-A1.3"]["screens"])
    here = {row["id"]: row for row in json.loads(run("clauses", "--json", "--area", "330604"))}
    assert here["DT-1.2"]["rules"] == []
    assert "DT-1.2" in run("clauses")
