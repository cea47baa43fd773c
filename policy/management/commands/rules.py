"""`manage.py rules --area CODE --on DATE [--json]`: the rules in force (interfaces.md)."""

import argparse
from typing import Any

from policy.command_line import RuleCommand, as_date, as_table
from policy.keys import KEYS, UNITS
from policy.models import Rule
from policy.queries import area_of
from policy.rules import rules_in_force


class Command(RuleCommand):
    help = "列出一个区域某日生效的全部规则（含上级的，近者在前）"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--area", required=True, help="区划代码，如 330305、330305001、350800")
        parser.add_argument("--on", required=True, type=as_date, help="日期，如 2023-01-01")

    def answer(self, options: dict[str, Any]) -> tuple[list[dict], str]:
        rules = rules_in_force(area_of(options["area"]), options["on"])
        return [_as_json(rule) for rule in rules], _as_table(rules)


def _as_json(rule: Rule) -> dict:
    return {
        "key": rule.key,
        "value": rule.value,
        "unit": rule.unit,
        "area": rule.area.code,
        "clause": rule.clause_id,
        "document": str(rule.document),
        "valid_from": rule.valid_from.isoformat(),
        "valid_to": rule.valid_to.isoformat() if rule.valid_to else None,
    }


def _as_table(rules: list[Rule]) -> str:
    rows = [
        [
            rule.area.name,
            KEYS[rule.key].label if rule.key in KEYS else rule.key,
            KEYS[rule.key].show(rule.value, rule.unit)
            if rule.key in KEYS
            else f"{rule.value} {UNITS.get(rule.unit, rule.unit)}",
            rule.clause_id or "",
            str(rule.document),
            f"{rule.valid_from} 至 {rule.valid_to or '今'}",
            rule.get_certainty_display(),
        ]
        for rule in rules
    ]
    return as_table(["区域", "规则", "值", "条款", "文件", "期间（不含末日）", "性质"], rows)
