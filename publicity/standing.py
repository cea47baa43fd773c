"""What a long-term notice says besides its lists, and when the board must be photographed: by the rules."""

from __future__ import annotations

import calendar as month_lengths
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from common.money import show_yuan
from organisations.models import Area
from policy.rules import RuleBook

# The government's general line, where a place names none of its own.
NATIONAL_HOTLINE = "12345"
_STANDARDS = (
    ("standard.dibao", "最低生活保障标准"),
    ("standard.dibian", "最低生活保障边缘家庭标准"),
    ("standard.tekun", "特困人员基本生活标准"),
)
_PHOTO_DAY = "notice.standing.photo_day"
_MOST_WORDS = 300


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of a notice as they are on a day."""

    policy: list[str]
    procedure: list[str]
    hotlines: list[str]


def wording(township: Area, on: date) -> Wording:
    """Policy with the standards in force, procedure and hotlines of a place; empty where rules are silent."""
    book = RuleBook(township, on)
    policy = [*_sentences(book, "notice.standing.policy"), *_standards(book)]
    procedure = _sentences(book, "notice.standing.procedure")
    return Wording(policy, procedure, hotlines_of(book))


def hotlines_of(book: RuleBook) -> list[str]:
    """Where to ask or complain, by the rules of the place."""
    if book.has("publicity.hotlines"):
        return book.text("publicity.hotlines").split("、")
    return [NATIONAL_HOTLINE]


def _sentences(book: RuleBook, key: str) -> list[str]:
    return [item["label"][:_MOST_WORDS] for item in book.items(key)] if book.has(key) else []


def _standards(book: RuleBook) -> list[str]:
    found = []
    for key, label in _STANDARDS:
        if book.has(key):
            rule = book.rule(key)
            amount = show_yuan(Decimal(rule.value))
            found.append(f"{label}：每人每月 {amount} 元，依据：{rule.document.title}。"[:_MOST_WORDS])
    return found


def photo_due(township: Area, month: date) -> tuple[date, list[str]] | None:
    """The day by which the board of a month is photographed, and why; None where no rule asks for it."""
    book = RuleBook(township, month)
    if not book.has(_PHOTO_DAY):
        return None
    rule = book.rule(_PHOTO_DAY)
    last = month_lengths.monthrange(month.year, month.month)[1]
    day = month.replace(day=min(int(rule.value), last))
    basis = f"（{rule.clause_id}）" if rule.clause_id else ""
    return day, [f"公示栏照片每月 {rule.value} 日前上传，供区级查看{basis}。"]
