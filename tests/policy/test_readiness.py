"""What an office must enter before it goes live: command and page."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisations.enums import Post
from organisations.models import User
from organisations.services import appoint
from policy.enums import Certainty
from policy.keys import KEYS
from policy.models import Rule
from policy.readiness import needed, readiness

pytestmark = pytest.mark.django_db

DAY = date(2026, 3, 2)


def answer(area_code: str, on: str = "2026-03-02") -> dict:
    out = StringIO()
    call_command("readiness", "--area", area_code, "--on", on, "--json", stdout=out)
    return json.loads(out.getvalue())


def missing(report: dict) -> set[tuple[str, str]]:
    return {(item["area"], key) for item in report["missing"] for key in item["keys"]}


def test_every_need_is_a_key_of_the_catalogue() -> None:
    keys = [key for need in needed() for key in need.keys]
    assert set(keys) <= set(KEYS)
    assert len(keys) == len(set(keys))


def test_demo_values_are_listed_with_what_they_are_for(rule_tables) -> None:
    report = answer("330305")
    assert report["ready"] is False
    standard = next(row for row in report["demo"] if row["key"] == "standard.dibao")
    assert (standard["area"], standard["value"]) == ("330305", "1,085.00 元/月")
    assert "演示值" in standard["note"]
    assert all(row["document"].startswith("演示数据") for row in report["demo"] if not row["clause"])


@pytest.mark.clause("DT-7.3")
def test_assumptions_and_the_draft_are_to_be_confirmed(rule_tables) -> None:
    report = answer("330305")
    assert {"care.grades", "deadline.case_by_case.publicity"} <= {row["key"] for row in report["assumptions"]}
    assert [paper["document"] for paper in report["drafts"]] == ["DT"]
    assert "DT" not in [paper["document"] for paper in answer("330604")["drafts"]]


def test_what_is_in_force_is_not_missing_and_the_other_is(rule_tables) -> None:
    gaps = missing(answer("330305"))
    assert ("330305", "publicity.hotlines") in gaps, "no document gives the telephone numbers"
    assert not {key for _, key in gaps} & {
        "standard.dibao",
        "standard.dibian",
        "care.grades",
        "reserve.minimum",
    }


def test_a_rule_entered_closes_the_gap(area) -> None:
    place = area("330305")
    before = readiness(place, DAY)
    Rule.objects.create(
        area=place,
        key="publicity.hotlines",
        value="0577-12345",
        valid_from=date(2026, 3, 2),
        document_id="DT",
        loaded_from="test",
        published_at="2026-03-01T00:00:00Z",
    )
    after = readiness(place, DAY)
    assert after.count == before.count - 1
    assert "publicity.hotlines" not in {key for item in after.missing for key in item.need.keys}


def test_the_day_before_it_starts_a_rule_is_missing(rule_tables) -> None:
    assert "care.home_share" in {key for _, key in missing(answer("330305", "2021-08-31"))}
    assert "care.home_share" not in {key for _, key in missing(answer("330305", "2021-09-01"))}


def test_care_grades_without_shares_are_no_use(rule_tables) -> None:
    """The nation's three grades (L43) name no money: alone they leave the need open."""
    assert ("330305", "care.grades") in missing(answer("330305", "2021-08-31"))
    assert ("330305", "care.grades") not in missing(answer("330305", "2021-09-01"))


def test_a_city_lists_each_of_its_counties(rule_tables) -> None:
    gaps = missing(answer("350800"))
    assert {code for code, key in gaps if key == "publicity.hotlines"} == {
        *("350802", "350803", "350821", "350823", "350824", "350825", "350881")
    }
    assert not {code for code, key in gaps if key == "min_wage"}, "each county has its own"


def test_the_township_with_rules_of_its_own_is_looked_at(area) -> None:
    place = area("330305002")
    Rule.objects.create(
        area=place,
        key="min_wage",
        value="2490.00",
        unit="yuan/month",
        valid_from=date(2025, 1, 1),
        document_id="DEMO",
        certainty=Certainty.DEMO,
        loaded_from="test",
        published_at="2025-01-01T00:00:00Z",
    )
    own = [row for row in answer("330305")["demo"] if row["key"] == "min_wage"]
    assert [row["area"] for row in own] == ["330305002"]


def test_a_calendar_that_will_run_out_is_named_from_november(rule_tables) -> None:
    assert answer("330305", "2026-10-31")["calendar_missing"] == []
    assert answer("330305", "2026-11-01")["calendar_missing"] == [2027]


def test_the_table_reads_in_chinese(rule_tables) -> None:
    out = StringIO()
    call_command("readiness", "--area", "330604", "--on", "2026-03-02", stdout=out)
    assert all(words in out.getvalue() for words in ("缺少生效的规则", "演示值", "推定", "上虞区"))


@pytest.fixture
def clerk(area, client: Client) -> Client:
    user = User.objects.create(username="handler", name="演示")
    appoint(user=user, post=Post.HANDLER, area=area("330305001"), valid_from=date(2015, 1, 1), actor=None)
    client.force_login(user)
    return client


def test_the_page_lists_it_and_is_linked_from_the_rules(clerk: Client) -> None:
    address = reverse("policy:readiness")
    assert address in clerk.get(reverse("policy:rules"), {"on": "2026-03-02"}).content.decode()
    page = clerk.get(address, {"on": "2026-03-02"}).content.decode()
    assert all(words in page for words in ("缺少生效的规则", "公示上的监督电话", "演示值", "征求意见稿"))


@pytest.mark.parametrize("query", [{"on": "x"}, {"area": "330604"}, {"area": "\x00"}, {"on": "99999-01-01"}])
def test_a_filter_that_makes_no_sense_breaks_nothing(clerk: Client, query: dict[str, str]) -> None:
    page = clerk.get(reverse("policy:readiness"), query)
    assert page.status_code == 200
    assert "请先改正筛选条件" in page.content.decode()


def test_a_person_without_posts_is_told_so(rule_tables, client: Client) -> None:
    client.force_login(User.objects.create(username="nobody", name="无岗"))
    assert "您目前没有岗位" in client.get(reverse("policy:readiness")).content.decode()


def test_the_queries_do_not_grow_with_the_rules(clerk: Client) -> None:
    def queries(on: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            clerk.get(reverse("policy:readiness"), {"on": on})
        return len(captured)

    assert queries("2020-10-01") == queries("2026-03-02")
