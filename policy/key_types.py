"""What a rule key is: its meaning, its unit, and which values it takes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from itertools import pairwise

from django.db import models

from policy import notation

PERIOD_UNITS = {"wd": "个工作日", "cd": "天", "h": "小时", "mo": "个月"}
UNITS = {
    **PERIOD_UNITS,
    "yuan": "元",
    "yuan/month": "元/月",
    "times": "倍",
    "ratio": "比例",
    "day": "日",
    "age": "周岁",
    "person": "人",
    "count": "个",
    "": "",
}
_MOST = {"wd": 250, "cd": 366, "h": 720, "mo": 24}
_ITEM = frozenset({"code", "label", "condition", "clause", "required"})
_RATIO = re.compile(r"[01](\.[0-9]{1,4})?", re.ASCII)


class Kind(models.TextChoices):
    DECIMAL = "decimal", "数值"
    INTEGER = "integer", "整数"
    PERIOD = "period", "期限"
    FLAG = "flag", "是/否"
    CHOICE = "choice", "选项"
    LIST = "list", "清单"
    GRADES = "grades", "分档表"
    TEXT = "text", "文字"


@dataclass(frozen=True, slots=True)
class RuleKey:
    """One key. `unit` is fixed but for periods, which bring their own (a document's 天 stays 天).

    Of a list, `choices` are the codes it may name and `conditions` what each entry must have as condition.
    """

    key: str
    label: str
    kind: Kind
    unit: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    description: str = ""
    conditions: tuple[tuple[str, str], ...] = ()

    def clean(self, value: str, unit: str = "") -> tuple[str, str]:
        """The canonical (value, unit); ValueError with a Chinese sentence when it is none."""
        if self.kind != Kind.PERIOD and unit != self.unit:
            raise ValueError(f"“{self.label}”的单位应为“{self.unit or '空'}”")
        return _CLEANERS[self.kind](self, value.strip(), unit)

    def lines(self, value: str) -> str:
        """The value of a list or table of grades as lines to type over."""
        return notation.as_lines(value, self._names)

    @property
    def notation(self) -> str:
        """How such a line is typed."""
        return notation.help_of(self._names)

    @property
    def _names(self) -> tuple[str, ...]:
        return notation.GRADES if self.kind == Kind.GRADES else notation.LIST

    def show(self, value: str, unit: str) -> str:
        """The value as a clerk reads it: `20 天`, `township` → `街道（乡镇）`."""
        if self.kind == Kind.CHOICE:
            return dict(self.choices).get(value, value)
        if self.kind == Kind.FLAG:
            return "是" if value == "true" else "否"
        if self.kind == Kind.LIST:
            return "；".join(item["label"] for item in json.loads(value))
        if self.kind == Kind.GRADES:
            return "；".join(_show_grade(item) for item in json.loads(value))
        if self.unit == "ratio":
            return f"{(Decimal(value) * 100).normalize():f}%"
        if self.kind == Kind.DECIMAL:
            number = Decimal(value)
            value = f"{number.normalize():f}" if unit == "times" else f"{number:,.2f}"
        return f"{value} {UNITS.get(unit, unit)}".strip()


def _decimal(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise ValueError(f"“{value}”不是数值") from None
    if not number.is_finite() or not 0 <= number < Decimal("1e11") or number.as_tuple().exponent < -4:
        raise ValueError(f"“{value}”应为不小于 0、最多四位小数的数")
    if key.unit == "ratio" and number > 1:
        raise ValueError("比例应在 0 与 1 之间，30% 写作 0.30")
    if key.unit in {"yuan", "yuan/month"} and number != number.quantize(Decimal("0.01")):
        raise ValueError("金额应精确到分")
    two = number.quantize(Decimal("0.01"))
    return (f"{two:f}" if number == two else f"{number.normalize():f}"), unit


def _integer(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if not (value.isascii() and value.isdigit() and len(value) <= 9):
        raise ValueError(f"“{value}”应为不小于 0 的整数")
    return str(int(value)), unit


def _period(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if unit not in PERIOD_UNITS:
        raise ValueError("期限的单位应为 wd（工作日）、cd（天）、h（小时）或 mo（月）")
    amount, _ = _integer(key, value, unit)
    if not 1 <= int(amount) <= _MOST[unit]:
        raise ValueError(f"期限应为 1 至 {_MOST[unit]} {PERIOD_UNITS[unit]}")
    return amount, unit


def _flag(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if value not in {"true", "false"}:
        raise ValueError("应为 true 或 false")
    return value, unit


def _choice(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if value not in dict(key.choices):
        raise ValueError(f"应为 {'、'.join(code for code, _ in key.choices)} 之一")
    return value, unit


def _list(key: RuleKey, value: str, unit: str, names: frozenset[str] = _ITEM) -> tuple[str, str]:
    try:
        items = json.loads(notation.as_json(value, key._names))
    except RecursionError:
        raise ValueError("清单应为 JSON") from None
    except json.JSONDecodeError:
        raise ValueError(f"清单应为 JSON，或者：{key.notation}") from None
    if not isinstance(items, list) or not items or not all(_is_item(item, names) for item in items):
        raise ValueError("清单的每一项应有 code 和 label，required 为 true 或 false，其余为文字")
    codes = [item["code"] for item in items]
    if len(set(codes)) != len(codes):
        raise ValueError("清单中的 code 重复")
    if key.choices and (unknown := [code for code in codes if code not in dict(key.choices)]):
        known = "、".join(f"{code}（{label}）" for code, label in key.choices)
        raise ValueError(f"“{unknown[0]}”不在可选的 {known} 之中")
    if key.conditions and any(item.get("condition") not in dict(key.conditions) for item in items):
        known = " 或 ".join(f"{code}（{label}）" for code, label in key.conditions)
        raise ValueError(f"每一项的条件应为 {known}")
    return json.dumps(items, ensure_ascii=False), unit


def _grades(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    """Grades in ascending order, the first from 0; a grade without `ratio` has a name and no money."""
    value, unit = _list(key, value, unit, frozenset({"code", "label", "clause", "from", "ratio"}))
    grades = json.loads(value)
    bounds = [item.get("from", "") for item in grades]
    if not all(bound.isascii() and bound.isdigit() and len(bound) <= 4 for bound in bounds):
        raise ValueError("每一档的 from 应为整数")
    if int(bounds[0]) != 0 or any(int(a) >= int(b) for a, b in pairwise(bounds)):
        raise ValueError("各档的 from 应从 0 起逐档递增")
    for item in grades:
        if "ratio" in item and not (_RATIO.fullmatch(item["ratio"]) and Decimal(item["ratio"]) <= 1):
            raise ValueError("每一档的 ratio 应为 0 至 1 之间的小数，80% 写作 0.80")
    return value, unit


def _show_grade(item: dict) -> str:
    share = f" {(Decimal(item['ratio']) * 100).normalize():f}%" if "ratio" in item else ""
    return f"{item['label']}（{item['from']} 项起）{share}"


def _text(key: RuleKey, value: str, unit: str) -> tuple[str, str]:
    if not value or len(value) > 200 or not value.isprintable():
        raise ValueError("应为 1 至 200 个字的一行文字")
    return value, unit


def _is_item(item: object, names: frozenset[str]) -> bool:
    if not isinstance(item, dict) or not item.get("code") or not item.get("label"):
        return False
    texts = {name: text for name, text in item.items() if name != "required"}
    return (
        set(item) <= names
        and all(isinstance(t, str) for t in texts.values())
        and item.get("required", True) in (True, False)
    )


_CLEANERS: dict[Kind, Callable[[RuleKey, str, str], tuple[str, str]]] = {
    Kind.DECIMAL: _decimal,
    Kind.INTEGER: _integer,
    Kind.PERIOD: _period,
    Kind.FLAG: _flag,
    Kind.CHOICE: _choice,
    Kind.LIST: _list,
    Kind.GRADES: _grades,
    Kind.TEXT: _text,
}
