"""Log-in, lock-out, limits of a session, password: what the browser meets."""

import datetime as dt

import pytest
from axes.models import AccessAttempt, AccessFailureLog
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from organisations import services
from organisations.models import AccountEvent
from tests.organisations.people import PASSWORD, person

pytestmark = pytest.mark.django_db

LOG_IN = reverse("organisations:login")
PAGE = reverse("organisations:password_change")
NEW = "a-quite-new-phrase-海"


def log_in(client: Client, username: str = "lin", password: str = PASSWORD, ip: str = "10.0.0.1", **extra):
    data = {"username": username, "password": password, **extra}
    return client.post(LOG_IN, data, REMOTE_ADDR=ip)


def text(response) -> str:
    return response.content.decode()


@pytest.fixture
def lin(clock):
    return person("lin", ("handler", "330305001"), name="林某")


def test_a_page_asks_for_log_in_and_leads_back_to_itself(client, lin) -> None:
    response = client.get(PAGE)
    assert response["Location"] == f"{LOG_IN}?next={PAGE}"
    assert 'name="next" value="/accounts/password/"' in text(client.get(response["Location"]))

    response = log_in(client, next=PAGE)

    assert response["Location"] == PAGE
    assert "修改密码" in text(client.get(PAGE))


@pytest.mark.parametrize(
    "target", ["//evil.example", "https://evil.example/", "javascript:alert(1)", "\\\\evil", "/\\evil"]
)
def test_nobody_is_led_to_another_site(client, lin, target) -> None:
    assert log_in(client, next=target)["Location"] == "/"
    response = client.post(
        PAGE, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW, "next": target}
    )
    assert response["Location"] == "/"


def test_the_session_gets_a_new_key_at_log_in(client, lin) -> None:
    session = client.session
    session["planted"] = "x"
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key

    log_in(client)

    assert client.session.session_key != session.session_key


@pytest.mark.parametrize(("username", "password"), [("lin", "wrong"), ("nobody", PASSWORD)])
def test_wrong_name_and_wrong_password_answer_alike(client, lin, username, password) -> None:
    response = log_in(client, username, password)
    assert response.status_code == 200
    assert "用户名或密码不正确" in text(response)
    assert f'value="{username}"' in text(response)
    assert AccessFailureLog.objects.count() == 1


@pytest.mark.parametrize("typed", ["x" * 10_000, "a\0b", "😀'\";--", "𠮷", " "])
def test_no_typed_text_breaks_the_page(client, lin, typed) -> None:
    assert log_in(client, typed, "x").status_code == 200
    assert log_in(client, "lin", typed).status_code == 200


def test_an_account_that_was_switched_off_is_out_at_once_and_cannot_come_back(client, lin) -> None:
    log_in(client)
    services.set_active(user=lin, is_active=False, actor=None)
    assert client.get(PAGE).status_code == 302
    assert "不正确" in text(log_in(client))


def test_five_failures_lock_the_account_from_everywhere_for_fifteen_minutes(client, lin, clock) -> None:
    for number in range(4):
        assert log_in(client, password="wrong", ip=f"10.0.1.{number}").status_code == 200
    last = log_in(client, password="wrong", ip="10.0.1.4")
    assert last.status_code == 429
    assert "15 分钟" in text(last)
    assert "系统管理岗" in text(last)

    assert log_in(Client(), ip="10.9.9.9").status_code == 429

    clock.shift(dt.timedelta(minutes=14, seconds=59))
    assert log_in(Client(), ip="10.9.9.9").status_code == 429
    clock.shift(dt.timedelta(seconds=2))
    assert log_in(Client(), ip="10.9.9.9").status_code == 302


def test_tries_during_the_lock_out_do_not_lengthen_it(client, lin, clock) -> None:
    for _ in range(5):
        log_in(client, password="wrong")
    clock.shift(dt.timedelta(minutes=10))
    assert log_in(client, password="wrong").status_code == 429
    clock.shift(dt.timedelta(minutes=5, seconds=1))
    assert log_in(client).status_code == 302


def test_five_failures_from_one_address_lock_it_for_every_account(client, lin) -> None:
    person("wang")
    for number in range(5):
        log_in(client, f"guess{number}", "wrong", ip="10.0.0.66")
    assert log_in(client, "wang", ip="10.0.0.66").status_code == 429
    assert log_in(client, "wang", ip="10.0.0.67").status_code == 302


def test_a_success_forgives_the_own_failures_only(client, lin) -> None:
    """Else anybody with an account could guess at others' for ever, four tries at a time."""
    person("attacker")
    for _ in range(4):
        log_in(client, "lin", "wrong", ip="10.0.0.66")
    log_in(client, "attacker", ip="10.0.0.66")
    assert log_in(Client(), "lin", "wrong", ip="10.0.0.66").status_code == 429

    AccessAttempt.objects.all().delete()
    for _ in range(4):
        log_in(client, "lin", "wrong")
    assert log_in(client, "lin").status_code == 302
    assert log_in(Client(), "lin", "wrong").status_code == 200


def test_an_administrator_unlocks_an_account(client, lin) -> None:
    for number in range(5):
        log_in(client, password="wrong", ip=f"10.0.1.{number}")
    services.unlock(user=lin, actor=None)
    assert log_in(client).status_code == 302
    assert AccountEvent.objects.get(user=lin).kind == "unlocked"


def test_a_forged_forwarding_header_does_not_get_round_the_lock(client, lin) -> None:
    for number in range(5):
        client.post(
            LOG_IN, {"username": f"g{number}", "password": "x"}, HTTP_X_FORWARDED_FOR=f"1.2.3.{number}"
        )
    assert client.post(LOG_IN, {"username": "lin", "password": PASSWORD}).status_code == 429


def test_no_password_is_kept_in_the_failure_records(client, lin) -> None:
    log_in(client, password="SECRET-typed-wrong")
    assert not AccessAttempt.objects.filter(post_data__contains="SECRET").exists()


def test_fifteen_idle_minutes_end_the_session_and_the_page_says_so(client, lin, clock) -> None:
    log_in(client)
    clock.shift(dt.timedelta(minutes=14, seconds=59))
    assert client.get(PAGE).status_code == 200
    clock.shift(dt.timedelta(minutes=14, seconds=59))
    assert client.get(PAGE).status_code == 200
    clock.shift(dt.timedelta(minutes=15))

    response = client.get(PAGE + "?a=1", follow=True)

    assert response.redirect_chain == [(f"{LOG_IN}?ended=idle&next=%2Faccounts%2Fpassword%2F%3Fa%3D1", 302)]
    assert "离开超过 15 分钟" in text(response)
    assert "没有保存" not in text(response)
    assert client.get(PAGE).status_code == 302


def test_eight_hours_end_the_session_however_busy_it_was(client, lin, clock) -> None:
    log_in(client)
    for _ in range(8 * 6 - 1):
        clock.shift(dt.timedelta(minutes=10))
        assert client.get(PAGE).status_code == 200
    clock.shift(dt.timedelta(minutes=10))
    response = client.get(PAGE, follow=True)
    assert "已满 8 小时" in text(response)


def test_a_form_sent_too_late_is_not_carried_out_and_not_lost_silently(client, lin, clock) -> None:
    log_in(client)
    clock.shift(dt.timedelta(minutes=16))
    data = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}

    response = client.post(
        PAGE, data, headers={"referer": "http://testserver/accounts/password/?x=1"}, follow=True
    )

    assert "没有保存" in text(response)
    assert response.context["next"] == "/accounts/password/?x=1"
    lin.refresh_from_db()
    assert lin.check_password(PASSWORD)


def test_the_referer_of_another_site_is_not_followed(client, lin, clock) -> None:
    log_in(client)
    clock.shift(dt.timedelta(minutes=16))
    response = client.post(PAGE, {}, headers={"referer": "http://evil.example/x"})
    assert response["Location"] == f"{LOG_IN}?ended=idle&unsaved=1"


def test_a_fragment_request_sends_the_whole_page_to_log_in(client, lin, clock) -> None:
    log_in(client)
    clock.shift(dt.timedelta(minutes=16))
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/accounts/password/"}
    response = client.get(PAGE, headers=headers)
    assert response["HX-Redirect"] == f"{LOG_IN}?ended=idle&next=%2Faccounts%2Fpassword%2F"


def test_public_pages_stay_open_when_a_session_has_ended(client, lin, clock) -> None:
    log_in(client)
    clock.shift(dt.timedelta(minutes=16))
    assert client.get(LOG_IN).status_code == 200


def test_busy_clicking_does_not_write_the_session_each_time(client, lin, clock) -> None:
    def writes() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        return sum(query["sql"].startswith("UPDATE") for query in queries)

    log_in(client)
    clock.shift(dt.timedelta(seconds=29))
    assert writes() == 0
    clock.shift(dt.timedelta(seconds=1))
    assert writes() == 1


def test_log_out_ends_the_session_clears_the_browser_and_is_no_get(client, lin) -> None:
    log_in(client)
    key = client.session.session_key
    url = reverse("organisations:logout")
    assert client.get(url).status_code == 405

    response = client.post(url)

    assert response["Clear-Site-Data"] == '"cache", "cookies", "storage"'
    assert response["Location"] == LOG_IN
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    assert client.get(PAGE).status_code == 302


def test_unsafe_requests_need_a_token(lin) -> None:
    strict = Client(enforce_csrf_checks=True)
    for name in ("login", "logout"):
        assert strict.post(reverse(f"organisations:{name}"), {}).status_code == 403


def test_the_own_password_is_changed_other_sessions_end_this_one_goes_on(client, lin) -> None:
    other = Client()
    log_in(client)
    log_in(other)
    key = client.session.session_key

    response = client.post(
        PAGE, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}, follow=False
    )

    assert response.status_code == 302
    lin.refresh_from_db()
    assert lin.check_password(NEW)
    assert client.session.session_key != key
    assert client.get(PAGE).status_code == 200
    assert other.get(PAGE).status_code == 302
    assert AccountEvent.objects.get(user=lin).kind == "password_changed"


@pytest.mark.parametrize(
    ("old", "new1", "new2", "says"),
    [
        ("wrong", NEW, NEW, "现在的密码不正确"),
        (PASSWORD, "short-7", "short-7", "12"),
        (PASSWORD, NEW, NEW + "x", "两次输入"),
        (PASSWORD, PASSWORD, PASSWORD, "不能与现在的密码相同"),
        (PASSWORD, "x" * 10_000, "x" * 10_000, "最长 128 位"),
    ],
)
def test_a_bad_new_password_is_refused_in_words(client, lin, old, new1, new2, says) -> None:
    log_in(client)
    response = client.post(PAGE, {"old_password": old, "new_password1": new1, "new_password2": new2})
    assert response.status_code == 200
    assert says in text(response)
    lin.refresh_from_db()
    assert lin.check_password(PASSWORD)


def test_a_password_set_by_others_must_be_changed_before_anything_else(client, lin) -> None:
    lin.must_change_password = True
    lin.save()
    response = log_in(client)
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain == [(f"{PAGE}?next=%2Fadmin%2F", 302)]
    assert "由他人设定" in text(response)

    client.post(PAGE, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})

    lin.refresh_from_db()
    assert not lin.must_change_password
    assert (
        client.get(reverse("admin:index")).status_code != 302 or "password" not in client.get("/admin/").url
    )


def test_production_keeps_passwords_with_argon2(settings) -> None:
    from config.settings import security

    assert security.PASSWORD_HASHERS[0].endswith("Argon2PasswordHasher")
    settings.PASSWORD_HASHERS = security.PASSWORD_HASHERS
    user = services.create_user(username="lin", name="林", password=PASSWORD, actor=None)
    assert user.password.startswith("argon2$argon2id$")
    assert user.check_password(PASSWORD)
