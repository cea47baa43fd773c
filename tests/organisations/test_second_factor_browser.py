"""The two pages that a test client cannot judge: a picture that must show, a search field of the admin."""

import time

import pytest
from django_otp.oath import TOTP
from django_otp.plugins.otp_totp.models import TOTPDevice

from tests.organisations.people import PASSWORD, person

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def log_in(page, username: str) -> None:
    page.goto("/accounts/login/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("button[type=submit]")


def test_a_leader_enrols_with_the_picture_and_goes_on(page, settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    person("zhou", ("approver", "330305001"), name="周某")
    log_in(page, "zhou")
    page.click("text=开始绑定")
    shown = page.locator("main img").evaluate("image => image.decode().then(() => image.naturalWidth)")
    assert shown > 100

    device = TOTPDevice.objects.get()
    totp = TOTP(device.bin_key)
    totp.time = time.time()
    page.fill("[name=code]", f"{totp.token():06d}")
    page.click("text=完成绑定")

    assert page.locator("main li").count() == 10
    page.goto("/accounts/password/")
    assert page.locator("h1").inner_text() == "修改密码"


def test_an_administrator_finds_people_and_places_by_typing(page) -> None:
    person("admin", ("administrator", "330305"), name="管理")
    person("lin", ("handler", "330305001"), name="林小花")
    log_in(page, "admin")
    page.goto("/admin/organisations/posting/add/")
    for place, typed, found in ((0, "林小", "林小花"), (1, "北岙", "北岙街道")):
        page.locator(".select2-selection").nth(place).click()
        page.locator(".select2-search__field").fill(typed)
        page.locator(".select2-results__option", has_text=found).first.click()
        assert found in page.locator(".select2-selection").nth(place).inner_text()
