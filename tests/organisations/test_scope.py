"""Who sees what: each level of the tree, and nothing beside it."""

from datetime import date
from functools import cache

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps

from organisations.enums import Post
from organisations.models import Area, Posting, User
from organisations.queries import holders
from organisations.scope import Place, Scope, scope_of
from tests.organisations.people import area, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cases(django_db_setup, db):
    """A table with county, township and village, as every scoped table has them."""
    rows = []
    for village in ("330305001201", "330305001202", "330305101201", "330604001201"):
        place = area(village)
        rows.append((village, place.parent.parent, place.parent, place))
    return rows


def visible(scope: Scope, cases, *posts: Post) -> list[str]:
    """The cases that `covers` lets through; the same as the SQL condition of `filter`."""
    seen = [code for code, *_, village in cases if scope.covers(village, *posts)]
    assert seen == by_condition(scope, cases, *posts)
    return seen


@cache
@isolate_apps("organisations")
def scoped_row() -> type[models.Model]:
    """A model that only these tests know, kept out of the registry of the house."""

    class ScopedRow(models.Model):
        county = models.ForeignKey(Area, models.DO_NOTHING, related_name="+")
        township = models.ForeignKey(Area, models.DO_NOTHING, related_name="+")
        village = models.ForeignKey(Area, models.DO_NOTHING, related_name="+")

        class Meta:
            app_label = "organisations"
            db_table = "test_scoped_row"

        def __str__(self) -> str:
            return str(self.pk)

    return ScopedRow


def by_condition(scope: Scope, cases, *posts: Post) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS test_scoped_row")
        cursor.execute(
            "CREATE TEMP TABLE test_scoped_row"
            " (id serial, county_id bigint, township_id bigint, village_id bigint)"
        )
    for _, county, township, village in cases:
        scoped_row().objects.create(county=county, township=township, village=village)
    rows = scoped_row().objects.filter(scope.filter(*posts)).order_by("id")
    return list(rows.values_list("village__code", flat=True))


@pytest.mark.parametrize(
    ("code", "sees"),
    [
        ("000000", 4),
        ("330000", 4),
        ("330300", 3),
        ("330305", 3),
        ("330305001", 2),
        ("330305001201", 1),
        ("350000", 0),
        ("330305002", 0),
    ],
)
def test_a_posting_shows_its_area_and_all_below_it(cases, code, sees) -> None:
    assert len(visible(scope_of(person("a", ("handler", code))), cases)) == sees


def test_a_sibling_township_sees_nothing_and_like_codes_do_not_mix(cases) -> None:
    """330305001 is no prefix of 330305010 or 330305101, though they share seven digits."""
    scope = scope_of(person("a", ("handler", "330305101")))
    assert visible(scope, cases) == ["330305101201"]

    like = Scope((Place(Post.HANDLER, 1, "330305001", ""),))
    assert like.covers(Area(prefix="330305001"))
    assert like.covers(Area(prefix="330305001201"))
    assert not like.covers(Area(prefix="330305010"))
    assert not like.covers(Area(prefix="330305"))


def test_a_person_without_posting_or_switched_off_sees_nothing(cases) -> None:
    assert visible(scope_of(person("a")), cases) == []
    assert visible(scope_of(person("b", ("auditor", "330305"), is_active=False)), cases) == []
    assert visible(scope_of(person("c", is_superuser=True)), cases) == []


def test_only_the_named_posts_count(cases) -> None:
    scope = scope_of(person("a", ("handler", "330305001"), ("auditor", "330604")))
    assert visible(scope, cases) == ["330305001201", "330305001202", "330604001201"]
    assert visible(scope, cases, Post.HANDLER) == ["330305001201", "330305001202"]
    assert visible(scope, cases, Post.APPROVER) == []
    assert scope.areas(Post.AUDITOR) == ["330604"]
    assert scope.has(Post.AUDITOR, Post.APPROVER)
    assert not scope.has(Post.APPROVER)


@pytest.mark.parametrize(
    ("since", "until", "held"),
    [
        (date(2026, 3, 2), None, True),
        (date(2026, 3, 3), None, False),
        (date(2026, 1, 1), date(2026, 3, 2), False),
        (date(2026, 1, 1), date(2026, 3, 3), True),
    ],
)
def test_postings_count_from_their_first_day_up_to_but_not_including_their_end(
    clock, since, until, held
) -> None:
    user = person("a", ("handler", "330305001"), since=since, until=until)
    assert scope_of(user).has(Post.HANDLER) is held
    assert holders(area("330305001"), Post.HANDLER).exists() is held


def test_the_scope_is_read_once(django_assert_num_queries) -> None:
    user = person("a", ("handler", "330305001"))
    with django_assert_num_queries(1):
        scope_of(user)
        scope_of(user)


def test_holders_are_active_people_at_the_area_or_above() -> None:
    person("town", ("approver", "330305001"), name="甲")
    person("district", ("approver", "330305"), name="乙")
    person("village", ("approver", "330305001201"))
    person("beside", ("approver", "330305002"))
    person("other", ("reviewer", "330305001"))
    person("gone", ("approver", "330305001"), is_active=False)
    both = person("both", ("approver", "330305001"), ("reviewer", "330305001"), name="丙")

    found = holders(area("330305001"), Post.APPROVER)

    assert {user.username for user in found} == {"town", "district", "both"}
    assert list(holders(area("330305001"), Post.APPROVER, Post.REVIEWER).filter(pk=both.pk)) == [both]


def test_a_second_look_after_a_new_posting_sees_it() -> None:
    user = person("a")
    assert not scope_of(user).has(Post.HANDLER)
    Posting.objects.create(user=user, post="handler", area=area("330305001"), valid_from=date(2020, 1, 1))
    assert scope_of(User.objects.get(pk=user.pk)).has(Post.HANDLER)
