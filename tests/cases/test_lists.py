"""Lists, search, export and drafts: in reach only, masked, and quick however many rows there are."""

from datetime import UTC, date, datetime
from io import BytesIO

import openpyxl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import Application, Household
from cases.queries import Filters, filtered, page_of, search, tasks_for
from organisations.enums import Post
from organisations.scope import scope_of
from organisations.services import appoint
from tests.cases.builders import (
    build_places,
    draft_application,
    in_state,
    linshi_entry,
    member_line,
    person_with,
    synthetic_id,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return build_places()


def many(
    places, count: int, *, village=None, state="submitted", name="林小花", **values
) -> list[Application]:
    """Rows as a list shows them, written at once."""
    village = village or places.village
    clerk = person_with(Post.HANDLER, village.parent)
    households = Household.objects.bulk_create(Household(address="望海村") for _ in range(count))
    start = Application.objects.count()
    rows = [
        Application(
            number=f"DT-2026-{start + place:06d}",
            household=household,
            programme=values.get("programme", "dibao"),
            channel=values.get("channel", "window"),
            state=state,
            village=village,
            township=village.parent,
            county=village.parent.parent,
            applicant_name=name,
            created_by=clerk,
            created_at=datetime(2026, 3, 2, tzinfo=UTC),
            accepted_at=values.get("accepted_at"),
            decided_at=values.get("decided_at"),
        )
        for place, household in enumerate(households, start=1)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        found = Application.objects.bulk_create(rows)
        cursor.execute("SET session_replication_role = DEFAULT")
    return found


def test_pages_go_forth_and_back_without_losing_or_repeating_a_row(places):
    rows = many(places, 25)
    scope = scope_of(person_with(Post.HANDLER, places.township))
    newest = [row.pk for row in reversed(rows)]
    first = page_of(scope, Filters(), size=10)
    second = page_of(scope, Filters(), before=first.older, size=10)
    third = page_of(scope, Filters(), before=second.older, size=10)
    assert [[row.pk for row in page.rows] for page in (first, second, third)] == [
        newest[:10],
        newest[10:20],
        newest[20:],
    ]
    assert (first.newer, third.older) == (None, None)
    back = page_of(scope, Filters(), after=third.newer, size=10)
    assert [row.pk for row in back.rows] == newest[10:20]
    assert [row.pk for row in page_of(scope, Filters(), after=back.newer, size=10).rows] == newest[:10]


def test_the_list_stays_in_reach(places, client):
    many(places, 1, name="本街道")
    many(places, 1, village=places.other_township_village, name="别街道")
    many(places, 1, village=places.other_county_village, name="别区县")
    seen = {
        (Post.VILLAGE_HELPER, places.village): ["本*道"],
        (Post.VILLAGE_HELPER, places.other_village): [],
        (Post.HANDLER, places.township): ["本*道"],
        (Post.AUDITOR, places.county): ["别*道", "本*道"],
        (Post.AUDITOR, places.nation): ["别*县", "别*道", "本*道"],
    }
    for (post, area), names in seen.items():
        client.force_login(person_with(post, area))
        page = client.get(reverse("cases:list"))
        assert [row.masked_name for row in page.context["page"].rows] == names
    client.force_login(person_with(Post.RULE_WRITER, places.nation))
    assert client.get(reverse("cases:list")).status_code == 403


def test_a_post_that_reads_no_cases_adds_no_reach(places):
    """A handler who is the county's administrator as well sees the township's cases only."""
    many(places, 1)
    many(places, 1, village=places.other_township_village)
    user = person_with(Post.HANDLER, places.township)
    appoint(user=user, post=Post.ADMINISTRATOR, area=places.county, valid_from=date(2015, 1, 1), actor=None)
    user.__dict__.pop("_scope", None)
    assert [row.village for row in page_of(scope_of(user), Filters()).rows] == [places.village]


def test_filters_narrow_and_stay_in_the_address(places, client):
    day = datetime(2026, 3, 2, 15, 59, tzinfo=UTC)
    many(places, 2, state="accepted", accepted_at=day)
    many(places, 1, state="approved", accepted_at=day, decided_at=day)
    many(places, 1, channel="online", programme="linshi")
    many(places, 1, village=places.other_village)
    client.force_login(person_with(Post.HANDLER, places.township))

    def count(**query) -> int:
        return len(client.get(reverse("cases:list"), query).context["page"].rows)

    assert count() == 4, "在办 is the default; finished ones are found under 全部"
    assert count(which="all") == 5
    assert count(state="approved") == 1
    assert count(channel="online") == 1
    assert count(programme="linshi", channel="window") == 0
    assert count(village=places.other_village.pk) == 1
    assert count(which="all", accepted_from="2026-03-02", accepted_to="2026-03-02") == 3
    assert count(which="all", accepted_from="2026-03-03") == 0
    assert count(village=places.other_township_village.pk) == 4, "a place out of reach is no choice"
    assert count(before="x", after="", which="?", state="'\";--") == 4
    many(places, 40, state="accepted", accepted_at=day)
    page = client.get(reverse("cases:list"), {"state": "accepted"})
    assert "state=accepted" in page.context["next_url"]
    assert "state=accepted" in page.content.decode()


@pytest.mark.clause("DT-3.2")
def test_temporary_aid_is_narrowed_by_its_kind(places, client):
    def aid(kind: str) -> Application:
        asked = linshi_entry(kind=kind, cause="accident")
        return draft_application(places, member_line(), programme="linshi", linshi=asked)

    cases = {kind: in_state(aid(kind), "submitted") for kind in ("emergency", "expenditure")}
    in_state(draft_application(places, member_line()), "submitted")
    client.force_login(person_with(Post.HANDLER, places.township))

    def numbers(**query) -> set[str]:
        page = client.get(reverse("cases:list"), query)
        return {row.number for row in page.context["page"].rows}

    for kind, case in cases.items():
        assert numbers(kind=kind) == {case.number}
        assert numbers(kind=kind, programme="linshi") == {case.number}
        assert numbers(kind=kind, programme="dibao") == set()
    assert len(numbers(kind="?")) == 3
    page = client.get(reverse("cases:list"), {"kind": "emergency"})
    assert '<option value="emergency" selected>' in page.content.decode()
    export = client.get(reverse("cases:export"), {"kind": "emergency"})
    book = openpyxl.load_workbook(BytesIO(b"".join(export.streaming_content)))
    rows = list(book.active.iter_rows(min_row=3, values_only=True))
    assert [row[0] for row in rows] == [cases["emergency"].number]


def test_a_district_picks_the_township_before_the_village(places, client):
    many(places, 1)
    client.force_login(person_with(Post.AUDITOR, places.county))
    page = client.get(reverse("cases:list"))
    assert "先选街道（乡镇）" in page.content.decode()
    assert "望海村</option>" not in page.content.decode()
    page = client.get(reverse("cases:list"), {"township": places.township.pk}).content.decode()
    assert f'<option value="{places.village.pk}">望海村</option>' in page
    assert "海思村" not in page
    page = client.get(reverse("cases:list"), {"village": places.village.pk})
    assert f'<option value="{places.village.pk}" selected>望海村</option>' in page.content.decode()
    assert len(page.context["page"].rows) == 1


@pytest.mark.parametrize("count", [3, 30])
def test_the_list_takes_the_same_few_queries_for_3_and_30_rows(places, client, count):
    many(places, count)
    client.force_login(person_with(Post.HANDLER, places.township))
    client.get(reverse("cases:list"))
    with CaptureQueriesContext(connection) as captured:
        page = client.get(reverse("cases:list"))
    assert len(page.context["page"].rows) == count
    statements = [q["sql"] for q in captured]
    cases = [sql for sql in statements if "cases_application" in sql]
    assert len(cases) == 1, cases
    assert "COUNT(" not in cases[0]
    assert "OFFSET" not in cases[0]
    assert len(statements) <= 12, statements


def test_the_list_walks_an_index(places):
    """EXPLAIN with sequential scans made dear: each list has an index that gives its order."""
    many(places, 2000)
    scope = scope_of(person_with(Post.HANDLER, places.township))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE cases_application")
    for filters in (Filters(), Filters(which="all"), Filters(state="accepted")):
        plan = filtered(scope, filters).order_by("-pk")[:31].explain()
        assert "Index" in plan
        assert "Seq Scan on cases_application" not in plan


def test_the_export_is_masked_and_follows_the_filters(places, client):
    many(places, 2, name="=cmd|'/c calc'!A1")
    many(places, 1, village=places.other_township_village)
    client.force_login(person_with(Post.HANDLER, places.township))
    answer = client.get(reverse("cases:export"), {"which": "all"})
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.iter_rows(min_row=3, values_only=True))
    assert len(rows) == 2
    assert rows[0][0] == "DT-2026-000002"
    assert "calc" not in str(rows)
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)


def test_search_by_whole_number_by_application_and_by_name(places):
    handler = person_with(Post.HANDLER, places.township)
    spouse = member_line("王大海", relation="spouse", id_number=synthetic_id(62))
    case = draft_application(places, member_line("林小花", id_number=synthetic_id(61)), spouse, actor=handler)
    other = draft_application(places, member_line("林小花花", id_number=synthetic_id(63)), actor=handler)
    away = draft_application(
        places, member_line("林小花", id_number=synthetic_id(64)), village=places.other_township_village
    )
    scope = scope_of(handler)
    assert search(scope, f" {synthetic_id(62)[:6]} {synthetic_id(62)[6:].lower()}") == [case]
    assert search(scope, synthetic_id(64)) == [], "out of reach"
    assert search(scope, case.number.lower()) == [case]
    assert search(scope, away.number) == []
    assert search(scope, "林小花") == [case], "whole names first"
    assert search(scope, "林小") == [case, other]
    assert search(scope, "小花") == []
    for odd in ("", " ", "%", "_", "\x00", "'\";--", "😀", "林" * 10_000, "-", "1" * 18):
        assert search(scope, odd) == []
    assert search(scope_of(person_with(Post.AUDITOR, places.county)), "林小花") == [away, case]


def test_searching_a_name_takes_two_statements_at_most(places, django_assert_max_num_queries):
    many(places, 30)
    scope = scope_of(person_with(Post.HANDLER, places.township))
    with django_assert_max_num_queries(2):
        assert len(search(scope, "林小")) == 20


def test_my_drafts_are_on_my_workbench(places):
    handler = person_with(Post.HANDLER, places.township)
    draft = draft_application(places, actor=handler)
    in_state(draft_application(places, actor=handler), "submitted")
    draft_application(places)
    todos = tasks_for(handler)
    assert [todo.number for todo in todos] == [draft.number]
    assert todos[0].url == reverse("cases:edit", args=[draft.number])
    assert todos[0].name == "林*花"
