"""What finance is given: a month by township and programme, and what a year's money was used for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from cases.queries.days import start_of
from common.clock import next_month
from common.spreadsheets import Column, Kind
from organisations.scope import Scope
from payments import perms
from payments.enums import FundPurpose, FundRequestKind, FundRequestState, PaidProgramme
from payments.models import Batch, Fund, FundMove, FundRequest, Grant

NOTHING = Decimal("0.00")
EXPORT_COLUMNS = (
    Column("township", "街道（乡镇）", width=18),
    Column("programme", "救助项目", width=20),
    Column("n", "笔数", Kind.INTEGER, width=10),
    Column("amount", "发放金额（元）", Kind.AMOUNT, width=16),
    Column("corrected", "更正（元）", Kind.AMOUNT, width=14),
    Column("total", "合计（元）", Kind.AMOUNT, width=16),
    Column("paid", "已入账（元）", Kind.AMOUNT, width=16),
    Column("n_failed", "失败未补笔数", Kind.INTEGER, width=12),
    Column("failed", "失败未补（元）", Kind.AMOUNT, width=16),
)
# The lines of sealed lists; a line failed when the bank refused it and nothing has been sent since.
_MONTH = """
    SELECT t.name, l.programme, count(*) FILTER (WHERE NOT fix),
           COALESCE(sum(p.amount) FILTER (WHERE NOT fix), 0), COALESCE(sum(p.amount) FILTER (WHERE fix), 0),
           sum(p.amount), COALESCE(sum(bank.paid), 0), count(*) FILTER (WHERE bank.failed),
           COALESCE(sum(p.amount) FILTER (WHERE bank.failed), 0)
    FROM payments_batch l JOIN payments_payment p ON p.batch_id = l.id
    CROSS JOIN LATERAL (SELECT p.kind IN ('correction', 'care_fix', 'price_fix') AS fix) kind
    JOIN LATERAL (
        SELECT x.township_id FROM payments_benefit x WHERE x.id = p.benefit_id
        UNION ALL
        SELECT g.township_id FROM payments_instalment i JOIN payments_grant g ON g.id = i.grant_id
        WHERE i.id = p.instalment_id
    ) whose ON TRUE
    JOIN organisations_area t ON t.id = whose.township_id
    CROSS JOIN LATERAL (
        SELECT sum(b.amount) FILTER (WHERE b.result = 'paid') AS paid,
               COALESCE(bool_and(b.result = 'failed'), FALSE) AS failed
        FROM payments_transfer b WHERE b.payment_id = p.id
    ) bank
    WHERE l.id = ANY(%(batches)s)
    GROUP BY t.code, t.name, l.programme ORDER BY t.code, l.programme
"""

# What was handed over in the month instead; it is paid when it is given.
_HANDED = """
    SELECT t.name, 'handed', count(*), sum(i.amount), 0.00, sum(i.amount), sum(i.amount), 0, 0.00
    FROM payments_handover h JOIN payments_instalment i ON i.id = h.instalment_id
    JOIN payments_grant g ON g.id = i.grant_id JOIN organisations_area t ON t.id = g.township_id
    WHERE g.id = ANY(%(grants)s)
      AND h.handed_on >= %(month)s AND h.handed_on < %(next_month)s
    GROUP BY t.code, t.name ORDER BY t.code
"""
_LABELS = dict(PaidProgramme.choices) | {"handed": "临时救助（现金、实物）"}


def sealed_batches(scope: Scope, month: date) -> QuerySet[Batch]:
    """The lists of a month within reach that are frozen."""
    return Batch.objects.visible_to(scope, *perms.BATCH_POSTS).filter(month=month, sealed_at__isnull=False)


def month_for_finance(scope: Scope, month: date) -> Iterator[dict]:
    """A row a township and programme, one a township for what was handed over, and the sum of all."""
    names = [column.key for column in EXPORT_COLUMNS]
    batches = list(sealed_batches(scope, month).order_by().values_list("pk", flat=True))
    handed = Grant.objects.visible_to(scope, *perms.BATCH_POSTS).filter(
        instalments__hand_over__handed_on__gte=month, instalments__hand_over__handed_on__lt=next_month(month)
    )
    grants = list(handed.order_by().values_list("pk", flat=True).distinct())
    with connection.cursor() as cursor:
        cursor.execute(_MONTH, {"batches": batches})
        found = cursor.fetchall()
        cursor.execute(_HANDED, {"grants": grants, "month": month, "next_month": next_month(month)})
        found += cursor.fetchall()
    rows = [dict(zip(names, row, strict=True)) for row in found]
    for row in rows:
        yield row | {"programme": _LABELS[row["programme"]]}
    sums = {name: sum((row[name] for row in rows), start=0) for name in names[2:]}
    yield {"township": "合计", "programme": "", **sums}


@dataclass(slots=True)
class Use:
    """A year's money for one purpose, of one unit or (`area` empty) of all within reach; in yuan.

    `left` is what is in hand now. What was refused or withdrawn was not `requested`.
    """

    purpose: str
    area: str = ""
    advanced: Decimal = NOTHING
    requested: Decimal = NOTHING
    allocated: Decimal = NOTHING
    paid: Decimal = NOTHING
    left: Decimal = NOTHING

    @property
    def label(self) -> str:
        return FundPurpose(self.purpose).label

    def add(self, other: Use) -> None:
        for name in ("advanced", "requested", "allocated", "paid", "left"):
            setattr(self, name, getattr(self, name) + getattr(other, name))


def use_of_year(scope: Scope, year: int) -> list[Use]:
    """Each purpose with the sum of all units, followed by the units where there are several."""
    units = _by_unit(scope, year)
    found: list[Use] = []
    for purpose in FundPurpose.values:
        mine = [use for (of, _), use in sorted(units.items()) if of == purpose]
        if not mine:
            continue
        whole = Use(purpose)
        for use in mine:
            whole.add(use)
        found += [whole, *(mine if len(mine) > 1 else ())]
    return found


def _by_unit(scope: Scope, year: int) -> dict[tuple[str, str], Use]:
    """(purpose, code of the unit) → its use: three queries, however many units."""
    start, end = start_of(date(year, 1, 1)), start_of(date(year + 1, 1, 1))
    seen = Fund.objects.visible_to(scope, *perms.BATCH_POSTS)
    units: dict[tuple[str, str], Use] = {}

    def unit(purpose: str, code: str, name: str) -> Use:
        return units.setdefault((purpose, code), Use(purpose, name))

    for fund in seen.select_related("area"):
        unit(fund.purpose, fund.area.code, fund.area.name).left = fund.balance
    advance = Q(request__kind=FundRequestKind.ADVANCE)
    moves = FundMove.objects.filter(fund__in=seen.order_by().values("pk"), at__gte=start, at__lt=end)
    for row in (
        moves.order_by()
        .values("fund__purpose", "fund__area__code", "fund__area__name")
        .annotate(
            advanced=Sum("amount", filter=advance, default=NOTHING),
            allocated=Sum("amount", filter=Q(amount__gt=0), default=NOTHING),
            spent=Sum("amount", filter=Q(amount__lt=0), default=NOTHING),
        )
    ):
        use = unit(row["fund__purpose"], row["fund__area__code"], row["fund__area__name"])
        use.advanced, use.allocated, use.paid = row["advanced"], row["allocated"], -row["spent"]
    for row in (
        _asked(scope)
        .filter(asked_at__gte=start, asked_at__lt=end)
        .values("purpose", "area__code", "area__name")
        .annotate(asked=Sum("amount"))
    ):
        unit(row["purpose"], row["area__code"], row["area__name"]).requested = row["asked"]
    return units


def _asked(scope: Scope) -> QuerySet[FundRequest]:
    condition = Q(pk__in=())
    for prefix in scope.areas(*perms.BATCH_POSTS):
        condition |= Q(area__prefix__startswith=prefix)
    living = FundRequest.objects.filter(condition).order_by()
    return living.exclude(state__in=[FundRequestState.REFUSED, FundRequestState.WITHDRAWN])
