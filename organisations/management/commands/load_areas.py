from django.core.management.base import BaseCommand, CommandParser

from organisations.loading import load_areas


class Command(BaseCommand):
    help = "载入区划（省、市、县、街镇和演示用村社区）；可重复执行，已有的按文件更正。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--without-demo-villages", action="store_true", help="不载入演示用的村（社区），由本单位自行录入"
        )

    def handle(self, *args, **options) -> None:
        count = load_areas(demo_villages=not options["without_demo_villages"])
        self.stdout.write(f"已载入 {count} 个区划。")
