"""The month as it grows: what a household costs at 10,000, 100,000 and 1,000,000, and after 24 months.

.venv/bin/python bench/growth.py [sizes, 10000 100000 1000000 if absent]

Bounds (issue 5): cost a row flat within 1.5 ×; with 24 sealed months before within 1.2 ×; preparing ≤ 1.5 ×
plain SQL. Seal and file ≤ 60 s, answers ≤ 90 s, month page ≤ 100 ms, each process ≤ 300 MB: at the largest.
The bytes of the files are the workers' part: as flat, and told beside. Of a hundred files ten are written
and answered, and their time is multiplied.
Each size and history is a process with a database of its own.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise

from month import COUNTY, FILES_WRITTEN, MEGABYTES, MONTH, ROUNDS, TODAY, plain, seconds, seed, worker
from past import add_months_before, forget_month
from scratch import ROOT, begin, peak, scratch_database, verdict

SIZES, HISTORY = (10_000, 100_000, 1_000_000), 24
SMALL, SMALL_RUNS = 100_000, 3
FLAT, WITH_HISTORY, PREPARE = 1.5, 1.2, 1.5
FILES, ANSWERS, PAGE = 60.0, 90.0, 0.1
# What grows with the number of households; the page must not.
STEPS = {
    "prepare": "编制",
    "check": "复核",
    "files": "封账与代发文件",
    "bytes": "写代发文件",
    "answers": "导入回盘",
}

# PostgreSQL's own rule for when a table is analysed.
GROWN = """
    SELECT c.relname FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid
    WHERE n_mod_since_analyze > current_setting('autovacuum_analyze_threshold')::int
          + current_setting('autovacuum_analyze_scale_factor')::float * greatest(c.reltuples, 0)
"""


def measure(n: int, months: int) -> dict[str, float]:
    """Seconds of each step, and the peak of the processes that write and read."""
    from common import clock
    from organisations.models import Area
    from payments import services
    from payments.models import Batch
    from workbench.demo.staff import make_staff
    from workbench.demo.world import load_ground

    load_ground()
    staff = make_staff()
    seed(n, staff)
    county, clerk = Area.objects.get(code=COUNTY), staff["sy-payments"]
    if months:
        add_months_before(county, months, staff)

    def prepare() -> None:
        services.prepare_month(area=county, programme="dibao", month=MONTH, actor=clerk)

    times: dict[str, list[float]] = {"plain": [], "prepare": []}
    with clock.pretend(TODAY):
        for _ in range(ROUNDS):
            for name, act in (("plain", lambda: plain(county)), ("prepare", prepare)):
                forget_month()
                times[name].append(seconds(act))
        batch = Batch.objects.get(month=MONTH)
        assert batch.n_payments == n
        figures = {name: statistics.median(taken) for name, taken in times.items()}
        checker = staff["sy-finance"]
        figures["check"] = seconds(lambda: services.check_batch(batch=batch, actor=checker))
        return figures | _to_the_bank_and_back(batch, clerk)


def _to_the_bank_and_back(batch, clerk) -> dict[str, float]:
    """Seal and files as a clerk waits for them; then the bytes, a worker's, and the answers, some of each."""
    from payments import services, tasks

    tasks.write_bank_file_task.delay = lambda pk: None
    took = seconds(lambda: services.seal_batch(batch=batch, actor=clerk))
    took += seconds(lambda: services.make_bank_files(batch=batch, actor=clerk))
    _let_a_night_pass()
    keys = list(batch.bank_files.order_by("sequence").values_list("pk", flat=True))
    written = keys[:FILES_WRITTEN]
    wrote, write_peak = worker("month.py", "--write", *written)
    answered, answer_peak = worker("growth.py", "--answer", clerk.pk, *written)
    page, _ = worker("growth.py", "--page", clerk.pk, batch.pk)
    share = len(keys) / len(written)
    return {
        "files": took,
        "bytes": wrote * share,
        "answers": answered * share,
        "page": page,
        "megabytes": max(write_peak, answer_peak),
    }


def _let_a_night_pass() -> None:
    """What autovacuum has done by the time that the bank answers, the next day, where its threshold is
    reached; it wakes up every minute.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_force_next_flush()")
        cursor.execute(GROWN)
        for (table,) in cursor.fetchall():
            cursor.execute(f'ANALYZE "{table}"')


def page(clerk_key: str, batch_key: str) -> None:
    """A process of its own, as a web server has them, tells the slower of the month's page and the batch's
    own, as their clerk sees them, and its peak.
    """
    begin()
    from django.test import Client, override_settings

    from common import clock
    from organisations.models import User

    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(User.objects.get(pk=clerk_key))
    medians = []
    with clock.pretend(TODAY + timedelta(days=1)), override_settings(SECOND_FACTOR_REQUIRED=False):
        for address in (f"/payments/batches/?month={MONTH:%Y-%m}", f"/payments/batches/{batch_key}/"):
            assert client.get(address).status_code == 200, address
            taken = [seconds(lambda address=address: client.get(address)) for _ in range(15)]
            medians.append(statistics.median(taken))
    print(max(medians), peak())


def answer(clerk_key: str, keys: Sequence[str]) -> None:
    """A process of its own takes the answers over, one after another, and tells seconds and peak."""
    begin()
    from io import BytesIO

    from common import clock
    from organisations.models import User
    from payments.demo_bank import answer_to
    from payments.models import BankFile
    from payments.services import import_answer

    clerk, took = User.objects.get(pk=clerk_key), 0.0
    with clock.pretend(TODAY + timedelta(days=1)):
        for key in keys:
            file = BankFile.objects.select_related("batch__area").get(pk=key)
            content = BytesIO(answer_to(file, paid_on=clock.today()))
            took += seconds(lambda f=file, c=content: import_answer(bank_file=f, upload=c, actor=clerk))
    print(took, peak())


def judge(figures: dict[tuple[int, int], dict[str, float]], sizes: Sequence[int]) -> list:
    """Each bound with its figure."""
    rows = []
    for step, label in STEPS.items():
        for small, large in pairwise(sizes):
            cost = [figures[n, 0][step] / n * 1e6 for n in (small, large)]
            ratio = cost[1] / cost[0]
            text = f"每户 {cost[0]:.0f} → {cost[1]:.0f} 微秒，{ratio:.2f} 倍（≤ {FLAT}）"
            rows.append((f"{label} {small:,} → {large:,} 户", text, ratio <= FLAT))
        for n in sizes:
            before, after = figures[n, 0][step], figures[n, HISTORY][step]
            text = f"{before:.2f} → {after:.2f} 秒，{after / before:.2f} 倍（≤ {WITH_HISTORY}）"
            rows.append((f"{label} {n:,} 户，{HISTORY} 个月之后", text, after <= WITH_HISTORY * before))
    return rows + _bounds(figures, sizes[-1])


def _bounds(figures: dict[tuple[int, int], dict[str, float]], n: int) -> list:
    rows = []
    for months in (0, HISTORY):
        of = figures[n, months]
        prepare = of["prepare"] / of["plain"]
        name = f"{n:,} 户，此前 {months} 个月："
        rows += [
            (name + "编制", f"为 INSERT … SELECT 的 {prepare:.2f} 倍（≤ {PREPARE}）", prepare <= PREPARE),
            (name + "封账与代发文件", f"{of['files']:.1f} 秒（≤ {FILES:.0f}）", of["files"] <= FILES),
            (name + "导入回盘", f"{of['answers']:.1f} 秒（≤ {ANSWERS:.0f}）", of["answers"] <= ANSWERS),
            (name + "月度页、批次页", f"{of['page'] * 1000:.0f} 毫秒（≤ 100）", of["page"] <= PAGE),
            (name + "内存最高", f"{of['megabytes']:.0f} MB（≤ {MEGABYTES}）", of["megabytes"] <= MEGABYTES),
        ]
    return rows


def at(n: int, months: int) -> dict[str, float]:
    """One size and history, in a process of its own. Small ones several times, of which the least counts:
    tenths of a second are moved by a third by whatever else the machine does.
    """
    runs = [_once(n, months) for _ in range(SMALL_RUNS if n < SMALL else 1)]
    figures = {name: min(run[name] for run in runs) for name in runs[0]}
    figures["megabytes"] = max(run["megabytes"] for run in runs)
    shown = {name: f"{figure:.2f}" for name, figure in figures.items()}
    print(f"{n:,} 户，此前 {months} 个月：{shown}", flush=True)
    return figures


def _once(n: int, months: int) -> dict[str, float]:
    command = [sys.executable, __file__, "--at", str(n), str(months)]
    printed = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return json.loads(printed.splitlines()[-1])


def main() -> None:
    if sys.argv[1:2] == ["--answer"]:
        answer(sys.argv[2], sys.argv[3:])
        return
    if sys.argv[1:2] == ["--page"]:
        page(*sys.argv[2:])
        return
    if sys.argv[1:2] == ["--at"]:
        with scratch_database(f"growth_{os.getpid()}"):
            os.environ["MEDIA_ROOT"] = str(ROOT / ".local" / "bench-media")
            print(json.dumps(measure(int(sys.argv[2]), int(sys.argv[3]))))
        return
    sizes = [int(text) for text in sys.argv[1:]] or SIZES
    verdict(judge({(n, months): at(n, months) for n in sizes for months in (0, HISTORY)}, sizes))


if __name__ == "__main__":
    main()
