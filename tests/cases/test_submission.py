"""Handing in: whole registrations, the checklist of the rules, nobody in two cases of a programme."""

import threading
from datetime import UTC, date, datetime

import pytest
from django.db import connection, transaction
from django.utils import timezone

from cases.enums import Programme, Relation
from cases.models import MaterialsNotice, Member
from cases.queries import duplicates_of, missing_materials, unauthorised_members
from cases.services import (
    complete_materials,
    issue_materials_notice,
    prepare_submission,
    receive_material,
    release_members,
    sign_authorisation,
    update_draft,
)
from common.errors import Refused
from organisations.enums import Post
from tests.cases.builders import (
    build_places,
    declaration,
    draft_application,
    in_state,
    member_line,
    person_with,
    synthetic_id,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def places():
    return build_places()


@pytest.fixture
def handler(places):
    return person_with(Post.HANDLER, places.township)


def test_an_incomplete_draft_is_refused_with_everything_it_lacks(places, handler):
    draft = draft_application(
        places, member_line(phone=""), actor=handler, address="", statement="", payee_account=""
    )
    with pytest.raises(Refused) as refusal:
        prepare_submission(application=draft, actor=handler)
    for label in ("居住地址", "申请理由", "收款账号", "申请人联系电话"):
        assert label in refusal.value.message
    assert not Member.objects.filter(occupies=True).exists()


@pytest.mark.clause("SY-A1.1b")
def test_the_checklist_follows_the_rules_and_the_household(places, handler):
    child = member_line("林小宝", relation=Relation.MINOR_CHILD, birth_date=date(2015, 1, 1))
    alone, family = (
        draft_application(places, actor=handler),
        draft_application(places, member_line(), child, actor=handler),
    )
    for draft in (alone, family):
        prepare_submission(application=draft, actor=handler, received_at=timezone.now())
    assert missing_materials(alone) == ["全体成员身份证明", "救助联办申请表"]
    assert missing_materials(family) == ["全体成员身份证明", "救助联办申请表", "未成年人户口簿"]
    assert alone.submitted_at is not None


def test_the_village_day_of_receipt_stands_and_the_window_takes_the_moment(clock, places, handler):
    relayed = draft_application(places, actor=handler, received_on=date(2026, 2, 26))
    now = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
    prepare_submission(application=relayed, actor=handler, received_at=now)
    assert timezone.localdate(relayed.received_at) == date(2026, 2, 26)
    direct = draft_application(places, actor=handler)
    prepare_submission(application=direct, actor=handler, received_at=now)
    assert direct.received_at == now


def test_nobody_is_in_two_cases_of_one_programme(places, handler):
    number = synthetic_id(11)
    first = draft_application(places, member_line("林小花", id_number=number), actor=handler)
    prepare_submission(application=first, actor=handler)
    second = draft_application(
        places, member_line("林小花", id_number=number), village=places.other_county_village
    )
    other = person_with(Post.HANDLER, places.other_county_township)
    with pytest.raises(Refused) as refusal:
        prepare_submission(application=second, actor=other)
    assert first.number in refusal.value.message
    assert "北岙街道" in refusal.value.message
    assert "林*花" in refusal.value.message
    assert "林小花" not in refusal.value.message
    release_members(application=first)
    prepare_submission(application=second, actor=other)
    assert second.household.members.get().occupies


def test_another_programme_and_excluded_members_do_not_clash(places, handler):
    number = synthetic_id(12)
    dibao = draft_application(places, member_line("林小花", id_number=number), actor=handler)
    prepare_submission(application=dibao, actor=handler)
    linshi = draft_application(
        places, member_line("林小花", id_number=number), actor=handler, programme=Programme.LINSHI
    )
    prepare_submission(application=linshi, actor=handler)
    away = member_line("林小花", id_number=number, relation=Relation.SPOUSE, excluded="left_3y")
    spouse = draft_application(places, member_line("王大海"), away, actor=handler)
    prepare_submission(application=spouse, actor=handler)
    assert not spouse.household.members.get(relation="spouse").occupies
    digest = dibao.household.members.get().person.id_digest
    assert [d.number for d in duplicates_of([digest], Programme.DIBAO)] == [dibao.number]
    assert [d.number for d in duplicates_of([digest], None)] == [dibao.number, linshi.number]
    assert duplicates_of([digest], Programme.DIBAO, exclude=dibao) == []


@pytest.mark.django_db(transaction=True)
def test_two_offices_hand_in_the_same_person_at_once():
    """Both looked before either committed: the unique constraint decides, the loser reads a sentence."""
    places = build_places()
    number = synthetic_id(13)
    handlers = [person_with(Post.HANDLER, places.township), person_with(Post.HANDLER, places.other_township)]
    drafts = [
        draft_application(places, member_line("林小花", id_number=number), actor=handlers[0]),
        draft_application(
            places,
            member_line("林小花", id_number=number),
            actor=handlers[1],
            village=places.other_township_village,
        ),
    ]
    first_done, second_tries, outcomes = threading.Event(), threading.Event(), {}

    def first() -> None:
        with transaction.atomic():
            prepare_submission(application=drafts[0], actor=handlers[0])
            first_done.set()
            second_tries.wait(10)
        outcomes[0] = "in"
        connection.close()

    def second() -> None:
        first_done.wait(10)
        threading.Timer(0.3, second_tries.set).start()
        try:
            prepare_submission(application=drafts[1], actor=handlers[1])
            outcomes[1] = "in"
        except Refused as refusal:
            outcomes[1] = refusal.message
        connection.close()

    threads = [threading.Thread(target=target) for target in (first, second)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert outcomes[0] == "in"
    assert drafts[0].number in outcomes[1]
    assert Member.objects.filter(occupies=True).count() == 1


@pytest.mark.clause("SY-A2.1b")
def test_what_is_missing_is_told_once_and_whole(places, handler):
    child = member_line("林小宝", relation=Relation.MINOR_CHILD, birth_date=date(2015, 1, 1))
    application = draft_application(places, member_line(), child, actor=handler)
    prepare_submission(application=application, actor=handler)
    in_state(application, "submitted")
    notice = issue_materials_notice(application=application, actor=handler)
    assert notice.items == [
        "全体成员身份证明",
        "救助联办申请表",
        "未成年人户口簿",
        "林小花的核对授权书签字",
        "林小宝的核对授权书签字",
    ]
    with pytest.raises(Refused, match="SY-A2.1b"):
        issue_materials_notice(application=application, actor=handler)
    assert MaterialsNotice.objects.count() == 1


@pytest.mark.clause("LY-5.1")
def test_the_notice_is_closed_when_everything_came_in(places, handler):
    application = draft_application(places, actor=handler)
    prepare_submission(application=application, actor=handler)
    in_state(application, "awaiting_materials")
    issue_materials_notice(application=application, actor=handler)
    first, second = application.materials.all()
    receive_material(material=first, received_on=timezone.localdate(), actor=handler)
    with pytest.raises(Refused, match="救助联办申请表"):
        complete_materials(application=application, actor=handler)
    receive_material(material=second, received_on=timezone.localdate(), actor=handler)
    assert complete_materials(application=application, actor=handler).completed_at is not None


def test_nothing_missing_is_no_reason_for_a_notice(places, handler):
    application = draft_application(places, actor=handler)
    prepare_submission(application=application, actor=handler)
    in_state(application, "submitted")
    for material in application.materials.all():
        receive_material(material=material, received_on=timezone.localdate(), actor=handler)
    sign_authorisation(
        member=application.household.members.get(), signed_on=timezone.localdate(), actor=handler
    )
    with pytest.raises(Refused, match="直接受理"):
        issue_materials_notice(application=application, actor=handler)


def test_a_guardian_signs_for_a_minor(clock, places, handler):
    child = member_line("林小宝", relation=Relation.MINOR_CHILD, birth_date=date(2008, 3, 3))
    application = draft_application(places, member_line(), child, actor=handler)
    member = application.household.members.get(relation="minor_child")
    with pytest.raises(Refused, match="未满 18 周岁"):
        sign_authorisation(member=member, signed_on=date(2026, 3, 2), actor=handler)
    sign_authorisation(member=member, signed_on=date(2026, 3, 2), guardian="林小花", actor=handler)
    assert [m.person.name for m in unauthorised_members(application)] == ["林小花"]
    clock.move_to(datetime(2026, 3, 3, 1, 0, tzinfo=UTC))
    sign_authorisation(member=member, signed_on=date(2026, 3, 3), actor=handler)
    with pytest.raises(Refused, match="晚于今天"):
        sign_authorisation(member=member, signed_on=date(2026, 3, 4), actor=handler)


def test_a_change_after_submission_moves_places_and_papers(places, handler):
    number = synthetic_id(15)
    application = draft_application(places, member_line(id_number=number), actor=handler)
    prepare_submission(application=application, actor=handler)
    in_state(application, "awaiting_materials")
    child = member_line("林小宝", relation=Relation.MINOR_CHILD, birth_date=date(2015, 1, 1))
    update_draft(
        application=application,
        declaration=declaration(places.village, member_line(id_number=number), child),
        actor=handler,
    )
    assert application.household.members.filter(occupies=True).count() == 2
    assert "未成年人户口簿" in missing_materials(application)
    with pytest.raises(Refused, match="不能更换救助项目"):
        update_draft(
            application=application,
            declaration=declaration(places.village, member_line(id_number=number), programme=Programme.TEKUN),
            actor=handler,
        )
