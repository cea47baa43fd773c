"""`POST /api/v1/assess` as scripts meet it: who may ask, what is answered, and that nothing breaks it."""

import json
from datetime import date, timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client

from common import clock as our_clock
from organisations import api
from organisations.enums import Post
from organisations.models import ApiToken, User
from organisations.services import appoint
from organisations.tokens import end_token, issue_token
from tests.access.world import tables_written
from tests.policy.test_commands import INTERFACE_EXAMPLE, run

pytestmark = pytest.mark.django_db
URL = "/api/v1/assess"


@pytest.fixture(autouse=True)
def no_requests_counted() -> None:
    cache.clear()


@pytest.fixture
def partner(area) -> User:
    user = User.objects.create(username="script", name="教育局程序")
    appoint(
        user=user,
        post=Post.PARTNER,
        department="区教育局",
        area=area("330305"),
        valid_from=date(2015, 1, 1),
        actor=None,
    )
    return user


def token_for(user: User, days: int = 30) -> str:
    _, clear = issue_token(
        user=user, name="演示", valid_to=our_clock.today() + timedelta(days=days), actor=None
    )
    return clear


@pytest.fixture
def ask(partner: User):
    """Sends a body with the partner's token, CSRF checks on, errors as a client sees them."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    clear = token_for(partner)

    def post(body: str | bytes, token: str = clear, content_type: str = "application/json"):
        return client.post(URL, body, content_type=content_type, headers={"authorization": f"Bearer {token}"})

    return post


def test_the_answer_is_that_of_the_command(ask, tmp_path) -> None:
    file = tmp_path / "in.json"
    file.write_text(INTERFACE_EXAMPLE, encoding="utf-8")
    response = ask(INTERFACE_EXAMPLE)
    assert response.status_code == 200
    assert response["Content-Type"] == "application/json"
    assert response.json() == json.loads(run("assess", str(file), "--json"))
    assert response.json()["monthly"] == "585.00"
    assert "set-cookie" not in {name.lower() for name in response.headers}


def test_nothing_is_stored_but_the_day_of_the_last_use(ask) -> None:
    before = tables_written()
    ask(INTERFACE_EXAMPLE)
    ask(INTERFACE_EXAMPLE)
    written = {table for table, n in tables_written().items() if n != before.get(table, 0)}
    assert written == {"organisations_apitoken"}
    assert ApiToken.objects.get().last_used_on == our_clock.today()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"programme": "dibaoo"}, "programme"),
        ({"area": "999999"}, "area"),
        ({"area": "a\x00"}, "area"),
        ({"area": "\ud800"}, "area"),
        ({"tekun": {}}, "tekun.no_work_ability"),
        ({"programme": "linshi", "linshi": None}, "linshi"),
        ({"rigid_expenditure_monthly": 10**400}, "rigid_expenditure_monthly"),
        ({"on": "-1-01-01"}, "on"),
        ({"surprise\x00": 1}, "surprise\x00"),
    ],
)
def test_bad_input_names_its_field(ask, change: dict, field: str) -> None:
    response = ask(json.dumps(json.loads(INTERFACE_EXAMPLE) | change))
    assert response.status_code == 400
    assert response.json()["field"] == field
    assert response.json()["message"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe\x00",
        b"{",
        b"null",
        b"[]",
        b'"text"',
        b"[" * 200_000,
        b'{"a":' * 100_000,
        b"9" * 5_000,
        b'{"area": 1e9999999999999999999}',
        b'{"area": NaN}',
        b'{"area": "1", "area": "2"}',
        b"\x00" * 100,
    ],
    ids=lambda body: repr(body[:16]),
)
def test_hostile_bodies_are_refused(ask, body: bytes) -> None:
    response = ask(body)
    assert response.status_code == 400
    assert set(response.json()) == {"field", "message"}


def test_other_kinds_of_body_are_refused(ask) -> None:
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/x-www-form-urlencoded", "x"):
        assert ask(INTERFACE_EXAMPLE, content_type=kind).status_code == 400


@pytest.mark.parametrize("size", [1_000_001, 3_000_000])
def test_a_body_too_large_is_not_read(ask, size: int) -> None:
    response = ask(b" " * size)
    assert response.status_code == 413
    assert response.json()["message"].startswith("请求过大")


def test_no_rule_in_force_says_which_where_and_when(ask) -> None:
    response = ask(json.dumps(json.loads(INTERFACE_EXAMPLE) | {"on": "1995-01-01", "standards": {}}))
    assert response.status_code == 422
    answer = response.json()
    assert (answer["area"], answer["on"]) == ("330305001", "1995-01-01")
    assert answer["rule"]
    assert answer["rule"] in answer["message"]


def test_a_stranger_gets_401_and_no_page(rule_tables) -> None:
    response = Client().post(URL, INTERFACE_EXAMPLE, content_type="application/json")
    assert response.status_code == 401
    assert response.json()["message"]


@pytest.mark.parametrize("token", ["", "sa_wrong", "x" * 10_000, "\x00", "长"])
def test_a_wrong_token_gets_401(ask, token: str) -> None:
    assert ask(INTERFACE_EXAMPLE, token=token).status_code == 401


def test_an_ended_token_an_inactive_account_and_one_without_post_are_refused(ask, partner: User) -> None:
    old = token_for(partner)
    end_token(token=ApiToken.objects.latest("pk"), actor=None)
    assert ask(INTERFACE_EXAMPLE, token=old).status_code == 401
    partner.postings.update(valid_to=our_clock.today())
    assert ask(INTERFACE_EXAMPLE).status_code == 403
    User.objects.filter(pk=partner.pk).update(is_active=False)
    assert ask(INTERFACE_EXAMPLE).status_code == 401


def test_a_session_needs_the_token_of_a_page(ask, partner: User) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(partner)
    refused = browser.post(URL, INTERFACE_EXAMPLE, content_type="application/json")
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["message"]
    browser.get("/rules/")
    token = browser.get("/accounts/password/").context
    secret = browser.cookies["csrftoken"].value if "csrftoken" in browser.cookies else token["csrf_token"]
    answered = browser.post(
        URL, INTERFACE_EXAMPLE, content_type="application/json", headers={"x-csrftoken": str(secret)}
    )
    assert answered.status_code == 200


def test_a_session_without_its_second_factor_or_own_password_is_refused(area, partner, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    approver = User.objects.create(username="approver", name="审批")
    appoint(
        user=approver, post=Post.APPROVER, area=area("330305001"), valid_from=date(2015, 1, 1), actor=None
    )
    partner.must_change_password = True
    partner.save()
    for user in (approver, partner):
        browser = Client()
        browser.force_login(user)
        assert browser.post(URL, INTERFACE_EXAMPLE, content_type="application/json").status_code == 403


def test_so_many_requests_a_minute(clock, ask, monkeypatch) -> None:
    monkeypatch.setattr(api, "REQUESTS_A_MINUTE", 2)
    assert [ask("{}").status_code for _ in range(3)] == [400, 400, 429]


def test_the_database_keeps_no_token_in_clear_and_none_that_ends_before_it_starts(ask, partner: User) -> None:
    clear = token_for(partner)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM organisations_apitoken t WHERE t::text LIKE %s", [f"%{clear}%"])
        assert cursor.fetchone() == (0,)
        with pytest.raises(IntegrityError, match="api_token_ends_after_it_starts"), transaction.atomic():
            cursor.execute("UPDATE organisations_apitoken SET valid_to = valid_from - 1")
