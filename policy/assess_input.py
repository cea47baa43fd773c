"""Reads the JSON of `manage.py assess` and the API into facts; every error names the field it is about."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from common.errors import Refused
from common.money import parse_yuan
from policy.household import (
    DISABILITY_KINDS,
    EXCLUSION_LABELS,
    INCOME_LABELS,
    PURPOSES,
    RELATIONS,
    ZERO,
    Assets,
    Disability,
    Facts,
    IncomeFact,
    MemberFacts,
)
from policy.steps import PROGRAMMES

MOST_MEMBERS = 50
_MOST_YUAN = Decimal("100000000")
_STANDARDS = ("dibao", "dibian", "min_wage", "tekun")
_TOP = ("area programme on purpose standards members assets rigid_expenditure_monthly linshi tekun").split()
_MEMBER = (
    "key relation birth_date co_living excluded disability severe_illness "
    "income exempt_income employment_cost"
).split()


def read_json(text: str) -> Any:
    """The parsed text, numbers exact; Refused when it is no JSON."""
    try:
        return json.loads(text, parse_float=Decimal, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Refused(f"不是有效的 JSON：{error}") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"不允许 {name}")


def read_facts(data: Any) -> tuple[str, Facts]:
    """(area code, facts). Unknown fields are refused: a slip in a name must not change an amount silently."""
    top = _object(data, "", _TOP)
    on = _date(top, "on", "on")
    members = _list(top, "members", "members")
    if not 1 <= len(members) <= MOST_MEMBERS:
        raise Refused(f"应有 1 至 {MOST_MEMBERS} 名成员。", field="members")
    people = tuple(_member(item, f"members[{n}]", on) for n, item in enumerate(members))
    if len({person.key for person in people}) != len(people):
        raise Refused("成员的 key 重复。", field="members")
    assets = top.get("assets")
    return _text(top, "area", "area"), Facts(
        programme=_one_of(
            top, "programme", "programme", [name for name in PROGRAMMES if name != "case_by_case"]
        ),
        on=on,
        members=people,
        assets=None if assets is None else _assets(assets),
        rigid_expenditure_monthly=_yuan(top, "rigid_expenditure_monthly", "rigid_expenditure_monthly"),
        purpose=_one_of(top, "purpose", "purpose", PURPOSES) if "purpose" in top else PURPOSES[0],
        standards=_standards(top.get("standards")),
    )


def _member(data: Any, path: str, on: date) -> MemberFacts:
    row = _object(data, path, _MEMBER)
    birth_date = _date(row, "birth_date", f"{path}.birth_date")
    if birth_date > on:
        raise Refused("出生日期晚于测算日期。", field=f"{path}.birth_date")
    excluded = row.get("excluded")
    return MemberFacts(
        key=_text(row, "key", f"{path}.key"),
        relation=_one_of(row, "relation", f"{path}.relation", RELATIONS),
        birth_date=birth_date,
        co_living=_flag(row, "co_living", path, default=True),
        excluded=_one_of(row, "excluded", f"{path}.excluded", EXCLUSION_LABELS)
        if excluded is not None
        else "",
        disability=_disability(row.get("disability"), f"{path}.disability"),
        severe_illness=_flag(row, "severe_illness", path, default=False),
        income=_incomes(row, "income", path, INCOME_LABELS),
        exempt_income=_incomes(row, "exempt_income", path, None),
        employment_cost=_yuan(row, "employment_cost", f"{path}.employment_cost"),
    )


def _disability(data: Any, path: str) -> Disability | None:
    if data is None:
        return None
    row = _object(data, path, ["kind", "grade"])
    grade = row.get("grade")
    if isinstance(grade, bool) or grade not in (1, 2, 3, 4):
        raise Refused("残疾等级应为 1 至 4。", field=f"{path}.grade")
    return Disability(_one_of(row, "kind", f"{path}.kind", DISABILITY_KINDS), int(grade))


def _incomes(row: dict, name: str, path: str, kinds: Iterable[str] | None) -> tuple[IncomeFact, ...]:
    items = _list(row, name, f"{path}.{name}") if name in row else []
    facts = []
    for n, item in enumerate(items):
        at = f"{path}.{name}[{n}]"
        source = _object(item, at, ["kind", "monthly"])
        kind = _text(source, "kind", f"{at}.kind")
        if kinds is not None:
            _one_of(source, "kind", f"{at}.kind", kinds)
        facts.append(IncomeFact(kind, _yuan(source, "monthly", f"{at}.monthly", required=True)))
    return tuple(facts)


def _assets(data: Any) -> Assets:
    names = ["deposits", "vehicles", "non_residential_houses", "registered_capital"]
    row = _object(data, "assets", names)
    return Assets(
        deposits=_yuan(row, "deposits", "assets.deposits"),
        vehicles=_count(row, "vehicles", "assets.vehicles"),
        non_residential_houses=_count(row, "non_residential_houses", "assets.non_residential_houses"),
        registered_capital=_yuan(row, "registered_capital", "assets.registered_capital"),
    )


def _standards(data: Any) -> dict[str, Decimal]:
    if data is None:
        return {}
    row = _object(data, "standards", _STANDARDS)
    return {name: _yuan(row, name, f"standards.{name}", required=True) for name in row}


def _object(data: Any, path: str, known: Iterable[str]) -> dict:
    if not isinstance(data, dict):
        raise Refused("应为 JSON 对象。", field=path)
    if unknown := sorted(set(data) - set(known)):
        where = f"{path}.{unknown[0]}" if path else unknown[0]
        raise Refused("没有这个字段，请检查名称。", field=where)
    return data


def _list(row: dict, name: str, path: str) -> list:
    if not isinstance(row.get(name), list):
        raise Refused("应为列表。", field=path)
    return row[name]


def _text(row: dict, name: str, path: str) -> str:
    value = row.get(name)
    if not isinstance(value, str) or not 1 <= len(value) <= 60 or "\x00" in value:
        raise Refused("应为 1 至 60 个字的文字。", field=path)
    return value


def _one_of(row: dict, name: str, path: str, allowed: Iterable[str]) -> str:
    value = row.get(name)
    if not isinstance(value, str) or value not in allowed:
        raise Refused(f"应为 {'、'.join(allowed)} 之一。", field=path)
    return value


def _flag(row: dict, name: str, path: str, *, default: bool) -> bool:
    value = row.get(name, default)
    if not isinstance(value, bool):
        raise Refused("应为 true 或 false。", field=f"{path}.{name}")
    return value


def _date(row: dict, name: str, path: str) -> date:
    return _read(date.fromisoformat, row.get(name), path, "应为日期，如 2023-03-01。")


def _count(row: dict, name: str, path: str) -> int:
    value = row.get(name, 0)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= 1000:
        raise Refused("应为 0 至 1000 的整数。", field=path)
    return value


def _yuan(row: dict, name: str, path: str, *, required: bool = False) -> Decimal:
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
