"""/admin/: opened by posts, limited to the administrator's area, written through the services."""

import re

import pytest
from django.urls import reverse

from organisations import services
from organisations.models import AccountEvent, Area, PersonalDataRead, Posting, User
from tests.organisations.people import PASSWORD, area, person

pytestmark = pytest.mark.django_db

USERS = reverse("admin:organisations_user_changelist")
NEW_USER = reverse("admin:organisations_user_add")
NEW_POSTING = reverse("admin:organisations_posting_add")
NEW_AREA = reverse("admin:organisations_area_add")


def text(response) -> str:
    return response.content.decode()


def errors(response) -> dict:
    assert response.status_code == 200, response.get("Location")
    return response.context["adminform"].form.errors


@pytest.fixture
def admin_client(client, clock):
    user = person("admin", ("administrator", "330305"), name="管理")
    client.force_login(user)
    client.user = user
    return client


@pytest.mark.parametrize("post", ["handler", "approver", "auditor", "partner", "district_payments"])
def test_other_posts_are_kept_out_with_the_reason_even_with_is_staff(client, post) -> None:
    client.force_login(person("a", (post, "330305"), is_staff=True))
    response = client.get(reverse("admin:index"), follow=True)
    assert response.status_code == 403
    assert "后台" in text(response)


def test_the_admin_has_no_door_of_its_own(client) -> None:
    person("root", is_superuser=True, is_staff=True)
    response = client.post("/admin/login/", {"username": "root", "password": PASSWORD})
    assert response["Location"].startswith(reverse("organisations:login"))
    assert "_auth_user_id" not in client.session


def test_the_index_shows_accounts_to_administrators_and_not_to_rule_writers(admin_client, client) -> None:
    assert USERS in text(admin_client.get(reverse("admin:index")))
    client.force_login(person("w", ("rule_writer", "330305")))
    response = client.get(reverse("admin:index"))
    assert response.status_code == 200
    assert USERS not in text(response)
    assert client.get(USERS).status_code == 403


def test_pages_of_the_admin_hold_no_inline_style_or_script(admin_client) -> None:
    """The content security policy would silently switch such parts off."""
    pages = [reverse("admin:index"), USERS, NEW_USER, NEW_POSTING, NEW_AREA]
    for page in pages:
        found = re.findall(
            r"<script(?![^>]*\bsrc=)(?![^>]*application/json)[^>]*>|\sstyle=", text(admin_client.get(page))
        )
        assert found == [], page


def test_an_account_is_made_by_the_service(admin_client) -> None:
    response = admin_client.post(
        NEW_USER, {"username": "lin", "name": "林某", "new_password": "first-secret-海"}
    )
    assert response.status_code == 302
    user = User.objects.get(username="lin")
    assert user.check_password("first-secret-海")
    assert user.must_change_password
    assert not user.is_staff
    assert AccountEvent.objects.get(user=user).actor == admin_client.user


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"username": "admin"}, "username"),
        ({"name": ""}, "name"),
        ({"new_password": "short"}, "new_password"),
        ({"username": "x" * 10_000}, "username"),
        ({"name": "a\0"}, "name"),
    ],
)
def test_a_bad_account_is_refused_beside_its_field(admin_client, changes, field) -> None:
    data = {"username": "lin", "name": "林某", "new_password": "first-secret-海", **changes}
    assert field in errors(admin_client.post(NEW_USER, data))
    assert User.objects.count() == 1


def test_extra_fields_of_a_form_change_nothing(admin_client) -> None:
    lin = person("lin", ("handler", "330305001"))
    url = reverse("admin:organisations_user_change", args=[lin.pk])
    sent = {
        "name": "林某某",
        "is_superuser": "1",
        "is_staff": "1",
        "is_active": "",
        "username": "root",
        "password": "x",
    }
    assert admin_client.post(url, sent).status_code == 302
    lin.refresh_from_db()
    assert (lin.name, lin.username, lin.is_superuser, lin.is_staff, lin.is_active) == (
        "林某某",
        "lin",
        False,
        False,
        True,
    )
    assert lin.check_password(PASSWORD)


def test_accounts_of_other_areas_and_superusers_do_not_exist_here(admin_client) -> None:
    far = person("far", ("handler", "330604001"))
    root = person("root", is_superuser=True)
    near = person("near", ("handler", "330305001"))
    fresh = person("fresh")
    shown = text(admin_client.get(USERS))
    assert all((user.username in shown) is (user in (near, fresh)) for user in (far, root, near, fresh))
    for user in (far, root):
        url = reverse("admin:organisations_user_change", args=[user.pk])
        assert admin_client.get(url, follow=True).redirect_chain[0][0] == "/admin/"
        admin_client.post(USERS, {"action": "deactivate", "_selected_action": [user.pk]})
        user.refresh_from_db()
        assert user.is_active


def test_actions_work_on_others_and_never_on_oneself(admin_client) -> None:
    lin = person("lin", ("handler", "330305001"))
    chosen = [lin.pk, admin_client.user.pk]
    for action in ("deactivate", "activate", "unlock", "reset_second_factor", "deactivate"):
        response = admin_client.post(USERS, {"action": action, "_selected_action": chosen}, follow=True)
        assert "不能办理自己的账号" in text(response)
    lin.refresh_from_db()
    admin_client.user.refresh_from_db()
    assert (lin.is_active, admin_client.user.is_active) == (False, True)
    kinds = AccountEvent.objects.filter(user=lin).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["deactivated", "activated", "unlocked", "second_factor_reset", "deactivated"]


def test_a_password_is_given_from_the_page_of_the_account(admin_client) -> None:
    lin = person("lin", ("handler", "330305001"))
    url = reverse("admin:organisations_user_change", args=[lin.pk])
    admin_client.post(url, {"name": "lin", "new_password": "second-secret-海"})
    lin.refresh_from_db()
    assert lin.check_password("second-secret-海")
    assert lin.must_change_password
    own = reverse("admin:organisations_user_change", args=[admin_client.user.pk])
    assert "自己的账号" in str(
        errors(admin_client.post(own, {"name": "管理", "new_password": "second-secret-海"}))
    )


def posting_data(user: User, **changes) -> dict:
    data = {"user": user.pk, "post": "handler", "area": area("330305001").pk, "department": ""}
    return {**data, "valid_from": "2026-03-01", "valid_to": "", **changes}


def test_a_posting_is_given_and_ended_by_the_services(admin_client) -> None:
    lin = person("lin")
    assert admin_client.post(NEW_POSTING, posting_data(lin)).status_code == 302
    posting = Posting.objects.get(user=lin)
    url = reverse("admin:organisations_posting_change", args=[posting.pk])
    admin_client.post(url, {"valid_to": "2026-04-01", "post": "approver", "valid_from": "2020-01-01"})
    posting.refresh_from_db()
    assert (posting.post, str(posting.valid_from), str(posting.valid_to)) == (
        "handler",
        "2026-03-01",
        "2026-04-01",
    )
    kinds = AccountEvent.objects.filter(user=lin).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["appointed", "posting_ended"]


@pytest.mark.parametrize(
    ("changes", "field", "says"),
    [
        ({"post": "partner"}, "department", "联办部门岗"),
        ({"valid_to": "2026-03-01"}, "__all__", "晚于"),
        ({"post": "emperor"}, "post", "不在"),
        ({"valid_from": "2026-02-30"}, "valid_from", "有效"),
    ],
)
def test_a_bad_posting_is_refused_in_words(admin_client, changes, field, says) -> None:
    found = errors(admin_client.post(NEW_POSTING, posting_data(person("lin"), **changes)))
    assert says in str(found[field])
    assert Posting.objects.count() == 1


def test_postings_reach_no_further_than_the_administrators_area(admin_client) -> None:
    lin = person("lin", ("handler", "330305001"))
    far = person("far", ("handler", "330604001"))
    far_away = posting_data(lin, area=area("330604").pk)
    assert "上虞区" in str(errors(admin_client.post(NEW_POSTING, far_away)))
    assert Posting.objects.filter(user=lin).count() == 1
    assert "自己" in str(errors(admin_client.post(NEW_POSTING, posting_data(admin_client.user))))
    url = reverse("admin:organisations_posting_change", args=[far.postings.get().pk])
    assert admin_client.post(url, {"valid_to": "2026-04-01"})["Location"] == "/admin/"
    assert far.postings.get().valid_to is None


def test_overlap_and_the_past_are_refused_in_words(admin_client) -> None:
    lin = person("lin", ("handler", "330305001"))
    assert "重叠" in str(errors(admin_client.post(NEW_POSTING, posting_data(lin))))
    url = reverse("admin:organisations_posting_change", args=[lin.postings.get().pk])
    assert "追溯" in str(errors(admin_client.post(url, {"valid_to": "2026-03-01"})))
    assert "valid_to" in errors(admin_client.post(url, {"valid_to": ""}))


def test_an_office_enters_its_villages_below_its_townships(admin_client) -> None:
    town = area("330305001")
    data = {"parent": town.pk, "code": "330305001999", "name": "新村"}
    assert admin_client.post(NEW_AREA, data).status_code == 302
    village = Area.objects.get(code="330305001999")
    assert (village.prefix, village.level, village.parent) == ("330305001999", "village", town)

    assert "code" in errors(admin_client.post(NEW_AREA, {**data, "code": "330305002001"}))
    assert "code" in errors(admin_client.post(NEW_AREA, data))
    assert "parent" in errors(admin_client.post(NEW_AREA, {**data, "parent": area("330305").pk}))
    assert "parent" in errors(admin_client.post(NEW_AREA, {**data, "parent": ""}))
    far = {"parent": area("330604001").pk, "code": "330604001999", "name": "x"}
    assert "parent" in errors(admin_client.post(NEW_AREA, far))


def test_official_areas_are_only_looked_at(admin_client) -> None:
    town, village = area("330305001"), area("330305001201")
    url = reverse("admin:organisations_area_change", args=[town.pk])
    assert admin_client.post(url, {"name": "改名"}).status_code == 403
    url = reverse("admin:organisations_area_change", args=[village.pk])
    assert admin_client.post(url, {"name": "改名", "code": "1", "level": "nation"}).status_code == 302
    village.refresh_from_db()
    assert (village.name, village.code, village.level) == ("改名", "330305001201", "village")
    assert admin_client.post(reverse("admin:organisations_area_delete", args=[village.pk])).status_code == 403


def test_traces_are_read_only_for_superusers_too(client, clock) -> None:
    lin, far = person("lin", ("handler", "330305001")), person("far", ("handler", "330604001"))
    for user in (lin, far):
        services.log_personal_data_read(
            user=user, subject=f"person:{user.pk}", fields="电话", reason="核对", ip=None
        )
    read = PersonalDataRead.objects.get(user=far)
    listing = reverse("admin:organisations_personaldataread_changelist")
    page = reverse("admin:organisations_personaldataread_change", args=[read.pk])

    client.force_login(person("root", is_superuser=True))
    assert client.get(page).status_code == 200
    assert client.post(page, {"reason": "x"}).status_code == 403
    assert (
        client.post(reverse("admin:organisations_personaldataread_delete", args=[read.pk])).status_code == 403
    )
    assert client.get(reverse("admin:organisations_personaldataread_add")).status_code == 403

    client.force_login(person("admin", ("administrator", "330305")))
    assert f"person:{lin.pk}" in text(client.get(listing))
    assert f"person:{far.pk}" not in text(client.get(listing))
    assert client.get(page)["Location"] == "/admin/"


@pytest.mark.parametrize("page", ["user", "posting", "area", "personaldataread", "accountevent"])
def test_lists_ask_the_database_as_often_for_thirty_rows_as_for_three(
    admin_client, django_assert_max_num_queries, page
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    url = reverse(f"admin:organisations_{page}_changelist")

    def queries_with(count: int, start: int) -> int:
        for number in range(start, start + count):
            user = person(f"u{number}", ("handler", "330305001"))
            services.log_personal_data_read(
                user=user, subject="person:1", fields="电话", reason="核对", ip=None
            )
            services.unlock(user=user, actor=None)
        with CaptureQueriesContext(connection) as captured:
            assert admin_client.get(url).status_code == 200
        return len(captured)

    assert queries_with(3, 0) == queries_with(27, 3)
