"""Drafts: numbers without gaps, people known once, what is thrown away."""

import threading
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.db import connection, transaction

from cases.enums import Channel, Relation
from cases.models import Application, DiscardedNumber, IncomeItem, Member, Person, PersonCorrection
from cases.services import discard_draft, next_number, register_application, remember_person, update_draft
from common.errors import Refused
from organisations.enums import Post
from organisations.models import Area
from tests.cases.builders import (
    build_places,
    declaration,
    draft_application,
    member_line,
    person_with,
    synthetic_id,
)

pytestmark = pytest.mark.django_db


def test_numbers_run_on_within_a_county_and_year(clock):
    places = build_places()
    first = draft_application(places)
    second = draft_application(places, village=places.other_township_village)
    elsewhere = draft_application(places, village=places.other_county_village)
    assert [first.number, second.number, elsewhere.number] == [
        "DT-2026-000001",
        "DT-2026-000002",
        "SY-2026-000001",
    ]


def test_a_refused_registration_takes_no_number(clock):
    places = build_places()
    actor = person_with(Post.HANDLER, places.township)
    known = draft_application(places, member_line("林小花", id_number=synthetic_id(1)), actor=actor)
    with pytest.raises(Refused):
        register_application(
            declaration=declaration(places.village, member_line("王大海", id_number=synthetic_id(1))),
            actor=actor,
        )
    assert known.number == "DT-2026-000001"
    assert draft_application(places, actor=actor).number == "DT-2026-000002"


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_get_two_numbers_without_a_gap():
    """The second waits for the first's row lock; without it both would read the same last number."""
    county = Area.objects.create(
        code="330305",
        prefix="330305",
        name="洞头区",
        level="county",
        abbreviation="DT",
        parent=Area.objects.create(code="000000", prefix="", name="全国", level="nation"),
    )
    numbers, holds, go_on = [], threading.Event(), threading.Event()

    def first() -> None:
        with transaction.atomic():
            numbers.append(next_number(county=county, on=date(2026, 3, 2)))
            holds.set()
            go_on.wait(10)
        connection.close()

    def second() -> None:
        holds.wait(10)
        with transaction.atomic():
            numbers.append(next_number(county=county, on=date(2026, 3, 2)))
        connection.close()

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    holds.wait(10)
    threads[1].join(0.5)
    assert threads[1].is_alive(), "the second must wait for the first to commit"
    go_on.set()
    for thread in threads:
        thread.join(10)
    assert numbers == ["DT-2026-000001", "DT-2026-000002"]


def test_a_person_is_known_once_and_a_corrected_name_leaves_a_trace(clock):
    places = build_places()
    actor = person_with(Post.HANDLER, places.township)
    number = synthetic_id(7, sex="male")
    first = remember_person(name="欧阳 修", id_number=number.lower(), phone="13800001234", actor=actor)
    with pytest.raises(Refused) as refusal:
        remember_person(name="欧阳秀", id_number=number, actor=actor)
    assert refusal.value.field == "name"
    again = remember_person(
        name="欧阳秀", id_number=f" {number[:6]} {number[6:]}", actor=actor, correct_name=True
    )
    assert again.pk == first.pk
    assert (again.sex, again.birth_date) == ("male", date(1980, 5, 1))
    correction = PersonCorrection.objects.get()
    assert (correction.before, correction.after, correction.corrected_by) == ("欧阳 修", "欧阳秀", actor)
    assert Person.objects.count() == 1


def test_identity_numbers_are_nowhere_in_clear_in_the_database():
    places = build_places()
    number = synthetic_id(9)
    draft_application(places, member_line(id_number=number))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_jsonb(p)::text || encode(p.id_number, 'escape') FROM cases_person p"
            " UNION ALL SELECT to_jsonb(a)::text FROM cases_application a"
        )
        stored = "".join(row[0] for row in cursor.fetchall())
    assert number not in stored
    assert "6222020000000000008" not in stored
    assert "13800001234" not in stored


@pytest.mark.clause("SY-4.1")
def test_the_village_helper_registers_in_the_own_village_only():
    places = build_places()
    helper = person_with(Post.VILLAGE_HELPER, places.village)
    values = {"channel": Channel.VILLAGE, "received_on": date(2026, 3, 2)}
    application = register_application(declaration=declaration(places.village, **values), actor=helper)
    assert application.channel == "village"
    assert application.received_at == datetime(2026, 3, 1, 16, tzinfo=UTC)
    with pytest.raises(Refused):
        register_application(declaration=declaration(places.other_village, **values), actor=helper)


def test_the_handler_of_another_township_cannot_register():
    places = build_places()
    with pytest.raises(Refused):
        draft_application(places, actor=person_with(Post.HANDLER, places.other_township))
    with pytest.raises(Refused):
        draft_application(places, actor=person_with(Post.REVIEWER, places.township))
    assert not Application.objects.exists()
    assert not Person.objects.exists()


def test_a_draft_is_changed_as_a_whole_and_keeps_who_stays():
    places = build_places()
    actor = person_with(Post.HANDLER, places.township)
    spouse = member_line("王大海", relation=Relation.SPOUSE, id_number=synthetic_id(3))
    draft = draft_application(
        places, member_line(id_number=synthetic_id(2), wage="500.00"), spouse, actor=actor
    )
    stays = Member.objects.get(person__name="王大海").pk
    child = member_line("王小海", relation=Relation.MINOR_CHILD, birth_date=date(2015, 1, 1))
    swapped = member_line("王大海", relation=Relation.SELF, id_number=synthetic_id(3), wage="700.00")
    update_draft(
        application=draft,
        declaration=declaration(places.other_village, swapped, child, houses=2),
        actor=actor,
    )
    draft.refresh_from_db()
    assert (draft.applicant_name, draft.n_members, draft.village) == ("王大海", 2, places.other_village)
    assert draft.household.members.get(relation="self").pk == stays
    assert not Person.objects.filter(name="林小花").exists(), "nobody mentions her any more"
    assert [item.monthly for item in IncomeItem.objects.all()] == [Decimal("700.00")]


def test_one_and_only_one_applicant_and_nobody_twice():
    places = build_places()
    actor = person_with(Post.HANDLER, places.township)
    with pytest.raises(Refused, match="一名申请人"):
        draft_application(places, member_line(relation=Relation.SPOUSE), actor=actor)
    with pytest.raises(Refused, match="重复登记"):
        draft_application(
            places,
            member_line(id_number=synthetic_id(4)),
            member_line(id_number=synthetic_id(4), relation=Relation.SPOUSE),
            actor=actor,
        )


def test_a_discarded_draft_leaves_its_number_and_nothing_of_the_people():
    places = build_places()
    actor = person_with(Post.HANDLER, places.township)
    draft = draft_application(places, actor=actor)
    with pytest.raises(Refused):
        discard_draft(application=draft, reason="  ", actor=actor)
    discard_draft(application=draft, reason="重复登记", actor=actor)
    assert not Application.objects.exists()
    assert not Person.objects.exists()
    assert DiscardedNumber.objects.get().number == draft.number
    assert draft_application(places, actor=actor).number != draft.number
