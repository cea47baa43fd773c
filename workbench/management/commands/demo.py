from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from common import clock
from workbench.demo.staff import ACCOUNTS, PASSWORD
from workbench.demo.world import build


class Command(BaseCommand):
    help = "载入演示数据（规则、区划、虚构的人员与申请），打印每个岗位的演示账号和打开地址；可重复执行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--size",
            choices=["small", "district", "province"],
            default="small",
            help="small 约 300 件；district 约 20,000 件；province 约 1,000,000 户在册",
        )

    def handle(self, *args, **options) -> None:
        if not settings.DEMO:
            raise CommandError("这不是演示环境（DEMO 未开启），不会写入虚构数据。", returncode=2)
        staff = build(size=options["size"], now=clock.now(), say=self.stderr.write)
        self.stdout.write("演示账号（口令都是 " + PASSWORD + "）：")
        for account in ACCOUNTS:
            posting = staff[account.username].postings.select_related("area").first()
            self.stdout.write(f"  {account.username:<22}{posting}")
        self.stdout.write(f"请打开：{settings.DEMO_ADDRESS}")
