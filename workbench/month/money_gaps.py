"""Gaps of a payer: its lists, its money, the bank's answers, and the price subsidy."""

from __future__ import annotations

from datetime import date

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.urls import reverse
from django.utils import timezone

from cases.enums import Programme
from common import clock
from common.errors import Refused
from common.money import show_yuan
from organisations.enums import AreaLevel
from organisations.models import Area
from payments.enums import BatchState, FundPurpose, PaidProgramme, TransferResult
from payments.models import BankFile, Batch, Fund, PriceIndex, Transfer, UnknownAnswer
from payments.queries.price_tasks import unlisted_months
from payments.reserve import Minimums
from payments.services import departs_from_register
from payments.terms import say_day
from policy.rules import RuleBook
from workbench.month.places import Look
from workbench.month.rows import GapRow


def price_month(look: Look) -> date:
    """The month whose index is published, and whose subsidy is paid, in the month looked at."""
    return clock.add_months(look.month, -1)


def _open_lists(look: Look) -> QuerySet[Batch]:
    """Lists of the month that are not sealed."""
    price = Q(programme=PaidProgramme.PRICE_SUBSIDY, month=price_month(look))
    others = ~Q(programme=PaidProgramme.PRICE_SUBSIDY) & Q(month=look.month)
    states = (BatchState.PREPARED, BatchState.CHECKED)
    rows = Batch.objects.filter(look.paid_here(), price | others, state__in=states)
    return rows.select_related("area").order_by("pk")


def lists_that_differ(look: Look) -> QuerySet[Batch]:
    """Asked of the payer's own lists only: comparing one takes several statements, so a county sees those of
    its townships one by one.
    """
    rows = _open_lists(look)
    own = [batch for batch in rows.filter(area=look.area) if _differs(batch)]
    return rows.filter(pk__in=[batch.pk for batch in own])


def _differs(batch: Batch) -> bool:
    try:
        return bool(departs_from_register(batch))
    except Refused:
        # The figure of the month is missing: a gap of its own.
        return False


def _row_of(batch: Batch, detail: str) -> GapRow:
    url = reverse("payments:batch", args=[batch.pk])
    return GapRow(f"{batch.n_payments} 笔", batch.title, batch.area.name, detail, url)


def show_batch(batch: Batch) -> GapRow:
    return _row_of(batch, f"{show_yuan(batch.total)} 元 · {batch.get_state_display()}")


def funds_too_small(look: Look) -> QuerySet[Batch]:
    """Lists that the fund does not cover. Where finance allocates each month, asking is a step of its own."""
    balance = Fund.objects.filter(area=OuterRef("area"), purpose=OuterRef("programme")).values("balance")
    rows = _open_lists(look).annotate(balance=Subquery(balance[:1])).filter(balance__lt=F("total"))
    if RuleBook(look.area, look.month).has("payments.allocation_day"):
        return rows.filter(programme=Programme.LINSHI)
    return rows


def show_uncovered(batch: Batch) -> GapRow:
    return _row_of(batch, f"名册 {show_yuan(batch.total)} 元 · 在手 {show_yuan(batch.balance)} 元")


def reserves_too_small(look: Look) -> QuerySet[Fund]:
    """临时救助 of townships below what must stay (DT-8.3, SY-4.4c)."""
    rows = Fund.objects.filter(look.paid_here(), purpose=FundPurpose.LINSHI, area__level=AreaLevel.TOWNSHIP)
    rows = rows.select_related("area").order_by("area__code")
    minimums = Minimums(clock.today())
    return rows.filter(pk__in=[row.pk for row in rows if minimums.of(row.area).broken_by(row.balance)])


def show_fund(fund: Fund) -> GapRow:
    url = reverse("payments:fund", args=[fund.pk])
    return GapRow("", "临时救助备用金", fund.area.name, f"在手 {show_yuan(fund.balance)} 元", url)


def unanswered(look: Look) -> QuerySet[BankFile]:
    """Files with lines of which the bank has said nothing."""
    waits = Transfer.objects.filter(bank_file=OuterRef("pk"), result=TransferResult.PENDING)
    rows = BankFile.objects.filter(
        look.paid_here("batch__"), Exists(waits), batch__state=BatchState.SENT, batch__month__lte=look.month
    )
    return rows.select_related("batch__area").order_by("pk")


def show_file(file: BankFile) -> GapRow:
    detail = f"{file.number} · {say_day(timezone.localdate(file.made_at))}报送"
    url = reverse("payments:batch", args=[file.batch_id])
    return GapRow(f"{file.n_transfers} 笔", file.batch.title, file.batch.area.name, detail, url)


def unknown_answers(look: Look) -> QuerySet[UnknownAnswer]:
    """Lines of answers that fit nothing and that nobody has settled."""
    rows = UnknownAnswer.objects.filter(look.paid_here("answer__bank_file__batch__"), settled_at__isnull=True)
    return rows.select_related("answer__bank_file__batch__area").order_by("pk")


def show_unknown(row: UnknownAnswer) -> GapRow:
    batch = row.answer.bank_file.batch
    url = reverse("payments:batch", args=[batch.pk])
    return GapRow(f"第 {row.row} 行", batch.title, batch.area.name, row.why, url)


def cities_without_figure(look: Look) -> QuerySet[Area]:
    """The city, when the last month's figure is not confirmed. That of a month not over is nobody's gap."""
    month = price_month(look)
    figures = PriceIndex.objects.filter(area=OuterRef("pk"), month=month)
    waits = figures.filter(confirmed_at__isnull=True, replaced_by__isnull=True)
    rows = Area.objects.filter(
        ~Exists(figures.filter(confirmed_at__isnull=False)),
        prefix=look.area.prefix[:4],
        level=AreaLevel.CITY,
    ).annotate(waits=Exists(waits))
    return rows.order_by("code") if month < clock.month_of(clock.today()) else rows.none()


def show_city(city: Area) -> GapRow:
    detail = "已录入，待另一人复核" if city.waits else "尚未录入"
    return GapRow("", f"{city.name}价格指数", city.name, detail, reverse("payments:price_figures"))


def without_subsidy_list(look: Look) -> QuerySet[Area]:
    """Payers whose month was set off and that have no list."""
    found = unlisted_months([look.area.prefix], price_month(look))
    return Area.objects.filter(pk__in=[each.area.pk for each in found]).order_by("code")


def show_unlisted_place(area: Area) -> GapRow:
    return GapRow("", "价格补贴名单", area.name, "已启动，未编制", reverse("payments:price_figures"))
