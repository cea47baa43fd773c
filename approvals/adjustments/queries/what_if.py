"""A what-if run as its page and its sheet show it: figures by township, then cases by number."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import Count, QuerySet, Sum

from approvals.adjustments.enums import Effect
from approvals.adjustments.models import WhatIfRun
from approvals.adjustments.perms import TRYING
from approvals.adjustments.queries.population import reach
from common.spreadsheets import Column, Kind, write_workbook
from organisations.models import Area
from organisations.scope import Scope

SHOWN = 100
ZERO = Decimal("0.00")
COLUMNS = (
    Column("township", "街道（乡镇）", width=18),
    Column("number", "申请编号", width=20),
    Column("source", "来源", width=18),
    Column("effect", "变化", width=14),
    Column("before", "现行月金额（元）", Kind.AMOUNT, width=16),
    Column("after", "试算月金额（元）", Kind.AMOUNT, width=16),
    Column("difference", "增减（元）", Kind.AMOUNT, width=14),
    Column("why", "原因", width=60),
)


def visible_runs(scope: Scope) -> QuerySet[WhatIfRun]:
    """Runs over areas within reach of those who may try rules out."""
    return WhatIfRun.objects.filter(reach(scope, *TRYING)).select_related("area", "started_by")


@dataclass(slots=True)
class TownRow:
    """One township: cases by effect, and yuan a month before and after."""

    name: str
    before: Decimal = ZERO
    after: Decimal = ZERO
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def difference(self) -> Decimal:
        return self.after - self.before

    @property
    def cells(self) -> list[tuple[str, int]]:
        return [(effect.label, self.counts.get(effect, 0)) for effect in Effect]


@dataclass(slots=True)
class Sheet:
    """Figures of a run. `most` is the longest bar of the chart."""

    towns: list[TownRow]
    total: TownRow
    rows: list

    @property
    def most(self) -> Decimal:
        return max((max(town.before, town.after) for town in self.towns), default=ZERO)

    @property
    def labels(self) -> list[str]:
        return Effect.labels


def what_if_sheet(run: WhatIfRun, *, effect: str = "", township: str = "") -> Sheet:
    """Three queries, whatever the number of cases; the list shows the greatest changes first."""
    counted = run.rows.values("township__code", "township__name", "effect")
    towns: dict[str, TownRow] = {}
    total = TownRow("合计")
    for row in counted.annotate(n=Count("id"), b=Sum("before"), a=Sum("after")).order_by("township__code"):
        town = towns.setdefault(row["township__code"], TownRow(row["township__name"]))
        for each in (town, total):
            each.counts[row["effect"]] = each.counts.get(row["effect"], 0) + row["n"]
            each.before, each.after = each.before + row["b"], each.after + row["a"]
    rows = run.rows.exclude(effect=Effect.SAME)
    if effect:
        rows = rows.filter(effect=effect)
    if township:
        rows = rows.filter(township__code=township)
    rows = rows.select_related("application", "township").order_by("township__code", "application__number")
    return Sheet(list(towns.values()), total, list(rows[:SHOWN]))


def towns_of(run: WhatIfRun) -> QuerySet[Area]:
    """Townships with a case in the run."""
    return Area.objects.filter(pk__in=run.rows.values("township")).order_by("code")


def _sheet_rows(run: WhatIfRun) -> Iterator[dict]:
    rows = run.rows.select_related("application", "township").order_by(
        "township__code", "application__number"
    )
    for row in rows.iterator(chunk_size=2000):
        yield {
            "township": row.township.name,
            "number": row.application.number,
            "source": row.get_source_display(),
            "effect": row.get_effect_display(),
            "before": row.before,
            "after": row.after,
            "difference": row.difference,
            "why": row.why,
        }


def export_what_if(run: WhatIfRun) -> bytes:
    """All cases of a run, unchanged ones too, with the sums in the last line; no names."""
    sums = run.rows.aggregate(before=Sum("before"), after=Sum("after"))
    before, after = sums["before"] or ZERO, sums["after"] or ZERO
    totals = {"before": before, "after": after, "difference": after - before}
    return write_workbook(f"{run.area.name} {run.on} 规则试算", COLUMNS, _sheet_rows(run), totals=totals)
