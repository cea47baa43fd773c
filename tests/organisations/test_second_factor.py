"""The second factor: who needs it, how it is enrolled, what happens with wrong, used and lost codes."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django_otp.oath import TOTP
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from common import clock as our_clock
from common.errors import Refused
from organisations import second_factor
from organisations.models import AccountEvent
from tests.organisations.people import person

pytestmark = pytest.mark.django_db

VERIFY = reverse("organisations:second_factor")
ENROL = reverse("organisations:second_factor_enrol")
QR = reverse("organisations:second_factor_qr")
CODES = reverse("organisations:recovery_codes")
PAGE = reverse("organisations:password_change")


@pytest.fixture(autouse=True)
def required(settings, clock):
    settings.SECOND_FACTOR_REQUIRED = True


def code_for(device: TOTPDevice) -> str:
    totp = TOTP(device.bin_key, device.step, device.t0, device.digits, device.drift)
    totp.time = our_clock.now().timestamp()
    return f"{totp.token():06d}"


def text(response) -> str:
    return response.content.decode()


def enrol(client: Client) -> tuple[TOTPDevice, list[str]]:
    client.post(ENROL, {"start": "1"})
    device = TOTPDevice.objects.get(confirmed=False)
    response = client.post(ENROL, {"code": code_for(device)})
    return TOTPDevice.objects.get(pk=device.pk), response.context["codes"]


@pytest.fixture
def leader(client):
    user = person("leader", ("approver", "330305001"))
    client.force_login(user)
    return user


@pytest.mark.parametrize(
    ("post", "needs"),
    [
        ("approver", True),
        ("auditor", True),
        ("administrator", True),
        ("rule_publisher", True),
        ("district_payments", True),
        ("handler", False),
        ("reviewer", False),
        ("village_helper", False),
        ("town_payments", False),
        ("rule_writer", False),
        ("partner", False),
        ("discipline", False),
        ("district_finance", False),
    ],
)
def test_those_who_decide_pay_audit_publish_or_administer_need_it(client, settings, post, needs) -> None:
    client.force_login(person("a", (post, "330305")))
    response = client.get(PAGE)
    if needs:
        assert response["Location"] == f"{ENROL}?next=%2Faccounts%2Fpassword%2F"
        settings.SECOND_FACTOR_REQUIRED = False
        response = client.get(PAGE)
    assert response.status_code == 200


def test_a_superuser_needs_it_for_the_admin(client) -> None:
    client.force_login(person("root", is_superuser=True))
    assert client.get("/admin/")["Location"].startswith(ENROL)


def test_without_it_one_may_still_leave(client, leader) -> None:
    assert client.post(reverse("organisations:logout"))["Location"] == reverse("organisations:login")


def test_enrolment_shows_a_picture_and_the_first_code_opens_the_session(client, leader) -> None:
    assert "开始绑定" in text(client.get(ENROL))
    assert not TOTPDevice.objects.exists()
    assert client.get(QR).status_code == 404

    response = client.post(ENROL, {"start": "1", "next": PAGE}, follow=True)

    assert response.redirect_chain == [(f"{ENROL}?next=%2Faccounts%2Fpassword%2F", 302)]
    assert f'src="{QR}"' in text(response)
    picture = client.get(QR)
    assert picture["Content-Type"] == "image/svg+xml"
    assert picture.content.startswith(b"<?xml")
    assert "no-store" in picture["Cache-Control"]
    assert client.get(PAGE).status_code == 302

    device, key = TOTPDevice.objects.get(), client.session.session_key
    done = client.post(ENROL, {"code": code_for(device), "next": PAGE})

    assert f'href="{PAGE}"' in text(done)
    assert len(done.context["codes"]) == len(set(done.context["codes"])) == 10
    assert client.session.session_key != key
    assert client.get(PAGE).status_code == 200
    assert client.get(QR).status_code == 404
    assert AccountEvent.objects.get(user=leader).kind == "second_factor_enrolled"


@pytest.mark.parametrize("typed", ["000000", "abcdefgh", "", "1" * 40, "a\0", "１２", "😀", "12345"])
def test_a_wrong_first_code_confirms_nothing(client, leader, typed) -> None:
    client.post(ENROL, {"start": "1"})
    response = client.post(ENROL, {"code": typed})
    assert response.status_code == 200
    assert response.context["form"].errors["code"]
    assert not TOTPDevice.objects.filter(confirmed=True).exists()
    assert client.get(PAGE).status_code == 302


def test_a_code_before_the_start_is_answered_in_words(client, leader) -> None:
    assert "重新开始绑定" in text(client.post(ENROL, {"code": "123456"}))


def test_the_next_log_in_asks_for_a_code_which_works_once(client, leader, clock) -> None:
    device, _ = enrol(client)
    clock.shift(dt.timedelta(minutes=1))
    again = Client()
    again.force_login(leader)
    assert again.get(PAGE)["Location"] == f"{VERIFY}?next=%2Faccounts%2Fpassword%2F"

    code = code_for(device)
    assert again.post(VERIFY, {"code": f" {code[:3]} {code[3:]} ", "next": PAGE})["Location"] == PAGE
    assert again.get(PAGE).status_code == 200

    thief = Client()
    thief.force_login(leader)
    response = thief.post(VERIFY, {"code": code})
    assert "已经用过一次" in text(response)
    assert thief.get(PAGE).status_code == 302


def test_guessing_is_slowed_down_even_for_the_right_code(client, leader, clock) -> None:
    device, _ = enrol(client)
    clock.shift(dt.timedelta(minutes=1))
    again = Client()
    again.force_login(leader)
    for _ in range(4):
        again.post(VERIFY, {"code": "000000"})
        clock.shift(dt.timedelta(seconds=9))
    assert "请等待" in text(again.post(VERIFY, {"code": "000000"}))
    assert again.post(VERIFY, {"code": code_for(device)}).status_code == 200
    clock.shift(dt.timedelta(minutes=2))
    assert again.post(VERIFY, {"code": code_for(device)}).status_code == 302


def test_a_recovery_code_opens_once(client, leader) -> None:
    _, codes = enrol(client)
    again = Client()
    again.force_login(leader)
    assert again.post(VERIFY, {"code": codes[3].upper()}).status_code == 302
    assert again.get(PAGE).status_code == 200

    once_more = Client()
    once_more.force_login(leader)
    assert once_more.post(VERIFY, {"code": codes[3]}).status_code == 200
    assert StaticToken.objects.count() == 9


def test_the_code_of_somebody_else_opens_nothing(client, leader) -> None:
    device, codes = enrol(client)
    other = person("other", ("approver", "330305001"))
    second = Client()
    second.force_login(other)
    enrol(second)
    third = Client()
    third.force_login(other)
    for code in (codes[0], code_for(device)):
        assert third.post(VERIFY, {"code": code}).status_code == 200
    assert third.get(PAGE).status_code == 302


def test_a_stolen_password_cannot_put_a_new_phone_in_place_of_the_old(client, leader) -> None:
    _, codes = enrol(client)
    thief = Client()
    thief.force_login(leader)
    assert thief.get(ENROL).status_code == 403
    assert thief.post(ENROL, {"start": "1"}).status_code == 403
    assert thief.get(QR).status_code == 403
    assert thief.post(CODES)["Location"] == VERIFY
    assert "先验证" in text(thief.get(ENROL))
    assert set(StaticToken.objects.values_list("token", flat=True)) == set(codes)


def test_a_verified_person_changes_the_phone_and_the_old_one_stops(client, leader, clock) -> None:
    old, codes = enrol(client)
    new, _ = enrol(client)
    assert old.pk != new.pk
    assert list(TOTPDevice.objects.all()) == [new]
    assert not StaticToken.objects.filter(token__in=codes).exists()


def test_new_recovery_codes_end_the_old(client, leader) -> None:
    _, old = enrol(client)
    response = client.post(CODES)
    assert set(response.context["codes"]).isdisjoint(old)
    assert StaticToken.objects.count() == 10
    assert client.get(CODES).status_code == 405


def test_a_lost_phone_is_reset_by_an_administrator_and_by_nobody_else(client, leader) -> None:
    enrol(client)
    for actor in (leader, person("handler", ("handler", "330305001"))):
        with pytest.raises(Refused):
            second_factor.reset_second_factor(user=leader, actor=actor)
    second_factor.reset_second_factor(user=leader, actor=person("admin", ("administrator", "330305")))
    assert client.get(PAGE)["Location"].startswith(ENROL)
    assert AccountEvent.objects.filter(user=leader, kind="second_factor_reset").count() == 1


def test_posts_that_need_none_are_told_so(client) -> None:
    client.force_login(person("h", ("handler", "330305001")))
    response = client.get(ENROL)
    assert response.status_code == 403
    assert "不需要动态口令" in text(response)
