"""Reads values out of parsed JSON one field at a time; every refusal names the field it is about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from common.errors import Refused
from common.money import parse_yuan
from policy.household import ZERO

_MOST_YUAN = Decimal("100000000")
_LONGEST_TEXT = 60


def read_bytes(data: bytes) -> Any:
    """Parsed UTF-8 JSON, as it came from a file or a request."""
    try:
        return read_json(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise Refused("应为 UTF-8 编码。") from None


def read_json(text: str) -> Any:
    """The parsed text, numbers exact; Refused when it is no JSON or names one field twice."""
    try:
        return json.loads(
            text, parse_float=Decimal, parse_constant=_no_constant, object_pairs_hook=_without_doubles
        )
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise Refused(f"不是有效的 JSON：{error}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"不允许 {name}")


def _without_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two values under one name JSON readers take the last; here neither may count silently."""
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"字段“{double[:_LONGEST_TEXT]}”出现了两次")
    return found


def as_object(data: Any, path: str, known: Iterable[str]) -> dict:
    """`data` as an object without fields besides `known`: a slip in a name must not change an amount."""
    if not isinstance(data, dict):
        raise Refused("应为 JSON 对象。", field=path)
    if unknown := sorted(set(data) - set(known)):
        name = unknown[0][:_LONGEST_TEXT]
        raise Refused("没有这个字段，请检查名称。", field=f"{path}.{name}" if path else name)
    return data


def list_in(row: dict, name: str, path: str) -> list:
    """The list under `name`, which must be there."""
    if not isinstance(row.get(name), list):
        raise Refused("应为列表。", field=path)
    return row[name]


def text_in(row: dict, name: str, path: str) -> str:
    """A short text that can be stored, shown and sent: no NUL, no half of a surrogate pair."""
    value = row.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= _LONGEST_TEXT or not _is_sound(value):
        raise Refused(f"应为 1 至 {_LONGEST_TEXT} 个字的文字。", field=path)
    return value


def _is_sound(value: str) -> bool:
    return not any(char == "\x00" or "\ud800" <= char <= "\udfff" for char in value)


def one_of(row: dict, name: str, path: str, allowed: Iterable[str]) -> str:
    """A word of a fixed vocabulary."""
    value = row.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise Refused(f"应为 {'、'.join(allowed)} 之一。", field=path)
    return value


def flag_in(row: dict, name: str, path: str, *, default: bool | None = None) -> bool:
    """true or false; `default` None: it must be there."""
    value = row.get(name, default)
    if not isinstance(value, bool):
        raise Refused("应为 true 或 false。", field=path)
    return value


def date_in(row: dict, name: str, path: str) -> date:
    """An ISO date."""
    return _read(date.fromisoformat, row.get(name), path, "应为日期，如 2023-03-01。")


def count_in(
    row: dict, name: str, path: str, *, low: int = 0, high: int = 1000, required: bool = False
) -> int:
    """A whole number from `low` to `high`; absent it is 0 unless required."""
    value = row.get(name, None if required else 0)
    if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
        raise Refused(f"应为 {low} 至 {high} 的整数。", field=path)
    return value


def yuan_in(row: dict, name: str, path: str, *, required: bool = False) -> Decimal:
    """An amount as a string with at most two places (a JSON number is taken exactly)."""
    if name not in row and not required:
        return ZERO
    value = row.get(name)
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        value = str(value)
    amount = _read(parse_yuan, value, path, '应为精确到分的金额，如 "1085.00"。')
    if not 0 <= amount < _MOST_YUAN:
        raise Refused("金额应不小于 0，且小于 1 亿元。", field=path)
    return amount


def _read(parse: Callable[[str], Any], value: Any, path: str, message: str) -> Any:
    if not isinstance(value, str) or len(value) > 30:
        raise Refused(message, field=path)
    try:
        return parse(value)
    except (ValueError, ArithmeticError):
        raise Refused(message, field=path) from None
