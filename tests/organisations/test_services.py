"""Accounts, postings and reads of personal data: the services and what the database adds."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from common.errors import Refused
from organisations import services
from organisations.enums import Post
from organisations.models import AccountEvent, PersonalDataRead, Posting, User
from organisations.scope import scope_of
from tests.organisations.people import PASSWORD, area, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(clock) -> User:
    return person("admin", ("administrator", "330305"), name="管理")


def appoint(user: User, actor: User | None, **changes):
    given = {"post": Post.HANDLER, "area": area("330305001"), "valid_from": date(2026, 3, 1), **changes}
    return services.appoint(user=user, actor=actor, **given)


def refused(call, *args, **kwargs) -> Refused:
    with pytest.raises(Refused) as refusal:
        call(*args, **kwargs)
    return refusal.value


def test_an_account_is_made_with_a_password_that_must_be_changed(administrator) -> None:
    user = services.create_user(username="lin", name=" 林某 ", password=PASSWORD, actor=administrator)

    assert (user.name, user.must_change_password, user.check_password(PASSWORD)) == ("林某", True, True)
    assert not user.is_superuser
    event = AccountEvent.objects.get(user=user)
    assert (event.kind, event.actor, event.detail) == ("created", administrator, "lin")


def test_an_account_of_the_command_line_keeps_its_password() -> None:
    assert not services.create_user(
        username="lin", name="林", password=PASSWORD, actor=None
    ).must_change_password
    assert not services.create_user(username="wang", name="王", actor=None).has_usable_password()


@pytest.mark.parametrize(
    ("password", "says"),
    [("short-77-海", "12"), ("password1234", "常见"), ("lin-xiaohua-2026", "相似")],
)
def test_weak_passwords_are_refused(administrator, password, says) -> None:
    error = refused(
        services.create_user, username="lin-xiaohua", name="林", password=password, actor=administrator
    )
    assert error.field == "password"
    assert says in error.message


def test_names_that_exist_and_missing_names_are_refused_beside_their_field(administrator) -> None:
    assert refused(services.create_user, username="admin", name="林", actor=administrator).field == "username"
    assert refused(services.create_user, username="lin", name=" ", actor=administrator).field == "name"
    assert refused(services.create_user, username="l in", name="林", actor=administrator).field == "username"


def test_only_administrators_make_accounts_and_only_superusers_superusers(administrator) -> None:
    handler = person("h", ("handler", "330305001"))
    assert "系统管理岗" in str(refused(services.create_user, username="x", name="x", actor=handler))
    error = refused(services.create_user, username="x", name="x", actor=administrator, is_superuser=True)
    assert "超级用户" in str(error)


def test_an_appointment_takes_effect_at_once_and_leaves_a_trace(administrator) -> None:
    user = person("lin")
    assert not scope_of(user).has(Post.HANDLER)

    posting = appoint(user, administrator)

    assert scope_of(user).has(Post.HANDLER)
    assert str(posting) == "北岙街道 · 经办岗"
    assert AccountEvent.objects.get(user=user).detail == "北岙街道 · 经办岗 2026-03-01 起"


def test_nobody_appoints_outside_their_area_or_themselves(administrator) -> None:
    user = person("lin")
    assert "上虞区的系统管理岗" in str(refused(appoint, user, administrator, area=area("330604")))
    assert "温州市的系统管理岗" in str(refused(appoint, user, administrator, area=area("330300")))
    assert "自己" in str(refused(appoint, administrator, administrator))
    assert "自己" in str(refused(appoint, superuser := person("root", is_superuser=True), superuser))
    assert not Posting.objects.filter(user=user).exists()


def test_a_partner_posting_names_its_department(administrator) -> None:
    user = person("lin")
    assert refused(appoint, user, administrator, post=Post.PARTNER, department=" ").field == "department"
    assert appoint(user, administrator, post=Post.PARTNER, department="区教育局").department == "区教育局"


def test_overlapping_and_reversed_periods_are_refused_in_words(administrator) -> None:
    user = person("lin")
    appoint(user, administrator, valid_to=date(2026, 4, 1))
    assert "重叠" in str(refused(appoint, user, administrator, valid_from=date(2026, 3, 31)))
    assert "晚于" in str(
        refused(appoint, user, administrator, valid_from=date(2026, 5, 1), valid_to=date(2026, 5, 1))
    )
    appoint(user, administrator, valid_from=date(2026, 4, 1))


def test_a_posting_ends_from_today_on_and_never_in_the_past(administrator) -> None:
    user = person("lin")
    posting = appoint(user, administrator)
    assert "追溯" in str(
        refused(services.end_posting, posting=posting, valid_to=date(2026, 3, 1), actor=administrator)
    )
    ended = services.end_posting(posting=posting, valid_to=date(2026, 3, 2), actor=administrator)
    assert not scope_of(ended.user).has(Post.HANDLER)
    assert "已经结束" in str(
        refused(services.end_posting, posting=posting, valid_to=date(2026, 4, 1), actor=administrator)
    )


@pytest.mark.parametrize(
    ("row", "constraint"),
    [
        ("'2026-02-01', '2026-03-02'", "posting_periods_do_not_overlap"),
        ("'2026-12-01', NULL", "posting_periods_do_not_overlap"),
        ("'2025-12-01', '2025-12-01'", "posting_ends_after_it_starts"),
    ],
)
def test_the_database_itself_refuses_overlapping_and_empty_postings(administrator, row, constraint) -> None:
    user = person("lin")
    appoint(user, administrator)
    sql = (
        "INSERT INTO organisations_posting (user_id, post, area_id, department, valid_from, valid_to)"
        f" VALUES ({user.pk}, 'handler', {area('330305001').pk}, '', {row})"
    )
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_another_post_or_area_at_the_same_time_is_no_overlap(administrator) -> None:
    user = person("lin")
    appoint(user, administrator)
    appoint(user, administrator, post=Post.REVIEWER)
    appoint(user, administrator, area=area("330305002"))
    assert len(scope_of(user).places) == 3


def test_accounts_are_switched_off_and_on_and_passwords_given(administrator) -> None:
    user = person("lin", ("handler", "330305001"))
    services.set_active(user=user, is_active=False, actor=administrator)
    services.set_active(user=user, is_active=False, actor=administrator)
    services.set_active(user=user, is_active=True, actor=administrator)
    services.give_password(user=user, password="another-long-海-1", actor=administrator)
    services.change_own_password(user=user, password="my-own-secret-海-2")

    user.refresh_from_db()
    assert (user.is_active, user.must_change_password) == (True, False)
    kinds = AccountEvent.objects.filter(user=user).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["deactivated", "activated", "password_set", "password_changed"]


@pytest.mark.parametrize("held", [("handler", "330604001"), ("administrator", "330300")])
def test_accounts_with_a_post_outside_the_area_are_out_of_reach(administrator, held) -> None:
    user = person("lin", ("handler", "330305001"), held)
    error = refused(services.give_password, user=user, password="another-long-海-1", actor=administrator)
    assert "区域以外" in str(error)
    root = person("root", is_superuser=True)
    assert refused(services.set_active, user=root, is_active=False, actor=administrator)
    assert refused(services.set_active, user=administrator, is_active=False, actor=administrator)


def test_a_read_is_logged_with_who_what_why_when_and_where(clock) -> None:
    user = person("lin", ("handler", "330305001"))
    read = services.log_personal_data_read(
        user=user, subject="person:12", fields=["身份证号", "银行账号"], reason=" 核对材料 ", ip="10.0.0.7"
    )
    read.refresh_from_db()
    assert (read.fields, read.reason, read.ip, read.stream) == (
        "身份证号、银行账号",
        "核对材料",
        "10.0.0.7",
        "county:330305",
    )
    assert read.sequence == 1
    assert len(read.hash) == 64


def test_people_of_no_or_of_several_counties_are_chained_by_the_system() -> None:
    both = person("a", ("auditor", "330305"), ("auditor", "330604"))
    city = person("b", ("auditor", "330300"))
    for user in (both, city, person("c")):
        read = services.log_personal_data_read(
            user=user, subject="person:1", fields="姓名", reason="x", ip=None
        )
        assert read.stream == "system"


@pytest.mark.parametrize("reason", ["", "  \n ", "x" * 201, "a\0b"])
def test_a_read_without_a_proper_reason_is_refused_and_shows_nothing(reason) -> None:
    user = person("lin", ("handler", "330305001"))
    error = refused(
        services.log_personal_data_read, user=user, subject="person:1", fields="电话", reason=reason, ip=None
    )
    assert error.field == "reason"
    assert not PersonalDataRead.objects.exists()
