"""`manage.py due`: when a step is due, and why (interfaces.md)."""

import argparse
from typing import Any

from policy.command_line import RuleCommand, as_days, as_instant
from policy.deadlines import due_for
from policy.queries import area_of
from policy.steps import PROGRAMMES, STEPS


class Command(RuleCommand):
    help = "计算一个环节的期限并说明理由"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--area", required=True, help="区划代码")
        parser.add_argument("--programme", required=True, choices=list(PROGRAMMES), help="救助类别")
        parser.add_argument("--step", required=True, choices=list(STEPS), help="环节")
        parser.add_argument("--start", required=True, type=as_instant, help="起算事由发生的时间（ISO 8601）")
        parser.add_argument("--check-days", type=as_days, help="核对用了多少天")
        parser.add_argument("--extended", action="store_true", help="按延长后的期限计算")

    def answer(self, options: dict[str, Any]) -> tuple[dict, str]:
        due = due_for(
            area=area_of(options["area"]),
            programme=options["programme"],
            step=options["step"],
            start=options["start"],
            check_days=options["check_days"],
            extended=options["extended"],
        )
        title = f"{PROGRAMMES[options['programme']]} · {due.label}：{due.due_at:%Y-%m-%d %H:%M:%S} 到期"
        return due.as_json(), "\n".join([title, *due.why()])
