"""A new 低保 standard: written by one, seen and published by another, in force from its day on."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from playwright.sync_api import expect

from policy.keys import KEYS, Kind
from policy.models import Rule
from tests.e2e.desk import Desk
from workbench.demo.staff import make_staff
from workbench.demo.world import load_ground

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def desk(page, transactional_db, clock) -> Desk:
    clock.move_to(dt.datetime(2026, 3, 2, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai")))
    load_ground()
    make_staff()
    return Desk(page)


def test_a_standard_is_succeeded_by_two_people(desk: Desk) -> None:
    page = desk.page
    standard = Rule.objects.get(area__code="330305", key="standard.dibao", valid_to=None)

    desk.sit_down("rule-writer")
    desk.picture("writer-workbench")
    page.goto("/rules/history/330305/standard.dibao/")
    page.get_by_role("link", name="接替", exact=True).click()
    expect(page.get_by_text("1,085.00 元/月")).to_be_visible()
    page.get_by_label(re.compile("^新值")).fill("很多")
    page.get_by_label(re.compile("^生效日期")).fill("2026-07-01")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("不是数值").first).to_be_visible()
    page.get_by_label(re.compile("^新值")).fill("1150")
    desk.picture("succeed")
    page.get_by_role("button", name="保存草稿").click()
    expect(page.get_by_text("草稿已保存")).to_be_visible()
    expect(page.get_by_role("heading", name="草稿（未生效）")).to_be_visible()
    desk.picture("history-with-draft")

    desk.sit_down("rule-publisher")
    desk.picture("publisher-workbench")
    page.get_by_role("link", name="核对并发布").first.click()
    card = page.locator("section.card", has_text="低保标准").first
    expect(card).to_contain_text("1,085.00 元/月")
    expect(card).to_contain_text("1,150.00 元/月")
    desk.picture("difference")
    page.get_by_label("已核对差异，发布这一条").check()
    page.get_by_role("button", name="发布所勾选的规则").click()
    expect(page.get_by_text("已发布 1 条规则")).to_be_visible()
    standard.refresh_from_db()
    assert standard.valid_to == dt.date(2026, 7, 1)

    for day, amount in (("2026-06-30", "1,085.00 元/月"), ("2026-07-01", "1,150.00 元/月")):
        page.goto(f"/rules/?area=330305&on={day}&text=低保标准")
        expect(page.locator("table.data").first).to_contain_text(amount)
    desk.picture("rules")
    page.goto("/rules/history/330305/standard.dibao/")
    for amount in ("1,085.00 元/月", "1,150.00 元/月"):
        expect(page.locator("table.data").first).to_contain_text(amount)
    desk.picture("history")
    page.goto("/rules/compare/?area=330305&first=2026-06-30&second=2026-07-01")
    expect(page.locator("table.data")).to_contain_text("1,150.00 元/月")
    desk.picture("compare")
    page.goto("/rules/clauses/?document=DT")
    desk.picture("clauses")


HEAD = ["区划代码", "规则", "值", "单位", "生效日期", "失效日期（不含）", "条款", "文件", "性质", "说明"]


def _sheet(path: Path, *rows: list[str]) -> Path:
    book = openpyxl.Workbook()
    for row in (HEAD, *rows):
        book.active.append(row)
    book.save(path)
    return path


def test_a_sheet_of_rules_comes_in_by_preview(desk: Desk, tmp_path: Path) -> None:
    """A bad row is shown and stops the file; the mended file is looked at and taken over as drafts."""
    page = desk.page
    good = ["330305", "standard.dibao", "1150", "yuan/month", "2026-07-01", "", "", "DEMO", "演示值", ""]
    grades = [key for key, known in KEYS.items() if known.kind == Kind.GRADES][0]
    table = ["330305", grades, "none｜完全自理｜0\nhalf｜部分丧失｜1｜0.20", "", *good[4:]]
    desk.sit_down("rule-writer")
    page.goto("/admin/policy/rule/import/")
    bad = [*good[:2], "很多", *good[3:]]
    page.locator("input[type=file]").set_input_files(_sheet(tmp_path / "bad.xlsx", good, bad))
    page.locator("input[type=submit]").click()
    expect(page.get_by_text("不是数值").first).to_be_visible()
    desk.picture("import-refused")
    page.goto("/admin/policy/rule/import/")
    desk.picture("import")
    page.locator("input[type=file]").set_input_files(_sheet(tmp_path / "good.xlsx", good, table))
    page.locator("input[type=submit]").click()
    expect(page.get_by_text("部分丧失").first).to_be_visible()
    desk.picture("import-preview")
    page.locator("input[name=confirm]").click()
    assert Rule.objects.filter(published_at=None, key__in=["standard.dibao", grades]).count() == 2
    page.goto("/rules/drafts/")
    desk.picture("imported-drafts")
