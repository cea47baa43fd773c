"""`manage.py assess FILE.json`: a dry run of the means test (interfaces.md); stores nothing."""

import argparse
from pathlib import Path
from typing import Any

from common.errors import Refused
from policy.command_line import RuleCommand, as_table
from policy.dry_run import MOST_BYTES, OUTCOME_LABELS, dry_run
from policy.json_fields import read_bytes
from policy.lines import Assessment


class Command(RuleCommand):
    help = "按规则试算一个家庭的资格和金额，不保存"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", metavar="FILE.json", help="输入文件，- 为标准输入")

    def answer(self, options: dict[str, Any]) -> tuple[dict, str]:
        assessment = dry_run(_read(options["file"]))
        return assessment.as_json(), _as_table(assessment)


def _read(name: str) -> Any:
    try:
        data = Path("/dev/stdin" if name == "-" else name).read_bytes()
    except OSError as error:
        raise Refused(f"无法读取：{error.strerror}", field="FILE.json") from None
    if len(data) > MOST_BYTES:
        raise Refused("文件过大。", field="FILE.json")
    return read_bytes(data)


def _as_table(assessment: Assessment) -> str:
    rows = [
        [line.label, "" if line.amount is None else f"{line.amount:,.2f}", line.formula, line.clause]
        for line in assessment.lines
    ]
    result = f"结论：{OUTCOME_LABELS[assessment.outcome]}"
    if assessment.circumstances:
        result += f"（{'、'.join(assessment.circumstances)}）"
    if assessment.monthly is not None:
        result += f"，每月 {assessment.monthly:,.2f} 元"
    if assessment.one_off_max is not None:
        result += f"，最高可救助 {assessment.one_off_max:,.2f} 元"
    result += f"，由{'乡镇（街道）' if assessment.authority == 'township' else '县（市、区）'}审批"
    if assessment.what_if:
        result += "（含输入的标准，仅为试算）"
    return f"{result}\n{as_table(['项目', '金额', '算法', '依据'], rows)}"
