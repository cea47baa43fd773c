"""What the database itself refuses, by raw SQL."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from organisations.models import User
from policy.models import CalendarDay, Rule
from tests.policy.conftest import end

pytestmark = pytest.mark.django_db


def run(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def standard(area) -> Rule:
    return Rule.objects.get(area=area("330305"), key="standard.dibao")


COPY = """
    INSERT INTO policy_rule (area_id, key, value, unit, valid_from, valid_to, document_id, certainty, note,
                             loaded_from, drafted_by_id, published_by_id, published_at)
    SELECT area_id, key, value, unit, %s, %s, document_id, certainty, note, %s, %s, %s, {published}
    FROM policy_rule WHERE id = %s
"""
PUBLISHED, DRAFT = COPY.format(published="published_at"), COPY.format(published="NULL")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (date(2022, 1, 1), None),
        (date(2021, 1, 1), date(2021, 9, 2)),
        (date(2021, 9, 1), date(2021, 9, 2)),
        (date(2030, 1, 1), date(2031, 1, 1)),
    ],
)
def test_published_periods_do_not_overlap(standard: Rule, start: date, end: date | None) -> None:
    with pytest.raises(IntegrityError, match="rule_periods_do_not_overlap"):
        run(PUBLISHED, start, end, "pack", None, None, standard.pk)


def test_the_day_before_and_another_area_do_not_overlap(standard: Rule) -> None:
    run(PUBLISHED, date(2021, 1, 1), date(2021, 9, 1), "pack", None, None, standard.pk)


def test_drafts_may_overlap(standard: Rule) -> None:
    run(DRAFT, date(2022, 1, 1), None, "", None, None, standard.pk)


def test_a_period_is_not_empty(standard: Rule) -> None:
    with pytest.raises(IntegrityError, match="rule_ends_after_it_starts"):
        run(DRAFT, date(2021, 1, 1), date(2021, 1, 1), "", None, None, standard.pk)


def test_nobody_publishes_the_own_draft(standard: Rule) -> None:
    user = User.objects.create(username="u", name="u")
    with pytest.raises(IntegrityError, match="rule_published_by_another_person"):
        run(PUBLISHED, date(2020, 1, 1), date(2021, 1, 1), "", user.pk, user.pk, standard.pk)


def test_a_published_rule_has_a_publisher_or_a_pack(standard: Rule) -> None:
    with pytest.raises(IntegrityError, match="published_rule_has_publisher_or_pack"):
        run(PUBLISHED, date(2020, 1, 1), date(2021, 1, 1), "", None, None, standard.pk)


@pytest.mark.parametrize(
    "change",
    [
        "value = '2000.00'",
        "valid_from = '2020-01-01'",
        "key = 'min_wage'",
        "certainty = 'law'",
        "published_at = NULL",
        "note = 'x', valid_to = '2030-01-01'",
        "area_id = (SELECT min(id) FROM organisations_area)",
        "document_id = 'DT'",
    ],
)
def test_a_published_rule_cannot_be_edited(standard: Rule, change: str) -> None:
    with pytest.raises(IntegrityError, match="only closed and succeeded"):
        run(f"UPDATE policy_rule SET {change} WHERE id = %s", standard.pk)


def test_a_published_rule_is_closed_once(standard: Rule) -> None:
    end(standard, date(2030, 1, 1))
    with pytest.raises(IntegrityError, match="only closed and succeeded"):
        run("UPDATE policy_rule SET valid_to = NULL WHERE id = %s", standard.pk)
    with pytest.raises(IntegrityError, match="only closed and succeeded"):
        run("UPDATE policy_rule SET valid_to = '2031-01-01' WHERE id = %s", standard.pk)


def at_the_end_of_the_transaction(sql: str, *values: object) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_a_published_rule_does_not_end_without_the_record_of_who_ended_it(standard: Rule) -> None:
    close = "UPDATE policy_rule SET valid_to = '2030-01-01' WHERE id = %s"
    with pytest.raises(IntegrityError, match="ends only with who ended it and why"):
        at_the_end_of_the_transaction(close, standard.pk)
    user = User.objects.create(username="u", name="u")
    record = f"""
        WITH closed AS ({close} RETURNING id)
        INSERT INTO policy_ruleclosure
            (stream, sequence, hash, rule_id, closes_on, reason, closed_by_id, closed_at)
        SELECT 'rules', 0, '', id, %s, '文件废止', %s, now() FROM closed
    """
    with pytest.raises(IntegrityError, match="ends only with who ended it and why"):
        at_the_end_of_the_transaction(record, standard.pk, date(2031, 1, 1), user.pk)
    at_the_end_of_the_transaction(record, standard.pk, date(2030, 1, 1), user.pk)
    assert Rule.objects.get(pk=standard.pk).closure.reason == "文件废止"


def test_a_draft_may_be_given_an_end_freely(standard: Rule) -> None:
    run(DRAFT, date(2040, 1, 1), None, "", None, None, standard.pk)
    at_the_end_of_the_transaction("UPDATE policy_rule SET valid_to = '2041-01-01' WHERE published_at IS NULL")
    assert Rule.objects.get(published_at=None).valid_to == date(2041, 1, 1)


def test_a_published_rule_cannot_be_deleted(standard: Rule) -> None:
    with pytest.raises(IntegrityError, match="only closed and succeeded"):
        run("DELETE FROM policy_rule WHERE id = %s", standard.pk)


def test_a_calendar_day_lies_in_its_year(rule_tables) -> None:
    columns = "day, year_id, is_workday, name"
    with pytest.raises(IntegrityError, match="calendar_day_lies_in_its_year"):
        run(f"INSERT INTO policy_calendarday ({columns}) VALUES ('2025-03-03', 2026, false, 'x')")
    assert CalendarDay.objects.filter(day="2025-03-03").count() == 0
