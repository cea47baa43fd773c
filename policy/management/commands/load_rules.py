"""`manage.py load_rules`: the rule packs into the rule tables."""

import argparse

from django.core.management.base import BaseCommand, CommandError

from common import clock
from common.errors import Refused
from policy.packs import load_packs


class Command(BaseCommand):
    help = "把规则包（policy/data）装入规则表；重复执行不改变已发布的规则"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--area",
            action="append",
            default=[],
            metavar="CODE",
            help="只装入这一区划及其上级、下级的规则，可写多次；不写则全部装入",
        )

    def handle(self, *args: object, area: list[str], **options: object) -> None:
        try:
            report = load_packs(now=clock.now(), offices=area)
        except Refused as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"文件 {report.documents} 份、条款 {report.clauses} 条有更新；"
            f"规则新增 {report.rules} 条，未变 {report.unchanged} 条。"
        )
        for sentence in report.differences:
            self.stderr.write(sentence)
