"""Money in hand: quarterly advances, the reserve for 临时救助, and what the database keeps of it."""

import datetime as dt
from decimal import Decimal
from io import BytesIO

import openpyxl
import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.errors import Refused
from organisations.enums import Post
from organisations.models import Population, Posting
from payments import services
from payments.models import Entry, Fund, FundMove, FundRequest, Leg
from payments.queries import reserve_of, tasks_for
from payments.queries.funds import balances
from tests.cases.builders import person_with
from tests.payments import builders
from tests.payments.test_constraints import refused

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]

TODAY = dt.date(2026, 3, 2)
SECOND_QUARTER = dt.date(2026, 4, 1)


@pytest.fixture
def payer():
    return builders.town()


@pytest.fixture
def office(payer):
    return person_with(Post.DISTRICT_PAYMENTS, payer.places.county)


@pytest.fixture
def finance(payer):
    return person_with(Post.DISTRICT_FINANCE, payer.places.county)


def ask(area, actor, amount="50000.00", **values):
    return services.ask_for_funds(
        **{
            "area": area,
            "purpose": "linshi",
            "kind": "top_up",
            "amount": Decimal(amount),
            "reason": "备用金不足",
            "actor": actor,
            **values,
        }
    )


def filled(payer, finance, amount="50000.00", purpose="linshi") -> Fund:
    request = ask(payer.area, payer.clerk, amount, purpose=purpose)
    return services.allocate_funds(request=request, actor=finance).fund


def test_asked_for_by_the_payer_and_given_by_finance(payer, finance):
    move = services.allocate_funds(request=ask(payer.area, payer.clerk), actor=finance, remark="已下达")
    move.fund.refresh_from_db()
    assert (move.fund.balance, move.amount, move.balance_after) == (Decimal("50000.00"),) * 3
    assert move.request.state == "allocated"
    legs = move.entry.legs.values_list("account", "amount")
    assert sorted(legs) == [("budget", Decimal("-50000.00")), ("fund", Decimal("50000.00"))]


@pytest.mark.clause("DT-8.1")
def test_the_district_advances_each_quarter_once(payer, office, finance):
    advance = {"kind": "advance", "quarter": SECOND_QUARTER, "reason": "第二季度预拨"}
    ask(payer.area, office, **advance)
    with pytest.raises(Refused, match="该季度的预拨已经申请"):
        ask(payer.area, office, **advance)
    with pytest.raises(Refused, match="季度预拨由洞头区的区级发放岗申请"):
        ask(payer.area, payer.clerk, **advance)
    with pytest.raises(Refused, match="请选择预拨的季度"):
        ask(payer.area, office, kind="advance", quarter=dt.date(2026, 5, 1))


def test_an_advance_that_was_refused_can_be_asked_for_again(payer, office, finance):
    advance = {"kind": "advance", "quarter": SECOND_QUARTER}
    request = ask(payer.area, office, **advance)
    with pytest.raises(Refused, match="请填写不予拨付的理由"):
        services.refuse_funds(request=request, actor=finance, remark=" ")
    services.refuse_funds(request=request, actor=finance, remark="金额测算有误")
    assert ask(payer.area, office, **advance).state == "asked"
    assert not Fund.objects.exists()


def test_no_quarterly_advance_where_no_rule_knows_one():
    payer = builders.district()
    with pytest.raises(Refused, match="当地没有按季度预拨的规则"):
        ask(payer.area, payer.clerk, kind="advance", quarter=SECOND_QUARTER)


@pytest.mark.clause("JZ-6.1")
def test_whoever_asks_does_not_allocate(payer, finance):
    request = ask(payer.area, payer.clerk)
    with pytest.raises(Refused, match="由洞头区的区级财政岗拨付"):
        services.allocate_funds(request=request, actor=payer.clerk)
    both = person_with(Post.DISTRICT_FINANCE, payer.places.county)
    Posting.objects.create(
        user=both, post=Post.TOWN_PAYMENTS, area=payer.area, valid_from=dt.date(2020, 1, 1)
    )
    with pytest.raises(Refused, match="申请与拨付须由不同的人员办理"):
        services.allocate_funds(request=ask(payer.area, both), actor=both)


def test_a_request_is_decided_once(payer, finance):
    request = ask(payer.area, payer.clerk)
    services.allocate_funds(request=request, actor=finance)
    with pytest.raises(Refused, match="已拨付，不能再次处理"):
        services.allocate_funds(request=request, actor=finance)
    assert Fund.objects.get().balance == Decimal("50000.00")


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"amount": "0.00"}, "申请金额应为大于 0"),
        ({"amount": "10.001"}, "申请金额应为大于 0、精确到分"),
        ({"reason": "  "}, "请填写申请理由"),
    ],
)
def test_bad_requests(payer, values, sentence):
    with pytest.raises(Refused, match=sentence):
        ask(payer.area, payer.clerk, **values)
    assert not FundRequest.objects.exists()


@pytest.mark.clause("DT-8.3")
def test_the_reserve_of_dongtou_is_ten_thousand(payer, finance):
    """10,000 yuan stay; one fen less is short."""
    assert reserve_of(payer.area, TODAY).is_short
    filled(payer, finance, "10000.00")
    reserve = reserve_of(payer.area, TODAY)
    assert (reserve.balance, reserve.minimum.amount) == (Decimal("10000.00"), Decimal("10000.00"))
    assert (reserve.minimum.clause, reserve.is_short) == ("DT-8.3", False)
    services.pay_from_reserve(
        township=payer.area, amount=Decimal("0.01"), actor=payer.clerk, note="急难", reason="火灾"
    )
    assert reserve_of(payer.area, TODAY).is_short


@pytest.mark.clause("SY-4.4c")
def test_the_reserve_of_shangyu_is_two_yuan_a_head_of_last_year():
    """41,236 people at the end of 2025 → 82,472.00 yuan; an unknown number is not 0."""
    payer = builders.district()
    township = payer.places.other_county_village.parent
    unknown = reserve_of(township, TODAY)
    assert (unknown.minimum.amount, unknown.is_short) == (None, True)
    assert "尚未录入" in unknown.minimum.words
    Population.objects.create(area=township, year=2025, hukou=41236)
    known = reserve_of(township, TODAY)
    assert (known.minimum.amount, known.minimum.clause) == (Decimal("82472.00"), "SY-4.4c")


@pytest.mark.clause("DT-8.3")
def test_a_payment_that_breaks_the_reserve_says_so_and_asks_for_a_reason(payer, finance):
    filled(payer, finance, "12000.00")
    pay = {"township": payer.area, "actor": payer.clerk, "note": "急难先行救助"}
    assert services.pay_from_reserve(amount=Decimal("2000.00"), **pay).reason == ""
    with pytest.raises(Refused, match=r"支付后余额 7,000.00 元，备用金不低于 10,000.00 元"):
        services.pay_from_reserve(amount=Decimal("3000.00"), **pay)
    move = services.pay_from_reserve(amount=Decimal("3000.00"), reason="火灾，当日安置", **pay)
    assert (move.balance_after, move.minimum) == (Decimal("7000.00"), Decimal("10000.00"))
    with pytest.raises(Refused, match="不足以支付 7,000.01 元"):
        services.pay_from_reserve(amount=Decimal("7000.01"), reason="火灾", **pay)


def test_nothing_is_paid_out_of_what_was_never_given(payer):
    with pytest.raises(Refused, match="尚无临时救助资金"):
        services.pay_from_reserve(
            township=payer.area, amount=Decimal("100.00"), actor=payer.clerk, note="急难"
        )


def test_a_month_is_paid_out_of_the_fund_of_its_payer(payer, finance):
    builders.benefits(payer, "585.00", "1085.00")
    fund = filled(payer, finance, "1670.00", purpose="dibao")
    batch = builders.sealed(payer)
    fund.refresh_from_db()
    assert (batch.total, fund.balance) == (Decimal("1670.00"), Decimal("0.00"))
    move = fund.moves.last()
    assert (move.kind, move.amount, move.entry.batch) == ("paid", Decimal("-1670.00"), batch)
    legs = batch.entries.get().legs.values_list("account", "amount")
    assert sorted(legs) == [("fund", Decimal("-1670.00")), ("payable", Decimal("1670.00"))]


def test_a_month_that_costs_more_than_there_is_waits(payer, finance):
    builders.benefits(payer, "585.00", "1085.00")
    fund = filled(payer, finance, "1669.99", purpose="dibao")
    with pytest.raises(Refused, match="资金余额 1,669.99 元，不足以支付 1,670.00 元，请先申请拨付"):
        builders.sealed(payer)
    fund.refresh_from_db()
    assert fund.balance == Decimal("1669.99")
    assert not Entry.objects.filter(kind="sealed").exists()


@pytest.mark.clause("DT-8.3")
def test_a_pay_out_list_that_breaks_the_reserve_needs_a_reason(payer, finance):
    filled(payer, finance, "10500.00")
    grant = builders.granted(payer.villages[0], "900.00")
    batch = services.prepare_payout(instalments=[grant.instalments.get().pk], actor=payer.clerk)
    services.check_batch(batch=batch, actor=payer.checker)
    with pytest.raises(Refused, match="确需支付的请填写理由"):
        services.seal_batch(batch=batch, actor=payer.checker)
    services.seal_batch(batch=batch, actor=payer.checker, reason="已申请追加")
    assert FundMove.objects.get(kind="paid").reason == "已申请追加"


def run(sql: str, *parameters) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


def test_the_database_keeps_balances(payer, finance):
    fund = filled(payer, finance)
    refused("UPDATE payments_fund SET balance = 1 WHERE id = %s", fund.pk, by="only the ledger moves")
    refused("DELETE FROM payments_fund WHERE id = %s", fund.pk, by="only the ledger moves")
    refused(
        "INSERT INTO payments_fund (area_id, purpose, balance) VALUES (%s, 'dibao', 5)",
        payer.area.pk,
        by="only the ledger moves",
    )


def _leg(entry: Entry, fund: Fund, amount: str, account: str = "fund") -> Leg:
    return Leg(
        entry=entry,
        area=fund.area,
        account=account,
        fund=fund if account == "fund" else None,
        amount=Decimal(amount),
    )


def _entry(payer) -> Entry:
    return Entry.objects.create(
        stream="ledger:x", kind="fund", at=builders.decider().date_joined, by=payer.clerk
    )


def _two_legs(payer, fund: Fund) -> Entry:
    """5 yuan out of the fund, with nothing that says why."""
    entry = _entry(payer)
    Leg.objects.bulk_create([_leg(entry, fund, "-5"), _leg(entry, fund, "5", "paid")])
    return entry


def test_the_database_refuses_a_leg_without_its_cause(payer, finance):
    fund = filled(payer, finance)

    def act() -> None:
        with transaction.atomic():
            _two_legs(payer, fund)
            run("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match="moves with its cause"):
        act()


def test_the_database_refuses_a_balance_below_zero(payer, finance):
    fund = filled(payer, finance, "100.00")
    with pytest.raises(IntegrityError, match="fund_is_never_below_zero"), transaction.atomic():
        Leg.objects.bulk_create([_leg(_entry(payer), fund, "-100.01")])


def test_the_database_refuses_a_move_that_is_not_in_the_ledger(payer, finance):
    fund = filled(payer, finance)
    refused(
        """
        INSERT INTO payments_fundmove
            (fund_id, kind, amount, balance_after, reason, note, entry_id, by_id, at)
        VALUES (%s, 'relief', -5, 0, '', '', %s, %s, now())
        """,
        fund.pk,
        fund.moves.get().entry_id,
        payer.clerk.pk,
        by="stands in the ledger",
    )


def test_the_database_refuses_to_break_the_reserve_in_silence(payer, finance):
    fund = filled(payer, finance, "10000.00")
    entry = _two_legs(payer, fund)
    move = FundMove(fund=fund, kind="relief", amount=Decimal("-5"), minimum=Decimal("10000.00"), entry=entry)
    move.by, move.at = payer.clerk, entry.at
    with pytest.raises(IntegrityError, match="below_the_reserve"):
        move.save()


@pytest.mark.parametrize(
    ("change", "by"),
    [
        ("amount = 1", "decided once"),
        ("state = 'allocated', decided_by_id = asked_by_id, decided_at = now()", "another_person"),
        ("state = 'refused', decided_by_id = asked_by_id + 1, decided_at = now()", "decided_whole"),
        ("state = 'allocated'", "decided_whole"),
    ],
)
def test_the_database_keeps_requests(payer, finance, change, by):
    request = ask(payer.area, payer.clerk)
    sql = f"UPDATE payments_fundrequest SET {change} WHERE id = %s"  # noqa: S608 - the table above
    refused(sql, request.pk, by=by)


def test_moves_and_requests_stay(payer, finance):
    fund = filled(payer, finance)
    refused("UPDATE payments_fundmove SET note = 'x' WHERE fund_id = %s", fund.pk, by="append-only")
    refused("DELETE FROM payments_fundrequest", by="decided once")


def test_money_is_asked_for_and_given_in_the_browser(payer, office, finance, browse):
    form = {
        "area": payer.area.code,
        "purpose": "linshi",
        "kind": "advance",
        "quarter": "2026-04-01",
        "amount": "20000.00",
        "reason": "第二季度预拨",
    }
    answer = browse(office).post(reverse("payments:fund_request"), form)
    assert answer.status_code == 302
    request = FundRequest.objects.get()
    waiting = browse(office).get(reverse("payments:funds")).content.decode()
    assert "用款申请由洞头区的区级财政岗拨付" in waiting
    decide = reverse("payments:fund_decide", args=[request.pk])
    browse(finance).post(decide, {"outcome": "refuse", "remark": ""})
    request.refresh_from_db()
    assert request.state == "asked"
    page = browse(finance).post(decide, {"outcome": "allocate"}, follow=True).content.decode()
    assert "已拨付，余额已更新。" in page
    fund = Fund.objects.get()
    statement = browse(payer.clerk).get(reverse("payments:fund", args=[fund.pk])).content.decode()
    assert "季度预拨：第二季度预拨" in statement
    assert statement.count("20,000.00") >= 3


def test_what_was_typed_stays_when_it_is_refused(payer, browse):
    form = {
        "area": payer.area.code,
        "purpose": "linshi",
        "kind": "top_up",
        "amount": "三万",
        "reason": "备用金不足",
    }
    page = browse(payer.clerk).post(reverse("payments:fund_request"), form).content.decode()
    assert "请填写金额，如 50000.00。" in page
    assert 'value="三万"' in page
    assert 'value="备用金不足"' in page


@pytest.mark.clause("DT-8.3")
def test_the_batch_page_asks_why_the_reserve_is_broken(payer, finance, browse):
    filled(payer, finance, "10500.00")
    grant = builders.granted(payer.villages[0], "900.00")
    batch = services.prepare_payout(instalments=[grant.instalments.get().pk], actor=payer.clerk)
    services.check_batch(batch=batch, actor=payer.checker)
    page = browse(payer.checker).get(reverse("payments:batch", args=[batch.pk])).content.decode()
    assert "封账后在手资金将低于最低留存：备用金不低于 10,000.00 元（DT-8.3）" in page
    seal = reverse("payments:seal", args=[batch.pk])
    assert "请填写理由" in browse(payer.checker).post(seal, follow=True).content.decode()
    browse(payer.checker).post(seal, {"reason": "已申请追加"})
    batch.refresh_from_db()
    assert batch.state == "sealed"


def test_the_export_holds_the_whole_statement(payer, finance, browse):
    fund = filled(payer, finance, "20000.00")
    services.pay_from_reserve(
        township=payer.area, amount=Decimal("3000.00"), actor=payer.clerk, note="急难先行救助"
    )
    answer = browse(finance).get(reverse("payments:fund_export", args=[fund.pk]))
    rows = list(openpyxl.load_workbook(BytesIO(answer.getvalue())).active.values)
    assert [row[3:5] for row in rows[2:]] == [(20000, 20000), (-3000, 17000)]


def test_the_workbench_names_what_waits_about_money(payer, office, finance, browse):
    filled(payer, finance, "9999.99")
    ask(payer.area, payer.clerk, "5000.00")
    assert "待财政拨付" in {todo.stage for todo in tasks_for(finance)}
    assert "救助资金季度预拨" in {todo.matter for todo in tasks_for(office)}
    short = next(todo for todo in tasks_for(payer.clerk) if todo.stage == "低于最低留存")
    assert short.why == ("备用金不低于 10,000.00 元（DT-8.3）。",)


def test_month_ends_come_from_the_moves(payer, finance, clock):
    fund = filled(payer, finance, "20000.00")
    clock.move_to(dt.datetime(2026, 5, 4, 9, tzinfo=dt.UTC))
    services.pay_from_reserve(
        township=payer.area, amount=Decimal("5000.00"), actor=payer.clerk, note="急难先行救助"
    )
    fund.refresh_from_db()
    found = [(row.month, row.amount, row.height) for row in balances(fund, dt.date(2026, 6, 1))]
    assert found[-5:] == [
        (dt.date(2026, 2, 1), Decimal("0.00"), 0),
        (dt.date(2026, 3, 1), Decimal("20000.00"), 100),
        (dt.date(2026, 4, 1), Decimal("20000.00"), 100),
        (dt.date(2026, 5, 1), Decimal("15000.00"), 75),
        (dt.date(2026, 6, 1), Decimal("15000.00"), 75),
    ]


def test_the_pages_cost_the_same_for_three_rows_and_for_thirty(payer, finance, browse):
    desk = browse(finance)
    desk.get(reverse("payments:funds"))

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(url).status_code == 200
        return len(captured)

    county_clerk = person_with(Post.DISTRICT_PAYMENTS, payer.places.county)
    for n in (3, 27):
        for _ in range(n):
            fund = filled(payer, finance, "100.00")
            ask(payer.places.county, county_clerk, "5000.00")
        pages = [reverse("payments:funds"), reverse("payments:fund", args=[fund.pk])]
        counts = [cost(page) for page in pages]
        if n == 3:
            few = counts
    assert counts == few
