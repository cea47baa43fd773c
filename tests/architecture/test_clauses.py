"""Each ● clause of the issues done so far is proved by at least one test: read off the syntax trees."""

import csv

import pytest

from policy import coverage


def clauses_of(source: str) -> set[str]:
    """What the decorators of tests, and nothing else, claim."""
    return {clause for clause, _ in coverage.claims_in(source)}


@pytest.mark.parametrize("issue", ["2", "3", "4"])
def test_every_clause_has_a_test(issue):
    assert sorted(coverage.required_clauses()[issue] - set(coverage.claims_of())) == []


def test_the_lists_of_both_issues_are_whole():
    wanted = coverage.required_clauses()
    assert {"DT-1.1", "SY-4.4c", "SY-A1.5b", "JZ-12.5"} <= wanted["2"]
    assert {"LC-3.1", "LC-3.7", "LY-2.5", "JZ-4.2", "SY-0.1"} <= wanted["3"]


def test_what_is_claimed_is_in_the_catalogue():
    with coverage.CATALOGUE.open(encoding="utf-8", newline="") as file:
        known = {row["id"] for row in csv.DictReader(file)}
    assert sorted(set(coverage.claims_of()) - known) == []


def test_a_table_of_examples_claims_its_column(tmp_path):
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "examples.csv").write_text("id,clause,text\nfirst,LY-2.1、LY-2.2,DT-1.1\n", "utf-8")
    claims = coverage.claims_of(tmp_path / "tests")
    assert claims == {
        "LY-2.1": {"tests/examples.csv::first"},
        "LY-2.2": {"tests/examples.csv::first"},
    }


def test_a_mark_on_the_module_counts():
    assert clauses_of('pytestmark = [pytest.mark.clause("DT-1.1")]\ndef test_a(): ...') == {"DT-1.1"}


def test_only_marks_on_tests_count():
    counted = '@pytest.mark.clause("DT-1.1")\ndef test_a(): ...'
    helper = '@pytest.mark.clause("DT-1.2")\ndef build(): ...'
    comment = '# pytest.mark.clause("DT-1.3")\nclause("DT-8.2")'
    assert clauses_of(counted) == {"DT-1.1"}
    assert clauses_of(helper) == clauses_of(comment) == set()
