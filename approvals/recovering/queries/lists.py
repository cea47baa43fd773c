"""Recoveries within reach, what of them is open by township, and the ledger of them (台账)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import Count, Exists, F, OuterRef, QuerySet, Sum
from django.utils import timezone

from approvals.recovering.enums import RecoveryState
from approvals.recovering.models import Part, Recovery, RecoveryQuerySet
from approvals.recovering.perms import READERS
from common.masking import mask_name
from common.spreadsheets import Column, Kind
from organisations.models import Area
from organisations.scope import Scope

SHOWN = 50
EXPORT_MOST = 20_000
EXPORT_COLUMNS = (
    Column("number", "申请编号", width=20),
    Column("name", "救助对象", width=14),
    Column("programme", "救助项目", width=16),
    Column("township", "街道（乡镇）", width=18),
    Column("village", "村（社区）", width=18),
    Column("ground", "追缴事由", width=18),
    Column("state", "状态", width=16),
    Column("way", "追缴方式", width=18),
    Column("decided", "决定日期", Kind.DATE, width=12),
    Column("owed", "应追缴（元）", Kind.AMOUNT, width=14),
    Column("returned", "已缴回（元）", Kind.AMOUNT, width=14),
    Column("set_off", "已抵扣（元）", Kind.AMOUNT, width=14),
    Column("waived", "已免追（元）", Kind.AMOUNT, width=14),
    Column("open", "未追回（元）", Kind.AMOUNT, width=14),
)


def recovery_list(
    scope: Scope, *, today: date, place: Area | None = None, ground: str = "", state: str = "open"
) -> RecoveryQuerySet:
    """Newest first. `state`: one of them, `open` for all that are under way, `overdue`, `all`."""
    rows = Recovery.objects.visible_to(scope, *READERS)
    if place is not None:
        rows = rows.filter(**{place.level: place})
    if ground:
        rows = rows.filter(ground=ground)
    rows = rows.annotate(is_overdue=Exists(overdue_parts(today).filter(recovery=OuterRef("pk"))))
    if state == "open":
        rows = rows.open()
    elif state == "overdue":
        rows = rows.filter(is_overdue=True)
    elif state != "all":
        rows = rows.filter(state=state)
    return rows.with_all().order_by("-pk")


def overdue_parts(today: date) -> QuerySet[Part]:
    """Dates that have passed without so much having come back in all."""
    debt = "recovery__debt__"
    so_far = F(f"{debt}returned") + F(f"{debt}set_off") + F(f"{debt}waived")
    late = Part.objects.in_force().filter(due_on__lt=today, recovery__state=RecoveryState.REPAYING)
    return late.annotate(so_far=so_far).filter(so_far__lt=F("in_all"))


def recovery_page(rows: RecoveryQuerySet, before: int | None) -> tuple[list[Recovery], int | None]:
    """The next rows below a key, and the key that continues them."""
    if before is not None:
        rows = rows.filter(pk__lt=before)
    page = list(rows[: SHOWN + 1])
    return page[:SHOWN], page[SHOWN - 1].pk if len(page) > SHOWN else None


def statement(rows: RecoveryQuerySet) -> list[dict]:
    """What of the listed recoveries is owed, made good and open, a line a township."""
    money = {name: Sum(f"debt__{name}") for name in ("owed", "returned", "set_off", "waived")}
    towns = rows.exclude(state__in=[RecoveryState.DROPPED, RecoveryState.WITHDRAWN])
    sums = towns.order_by().values("township__name", "township__code").annotate(n=Count("pk"), **money)
    return [
        {
            "township": row["township__name"],
            "n": row["n"],
            **{name: row[name] for name in money},
            "open": row["owed"] - row["returned"] - row["set_off"] - row["waived"],
        }
        for row in sums.order_by("township__code")
    ]


def export_rows(rows: RecoveryQuerySet) -> Iterator[dict]:
    """Rows of the ledger, names masked as on the list."""
    for recovery in rows.iterator(chunk_size=2000):
        debt = recovery.debt
        yield {
            "number": recovery.application.number,
            "name": mask_name(recovery.name),
            "programme": recovery.get_programme_display(),
            "township": recovery.township.name,
            "village": recovery.village.name,
            "ground": recovery.get_ground_display(),
            "state": recovery.get_state_display(),
            "way": recovery.way_words,
            "decided": timezone.localdate(recovery.decided_at) if recovery.decided_at else None,
            "owed": debt.owed,
            "returned": debt.returned,
            "set_off": debt.set_off,
            "waived": debt.waived,
            "open": debt.open,
        }
