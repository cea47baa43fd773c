"""Lists and search with a million applications: at most 12 queries and 50 ms (median) a page.

.venv/bin/python bench/lists.py [number of applications, 1,000,000 if absent]
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable

from scratch import scratch_database, verdict

QUERIES, MILLISECONDS, TIMES = 12, 50.0, 21


def measure(n_cases: int) -> list[tuple[str, str, bool]]:
    from django.db import connection
    from django.http import HttpResponse
    from django.test import Client

    from cases.models import Application
    from workbench.demo.bulk import add_caseload, places_in
    from workbench.demo.people import someone
    from workbench.demo.staff import make_staff
    from workbench.demo.world import COUNTIES, load_ground

    load_ground()
    staff = make_staff()
    started = time.perf_counter()
    add_caseload(n_cases=n_cases, places=places_in(COUNTIES), actor=staff["admin"])
    print(f"载入 {n_cases:,} 户用时 {time.perf_counter() - started:.0f} 秒")
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(staff["dt-auditor"])
    mine = Application.objects.filter(county__code="330305")
    middle = mine.order_by("pk")[mine.count() // 2].pk
    number = mine.order_by("pk").first().number
    known = someone(1_000_000 + _index_of(number))

    def page(query: str) -> Callable[[], HttpResponse]:
        return lambda: client.get(f"/cases/?which=all{query}")

    def search(text: str) -> Callable[[], HttpResponse]:
        return lambda: client.post("/search/", {"q": text})

    benefits = client.get("/payments/benefits/")
    assert benefits.status_code == 200, benefits.status_code
    pages = {
        "申请列表首页": page(""),
        "申请列表深页": page(f"&before={middle}"),
        "申请列表按状态筛选": page("&state=approved"),
        "在册对象首页": lambda: client.get("/payments/benefits/"),
        "按姓名查找": search(known.name),
        "按身份证号查找": search(known.id_number),
        "按编号查找": search(number),
        "工作台": lambda: client.get("/"),
    }
    rows = []
    for name, call in pages.items():
        queries: list[str] = []
        with connection.execute_wrapper(_noting(queries)):
            response = call()
        assert response.status_code in {200, 302}, (name, response.status_code)
        median = statistics.median(_milliseconds(call) for _ in range(TIMES))
        kept = len(queries) <= QUERIES and median <= MILLISECONDS
        rows.append(
            (
                name,
                f"{len(queries)} 次查询（≤ {QUERIES}），中位数 {median:.1f} 毫秒（≤ {MILLISECONDS:.0f}）",
                kept,
            )
        )
    return rows


def _noting(queries: list[str]) -> Callable:
    def note(execute, sql, params, many, context):
        queries.append(sql)
        return execute(sql, params, many, context)

    return note


def _index_of(number: str) -> int:
    return int(number.rsplit("-", 1)[1]) - 1


def _milliseconds(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


if __name__ == "__main__":
    with scratch_database("lists"):
        verdict(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000))
