"""The area tree: what the file holds, and that loading it twice changes nothing."""

import csv
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from organisations.enums import AreaLevel
from organisations.loading import AREAS_FILE, load_areas
from organisations.models import Area

pytestmark = pytest.mark.django_db

TOWNSHIPS = {"330302": 14, "330305": 8, "330604": 20, "3508": 133, "4108": 112}


def test_the_tree_is_loaded_whole_and_a_second_time_changes_nothing() -> None:
    call_command("load_areas", stdout=StringIO())
    first = dict(Area.objects.values_list("code", "pk"))

    out = StringIO()
    call_command("load_areas", stdout=out)

    assert dict(Area.objects.values_list("code", "pk")) == first
    assert f"已载入 {len(first)} 个区划" in out.getvalue()


def test_all_287_townships_hang_below_their_county() -> None:
    load_areas()
    townships = Area.objects.filter(level=AreaLevel.TOWNSHIP)
    assert townships.count() == 287
    for prefix, count in TOWNSHIPS.items():
        assert townships.filter(prefix__startswith=prefix).count() == count
    assert all(town.prefix.startswith(town.parent.prefix) for town in townships.select_related("parent"))


def test_each_level_has_its_length_of_code_and_its_parent_one_level_up() -> None:
    load_areas()
    lengths = {"nation": 0, "province": 2, "city": 4, "county": 6, "township": 9, "village": 12}
    above = {
        "province": "nation",
        "city": "province",
        "county": "city",
        "township": "county",
        "village": "township",
    }
    for place in Area.objects.select_related("parent"):
        assert place.code_length == len(place.prefix) == lengths[place.level]
        assert above.get(place.level) == (place.parent.level if place.parent else None)
    assert Area.objects.get(code="350800").parent.name == "福建省"
    assert Area.objects.get(code="410871").level == AreaLevel.COUNTY


def test_one_statement_writes_the_whole_tree(django_assert_num_queries) -> None:
    load_areas()
    # Savepoint and its release, the lock, the ids there are, no new ids, the upsert.
    with django_assert_num_queries(6):
        load_areas()


def test_a_wrong_name_is_corrected_and_what_an_office_added_stays() -> None:
    load_areas()
    town = Area.objects.get(code="330305001")
    Area.objects.filter(pk=town.pk).update(name="北奥街道")
    Area.objects.create(code="330305001999", prefix="330305001999", name="新村", level="village", parent=town)

    load_areas()

    town.refresh_from_db()
    assert town.name == "北岙街道"
    assert Area.objects.get(code="330305001999").parent == town


def test_demo_villages_are_three_or_four_a_township_and_can_be_left_out() -> None:
    call_command("load_areas", "--without-demo-villages", stdout=StringIO())
    assert not Area.objects.filter(level=AreaLevel.VILLAGE).exists()

    load_areas()
    for town in Area.objects.filter(level=AreaLevel.TOWNSHIP, parent__code__in=["330305", "330604"]):
        assert town.children.count() in (3, 4)
    with AREAS_FILE.open(encoding="utf-8") as file:
        demo = {row["code"] for row in csv.DictReader(file) if row["demo"]}
    assert demo == set(Area.objects.filter(level=AreaLevel.VILLAGE).values_list("code", flat=True))


def test_chain_and_within_follow_the_prefix() -> None:
    load_areas()
    town = Area.objects.get(code="330305001")
    assert [a.code for a in Area.objects.chain_of(town)] == [
        "330305001",
        "330305",
        "330300",
        "330000",
        "000000",
    ]
    assert [a.code for a in Area.objects.chain_of(Area.objects.get(code="000000"))] == ["000000"]
    below = Area.objects.within(town)
    assert below.count() == 1 + town.children.count()


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        (
            "UPDATE organisations_area SET prefix = '99' WHERE code = '330305'",
            "area_code_starts_with_its_prefix",
        ),
        (
            "UPDATE organisations_area SET parent_id = NULL WHERE code = '330305'",
            "only_the_nation_has_no_parent",
        ),
        ("UPDATE organisations_area SET code = '330305001' WHERE code = '330305'", "organisations_area_code"),
    ],
)
def test_the_database_keeps_the_tree_whole(sql, constraint) -> None:
    load_areas()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
