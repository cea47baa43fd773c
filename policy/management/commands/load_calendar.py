"""`manage.py load_calendar`: the working-day calendar 2004–2026."""

from django.core.management.base import BaseCommand

from common import clock
from policy.calendar_loading import load_calendar
from policy.calendars import missing_calendar_years


class Command(BaseCommand):
    help = "装入国务院节假日安排（含调休）；已装入的年份不变"

    def handle(self, *args: object, **options: object) -> None:
        self.stdout.write(f"工作日历新增 {load_calendar(now=clock.now())} 天。")
        for year in missing_calendar_years(clock.today()):
            self.stderr.write(f"{year} 年的放假安排尚未装入：国务院办公厅公布后请由系统管理岗导入。")
