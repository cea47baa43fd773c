"""Orders of many papers, killed with signal 9 and taken up by the sweeper: one paper and one number a case.

    .venv/bin/python bench/paper_orders.py [deaths, 40] [seed]

Whoever draws dies between two statements or around a commit, again and again, until the order is done. Bound:
nothing is numbered twice, left out or unreadable, whatever the deaths.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, repeat
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.crash_harness.place import prepare_environment, scratch

if __name__ == "__main__":
    prepare_environment()

from django.utils import timezone

from approvals.documents import batches
from approvals.documents.models import DocumentBatch
from approvals.documents.service import DocumentAltered, document_bytes, stored_bytes
from approvals.enums import DocumentKind
from approvals.models import Document
from bench.crash_harness.doom import survives
from cases.enums import ApplicationState
from tests.approvals.builders import Office, build_office, case_in

KIND = DocumentKind.JOINT_APPLICATION
# So many papers are drawn at a time here, so that an order has several slices.
SLICE = 3
# A drawer dies at one of its first so many boundaries: a slice has about thirty, a commit being two.
FURTHEST = 60


@dataclass(slots=True)
class Outcome:
    """How often it died until all was done, and what did not hold then."""

    deaths: int
    broken: list[str]


def ordered(office: Office, n: int) -> DocumentBatch:
    """The forms of `n` fresh cases; no worker hears of them, as when its message was lost."""
    cases = [case_in(ApplicationState.SUBMITTED, office=office).pk for _ in range(n)]
    return DocumentBatch.objects.create(
        kind=KIND, applications=cases, ordered_by=office.handler, ordered_at=timezone.now()
    )


def draw_dying(order: DocumentBatch, fates: Iterable[int]) -> Outcome:
    """Sweep until the order is done: each sweeper dies at the boundary that is its fate, if it gets there.

    When the fates are used up, one lives.
    """
    usual, batches.SLICE = batches.SLICE, SLICE
    deaths, next_fate = 0, chain(fates, repeat(0)).__next__
    try:
        while not DocumentBatch.objects.filter(pk=order.pk, finished_at__isnull=False).exists():
            deaths += not survives(_sweep, next_fate())
    finally:
        batches.SLICE = usual
    order.refresh_from_db()
    return Outcome(deaths, broken(order))


def _sweep() -> None:
    batches.sweep(timezone.now() + timedelta(minutes=1))


def broken(order: DocumentBatch) -> list[str]:
    """Each case of the order has one paper, with a number of its own, and everything can be read."""
    papers = list(Document.objects.filter(application__in=order.applications, kind=order.kind))
    wrong = [f"申请 {pk} 文书 {n} 份" for pk in order.applications if (n := _count(papers, pk)) != 1]
    numbers = [paper.number for paper in papers]
    wrong += [f"文号 {number} 重复" for number in set(numbers) if numbers.count(number) > 1]
    try:
        stored_bytes(order.file.name, order.sha256, "order")
        for paper in papers:
            document_bytes(paper)
    except (DocumentAltered, OSError, ValueError) as fault:
        wrong.append(f"文件无法读取：{fault}")
    return wrong + ([f"合订 {order.n_done} 份"] if order.n_done != len(order.applications) else [])


def _count(papers: list[Document], application: int) -> int:
    return sum(paper.application_id == application for paper in papers)


def main(deaths: int, seed: int) -> bool:
    chance, office, total, orders, wrong = random.Random(seed), build_office(), 0, 0, []
    started = time.monotonic()
    while total < deaths:
        outcome = draw_dying(ordered(office, 10), [chance.randint(1, FURTHEST) for _ in range(12)])
        total, orders, wrong = total + outcome.deaths, orders + 1, wrong + outcome.broken
        print(f"{orders} 单 {total} 次中断", flush=True)
    print(f"种子 {seed}，{time.monotonic() - started:.0f} 秒：{'；'.join(wrong) or '每份一个文号，均可读取'}")
    return not wrong


if __name__ == "__main__":
    given = [int(word) for word in sys.argv[1:]] + [None, None]
    with scratch():
        sys.exit(0 if main(given[0] or 40, given[1] or random.randrange(10**6)) else 1)
