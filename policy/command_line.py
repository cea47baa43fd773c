"""What the rule commands share: reading arguments, exit codes, and tables that are there when they are asked.

Exit status 2: bad input, the message names the argument. 1: no rule in force. Errors go to standard error.
"""

from __future__ import annotations

import argparse
import json
import unicodedata
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from common.errors import Refused
from organisations.models import Area
from policy.deadlines import SHANGHAI
from policy.models import CalendarYear, Rule
from policy.rules import NoRuleInForce

_FIRST, _LAST = 1990, 2099
_WIDEST = 30


class RuleCommand(BaseCommand):
    """Runs `answer()`, prints JSON with --json or its Chinese table, and turns refusals into exit codes."""

    # A reader in a loop should not pay for checking every URL of the site each time.
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="以 JSON 输出")

    def handle(self, *args: object, **options: Any) -> None:
        prepare_tables()
        try:
            answer, table = self.answer(options)
        except NoRuleInForce as error:
            raise CommandError(str(error), returncode=1) from None
        except Refused as error:
            where = f"{error.field}：" if error.field else ""
            raise CommandError(f"{where}{error}", returncode=2) from None
        if options["json"]:
            table = json.dumps(answer, ensure_ascii=False, indent=2)
        self.stdout.write(table)

    def answer(self, options: dict[str, Any]) -> tuple[Any, str]:
        """(what --json prints, the readable table)"""
        raise NotImplementedError


def prepare_tables() -> None:
    """In a fresh clone the embedded database is still empty: migrate and load what the packages bring."""
    if settings.DATABASE_URL:
        return
    if Rule._meta.db_table not in connection.introspection.table_names():
        call_command("migrate", verbosity=0)
    if not Area.objects.exists():
        call_command("load_areas", stdout=_Silent())
    if not CalendarYear.objects.exists():
        call_command("load_calendar", stdout=_Silent())
    if not Rule.objects.exists():
        call_command("load_rules", stdout=_Silent())


class _Silent:
    """Nothing but the answer may stand on standard output."""

    def write(self, text: str) -> None:
        """Drop it."""


def as_date(text: str) -> date:
    """argparse type: `2023-01-01`."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是日期，应写作 2023-01-01") from None
    return _plausible(day, text)


def as_instant(text: str) -> datetime:
    """argparse type: an ISO 8601 instant; without an offset it is Beijing time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"“{text}”不是时间，应写作 2023-02-16T09:30:00+08:00") from None
    _plausible(moment, text)
    return moment.replace(tzinfo=SHANGHAI) if moment.tzinfo is None else moment.astimezone(SHANGHAI)


def as_days(text: str) -> int:
    """argparse type: a whole number of days."""
    if not (text.isascii() and text.isdigit() and len(text) <= 4):
        raise argparse.ArgumentTypeError(f"“{text}”不是天数")
    return int(text)


def _plausible(day: date, text: str) -> date:
    if not _FIRST <= day.year <= _LAST:
        raise argparse.ArgumentTypeError(f"“{text}”不在 {_FIRST} 至 {_LAST} 年之间")
    return day


def as_table(heads: list[str], rows: list[list[str]]) -> str:
    """Columns aligned for a terminal, where a Chinese character is two wide; long cells are cut short."""
    rows = [[cell if len(cell) <= _WIDEST else cell[: _WIDEST - 1] + "…" for cell in row] for row in rows]
    widths = [max(_width(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    return "\n".join(
        "  ".join(
            cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True)
        ).rstrip()
        for row in [heads, *rows]
    )


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
