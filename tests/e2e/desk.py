"""One browser for many people: each signs in at the log-in page with the own account, as in an office."""

from __future__ import annotations

import datetime as dt
import os
import re
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import Page, expect

from workbench.demo.staff import PASSWORD

# Set to a folder, screenshots of the journey are kept there to be looked at.
PICTURES = os.environ.get("E2E_PICTURES", "")

BEIJING = ZoneInfo("Asia/Shanghai")


def at(month: int, day: int, hour: int = 9, minute: int = 0) -> dt.datetime:
    return dt.datetime(2026, month, day, hour, minute, tzinfo=BEIJING)


class Desk:
    """The page, and what people do on it again and again."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self._picture = 0

    def sit_down(self, username: str) -> None:
        """Log the last person out and this one in."""
        self.page.context.clear_cookies()
        self.page.goto("/accounts/login/")
        self.page.get_by_label("用户名").fill(username)
        self.page.get_by_label("密码").fill(PASSWORD)
        self.page.get_by_role("button", name="登录").click()
        expect(self.page.get_by_role("heading", name="工作台")).to_be_visible()

    def open_case(self, number: str, tab: str = "household") -> None:
        self.page.goto(f"/case/{number}/?tab={tab}")

    def move(self, label: str, opinion: str = "") -> None:
        """Press the button of a move on the case page, and give the opinion where the move asks for one."""
        actions = self.page.get_by_role("complementary")
        actions.get_by_role("link", name=label, exact=True).or_(
            actions.get_by_role("button", name=label, exact=True)
        ).click()
        if opinion:
            self.page.get_by_label(re.compile("^意见")).fill(opinion)
            confirm = self.page.get_by_label(re.compile("确认办理"))
            if confirm.count():
                confirm.check()
            self.page.get_by_role("button", name=label, exact=True).click()

    def state(self, label: str) -> None:
        """The badge in the heading says where the case stands."""
        expect(self.page.get_by_role("heading", level=1)).to_contain_text(label)

    def picture(self, name: str, *, phone: bool = False) -> None:
        """A screenshot of the whole page, where pictures are wanted."""
        if not PICTURES:
            return
        self._picture += 1
        wide = self.page.viewport_size
        if phone:
            self.page.set_viewport_size({"width": 390, "height": 844})
        self.page.screenshot(path=Path(PICTURES) / f"{self._picture:02d}-{name}.png", full_page=True)
        self.page.set_viewport_size(wide)
