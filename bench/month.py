"""One payer's month with a million households: preparing it, doing so again, and writing its bank files.

.venv/bin/python bench/month.py [number of benefits, 1,000,000 if absent]

Bounds (issue 2): preparing ≤ 1.5 × the same plain INSERT … SELECT on the same tables; a rerun that finds
nothing ≤ 0.5 × the first; a worker that writes bank files ≤ 300 MB.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from scratch import ROOT, begin, peak, scratch_database, verdict

PREPARE, RERUN, MEGABYTES = 1.5, 0.5, 300
ROUNDS, FILES_WRITTEN = 3, 10
COUNTY, MONTH, TODAY = "330604", date(2026, 4, 1), datetime(2026, 4, 1, 1, tzinfo=UTC)

# Rows are multiplied from one model row, so that this file need not know the columns of other rooms.
COPY = """
    INSERT INTO {table}
    SELECT copy.* FROM {table} model, generate_series(1, %(n)s) AS g,
        LATERAL jsonb_populate_record(model, jsonb_build_object('id', model.id + g {values})) AS copy
    WHERE model.id = %(id)s
"""
PLACE = """,
    'township_id', (%(townships)s::bigint[])[1 + g %% %(k)s],
    'village_id', (%(villages)s::bigint[])[1 + g %% %(k)s]
"""
PLAIN = """
    INSERT INTO payments_payment (batch_id, benefit_id, revision_id, kind, month, amount)
    SELECT %s, b.id, r.id, 'regular', %s::date, r.monthly
    FROM payments_benefit b JOIN payments_benefitrevision r ON r.benefit_id = b.id
    WHERE b.county_id = %s AND b.programme = 'dibao' AND b.starts_on <= %s AND r.valid_from <= %s
"""


def seconds(act: Callable[[], object]) -> float:
    started = time.perf_counter()
    act()
    return time.perf_counter() - started


def seed(n: int, staff: dict) -> None:
    """`n` households in receipt over all townships of the county, by SQL; one account repeated for all."""
    from django.db import connection, transaction

    from organisations.models import Area

    benefit = _one_benefit(staff)
    towns = list(Area.objects.filter(parent__code=COUNTY).order_by("code"))
    villages = [town.children.order_by("code").first() or town for town in towns]
    revision, application = benefit.revisions.get(), benefit.application
    places = {
        "townships": [town.pk for town in towns],
        "villages": [village.pk for village in villages],
        "k": len(towns),
    }
    rows = [
        ("cases_household", application.household_id, ""),
        (
            "cases_application",
            application.pk,
            f", 'number', 'BENCH-' || g, 'household_id', {application.household_id} + g" + PLACE,
        ),
        ("payments_benefit", benefit.pk, f", 'application_id', {application.pk} + g" + PLACE),
        ("payments_benefitrevision", revision.pk, f", 'benefit_id', {benefit.pk} + g"),
    ]
    with transaction.atomic(), connection.cursor() as cursor:
        # Foreign keys are right by construction here; checking four million of them is not what is measured.
        cursor.execute("SET LOCAL session_replication_role = replica")
        for table, key, values in rows:
            cursor.execute(COPY.format(table=table, values=values), {"n": n - 1, "id": key, **places})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _one_benefit(staff: dict):
    """The model row: made by the service, like any other."""
    from cases.enums import ApplicationState
    from cases.models import Application, Household
    from organisations.models import Area
    from payments.services import open_benefit

    county = Area.objects.get(code=COUNTY)
    town = county.children.order_by("code").first()
    decided_at = datetime(2026, 2, 10, tzinfo=UTC)
    application = Application.objects.create(
        number="BENCH-0",
        programme="dibao",
        channel="window",
        state=ApplicationState.APPROVED,
        county=county,
        township=town,
        village=town.children.order_by("code").first() or town,
        household=Household.objects.create(address="演示地址"),
        applicant_name="演示户",
        payee_name="演示户",
        payee_bank="演示银行",
        payee_account="6217000012345678901",
        created_by=staff["admin"],
        created_at=decided_at,
        accepted_at=decided_at,
        decided_at=decided_at,
    )
    return open_benefit(
        application=application,
        monthly=Decimal("585.00"),
        starts_on=date(2026, 3, 1),
        lines=[],
        rule_ids=[],
        reason="演示",
        decided_by=staff["admin"],
    )


def empty() -> None:
    """Back to before the month."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE payments_batch CASCADE")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE payments_payment")
        cursor.execute("CHECKPOINT")


def plain(county) -> None:
    """The statement without any care: no look at what is there, no totals, no trace."""
    from django.db import connection, transaction

    from payments.models import Batch

    with transaction.atomic():
        batch = Batch.objects.create(
            area=county, county=county, programme="dibao", month=MONTH, due_on=MONTH, prepared_at=TODAY
        )
        with connection.cursor() as cursor:
            cursor.execute(PLAIN, [batch.pk, MONTH, county.pk, MONTH, MONTH])


def measure(n: int) -> list[tuple[str, str, bool]]:
    from common import clock
    from organisations.models import Area
    from payments import services
    from payments.models import Batch, Payment
    from workbench.demo.staff import make_staff
    from workbench.demo.world import load_ground

    load_ground()
    staff = make_staff()
    print(f"载入 {n:,} 户用时 {seconds(lambda: seed(n, staff)):.0f} 秒", flush=True)
    county, clerk = Area.objects.get(code=COUNTY), staff["sy-payments"]

    def prepare() -> None:
        services.prepare_month(area=county, programme="dibao", month=MONTH, actor=clerk)

    figures: dict[str, list[float]] = {"plain": [], "prepare": [], "rerun": []}
    with clock.pretend(TODAY):
        for _ in range(ROUNDS):
            empty()
            figures["plain"].append(seconds(lambda: plain(county)))
            assert Payment.objects.count() == n
            empty()
            figures["prepare"].append(seconds(prepare))
            assert Batch.objects.get().n_payments == n
            figures["rerun"].append(seconds(prepare))
            print({name: f"{times[-1]:.1f}" for name, times in figures.items()}, flush=True)
        rows = _ratios(figures)
        rows.append(_memory(_files(Batch.objects.get(), clerk, staff["sy-finance"])))
    return rows


def _ratios(figures: dict[str, list[float]]) -> list[tuple[str, str, bool]]:
    plain, first, again = (statistics.median(figures[name]) for name in ("plain", "prepare", "rerun"))
    return [
        (
            "编制名册",
            f"{first:.1f} 秒，同表 INSERT … SELECT {plain:.1f} 秒，{first / plain:.2f} 倍（≤ {PREPARE}）",
            first <= PREPARE * plain,
        ),
        (
            "无事可做时再编制",
            f"{again:.1f} 秒，为首次的 {again / first:.2f}（≤ {RERUN}）",
            again <= RERUN * first,
        ),
    ]


def _files(batch, clerk, checker) -> Sequence[int]:
    """Check, seal and number the files; their bytes are left to the worker."""
    from payments import services, tasks

    tasks.write_bank_file_task.delay = lambda pk: None
    print(f"复核 {seconds(lambda: services.check_batch(batch=batch, actor=checker)):.1f} 秒", flush=True)
    print(f"封账 {seconds(lambda: services.seal_batch(batch=batch, actor=clerk)):.1f} 秒", flush=True)
    took = seconds(lambda: services.make_bank_files(batch=batch, actor=clerk))
    keys = list(batch.bank_files.order_by("sequence").values_list("pk", flat=True))
    print(f"代发文件编号并固定明细：{len(keys)} 份，{took:.1f} 秒", flush=True)
    return keys[:FILES_WRITTEN]


def _memory(keys: Sequence[int]) -> tuple[str, str, bool]:
    """A process of its own writes the files one after another, as a worker does, and tells its peak."""
    took, peak = worker("month.py", "--write", *keys)
    figure = f"{len(keys)} 份用时 {took:.1f} 秒，内存最高 {peak} MB（≤ {MEGABYTES}）"
    return "写代发文件", figure, peak <= MEGABYTES


def worker(program: str, *arguments: object) -> tuple[float, int]:
    """A program of this folder in a process of its own; the seconds and megabytes that it tells."""
    command = [sys.executable, str(ROOT / "bench" / program), *map(str, arguments)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return float(told[-2]), int(told[-1])


def write(keys: Sequence[str]) -> None:
    """The worker's part, in the database that the measurement left in the environment."""
    begin()
    from payments import tasks

    took = seconds(lambda: [tasks.write_bank_file_task(int(key)) for key in keys])
    print(took, peak())


def main() -> None:
    if sys.argv[1:2] == ["--write"]:
        write(sys.argv[2:])
        return
    # Of its own even when two people measure at once.
    with scratch_database(f"month_{os.getpid()}"):
        os.environ["MEDIA_ROOT"] = str(ROOT / ".local" / "bench-media")
        rows = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    verdict(rows)


if __name__ == "__main__":
    main()
