"""Keeping the rules: succeed, see the difference, publish, retire, look back, compare two days."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.append_only import broken_links
from common.errors import Refused
from organisations.enums import Post
from policy import services
from policy.changes import differences
from policy.models import Document, Rule, RuleClosure
from policy.rules import RuleBook, rules_in_force
from tests.policy.test_services import person

pytestmark = pytest.mark.django_db
JULY = date(2026, 7, 1)


@pytest.fixture(autouse=True)
def today(clock):
    clock.move_to(datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
def county(area):
    return area("330305")


@pytest.fixture
def writer(county):
    return person("writer", county, Post.RULE_WRITER)


@pytest.fixture
def publisher(county):
    return person("publisher", county, Post.RULE_PUBLISHER)


@pytest.fixture
def standard(county) -> Rule:
    return Rule.objects.get(area=county, key="standard.dibao")


def browser_of(user) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def text(response) -> str:
    return response.content.decode()


def successor_form(**changes) -> dict:
    return {
        "value": "1150",
        "valid_from": "2026-07-01",
        "valid_to": "",
        "document": "DEMO",
        "clause": "",
        "certainty": "demo",
        "note": "",
    } | changes


def test_one_click_from_a_rule_to_the_draft_of_its_successor(writer, publisher, standard, county) -> None:
    desk = browser_of(writer)
    url = reverse("policy:succeed", args=[standard.pk])
    page = text(desk.get(url))
    assert "1,085.00 元/月" in page
    assert 'value="DEMO" selected' in page, "the document of the predecessor is filled in"
    assert 'name="unit"' not in page, "the unit of a standard is fixed"
    assert "草稿已保存" in text(desk.post(url, successor_form(), follow=True))
    draft = Rule.objects.get(drafted_by=writer)
    assert (draft.value, draft.unit, draft.valid_from) == ("1150.00", "yuan/month", JULY)

    desk = browser_of(publisher)
    page = text(desk.get(reverse("policy:drafts")))
    assert "1,085.00 元/月" in page
    assert "1,150.00 元/月" in page
    assert "发布后至 2026-07-01 前" in page
    assert writer.display_name in page
    assert "已发布 1 条规则" in text(desk.post(reverse("policy:drafts"), {"rule": [draft.pk]}, follow=True))
    assert RuleBook(county, date(2026, 6, 30)).text("standard.dibao") == "1085.00"
    assert RuleBook(county, JULY).text("standard.dibao") == "1150.00"
    closure = RuleClosure.objects.get(rule=standard)
    assert (closure.successor, closure.closes_on, closure.closed_by) == (draft, JULY, publisher)

    page = text(desk.get(reverse("policy:history", args=["330305", "standard.dibao"])))
    for words in ("1,085.00 元/月", "1,150.00 元/月", f"起草 {writer.display_name}", "随规则包"):
        assert words in page


def test_a_wrong_value_keeps_what_was_typed(writer, standard) -> None:
    page = text(
        browser_of(writer).post(
            reverse("policy:succeed", args=[standard.pk]), successor_form(value="很多", note="第 3 号")
        )
    )
    assert "不是数值" in page
    assert "第 3 号" in page
    assert not Rule.objects.filter(drafted_by=writer).exists()


def test_the_drafter_sees_why_not_to_publish(county, writer, standard) -> None:
    both = person("both", county, Post.RULE_WRITER, Post.RULE_PUBLISHER)
    desk = browser_of(both)
    desk.post(reverse("policy:succeed", args=[standard.pk]), successor_form())
    draft = Rule.objects.get(drafted_by=both)
    assert "发布人不能是起草人" in text(desk.get(reverse("policy:drafts")))
    answer = desk.post(reverse("policy:drafts"), {"rule": [draft.pk]})
    assert "发布人不能是起草人" in text(answer)
    draft.refresh_from_db()
    assert draft.published_at is None


def test_drafts_of_another_district_are_not_there(area, writer, standard, county) -> None:
    browser_of(writer).post(reverse("policy:succeed", args=[standard.pk]), successor_form())
    draft = Rule.objects.get(drafted_by=writer)
    stranger = browser_of(person("far", area("330604"), Post.RULE_PUBLISHER))
    assert "1,150.00" not in text(stranger.get(reverse("policy:drafts")))
    stranger.post(reverse("policy:drafts"), {"rule": [draft.pk]})
    draft.refresh_from_db()
    assert draft.published_at is None
    clerk = browser_of(person("clerk", county, Post.HANDLER))
    assert "1,150.00" not in text(clerk.get(reverse("policy:history", args=["330305", "standard.dibao"])))


def test_retiring_leaves_no_rule_and_says_why(publisher, standard, county) -> None:
    desk = browser_of(publisher)
    url = reverse("policy:retire", args=[standard.pk])
    assert "文号" in text(desk.get(url))
    desk.post(url, {"valid_to": "2026-07-01", "reason": "洞政发〔2026〕1号废止"})
    assert RuleBook(county, date(2026, 6, 30)).text("standard.dibao") == "1085.00"
    assert standard not in rules_in_force(county, JULY), "the area above answers from then on, or nobody"
    page = text(desk.get(reverse("policy:history", args=["330305", "standard.dibao"])))
    assert "停用“1,085.00 元/月”" in page
    assert "洞政发〔2026〕1号废止" in page
    assert desk.get(url).status_code == 403, "it ends once"
    assert broken_links(RuleClosure) == []


@pytest.mark.parametrize(
    ("day", "reason", "field"),
    [
        (date(2026, 3, 1), "废止", "valid_to"),
        (JULY, "  ", "reason"),
    ],
)
def test_no_retiring_into_the_past_or_without_reason(publisher, standard, day, reason, field) -> None:
    with pytest.raises(Refused) as refusal:
        services.retire_rule(rule=standard, valid_to=day, reason=reason, actor=publisher)
    assert refusal.value.field == field


def test_today_is_the_first_day_that_a_rule_may_end(publisher, standard) -> None:
    services.retire_rule(rule=standard, valid_to=date(2026, 3, 2), reason="废止", actor=publisher)
    assert Rule.objects.get(pk=standard.pk).valid_to == date(2026, 3, 2)


def test_a_writer_and_a_stranger_do_not_retire(area, writer, standard) -> None:
    for actor in (writer, person("far", area("330604"), Post.RULE_PUBLISHER)):
        with pytest.raises(Refused, match="规则发布岗停用"):
            services.retire_rule(rule=standard, valid_to=JULY, reason="废止", actor=actor)


def test_the_database_keeps_published_values_and_closures(publisher, standard) -> None:
    services.retire_rule(rule=standard, valid_to=JULY, reason="废止", actor=publisher)
    attacks = (
        ("UPDATE policy_rule SET value = '1' WHERE id = %s", "only closed and succeeded"),
        ("UPDATE policy_rule SET valid_to = NULL WHERE id = %s", "only closed and succeeded"),
        ("DELETE FROM policy_ruleclosure WHERE rule_id = %s", "append-only"),
        ("UPDATE policy_ruleclosure SET reason = 'x' WHERE rule_id = %s", "append-only"),
        (
            "INSERT INTO policy_ruleclosure"
            " (stream, sequence, hash, rule_id, closes_on, reason, closed_by_id, closed_at)"
            " SELECT 's', 0, '', %s, closes_on, '', closed_by_id, closed_at FROM policy_ruleclosure",
            "retired_rule_has_a_reason",
        ),
    )
    for sql, words in attacks:
        with (
            pytest.raises(IntegrityError, match=words),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(sql, [standard.pk])


@pytest.mark.clause("SY-0.1")
def test_two_days_differ_by_the_rules_between_them(area) -> None:
    """SY-0.1: 上虞's rules are those of its document from 2023-01-01 on, and not before."""
    place = area("330604")
    changed = {row.after.rule.key: row for row in differences(place, date(2022, 12, 31), date(2023, 1, 1))}
    assert changed["deadline.dibao.entrust_check"].after.rule.clause_id.startswith("SY-A1")
    assert differences(place, date(2023, 1, 1), date(2023, 1, 2)) == []


def test_the_page_shows_before_and_after(writer, standard, publisher) -> None:
    rule = services.draft_rule(
        area=standard.area,
        key=standard.key,
        value="1150",
        unit=standard.unit,
        valid_from=JULY,
        document=Document.objects.get(pk="DEMO"),
        certainty="demo",
        actor=writer,
    )
    services.publish_rule(rule=rule, actor=publisher)
    days = {"area": "330305", "first": "2026-06-30", "second": "2026-07-01"}
    page = text(browser_of(writer).get(reverse("policy:compare"), days))
    assert "1,085.00 元/月" in page
    assert "1,150.00 元/月" in page
    assert "1 条，未变的不列" in page


def test_the_catalogue_is_searched_and_counts_rules(writer) -> None:
    desk = browser_of(writer)
    page = text(desk.get(reverse("policy:clauses"), {"text": "DT-1.2"}))
    assert reverse("policy:clause", args=["DT-1.2"]) in page
    assert "LC-3.1" not in page
    assert "LC-3.1" in text(desk.get(reverse("policy:clauses"), {"document": "LC"}))


def test_drafts_take_the_same_queries_for_three_and_for_thirty(publisher, writer, standard) -> None:
    def draft(number: int) -> None:
        for n in range(number):
            Rule.objects.create(
                area=standard.area,
                key=standard.key,
                value="1.00",
                valid_from=date(2030, 1, 1 + n),
                document=standard.document,
                drafted_by=writer,
            )

    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            browser_of(publisher).get(reverse("policy:drafts"))
        return len(captured)

    draft(3)
    few = queries()
    draft(27)
    assert queries() == few


def test_grades_and_lists_are_typed_a_line_each(writer, area) -> None:
    rule = Rule(key="materials.dibao", value='[{"code": "a", "label": "申请书", "required": false}]')
    values = {
        "area": area("330305"),
        "key": rule.key,
        "valid_from": JULY,
        "document": Document.objects.get(pk="DEMO"),
        "certainty": "demo",
        "actor": writer,
    }
    made = services.draft_rule(**values, value="a|申请书|||可选\nb｜户口簿｜有的提供｜DT-1.1")
    assert made.value == (
        '[{"code": "a", "label": "申请书", "required": false},'
        ' {"code": "b", "label": "户口簿", "condition": "有的提供", "clause": "DT-1.1"}]'
    )
    with pytest.raises(Refused, match="第 2 行"):
        services.draft_rule(**values, value="a｜申请书\n户口簿")
