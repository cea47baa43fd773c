"""The browser that later tests use: the system's own, on the live server, cut off from everything else."""

import pytest
from playwright.sync_api import Error, Page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_stranger_is_led_to_the_log_in_page_with_its_style(page: Page):
    page.goto("/admin/")
    assert "/accounts/login/" in page.url
    assert page.evaluate("document.styleSheets.length") > 0
    # Read from the rules, not the elements: found, served, and allowed by the content security policy.
    assert page.evaluate("document.styleSheets[0].cssRules.length") > 0


def test_no_other_host_can_be_reached(page: Page):
    with pytest.raises(Error, match="ERR_NAME_NOT_RESOLVED"):
        page.goto("http://intranet.example/")
