"""Forms: 100 in one document at least 2.5 times as fast a form as one by one. Needs no database.

.venv/bin/python bench/forms.py [number of forms, 100 if absent]

The document is a month's mix, a quarter of each of the four forms. "One by one" is a warm process that draws
each into a file of its own, as a web process does; the document is drawn by a process started for it, which
counts in full. Compared are processor seconds, the least of three runs: other programs can only add to them.
"""

from __future__ import annotations

import os
import resource
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

FACTOR, RUNS, SINGLY = 2.5, 3, 8


def prepare() -> None:
    """Templates only: no application, no database, no server."""
    from django.conf import settings

    engine = "django.template.backends.django.DjangoTemplates"
    settings.configure(TEMPLATES=[{"BACKEND": engine, "DIRS": [ROOT / "templates"]}])
    import django

    django.setup()


def spent() -> float:
    """Processor seconds of this process and of those it started and saw end."""
    own, started = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + started.ru_utime + started.ru_stime


def least(work: Callable[[], object], n: int) -> float:
    """Processor seconds a form of the cheapest of RUNS."""
    costs = []
    for _ in range(RUNS):
        before = spent()
        work()
        costs.append(spent() - before)
    return min(costs) / n


def draw_each(make: Callable[[int], dict], n: int) -> None:
    from approvals.documents.render import render_one

    for number in range(n):
        render_one(make(number))


def draw_together(makers: list[Callable[[int], dict]], n: int) -> None:
    from approvals.documents.render import render_batch

    render_batch([makers[number * len(makers) // n](number) for number in range(n)])


def main(n_forms: int) -> int:
    prepare()
    from tests.approvals.forms import FORMS

    document = least(partial(draw_together, list(FORMS.values()), n_forms), n_forms)
    # Read before this process grows itself: a started process is counted from the moment it splits off.
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"{'文书':<24}{'单份（处理器秒）':>10}{'同种合订每份':>14}{'倍数':>8}")
    singles = []
    for name, make in FORMS.items():
        together = least(partial(draw_together, [make], n_forms), n_forms)
        draw_each(make, 1)
        singles.append(least(partial(draw_each, make, SINGLY), SINGLY))
        print(f"{name:<24}{singles[-1]:>10.3f}{together:>14.3f}{singles[-1] / together:>8.2f}")
    single = sum(singles) / len(singles)
    print(f"四种文书共 {n_forms} 份合订：每份 {document:.3f}，单份平均 {single:.3f}，内存峰值 {memory} MB")
    kept = single / document >= FACTOR
    print(f"{'达标' if kept else '未达标'}  合订与单份之比：{single / document:.2f} 倍（要求 ≥ {FACTOR}）")
    return 0 if kept else 1


if __name__ == "__main__":
    os.environ.pop("DJANGO_SETTINGS_MODULE", None)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 100))
