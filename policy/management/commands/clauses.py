"""`manage.py clauses [--json] [--area CODE]`: each clause with the rules, screens and tests that carry it."""

import argparse
from typing import Any

from policy.command_line import RuleCommand, as_table
from policy.coverage import Carried, clause_coverage
from policy.queries import area_of


class Command(RuleCommand):
    help = "列出条款目录：每条由哪些规则、页面和测试落实"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--area", help="只计这一区域及其上下级的规则，如 330305")

    def answer(self, options: dict[str, Any]) -> tuple[list[dict], str]:
        prefix = area_of(options["area"]).prefix if options["area"] else None
        found = clause_coverage(area_prefix=prefix)
        return [carried.as_json() for carried in found], _as_table(found)


def _as_table(found: list[Carried]) -> str:
    rows = [
        [
            carried.id,
            "●" if carried.binding else "",
            _few(carried.rules),
            _few(carried.areas),
            _few(carried.screens),
            _few([name.rpartition("::")[2] for name in carried.tests]) or ("缺" if carried.binding else ""),
        ]
        for carried in found
    ]
    return as_table(["条款", "须落实", "规则", "区域", "页面与程序", "测试"], rows)


def _few(names: list[str]) -> str:
    """The first and how many more: a table stays a table."""
    return "" if not names else names[0] if len(names) == 1 else f"{names[0]} 等 {len(names)} 项"
