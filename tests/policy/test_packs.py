"""The packs: repeatable, sourced, and never over what people have published."""

import csv
from datetime import date
from pathlib import Path

import pytest
from django.utils import timezone

from common.errors import Refused
from organisations.models import Area
from policy.enums import Certainty
from policy.models import Clause, Document, Rule
from policy.packs import DATA, load_packs, read_pack
from tests.policy.conftest import LOADED_AT, end

pytestmark = pytest.mark.django_db

GOOD = """
area = "330305"
[[rules]]
key = "reviews.case_by_case.per_year"
value = "3"
unit = "count"
clause = "DT-4.4"
from = 2019-01-01
to = 2020-01-01
"""


def rows() -> list[tuple]:
    return list(Rule.objects.order_by("pk").values_list())


def pack(folder: Path, text: str) -> Path:
    (folder / "test.toml").write_text(text, encoding="utf-8")
    return folder


def test_loading_again_changes_nothing(rule_tables) -> None:
    before = rows()
    report = load_packs(now=timezone.now())
    assert (report.documents, report.clauses, report.rules, report.differences) == (0, 0, 0, [])
    assert report.unchanged == len(before)
    assert rows() == before


def test_the_first_load_brought_everything(rule_tables) -> None:
    with (DATA / "clauses.csv").open(encoding="utf-8", newline="") as file:
        n_clauses = sum(1 for _ in csv.DictReader(file))
    assert rule_tables.clauses == Clause.objects.count() == n_clauses
    assert rule_tables.documents == Document.objects.count()
    assert rule_tables.differences == []


def test_every_rule_has_a_source(rule_tables) -> None:
    """A clause; or, where no document says it, a marked assumption with its reason, which readiness lists."""
    unsourced = Rule.objects.filter(clause__isnull=True).exclude(document__code__in=["DEMO"])
    assumed = unsourced.filter(certainty=Certainty.ASSUMPTION)
    published = set(unsourced.difference(assumed).values_list("key", flat=True))
    assert published <= {"min_wage", "standard.dibao", "standard.tekun"}
    assert not assumed.filter(note="").exists()
    assert (
        not Rule.objects.exclude(certainty=Certainty.LAW).filter(note="", key__startswith="standard").exists()
    )


def test_the_dongtou_draft_is_marked_as_one(rule_tables) -> None:
    document = Document.objects.get(pk="DT")
    assert document.status == "draft"
    assert "推定" in document.note
    written = Rule.objects.filter(area__code="330305", document="DT")
    # The line that DT-9.1 replaced is the one value of before.
    replaced = written.filter(key="standard.dibian")
    assert [rule.valid_to for rule in replaced] == [date(2021, 9, 1)]
    starts = written.exclude(pk__in=replaced).values_list("valid_from", flat=True)
    assert set(starts) == {date(2021, 9, 1)}


def test_demo_values_say_so(rule_tables) -> None:
    standard = Rule.objects.get(area__code="330305", key="standard.dibao")
    assert standard.certainty == Certainty.DEMO
    assert "演示值" in standard.note


def test_a_published_value_that_differs_is_reported_not_edited(rule_tables, tmp_path: Path) -> None:
    load_packs(now=LOADED_AT, folder=pack(tmp_path, GOOD))
    report = load_packs(now=LOADED_AT, folder=pack(tmp_path, GOOD.replace('"3"', '"4"')))
    assert report.rules == 0
    assert "value" in report.differences[0]
    assert Rule.objects.get(key="reviews.case_by_case.per_year", valid_from=date(2019, 1, 1)).value == "3"


def test_a_rule_of_people_is_not_overlapped(rule_tables, tmp_path: Path) -> None:
    report = load_packs(now=LOADED_AT, folder=pack(tmp_path, GOOD.replace("2020-01-01", "2022-01-01")))
    assert report.rules == 0
    assert "重叠" in report.differences[0]


def test_a_closed_rule_is_no_difference(rule_tables) -> None:
    end(Rule.objects.get(area__code="330305", key="standard.dibao"), date(2030, 1, 1))
    assert load_packs(now=LOADED_AT).differences == []


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"3"', '"three"', "整数"),
        ('"count"', '"yuan"', "单位"),
        ("reviews.", "revues.", "没有名为"),
        ("clause =", "claus =", "没有名为 claus 的栏目"),
    ],
)
def test_a_slip_in_a_pack_is_an_error_that_names_it(tmp_path: Path, old: str, new: str, words: str) -> None:
    folder = pack(tmp_path, GOOD.replace(old, new))
    with pytest.raises(ValueError, match=words) as slip:
        list(read_pack(folder / "test.toml"))
    assert "test.toml" in str(slip.value)


def test_an_unknown_area_is_refused(rule_tables, tmp_path: Path) -> None:
    assert not Area.objects.filter(code="999999").exists()
    with pytest.raises(Refused, match="999999"):
        load_packs(now=LOADED_AT, folder=pack(tmp_path, GOOD.replace("330305", "999999")))


def test_nothing_unverified_is_shipped_as_law(rule_tables) -> None:
    """浙民助〔2019〕134号 was not read: all its limits are assumptions."""
    limits = Rule.objects.filter(document="ZJ134")
    assert limits.count() == 8
    assert set(limits.values_list("certainty", flat=True)) == {Certainty.ASSUMPTION}


def test_a_rule_for_a_place_outside_its_pack_is_refused(tmp_path: Path) -> None:
    text = GOOD.replace('key = "reviews', 'area = "350802"\nkey = "reviews')
    with pytest.raises(ValueError, match="350802 不在 330305 之内"):
        list(read_pack(pack(tmp_path, text) / "test.toml"))
