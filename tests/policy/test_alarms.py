"""Alarms of the rule tables: there while their reason is, for those who keep rules, in their own areas."""

import logging
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from organisations.enums import Post
from organisations.models import User
from policy import services
from policy.alarms import lapsing, tasks_for
from policy.models import CalendarYear, Document, Rule
from policy.tasks import watch_rules
from tests.policy.conftest import LOADED_AT
from tests.policy.test_services import person

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 2)


@pytest.fixture(autouse=True)
def today(clock):
    clock.move_to(datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")))


@pytest.fixture
def standard(area) -> Rule:
    return Rule.objects.get(area=area("330305"), key="standard.dibao")


@pytest.fixture
def writer(area) -> User:
    return person("writer", area("330305"), Post.RULE_WRITER)


@pytest.fixture
def publisher(area) -> User:
    return person("publisher", area("330305"), Post.RULE_PUBLISHER)


def stages(user: User) -> str:
    return "\n".join(todo.stage for todo in tasks_for(User.objects.get(pk=user.pk)))


def draft(standard: Rule, actor: User, first: date) -> Rule:
    return services.draft_rule(
        area=standard.area,
        key=standard.key,
        value="1150",
        unit=standard.unit,
        valid_from=first,
        document=Document.objects.get(pk="DEMO"),
        certainty="demo",
        actor=actor,
    )


@pytest.mark.parametrize(("month", "day", "missing"), [(10, 31, False), (11, 1, True)])
def test_next_year_is_missed_from_november_on(area, clock, month, day, missing) -> None:
    clock.move_to(datetime(2026, month, day, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    administrator = person("administrator", area("330305"), Post.ADMINISTRATOR)
    assert ("缺 2027 年放假安排" in stages(administrator)) is missing
    CalendarYear.objects.create(
        year=2027, source="国务院办公厅", loaded_at=datetime(2026, 11, 1, tzinfo=ZoneInfo("UTC"))
    )
    assert "2027" not in stages(administrator)


def published_until(area, end: date) -> Rule:
    """A township's standard that was published with its end."""
    return Rule.objects.create(
        area=area("330305001"),
        key="standard.dibao",
        value="1085",
        unit="yuan/month",
        valid_from=date(2024, 1, 1),
        valid_to=end,
        document_id="DEMO",
        certainty="demo",
        loaded_from="test",
        published_at=LOADED_AT,
    )


@pytest.mark.parametrize(("days", "shown"), [(0, False), (1, True), (60, True), (61, False)])
def test_a_standard_about_to_lapse(area, writer, days, shown) -> None:
    published_until(area, TODAY + timedelta(days=days))
    assert ("即将失效" in stages(writer)) is shown


def test_a_successor_or_a_reason_ends_the_alarm(area, writer, publisher) -> None:
    end = TODAY + timedelta(days=30)
    standard = published_until(area, end)
    rule = draft(standard, writer, end)
    assert standard in lapsing(TODAY), "a draft is not in force"
    services.publish_rule(rule=rule, actor=publisher)
    assert standard not in lapsing(TODAY)
    services.retire_rule(rule=rule, valid_to=end + timedelta(days=5), reason="废止", actor=publisher)
    assert rule not in lapsing(TODAY)


def test_a_draft_waits_for_the_publisher_and_demo_values_for_a_source(standard, writer, publisher) -> None:
    assert "待发布" not in stages(publisher)
    draft(standard, writer, date(2026, 7, 1))
    todos = tasks_for(User.objects.get(pk=publisher.pk))
    waiting = next(todo for todo in todos if "待发布" in todo.stage)
    assert (waiting.stage, waiting.action) == ("1 条草稿待发布", "核对并发布")
    assert "本人起草 1 条" in stages(writer)
    assert any("待核实" in todo.stage and "演示值" in todo.deadline for todo in todos)


def test_nobody_else_and_no_other_district_is_alarmed(area, standard, writer) -> None:
    draft(standard, writer, date(2026, 7, 1))
    assert tasks_for(person("clerk", area("330305001"), Post.HANDLER)) == []
    assert "待发布" not in stages(person("far", area("330604"), Post.RULE_PUBLISHER))


def test_the_queries_do_not_grow(standard, writer) -> None:
    def queries() -> int:
        user = User.objects.get(pk=writer.pk)
        with CaptureQueriesContext(connection) as captured:
            tasks_for(user)
        return len(captured)

    for n in range(3):
        draft(standard, writer, date(2030, 1, 1 + n))
    few = queries()
    for n in range(27):
        draft(standard, writer, date(2031, 1, 1 + n))
    assert queries() == few


def test_the_log_says_it_as_often_as_it_is_asked(standard, writer, caplog) -> None:
    draft(standard, writer, date(2026, 7, 1))
    with caplog.at_level(logging.WARNING, logger="policy.tasks"):
        watch_rules()
        watch_rules()
    assert caplog.text.count("rules waiting for publication: 1") == 2
