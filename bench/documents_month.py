"""500 papers of a month in one order, made for the first time: at least 8 a second a core, at most 600 MB.

.venv/bin/python bench/documents_month.py [number of forms, 500 if absent]

A month's mix, equal shares of the four forms of the ordinary procedure, drawn as the worker draws an order:
slice by slice in processes of their own, each paper cut out as a file to keep, the slices joined. Counted are
all processor seconds, those of the started processes included, and the memory of this process and of the
largest slice together. What an order costs whose papers are all there already, and a form that is drawn by
itself, is told beside it in the same run. Needs no database: reading and writing a paper's row comes on top.
"""

from __future__ import annotations

import os
import resource
import sys

from forms import SINGLY, draw_each, prepare, spent

PER_SECOND, MEGABYTES = 8, 600
MIX = ("入户调查表", "公示表", "审批表", "不符合告知书")


def draw_order(data: list[dict], *, new: bool) -> bytes:
    """As `approvals.documents.batches` draws it: every paper `new`, or none."""
    from approvals.documents.render import SLICE, draw_slice
    from common.pdf_join import join_pdfs

    slices = [data[start : start + SLICE] for start in range(0, len(data), SLICE)]
    return join_pdfs([draw_slice(part, range(len(part)) if new else ())[0] for part in slices])


def main(n_forms: int) -> int:
    prepare()
    from tests.approvals.forms import FORMS

    makers = [FORMS[name] for name in MIX]
    data = [makers[number % len(makers)](number) for number in range(n_forms)]
    before = spent()
    content = draw_order(data, new=True)
    rate = n_forms / (spent() - before)
    started = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    memory = started + resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    before = spent()
    draw_order(data, new=False)
    again = n_forms / (spent() - before)
    before = spent()
    for make in makers:
        draw_each(make, SINGLY)
    single = len(makers) * SINGLY / (spent() - before)
    print(f"{n_forms} 份合订 {len(content) // 1024} KB")
    print(f"已制作的再次合订：每核每秒 {again:.1f} 份；逐份排版：每核每秒 {single:.1f} 份")
    fast, small = rate >= PER_SECOND, memory <= MEGABYTES
    print(f"{'达标' if fast else '未达标'}  首次制作并合订：每核每秒 {rate:.1f} 份（要求 ≥ {PER_SECOND}）")
    print(f"{'达标' if small else '未达标'}  内存：{memory} MB（要求 ≤ {MEGABYTES}）")
    return 0 if fast and small else 1


if __name__ == "__main__":
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
