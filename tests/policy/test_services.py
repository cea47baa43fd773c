"""Drafting and publishing rules: two people, no overlap, the predecessor closed."""

from datetime import date
from decimal import Decimal

import pytest

from common.errors import Refused
from organisations.enums import Post
from organisations.models import User
from organisations.services import appoint
from policy import services
from policy.models import Document, Rule
from policy.rules import RuleBook

pytestmark = pytest.mark.django_db
FROM_2024 = date(2024, 7, 1)


def person(username: str, place, *posts: Post) -> User:
    user = User.objects.create(username=username, name=username)
    for post in posts:
        appoint(user=user, post=post, area=place, valid_from=date(2015, 1, 1), actor=None)
    return user


@pytest.fixture
def writer(area) -> User:
    return person("writer", area("330305"), Post.RULE_WRITER)


@pytest.fixture
def publisher(area) -> User:
    return person("publisher", area("330305"), Post.RULE_PUBLISHER)


@pytest.fixture
def draft(area, writer: User):
    """`draft(value="1150.00")`: a new 低保 standard of 洞头 from 2024-07-01."""

    def make(**changes) -> Rule:
        values = {
            "area": area("330305"),
            "key": "standard.dibao",
            "value": "1150",
            "unit": "yuan/month",
            "valid_from": FROM_2024,
            "document": Document.objects.get(pk="DEMO"),
            "certainty": "demo",
            "actor": writer,
        }
        return services.draft_rule(**(values | changes))

    return make


def test_a_draft_is_not_in_force(draft, area) -> None:
    draft()
    assert RuleBook(area("330305"), FROM_2024).decimal("standard.dibao") == Decimal("1085.00")


def test_publishing_closes_the_predecessor_on_the_first_day(draft, area, publisher: User) -> None:
    rule = services.publish_rule(rule=draft(), actor=publisher)
    assert rule.value == "1150.00"
    before = Rule.objects.get(area=area("330305"), key="standard.dibao", valid_from=date(2021, 9, 1))
    assert before.valid_to == FROM_2024
    assert RuleBook(area("330305"), date(2024, 6, 30)).decimal("standard.dibao") == Decimal("1085.00")
    assert RuleBook(area("330305"), FROM_2024).decimal("standard.dibao") == Decimal("1150.00")


def test_the_drafter_cannot_publish(draft, area, writer: User) -> None:
    appoint(
        user=writer, post=Post.RULE_PUBLISHER, area=area("330305"), valid_from=date(2015, 1, 1), actor=None
    )
    with pytest.raises(Refused, match="发布人不能是起草人"):
        services.publish_rule(rule=draft(), actor=User.objects.get(pk=writer.pk))


def test_whoever_revises_becomes_the_drafter(draft, area, writer: User) -> None:
    rule = draft()
    both = person("both", area("330305"), Post.RULE_WRITER, Post.RULE_PUBLISHER)
    services.revise_draft(rule=rule, changes={"value": "1160"}, actor=both)
    with pytest.raises(Refused, match="发布人不能是起草人"):
        services.publish_rule(rule=rule, actor=both)


def test_another_districts_publisher_is_refused(draft, area) -> None:
    stranger = person("stranger", area("330604"), Post.RULE_PUBLISHER)
    with pytest.raises(Refused, match="规则发布岗"):
        services.publish_rule(rule=draft(), actor=stranger)


def test_a_writer_drafts_only_in_the_own_area(draft, area) -> None:
    with pytest.raises(Refused, match="上虞区"):
        draft(area=area("330604"))


def test_a_rule_that_begins_on_the_same_day_is_in_the_way(draft, publisher: User) -> None:
    services.publish_rule(rule=draft(), actor=publisher)
    with pytest.raises(Refused, match="期间重叠"):
        services.publish_rule(rule=draft(value="1200"), actor=publisher)


def test_a_rule_before_the_first_one_may_not_run_into_it(draft, publisher: User) -> None:
    with pytest.raises(Refused, match="期间重叠"):
        services.publish_rule(rule=draft(valid_from=date(2021, 1, 1)), actor=publisher)
    ended = draft(valid_from=date(2021, 1, 1), valid_to=date(2021, 9, 1))
    assert services.publish_rule(rule=ended, actor=publisher).published_at


def test_a_published_rule_is_neither_revised_nor_discarded(draft, writer: User, publisher: User) -> None:
    rule = services.publish_rule(rule=draft(), actor=publisher)
    with pytest.raises(Refused, match="已发布"):
        services.revise_draft(rule=rule, changes={"value": "1"}, actor=writer)
    with pytest.raises(Refused, match="已发布"):
        services.discard_draft(rule=rule, actor=writer)
    with pytest.raises(Refused, match="已经发布"):
        services.publish_rule(rule=rule, actor=publisher)


def test_a_draft_can_be_discarded(draft, writer: User) -> None:
    rule = draft()
    services.discard_draft(rule=rule, actor=writer)
    assert not Rule.objects.filter(pk=rule.pk).exists()


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"value": "一千"}, "value", "不是数值"),
        ({"value": "-1"}, "value", "不小于 0"),
        ({"value": "10.005"}, "value", "精确到分"),
        ({"value": "NaN"}, "value", "不小于 0"),
        ({"unit": "yuan"}, "value", "单位应为"),
        ({"key": "standard.diabo"}, "value", "没有名为"),
        ({"key": "deadline.dibao.total", "value": "0", "unit": "wd"}, "value", "1 至 250"),
        ({"key": "deadline.dibao.total", "value": "20", "unit": "天"}, "value", "单位"),
        ({"key": "sampling.dibao.ratio", "value": "30", "unit": "ratio"}, "value", "比例"),
        ({"key": "materials.dibao", "value": "[{]", "unit": ""}, "value", "JSON"),
        ({"key": "materials.dibao", "value": '[{"code": "a"}]', "unit": ""}, "value", "code 和 label"),
        ({"valid_to": date(2024, 7, 1)}, "", "失效日期"),
        ({"note": "长" * 501}, "note", "500"),
        ({"value": "1\x00"}, "value", "不是数值"),
    ],
)
def test_bad_values_are_refused_beside_their_field(draft, changes: dict, field: str, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        draft(**changes)
    assert refusal.value.field == field


def test_a_clause_must_belong_to_the_document(draft) -> None:
    from policy.models import Clause

    with pytest.raises(Refused, match="条款不属于所选文件"):
        draft(clause=Clause.objects.get(pk="DT-1.2"))


def test_only_the_administrator_keeps_the_calendar(area, writer: User) -> None:
    with pytest.raises(Refused, match="系统管理岗"):
        services.record_calendar_day(day=date(2027, 1, 1), is_workday=False, name="元旦", actor=writer)


def test_a_worked_day_must_be_a_weekend_day(area) -> None:
    administrator = person("administrator", area("330305"), Post.ADMINISTRATOR)
    with pytest.raises(Refused, match="周六或周日"):
        services.record_calendar_day(
            day=date(2027, 1, 4), is_workday=True, name="调休上班", actor=administrator
        )
