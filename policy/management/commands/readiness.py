"""`manage.py readiness --area CODE --on DATE [--json]`: what an office must enter before it goes live."""

import argparse
from typing import Any

from policy.command_line import RuleCommand, as_date, as_table
from policy.queries import RuleRow, area_of
from policy.readiness import Readiness, readiness


class Command(RuleCommand):
    help = "列出一个区域上线前须录入或确认的规则：缺少的、演示值、推定"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--area", required=True, help="区划代码，如 330305、350800")
        parser.add_argument("--on", required=True, type=as_date, help="日期，如 2026-03-01")

    def answer(self, options: dict[str, Any]) -> tuple[dict, str]:
        report = readiness(area_of(options["area"]), options["on"])
        return report.as_json(), _as_text(report)


def _as_text(report: Readiness) -> str:
    if report.ready:
        return f"{report.area.name}在 {report.on} 没有须录入或确认的规则。"
    parts = [f"{report.area.name}在 {report.on} 还有 {report.count} 项须录入或确认。"]
    if report.missing:
        rows = [[item.area.name, item.programme, item.need.label] for item in report.missing]
        parts += ["", "缺少生效的规则", as_table(["区域", "类别", "规则"], rows)]
    for title, rows in (
        ("演示值（不是政策标准）", report.demo),
        ("推定（须由主管部门确认）", report.assumptions),
    ):
        if rows:
            parts += [
                "",
                title,
                as_table(["区域", "规则", "值", "依据", "说明"], [_cells(row) for row in rows]),
            ]
    for paper in report.drafts:
        parts += ["", f"文件未定稿：{paper.title}。{paper.note}"]
    if report.calendar_missing:
        years = "、".join(str(year) for year in report.calendar_missing)
        parts += ["", f"放假安排尚未导入：{years} 年。"]
    return "\n".join(parts)


def _cells(row: RuleRow) -> list[str]:
    return [
        row.rule.area.name,
        row.label,
        row.value,
        row.rule.clause_id or str(row.rule.document),
        row.rule.note,
    ]
